// SPDX-License-Identifier: MIT
/**
 * What is written and drawn of a lab that is up:
 *
 *     underlay ─┬─ gw1
 *               ├─ kirche
 *               ├─ dach     (its device is taken down)
 *               └─ NAT ─── hidden
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LabRun, lvn, sourceFile } from '../support/lab.ts'
import { elementsOf, parseXml, textOf } from '../support/xml.ts'

const source = `lvn 1
overlay mix {
  net 10.64.0.0/16
  hub gw1 { listen 198.51.100.10; address 10.64.0.1 }
  spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }
  spoke dach { endpoint 203.0.113.8; address 10.64.2.1 }
  spoke hidden { endpoint nat; address 10.64.3.1 }
}
`

/** The state of each spoke's tunnel as its card in the SVG tells it. */
function drawnStates(svg: string): Record<string, string | undefined> {
  const cards = elementsOf(parseXml(svg)).filter(({ attributes }) => 'data-node' in attributes)
  return Object.fromEntries(
    cards.map((card) => {
      const texts = elementsOf(card).map(textOf)
      return [card.attributes['data-node'], texts[texts.indexOf('tunnel') + 1]] as const
    }),
  )
}

describe('a lab that is up', () => {
  let file: ReturnType<typeof sourceFile>
  let lab: LabRun
  const namespace = (node: string) => `lvn-${lab.name}-${node}`

  beforeAll(() => {
    file = sourceFile(source)
    lab = new LabRun(file.path, 'reports')
    lab.up()
  })
  afterAll(() => {
    lab.down()
    file.remove()
  })

  test('is drawn from where one stands, with the states of its tunnels', () => {
    lab.test()
    const at = (node: string) =>
      drawnStates(lvn('--netns', namespace(node), 'graph', file.path, '--live').stdout)
    expect(at('gw1')).toMatchObject({
      'mix/kirche': 'active',
      'mix/dach': 'active',
      'mix/hidden': 'pending',
    })
    expect(at('kirche')).toMatchObject({
      'mix/kirche': 'active',
      'mix/dach': 'unseen',
      'mix/hidden': 'unseen',
    })
  })

  test('is reported case by case: answered, failed, not tried', () => {
    const path = join(file.path, '../result.xml')
    const args = ['lab', 'test', file.path, '--name', lab.name, '--junit', path, '--tap']
    const off = lvn('--netns', namespace('dach'), 'destroy', file.path, '--node', 'dach', '--yes')
    expect(off.status).toBe(0)
    const ran = lvn(...args)
    expect(ran.status).toBe(1)

    const lines = ran.stdout.split('\n').filter((line) => /^(not )?ok/.test(line))
    expect(lines.length).toBe(12)
    const outcomeOf = (from: string, to: string) => lines.find((line) => line.includes(`${from} -> ${to}`))
    expect(outcomeOf('gw1', 'kirche')).toMatch(/^ok \d+ - mix\.ipv4: ping gw1 -> kirche 10\.64\.1\.1$/)
    expect(outcomeOf('kirche', 'dach')).toMatch(/^not ok /)
    expect(outcomeOf('kirche', 'hidden')).toMatch(/^ok .* # SKIP an endpoint of kirche or hidden is pending$/)

    const report = parseXml(readFileSync(path, 'utf8'))
    expect(report.attributes).toMatchObject({ tests: '12', failures: '4', skipped: '6' })
  })
})
