// SPDX-License-Identifier: MIT
import { afterEach, expect, it, vi } from 'vitest'
import { stateFolderHere } from '../../../src/shell/cli/state/folder.ts'

afterEach(() => vi.unstubAllEnvs())

it.each([
  [undefined, '/var/lib/lvn/'],
  ['', '/var/lib/lvn/'],
  ['/elsewhere', '/elsewhere/'],
  // The process that reverts stands in another folder.
  ['kept/here', `${process.cwd()}/kept/here/`],
])('with LVN_STATE_DIR %j the state of a namespace is kept below %s', (given, folder) => {
  vi.stubEnv('LVN_STATE_DIR', given)
  expect(stateFolderHere()?.startsWith(folder)).toBe(true)
})

it('with LVN_STATE_DIR none nothing is kept', () => {
  vi.stubEnv('LVN_STATE_DIR', 'none')
  expect(stateFolderHere()).toBeNull()
})
