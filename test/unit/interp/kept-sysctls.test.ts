// SPDX-License-Identifier: MIT
/** Which switches of interfaces a node wants besides its own: advertisements taken, IPv6 on; from values alone. */
import { describe, expect, it, test } from 'vitest'
import { isAdvertisementsPath, keptAdvertisements } from '../../../src/interp/advertisements.ts'
import { disabledByDefault, enabledIpv6, isDisabledPath } from '../../../src/interp/ipv6.ts'
import type { Prefix } from '../../../src/model/address.ts'
import type { LiveDevice, LiveLink } from '../../../src/model/state.ts'
import { link, liveState } from '../../support/live-state.ts'
import { hub, lineOf } from '../../support/topologies.ts'

const at = (scope: string, key: string) => `net/ipv6/conf/${scope}/${key}`
type Values = Readonly<Record<string, string>>
const listed = (values: Values) =>
  Object.entries(values).map(([name, value]) => {
    const [scope, key] = name.split(' ') as [string, string]
    return { path: at(scope, key), value }
  })

describe('an interface takes advertisements although its host forwards', () => {
  const off = { 'all forwarding': '0' }
  /** Names of interfaces. */
  const kept = (values: Values, saved: Values = {}, links: readonly LiveLink[] = [link('eth0')]) =>
    keptAdvertisements(
      liveState({
        links,
        sysctls: listed(values),
        saved: listed(saved).map((each) => ({ device: 'lvn0', ...each })),
      }),
      'lvn0',
    ).map(({ path, value, device }) => {
      expect([value, device]).toEqual(['2', 'lvn0'])
      return path.split('/')[3]
    })

  it('where it takes them now, and forwarding is turned on by us', () => {
    const takes = { 'eth0 accept_ra': '1', 'eth0 forwarding': '0' }
    expect(kept({ ...off, ...takes })).toEqual(['eth0'])
    expect(kept({ 'all forwarding': '1', ...takes })).toEqual([])
    expect(kept(takes)).toEqual([])
    expect(kept({ ...off, ...takes, 'eth0 accept_ra': '0' })).toEqual([])
    expect(kept({ ...off, ...takes, 'eth0 forwarding': '1' })).toEqual([])
    expect(kept({ ...off, 'eth0 forwarding': '0' })).toEqual([])
  })

  it('where it would have taken them before us', () => {
    const ours = { 'all forwarding': '1', 'eth0 forwarding': '1' }
    const takes = { ...ours, 'eth0 accept_ra': '1' }
    const before = { 'all forwarding': '0', 'eth0 forwarding': '0' }
    expect(kept(takes, before)).toEqual(['eth0'])
    expect(kept(takes, { ...before, 'eth0 forwarding': '1' })).toEqual([])
    expect(kept(takes, { 'all forwarding': '1', 'eth0 forwarding': '0' })).toEqual([])
    expect(kept({ ...ours, 'eth0 accept_ra': '0' }, { ...before, 'eth0 accept_ra': '1' })).toEqual(['eth0'])
    expect(kept({ ...ours, 'eth0 accept_ra': '0' }, { ...before, 'eth0 accept_ra': '0' })).toEqual([])
    const late = { 'default forwarding': '1' }
    expect(kept(takes, { ...before, ...late })).toEqual(['eth0'])
    // One that has gone has no value to be kept.
    expect(kept(ours, { ...before, 'eth0 accept_ra': '1' })).toEqual([])
    // A write that only has begun: what was before is known, and forwarding not on yet.
    expect(kept({ ...off, 'eth0 accept_ra': '1', 'eth0 forwarding': '1' }, before)).toEqual(['eth0'])
  })

  it('where it already does, whoever wanted that', () => {
    expect(kept({ 'all forwarding': '1', 'eth0 accept_ra': '2' })).toEqual(['eth0'])
  })

  it('that came later, as the host’s new ones did before us, unless it leads to a guest', () => {
    const values = { 'all forwarding': '1', 'eth0 accept_ra': '1', 'eth0 forwarding': '1' }
    const late = (forNew: string, kind: string | null = 'vlan') =>
      kept(values, { 'all forwarding': '0', 'default forwarding': forNew }, [link('eth0', { kind })])
    expect(late('0')).toEqual(['eth0'])
    expect(late('1')).toEqual([])
    expect(late('0', 'veth')).toEqual([])
    expect(late('0', 'tun')).toEqual([])
  })

  it('unless it is ours, the loopback interface or a port of a bridge or bond', () => {
    const links = [
      link('lo', { ifindex: 1 }),
      link('lvn0', { ifindex: 2, owner: { overlay: 'mitte', node: 'gw1' } }),
      link('br0', { ifindex: 3, kind: 'bridge' }),
      link('red', { ifindex: 4, kind: 'vrf' }),
      link('p1', { ifindex: 5, master: 3 }),
      link('p2', { ifindex: 6, master: 4 }),
      link('p3', { ifindex: 7, master: 99 }),
    ]
    const values = links.flatMap(({ name }) => [
      [`${name} accept_ra`, '1'],
      [`${name} forwarding`, '0'],
    ])
    expect(kept({ ...off, ...Object.fromEntries(values) }, {}, links)).toEqual(['br0', 'red', 'p2'])
  })
})

