// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest'
import { pingMatrices } from '../../../src/lab/matrix.ts'
import type { LabPing } from '../../../src/lab/test.ts'
import { type Address, familyOf, type Prefix } from '../../../src/model/address.ts'

function ping(from: string, to: string, address: string, rest: Partial<LabPing> = {}): LabPing {
  const family = familyOf(address as Address)
  const answer = { ok: true, ms: 0.214, pending: false, denied: false, subnet: null, ...rest }
  return { overlay: 'o', from, to, address: address as Address, family, ...answer }
}

test('one table for each family, targets in the order of the sources', () => {
  const matrices = pingMatrices([
    ping('gw', 'a', '10.0.1.1'),
    ping('gw', 'a', '10.0.1.9', { subnet: '10.0.1.8/29' as Prefix, ms: 31.6 }),
    ping('gw', 'a', 'fd00::1'),
    ping('a', 'gw', '10.0.0.1', { ok: false, ms: null }),
    ping('b', 'gw', '10.0.0.1', { ok: false, ms: null, pending: true }),
  ])
  expect(matrices).toEqual([
    {
      overlay: 'o',
      family: 4,
      rows: [
        ['', 'gw', 'a', '10.0.1.8/29'],
        ['gw', '', '0.21 ms', '32 ms'],
        ['a', 'FAIL', '', ''],
        ['b', '–', '', ''],
      ],
    },
    {
      overlay: 'o',
      family: 6,
      rows: [
        ['', 'a'],
        ['gw', '0.21 ms'],
      ],
    },
  ])
})

test('a node with several addresses of a family has a column for each', () => {
  const [matrix] = pingMatrices([ping('gw', 'a', '10.0.1.1'), ping('gw', 'a', '10.0.1.2')])
  expect(matrix?.rows[0]).toEqual(['', 'a 10.0.1.1', 'a 10.0.1.2'])
})
