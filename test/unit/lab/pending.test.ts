// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest'
import { PendingHops } from '../../../src/lab/pending.ts'
import { hubOverlay, joined } from '../../support/hub-topologies.ts'
import { hub } from '../../support/topologies.ts'

const ber = hub('ber', ['198.51.100.1'])
const fra = hub('fra', ['198.51.100.2'])
const a = joined('a', '203.0.113.1', ['ber'])
const b = joined('b', '203.0.113.2', ['ber', 'fra'], {}, 'fra')
const overlay = hubOverlay(['10.64.0.0/16'], [ber, fra], [a, b])
const names = (hop: readonly { name: string }[] | undefined) => hop?.map(({ name }) => name)

test('a way is pending where any of its tunnels is, at either end', () => {
  for (const pair of ['ber fra', 'fra ber']) {
    const pending = new PendingHops(overlay, [pair])
    expect(names(pending.between(a, b))).toEqual(['ber', 'fra'])
    expect(names(pending.between(b, a))).toEqual(['fra', 'ber'])
    expect(pending.between(a, ber)).toBeUndefined()
  }
})

test('a tunnel that stands by holds nothing up', () => {
  expect(new PendingHops(overlay, ['ber b']).between(a, b)).toBeUndefined()
})
