// SPDX-License-Identifier: MIT
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatAlias, parseAlias } from '../../../native/host/alias.ts'
import { requireInterfaceName } from '../../../native/host/interface-name.ts'
import { ExitCode } from '../../../src/diag/error.ts'
import { interfaceNameHint, isInterfaceName } from '../../../src/model/interface-name.ts'

test('an alias tells its owner', () => {
  const printable = fc.string({ minLength: 1 }).filter((name) => !/\p{Cc}/u.test(name))
  const overlay = printable.filter((name) => !name.includes('/'))
  fc.assert(
    fc.property(overlay, printable, (overlay, node) => {
      expect(parseAlias(formatAlias({ overlay, node }))).toEqual({ overlay, node })
    }),
  )
})

test.each([
  null,
  '',
  'uplink',
  'lvn:',
  'lvn:mitte',
  'lvn:mitte/',
  'lvn:/gw1',
  'LVN:mitte/gw1',
  'lvn:mitte/gw\u001b[2J',
  'lvn:a\nb/c',
])('%j is no alias of ours', (alias) => expect(parseAlias(alias)).toBeNull())

test.each(['lvn0', 'br-lan', 'eth0.100', 'a', '123456789012345', 'grün'])('%j names an interface', (name) =>
  expect(isInterfaceName(name)).toBe(true),
)

test.each(['', '.', '..', 'a/b', 'a b', 'a:1', 'lvn%d', '1234567890123456', 'a\0', 'a\tb', 'ünïcödé-näme1'])(
  '%j does not',
  (name) => expect(isInterfaceName(name)).toBe(false),
)

test('what cannot name an interface is refused, and says what can', () => {
  expect(() => requireInterfaceName('lvn0')).not.toThrow()
  expect(() => requireInterfaceName('a/b')).toThrow(
    expect.objectContaining({
      ...{ code: 'LVN7024', exitCode: ExitCode.usage, hint: interfaceNameHint },
      message: '`a/b` cannot name an interface',
    }),
  )
})
