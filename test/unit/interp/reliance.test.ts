// SPDX-License-Identifier: MIT
/** Which switches of the host another overlay's device needs, by what the kernel holds of it. */
import { describe, expect, it, test } from 'vitest'
import { reliesOn } from '../../../src/interp/reliance.ts'
import type { Prefix } from '../../../src/model/address.ts'
import type { LiveDevice, LiveState } from '../../../src/model/state.ts'
import { address, liveState, route } from '../../support/live-state.ts'

const forwarding4 = 'net/ipv4/conf/all/forwarding'
const forwarding6 = 'net/ipv6/conf/all/forwarding'
const redirects = 'net/ipv4/conf/all/send_redirects'
const switches = { forwarding4, forwarding6, redirects }

const device = (destinations: readonly string[], capacity = 1024) =>
  ({ name: 'lvn9', capacity, destinations: destinations as readonly Prefix[] }) as LiveDevice
const ours = (destination: string, device: string | null = 'lvn9') =>
  route(destination, device, { owned: true })

/** Names of the switches that `lvn9` relies on. */
function relied(destinations: readonly string[], more: Partial<LiveState> = {}): string[] {
  const live = liveState({
    devices: [device(destinations)],
    addresses: [
      address('lvn9', '10.70.1.1'),
      address('lvn9', 'fd42:70:0:1::1'),
      address('lvn8', '10.70.1.2'),
    ],
    routes: [ours('10.70.0.0/16'), ours('fd42:70::/48')],
    ...more,
  })
  return Object.entries(switches).flatMap(([name, path]) => (reliesOn(live, 'lvn9', path) ? [name] : []))
}

test.each([
  ['a spoke with nothing behind it: none', ['10.70.1.1/32', 'fd42:70:0:1::1/128'], []],
  ['a hub of IPv4: redirects off', ['10.70.0.0/16'], ['redirects']],
  ['a hub of IPv6: forwarding of IPv6', ['fd42:70::/48'], ['forwarding6']],
  ['a hub of both', ['10.70.0.0/16', 'fd42:70::/48'], ['forwarding6', 'redirects']],
  ['what has a network behind it outside the nets', ['192.168.1.0/24'], ['forwarding4', 'redirects']],
  ['an address outside the nets that is not its own', ['10.71.1.2/32'], ['forwarding4', 'redirects']],
  ['an address in the nets that another device has', ['10.70.1.2/32'], ['redirects']],
  ['what may take anything', [], ['forwarding4', 'forwarding6', 'redirects']],
])('%s', (_, destinations, expected) => {
  expect(relied(destinations)).toEqual(expected)
})

test('a network all of whose addresses the device has is no network behind it', () => {
  const two = [address('lvn9', '10.70.1.2'), address('lvn9', '10.70.1.3')]
  expect(relied(['10.70.1.2/31'], { addresses: two })).toEqual([])
  expect(relied(['10.70.1.2/31'], { addresses: two.slice(1) })).toEqual(['redirects'])
  const six = [address('lvn9', 'fd42:70::2'), address('lvn9', 'fd42:70::3')]
  expect(relied(['fd42:70::2/127'], { addresses: six })).toEqual([])
  expect(relied(['fd42:70::/126'], { addresses: six })).toEqual(['forwarding6'])
})

test('a device that the kernel does not tell of relies on all', () => {
  expect(relied([], { devices: [] })).toEqual(Object.keys(switches))
  expect(relied([], { devices: [{ ...device(['10.70.1.1/32']), name: 'lvn8' }] })).toEqual(
    Object.keys(switches),
  )
  expect(relied([], { devices: [device(['10.70.1.1/32'], 0)] })).toEqual(Object.keys(switches))
})

test('a switch that is not known is relied on, accept_ra with forwarding', () => {
  const live = liveState({ devices: [device(['10.70.1.1/32'])], addresses: [address('lvn9', '10.70.1.1')] })
  expect(reliesOn(live, 'lvn9', 'net/ipv4/conf/lvn9/forwarding')).toBe(true)
  expect(reliesOn(live, 'lvn9', 'net/ipv6/conf/eth0/accept_ra')).toBe(false)
})

test('redirects are turned off for a hub, whose own are off or not told', () => {
  const own = (value: string, path = 'net/ipv4/conf/lvn9/send_redirects') =>
    relied(['10.70.0.0/16'], { sysctls: [{ path, value }] })
  expect(own('0')).toEqual(['redirects'])
  expect(own('1')).toEqual([])
  expect(own('1', 'net/ipv4/conf/lvn8/send_redirects')).toEqual(['redirects'])
})

describe('a node with a network behind it in the nets', () => {
  const inNets = ['10.70.1.1/32', '10.70.1.0/24']
  const has = (...routes: LiveState['routes']) => relied(inNets, { routes }).includes('forwarding4')
  const [net, lan] = [ours('10.70.0.0/16'), ours('10.70.1.0/24', null)]

  it('has an unreachable route of ours there', () => {
    expect(has(net, lan)).toBe(true)
    expect(has(net)).toBe(false)
    expect(has(net, route('10.70.1.0/24', null))).toBe(false)
    expect(has(net, { ...lan, table: 7600 })).toBe(false)
    expect(has(net, { ...lan, type: 'throw' })).toBe(false)
    expect(has(net, ours('fd42:70:0:1::/64', null))).toBe(false)
  })

  it('is the one whose longest route is around it; where none is, it may be', () => {
    const other = ours('10.70.1.0/24', 'lvn8')
    expect(has(net, other, lan)).toBe(false)
    expect(has(ours('10.0.0.0/8', 'lvn8'), net, lan)).toBe(true)
    expect(has(net, ours('10.70.0.0/20', 'lvn8'), lan)).toBe(false)
    // What holds its destinations is no route to them; the unreachable one is of nobody else.
    const apart = relied(['10.70.1.1/32'], { routes: [net, ours('10.99.1.0/24', null)] })
    expect(apart).toContain('forwarding4')
    const inner = relied(['10.70.1.1/32'], {
      routes: [net, ours('10.99.0.0/16', 'lvn8'), ours('10.99.1.0/24', null)],
    })
    expect(inner).toEqual([])
  })

  it('outside of them: no route of ours into the device leads there', () => {
    const outside = (...routes: LiveState['routes']) => relied(['192.168.1.0/24'], { routes })
    expect(outside(ours('192.168.0.0/16'))).not.toContain('forwarding4')
    expect(outside(ours('192.168.0.0/16', 'lvn8'))).toContain('forwarding4')
    expect(outside(route('192.168.0.0/16', 'lvn9'))).toContain('forwarding4')
    expect(outside({ ...ours('192.168.0.0/16'), table: 7600 })).toContain('forwarding4')
    expect(relied(['fd43::/48'])).toEqual(['forwarding6'])
  })
})
