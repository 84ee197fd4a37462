// SPDX-License-Identifier: MIT
/** Switches and what they turn; and what becomes of the values from before when devices go. */
import { describe, expect, it, test } from 'vitest'
import { fanOut, rootOf, savedFate, valuesAfter } from '../../../src/interp/sysctl.ts'
import { liveTunnel } from '../../support/states.ts'

const all4 = 'net/ipv4/conf/all/forwarding'
const all6 = 'net/ipv6/conf/all/forwarding'

test('a switch turns those of all interfaces, and in IPv4 the redirects', () => {
  expect(fanOut(all4, ['eth0', 'lvn0'])).toEqual([
    ...['net/ipv4/conf/all/accept_redirects', 'net/ipv4/conf/default/forwarding'],
    ...['net/ipv4/conf/eth0/forwarding', 'net/ipv4/conf/lvn0/forwarding'],
  ])
  expect(fanOut(all6, ['eth0'])).toEqual([
    'net/ipv6/conf/default/forwarding',
    'net/ipv6/conf/eth0/forwarding',
  ])
  for (const path of ['net/ipv4/conf/eth0/forwarding', 'toString']) expect(fanOut(path, ['eth0'])).toEqual([])
})

test.each([
  [all4, all4],
  ['net/ipv4/conf/all/accept_redirects', all4],
  ['net/ipv4/conf/default/forwarding', all4],
  ['net/ipv4/conf/eth0/forwarding', all4],
  ['net/ipv6/conf/eth0/forwarding', all6],
  ['net/ipv6/conf/default/forwarding', all6],
  ['net/ipv6/conf/all/accept_redirects', 'net/ipv6/conf/all/accept_redirects'],
  ['net/ipv4/conf/eth0/send_redirects', 'net/ipv4/conf/eth0/send_redirects'],
  ['net/ipv4/neigh/forwarding', 'net/ipv4/neigh/forwarding'],
  ['x/net/ipv4/conf/eth0/forwarding', 'x/net/ipv4/conf/eth0/forwarding'],
])('%s is turned by %s', (path, root) => expect(rootOf(path)).toBe(root))

describe('a value from before', () => {
  // A path on which every device of another overlay relies.
  const path = 'net/core/x'
  const saved = (device: string, of = path, value = '0') => ({ device, path: of, value })
  const set = (device: string) => ({ path, value: '1', device })
  const fate = (
    entries: readonly ReturnType<typeof saved>[],
    { ours = ['a', 'b'], doomed = [] as string[], others = [] as string[], wanted = [] as string[] } = {},
    tunnels: readonly ReturnType<typeof liveTunnel>[] = [],
  ) => {
    const live = { saved: entries, tunnels, sysctls: [], routes: [], rules: [], devices: [], addresses: [] }
    const devices = { ours: new Set(ours), doomed: new Set(doomed), others }
    const { restore, handOver } = savedFate(live as never, wanted.map(set), devices)
    return {
      restore: [...restore].map(([root, list]) => [root, ...list.map(({ device }) => device)].join(' ')),
      handOver: handOver.map(({ saved: { device }, heir }) => `${device} to ${heir}`),
    }
  }

  it('stays with a device as long as somebody wants it', () => {
    const stays = { restore: [], handOver: [] }
    expect(fate([saved('a')], { wanted: ['a'] })).toEqual(stays)
    expect(fate([saved('a')], { wanted: ['b'] })).toEqual(stays)
    expect(fate([saved('a')], { others: ['o'] })).toEqual(stays)
    expect(fate([saved('o')], { others: ['o'] })).toEqual(stays)
    expect(fate([saved('o')])).toEqual(stays)
    expect(fate([saved('a', 'net/core/y')], { wanted: ['a'] }).restore).toEqual(['net/core/y a'])
    expect(fate([saved('a')])).toEqual({ restore: [`${path} a`], handOver: [] })
  })

  it('of a device that goes passes to one that stays and wants it, else to another overlay, else it is put back', () => {
    const goes = { doomed: ['a'] }
    expect(fate([saved('a')], { ...goes, wanted: ['a', 'b'] }).handOver).toEqual(['a to b'])
    expect(fate([saved('a')], { ...goes, wanted: ['b'], others: ['o'] }).handOver).toEqual(['a to b'])
    expect(fate([saved('a')], { ...goes, others: ['o', 'p'] }).handOver).toEqual(['a to o'])
    expect(fate([saved('a')], { ...goes, wanted: ['a'] })).toEqual({ restore: [`${path} a`], handOver: [] })
    expect(fate([saved('a')], { ...goes, wanted: ['c'] })).toEqual({ restore: [`${path} a`], handOver: [] })
  })

  it('passes on once: who has one from before keeps that', () => {
    const goes = { doomed: ['a', 'b'], ours: ['a', 'b', 'c'], wanted: ['c'] }
    expect(fate([saved('a'), saved('b')], goes)).toEqual({ restore: [], handOver: ['a to c'] })
    expect(fate([saved('a'), saved('c')], goes)).toEqual({ restore: [], handOver: [] })
    const two = { ...goes, wanted: [], others: ['o'] }
    expect(fate([saved('a'), saved('a', 'net/core/y')], two).handOver).toEqual(['a to o', 'a to o'])
  })

  it('of several of one switch, all are put back together', () => {
    const some = [saved('a', all4), saved('b', 'net/ipv4/conf/eth0/forwarding'), saved('a', path)]
    expect(fate(some).restore).toEqual([`${all4} a b`, `${path} a`])
  })

  it('of a reserved port is relied on by those whose tunnels have it', () => {
    const port = 'net/ipv4/ip_local_reserved_ports/50000'
    const tunnels = [liveTunnel('t', null, { device: 'o' })]
    const other = [liveTunnel('t', null, { device: 'o', local: { address: '::1' as never, port: 7 } })]
    expect(fate([saved('a', port)], { others: ['o'] }, tunnels).restore).toEqual([])
    expect(fate([saved('a', port)], { others: ['o'] }, other).restore).toEqual([`${port} a`])
    expect(fate([saved('a', port)], { others: ['p'] }, tunnels).restore).toEqual([`${port} a`])
  })
})

describe('a value after others were put back', () => {
  const valueAfter = (now: Record<string, string>, ...back: [string, string][]) =>
    valuesAfter(
      { sysctls: Object.entries(now).map(([path, value]) => ({ path, value })) },
      new Map([['root', back.map(([path, value]) => ({ device: 'a', path, value }))]]),
    )

  it('is what was put back, the first of several; else what it is', () => {
    const value = valueAfter({ x: '1', y: '1' }, ['x', '0'], ['x', '7'], ['z', '0'])
    expect([value('x'), value('y'), value('z')]).toEqual(['0', '1', undefined])
  })

  it('follows a switch that is put back, if that turns', () => {
    const own = 'net/ipv4/conf/eth0/forwarding'
    expect(valueAfter({ [all4]: '1', [own]: '1' }, [all4, '0'])(own)).toBe('0')
    expect(valueAfter({ [all4]: '0', [own]: '1' }, [all4, '0'])(own)).toBe('1')
    expect(valueAfter({ [all4]: '1', [own]: '1' }, [all4, '0'], [own, '1'])(own)).toBe('1')
    expect(valueAfter({ [all4]: '1', [own]: '1' })(own)).toBe('1')
  })
})
