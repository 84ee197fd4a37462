// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
// @ts-expect-error: a script without declarations
import { newestIn as untyped } from '../../../scripts/vm/kernels.mjs'

const newestIn: (root: string, prefix: string) => string | undefined = untyped
const setup = fileURLToPath(new URL('../../../scripts/vm/setup.sh', import.meta.url))
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lvn-kernels-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function put(path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), '')
}

/** A kernel as its packages leave it. */
function install(version: string, parts = ['image', 'modules', 'headers']): void {
  if (parts.includes('image')) put(`boot/vmlinuz-${version}`)
  if (parts.includes('modules')) put(`lib/modules/${version}/modules.dep`)
  if (parts.includes('headers')) put(`usr/src/linux-headers-${version}/Makefile`)
}

/** What set-up says of the same folder. */
function setupHas(series: string): boolean {
  const [found] = /^has_kernel\(\) \{[\s\S]*?^\}/m.exec(readFileSync(setup, 'utf8')) as RegExpExecArray
  return spawnSync('sh', ['-euc', `${found}\nhas_kernel "$@"`, 'sh', series, root]).status === 0
}

test('the newest plain kernel of a series is taken, whatever other flavours stand beside it', () => {
  install('6.12.9+deb12-amd64')
  install('6.12.95+deb12-amd64')
  install('6.12.99+deb12-rt-amd64', ['image', 'modules'])
  install('6.12.99+deb12-cloud-amd64')
  install('6.1.0-56-amd64')
  expect(newestIn(root, '6.12.')).toBe('6.12.95+deb12-amd64')
  expect(newestIn(root, '6.1.')).toBe('6.1.0-56-amd64')
  expect(newestIn(root, '')).toBe('6.12.95+deb12-amd64')
  expect([setupHas('6.12'), setupHas('6.1')]).toEqual([true, true])
})

test.each([
  ['of another flavour', '6.12.95+deb12-rt-amd64', ['image', 'modules', 'headers']],
  ['of another flavour without headers', '6.12.95+deb12-rt-amd64', ['image', 'modules']],
  ['without headers', '6.12.95+deb12-amd64', ['image', 'modules']],
  ['without modules', '6.12.95+deb12-amd64', ['image', 'headers']],
  ['without its image', '6.12.95+deb12-amd64', ['modules', 'headers']],
  ['of another architecture', '6.12.95+deb12-arm64', ['image', 'modules', 'headers']],
])('a kernel %s is none, and set-up installs one', (_, version, parts) => {
  install(version, parts)
  expect(newestIn(root, '6.12.')).toBeUndefined()
  expect(setupHas('6.12')).toBe(false)
})

test('an older kernel that is whole is taken before a newer one that is not', () => {
  install('6.12.95+deb12-amd64')
  install('6.12.99+deb12-amd64', ['image', 'modules'])
  expect(newestIn(root, '6.12.')).toBe('6.12.95+deb12-amd64')
})
