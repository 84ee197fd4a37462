// SPDX-License-Identifier: MIT
/**
 * Neighbours and ways in an overlay of two hubs.
 *
 *     s1 ── ber ════ fra ── s2
 *            │        │
 *            └── s3 ──┘ prefers fra; s0 joins both without a preference
 */
import { describe, expect, it, test } from 'vitest'
import { homeOf, nextHop, pathBetween, peersOf } from '../../../src/model/hubs.ts'
import { formatListen, hasFamily, type Node, nodesOf } from '../../../src/model/topology.ts'
import { hub, nat, overlay, spoke } from '../../support/topologies.ts'

const joined = (name: string, via: readonly string[], prefer: string | null): Node => ({
  ...spoke(name, nat),
  ...{ via, prefer },
})
const [ber, fra] = [hub('ber', ['192.0.2.1']), hub('fra', ['192.0.2.2'])]
const s0 = joined('s0', ['ber', 'fra'], null)
const s1 = joined('s1', ['ber'], 'ber')
const s2 = joined('s2', ['fra'], 'fra')
const s3 = joined('s3', ['ber', 'fra'], 'fra')
const mitte = { ...overlay(['10.64.0.0/16'], ber, [s0, s1, s2, s3]), hubs: [ber, fra] }
const names = (nodes: readonly Node[]) => nodes.map(({ name }) => name).join(' ')

test('the nodes of an overlay are its hubs, then its spokes', () => {
  expect(names(nodesOf(mitte))).toBe('ber fra s0 s1 s2 s3')
})

test.each([
  [s0, 'ber'],
  [s1, 'ber'],
  [s3, 'fra'],
])('the home of %#: the preferred hub, else the first', (node, home) => expect(homeOf(node)).toBe(home))

test.each([
  [ber, 'fra s0 s1 s3'],
  [fra, 'ber s0 s2 s3'],
  [s0, 'ber fra'],
  [s1, 'ber'],
  [s3, 'ber fra'],
])('the peers of %#', (node, peers) => expect(names(peersOf(mitte, node))).toBe(peers))

describe('the way', () => {
  it.each([
    [s1, s2, 'ber', 's1 ber fra s2'],
    [s3, s1, 'fra', 's3 fra ber s1'],
    [s2, s3, 'fra', 's2 fra s3'],
    [s3, ber, 'fra', 's3 fra ber'],
    [ber, s3, 'fra', 'ber fra s3'],
    [ber, s1, 's1', 'ber s1'],
    [ber, fra, 'fra', 'ber fra'],
    [fra, ber, 'ber', 'fra ber'],
  ])('leads over homes (%#)', (from, to, next, way) => {
    expect(nextHop(from, to)).toBe(next)
    expect(names(pathBetween(mitte, from, to))).toBe(way)
  })

  it('of a node to itself is the node', () => expect(names(pathBetween(mitte, s1, s1))).toBe('s1'))
})

test.each([
  [{ addresses: ['10.64.0.1'] }, [true, false]],
  [{ addresses: ['fd42::1'] }, [false, true]],
  [{ routes: ['10.0.0.0/8'] }, [true, false]],
  [{ addresses: ['10.64.0.1', '10.64.0.2'], routes: ['fd42::/64', '10.65.0.0/16'] }, [true, true]],
  [{}, [false, false]],
])('a node with %j has IPv4 and IPv6: %j', (options, has) => {
  const node = spoke('s', nat, options)
  expect([hasFamily(node, 4), hasFamily(node, 6)]).toEqual(has)
})

test.each([
  ['198.51.100.10', '198.51.100.10:50000'],
  ['198.51.100.10 at 10.0.0.5', '198.51.100.10:50000 at 10.0.0.5:50000'],
])('a hub that listens on %s is said to listen on %s', (written, text) => {
  expect(hub('h', [written]).listens.map(formatListen)).toEqual([text])
})
