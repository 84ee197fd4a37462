// SPDX-License-Identifier: MIT
/**
 * One folder per picture: `input.lvn`, where a kernel was asked `live.json`, and the picture in every format.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { Source } from '../../../src/diag/source.ts'
import { pictureFormats, pictureOf, render, type TunnelViews, tunnelViews } from '../../../src/graph/index.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import { expectGolden, goldenCases } from '../../support/golden.ts'

const endings = { svg: 'svg', mermaid: 'mmd', dot: 'dot' } as const

function viewsOf(folder: string): TunnelViews | undefined {
  const path = join(folder, 'live.json')
  if (!existsSync(path)) return undefined
  return tunnelViews(JSON.parse(readFileSync(path, 'utf8')), (tunnel) => Reflect.get(tunnel, 'state'))
}

describe('pictures', () => {
  it.each(goldenCases('graph'))('$description', ({ folder }) => {
    const source = new Source('input.lvn', readFileSync(join(folder, 'input.lvn'), 'utf8'))
    const picture = pictureOf(resolve([parse(source).file]).topology, viewsOf(folder))
    for (const format of pictureFormats) {
      expectGolden(folder, `picture.${endings[format]}`, render(picture, format))
    }
  })
})