test.each([
  ['net/ipv6/conf/eth0/accept_ra', true, false],
  ['net/ipv6/conf/eth0/disable_ipv6', false, true],
  ['net/ipv6/conf/eth0/forwarding', false, false],
  ['net/ipv4/conf/eth0/accept_ra', false, false],
  ['net/ipv4/conf/eth0/disable_ipv6', false, false],
])('%s is about advertisements: %s, about IPv6 at all: %s', (path, advertisements, disabled) => {
  expect([isAdvertisementsPath(path), isDisabledPath(path)]).toEqual([advertisements, disabled])
})

describe('a device gets IPv6', () => {
  const [own, byDefault] = ['lvn0 disable_ipv6', 'default disable_ipv6']
  const six = hub('gw1', [], { addresses: ['10.64.0.1', 'fd42:64::1'] })
  const four = hub('gw1', [], { addresses: ['10.64.0.1'] })
  const wanted = (
    values: Values,
    { node = six, into = [] as string[], there = false, other = false } = {},
  ) => {
    const names = [...(there ? ['lvn0'] : []), ...(other ? ['lvn9'] : [])]
    const devices = names.map((name) => ({ name })) as LiveDevice[]
    return enabledIpv6(node, into as Prefix[], liveState({ devices, sysctls: listed(values) }))
  }
  const on = [{ path: at('lvn0', 'disable_ipv6'), value: '0', device: 'lvn0' }]

  it('where new ones, or it itself, have none, and something of IPv6 goes into it', () => {
    expect(wanted({ [byDefault]: '1' })).toEqual(on)
    expect(wanted({ [byDefault]: '0' })).toEqual([])
    expect(wanted({ [byDefault]: '0', [own]: '1' }, { there: true })).toEqual(on)
    expect(wanted({ [byDefault]: '0', [own]: '0' }, { there: true })).toEqual([])
    expect(wanted({ [byDefault]: '1' }, { node: four })).toEqual([])
    expect(wanted({ [byDefault]: '1' }, { node: four, into: ['10.64.0.0/16'] })).toEqual([])
    expect(wanted({ [byDefault]: '1' }, { node: four, into: ['10.64.0.0/16', 'fd42:64::/48'] })).toEqual(on)
  })

  it('that cannot be told so as it is only when it is made anew', () => {
    expect(wanted({ [byDefault]: '1' }, { there: true })).toEqual([])
    expect(wanted({ [byDefault]: '1' }, { other: true })).toEqual(on)
  })

  it('not from a kernel without it, which is refused at the line of the device', () => {
    const refusal = { code: 'LVN4006', message: `this kernel has no ${disabledByDefault}`, span: lineOf(20) }
    expect(() => wanted({})).toThrow(expect.objectContaining(refusal))
    const only4 = liveState({ sysctls: [{ path: 'net/ipv4/conf/all/forwarding', value: '0' }] })
    expect(() => enabledIpv6(six, [], only4)).toThrow(expect.objectContaining(refusal))
    expect(wanted({}, { node: four })).toEqual([])
    expect(disabledByDefault).toBe('net/ipv6/conf/default/disable_ipv6')
  })
})
