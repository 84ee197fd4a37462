// SPDX-License-Identifier: MIT
/**
 * docs/library.md is true: its examples fit the declarations, and those that need no kernel run.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { observe } from '../../../src/interp/index.ts'
import { Examples, root } from '../../support/library-examples.ts'
import { SimKernel } from '../../support/sim-kernel.ts'

let examples: Examples
beforeAll(() => {
  examples = new Examples()
  copyFileSync(join(root, 'examples/first.lvn'), join(examples.folder, 'overlay.lvn'))
  const addresses = ['198.51.100.10/24', '2001:db8:1::10/64']
  const kernel = new SimKernel([{ name: 'lo' }, { name: 'eth0', addresses }], 'gw1.example.org')
  kernel.route('0.0.0.0/0', 'eth0')
  kernel.route('::/0', 'eth0')
  writeFileSync(join(examples.folder, 'node.json'), JSON.stringify(observe(kernel)))
})
afterAll(() => examples.dispose())

const node = (...args: string[]) =>
  spawnSync(process.execPath, args, { cwd: examples.folder, encoding: 'utf8', timeout: 300_000 })

test('every example fits the declarations of the package', { timeout: 600_000 }, () => {
  const built = node(join(root, 'scripts/build.mjs'), 'types')
  expect(built, built.stderr).toMatchObject({ status: 0 })
  const options = {
    target: 'ES2022',
    module: 'NodeNext',
    lib: ['ES2023'],
    types: ['node'],
    strict: true,
    noEmit: true,
  }
  const config = { compilerOptions: { ...options, exactOptionalPropertyTypes: true }, include: ['*.ts'] }
  writeFileSync(join(examples.folder, 'tsconfig.json'), JSON.stringify(config))
  const checked = node(join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')
  expect(checked.stdout).toBe('')
  expect(checked.status).toBe(0)
})

/** Makes a program that has loaded the addon end with 9. */
const noAddon = `data:text/javascript,process.on('exit', () => {
  if (process.report.getReport().sharedObjects.some((path) => path.endsWith('lvn.node'))) process.exitCode = 9
})`

test('the examples that need no kernel run, without the addon', () => {
  const ran = examples.files
    .filter((file) => !examples.needsKernel(file))
    .map((file) => node('--import', noAddon, '--import', 'tsx', file))
  expect(ran.map(({ status, stderr }) => [status, stderr])).toEqual(ran.map(() => [0, '']))
  const [files, layout, plan] = ran.map(({ stdout }) => stdout)
  expect(files).toContain("true [ 'gw1', 'kirche', 'dach', 'rathaus' ]")
  expect(files).toMatch(/LVN1020 .*nett.* did you mean `net`\?/)
  expect(files).toContain('--> mitte.lvn:2:17')
  expect(layout).toContain('net 10.64.0.0/16')
  expect(plan).toMatch(/add: \d+[\s\S]*add device lvn0/)
})
