// SPDX-License-Identifier: MIT
/**
 * What a pipeline has: nobody's rights, and a program without its addon.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lvnPath } from '../../support/cli.ts'

const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
const examples = new URL('../../../examples/', import.meta.url).pathname

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lvn-plain-'))
  chmodSync(folder, 0o755)
  for (const part of ['lvn.js', 'programs']) {
    cpSync(join(dirname(lvnPath), part), join(folder, 'dist', part), { recursive: true })
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  cpSync(join(examples, 'first.lvn'), join(folder, 'first.lvn'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function run(...args: string[]) {
  return spawnSync(process.execPath, [join(folder, 'dist/lvn.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    ...nobody,
  })
}

describe('without rights and without the addon', () => {
  it.each([
    'check first.lvn',
    'check --format sarif first.lvn',
    'fmt --check first.lvn',
    'fmt --diff first.lvn',
    'graph first.lvn',
    'graph first.lvn --format mermaid',
    'explain LVN2022',
    '--version',
  ])('lvn %s works', (line) => {
    const ran = run(...line.split(' '))
    expect([ran.status, ran.stderr]).toEqual([0, ''])
  })

  it('what needs a kernel says what is missing', () => {
    const ran = run('graph', 'first.lvn', '--live')
    expect(ran.status).toBe(7)
    expect(ran.stderr).toMatch(/^error\[LVN7001\]: dist\/lvn\.node has not been built/)
  })
})
