// SPDX-License-Identifier: MIT
/** The underlay as a live state tells it: ways, holders of addresses, and which of them a tunnel can use. */
import { describe, expect, it, test } from 'vitest'
import { fits, isLinkLocal, overhead, Underlay } from '../../../src/interp/underlay.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import type { AddressFlaw, LiveRoute } from '../../../src/model/state.ts'
import { address, link, liveState, route } from '../../support/live-state.ts'

const owner = { overlay: 'mitte', node: 'gw1' }
const a = (text: string) => text as Address

test('encapsulation takes 28 bytes of IPv4, 48 of IPv6, and of an IP packet that is no larger than 65,535', () => {
  expect([overhead(4), overhead(6)]).toEqual([28, 48])
  expect([fits(1500, 4), fits(1500, 6)]).toEqual([1472, 1452])
  expect([fits(65535, 4), fits(65536, 4), fits(9_000_000, 6)]).toEqual([65507, 65507, 65487])
})

test.each([
  [true, 'fe80::1'],
  [true, 'febf::1'],
  [true, 'fe80::/64'],
  [false, 'fec0::1'],
  [false, 'fe00::/8'],
  [false, '169.254.0.1'],
])('link-local is %s of %s', (is, text) => {
  expect(isLinkLocal(text as Address | Prefix)).toBe(is)
})

describe('the way to an address', () => {
  const links = [link('eth0'), link('eth1', { mtu: 1400 })]
  const addresses = [
    address('eth1', 'fe80::2'),
    address('eth0', '192.0.2.1'),
    address('eth1', '198.51.100.1'),
    address('eth1', '198.51.100.2'),
    address('eth1', '2001:db8::1'),
  ]
  const byTable = (to: string, ...routes: LiveRoute[]) =>
    new Underlay(liveState({ links, addresses, routes })).path(a(to))
  const [eth0, eth1] = [
    { interface: 'eth0', source: '192.0.2.1', mtu: 1500 },
    { interface: 'eth1', source: '198.51.100.1', mtu: 1400 },
  ]

  it('is what the kernel has answered, be it that there is none', () => {
    const via = { interface: 'eth1', source: a('198.51.100.2'), mtu: 1300 }
    const paths = [
      { remote: a('203.0.113.7'), via },
      { remote: a('203.0.113.8'), via: null },
    ]
    const routes = [route('0.0.0.0/0', 'eth0')]
    const underlay = new Underlay(liveState({ links, addresses, routes, paths }))
    expect(underlay.path(a('203.0.113.7'))).toEqual(via)
    expect(underlay.path(a('203.0.113.8'))).toBeNull()
    expect(underlay.path(a('203.0.113.9'))).toEqual(eth0)
  })

  it('is else that of the longest route, of two alike the one of the smaller metric', () => {
    const [any, half] = [route('0.0.0.0/0', 'eth0'), route('128.0.0.0/1', 'eth1', { metric: 5 })]
    for (const routes of [
      [any, half],
      [half, any],
    ]) {
      expect(byTable('203.0.113.7', ...routes)).toEqual(eth1)
      expect(byTable('9.9.9.9', ...routes)).toEqual(eth0)
    }
    const [far, near] = [route('0.0.0.0/0', 'eth0', { metric: 9 }), route('0.0.0.0/0', 'eth1', { metric: 1 })]
    expect(byTable('203.0.113.7', far, near)).toEqual(eth1)
    expect(byTable('203.0.113.7', near, far)).toEqual(eth1)
  })

  it('is of the main table, and of routes for every packet', () => {
    const whole = route('0.0.0.0/0', 'eth0')
    for (const more of [{ table: 7600 }, { tos: 16 }, { from: '10.0.0.0/8' as Prefix }])
      expect(byTable('203.0.113.7', whole, route('203.0.113.0/24', 'eth1', more))).toEqual(eth0)
  })

  it('leaves from an address of the same family that is not link-local', () => {
    expect(byTable('2001:db8:7::7', route('::/0', 'eth1'))).toEqual({ ...eth1, source: '2001:db8::1' })
    expect(byTable('2001:db8:7::7', route('::/0', 'eth0'))).toBeNull()
  })

  it('is none without a route, by one that leads nowhere, or by an interface that is gone', () => {
    expect(byTable('203.0.113.7')).toBeNull()
    expect(byTable('203.0.113.7', route('198.51.100.0/24', 'eth0'))).toBeNull()
    expect(byTable('203.0.113.7', route('0.0.0.0/0', 'eth0'), route('203.0.113.0/24', null))).toBeNull()
    const gone = liveState({
      links,
      addresses: [address('eth2', '192.0.2.9')],
      routes: [route('0.0.0.0/0', 'eth2')],
    })
    expect(new Underlay(gone).path(a('203.0.113.7'))).toBeNull()
  })
})

test('an interface has an MTU while it is there, an address its first holder', () => {
  const addresses = [address('eth1', '192.0.2.1'), address('eth0', '192.0.2.1')]
  const underlay = new Underlay(liveState({ links: [link('eth0', { mtu: 1400 })], addresses }))
  expect([underlay.mtu('eth0'), underlay.mtu('eth1')]).toEqual([1400, null])
  expect([underlay.holder(a('192.0.2.1')), underlay.holder(a('192.0.2.2'))]).toEqual(['eth1', null])
})

describe('an address of the host', () => {
  const lackOf = (...holders: readonly [device: string, flaw?: AddressFlaw][]) => {
    const addresses = holders.map(([device, flaw]) => address(device, '192.0.2.1', flaw && { flaw }))
    return new Underlay(liveState({ addresses })).lack(a('192.0.2.1'), 'lvn0')
  }

  it('can be listened on where one interface beside the device has it, or keeps it for those who ask', () => {
    expect(lackOf(['eth0'])).toBeNull()
    expect(lackOf(['eth0', 'deprecated'])).toBeNull()
    expect(lackOf(['lvn0'], ['eth0'])).toBeNull()
    expect(lackOf(['eth0', 'duplicate'], ['eth1'])).toBeNull()
  })

  it('cannot be where none has it, the device alone does, or another host may', () => {
    expect(lackOf()).toBe('no interface of this host has it')
    expect(lackOf(['lvn0'])).toBe('only lvn0 has it')
    expect(lackOf(['lvn0'], ['eth0', 'tentative'])).toBe(
      'eth0 has it, but still asks whether another host does',
    )
    expect(lackOf(['eth1', 'duplicate'], ['eth0', 'tentative'])).toBe(
      'eth1 has it, but another host has it as well',
    )
  })
})

describe('a source that the kernel would choose', () => {
  const links = [link('eth0'), link('eth1'), link('lvn1', { owner }), link('lvn2', { owner })]
  const lackOf = (source: string, holders: readonly [device: string, flaw?: AddressFlaw][], more = {}) => {
    const addresses = holders.map(([device, flaw]) => address(device, source, flaw && { flaw }))
    const { out, remote } = { out: 'eth0', remote: '203.0.113.7', ...more }
    const via = { interface: out, source: a(source), mtu: 1500 }
    return new Underlay(liveState({ links, addresses })).sourceLack(via, a(remote), 'lvn0')
  }

  it('is one where an interface of the underlay has it', () => {
    expect(lackOf('192.0.2.1', [['eth0']])).toBeNull()
    expect(lackOf('192.0.2.1', [['eth1']])).toBeNull()
    expect(lackOf('192.0.2.1', [['lvn0'], ['eth0']])).toBeNull()
    expect(lackOf('192.0.2.1', [])).toBeNull()
  })

  it('is none that an overlay has, unless packets leave by that one', () => {
    expect(lackOf('192.0.2.1', [['lvn0']])).toBe('it is an address of lvn0')
    expect(lackOf('192.0.2.1', [['lvn1']])).toBe('it is an address of lvn1')
    expect(lackOf('192.0.2.1', [['lvn1']], { out: 'lvn1' })).toBeNull()
    expect(lackOf('192.0.2.1', [['lvn1']], { out: 'lvn2' })).toBe('it is an address of lvn1')
    expect(lackOf('192.0.2.1', [['lvn0']], { out: 'lvn0' })).toBe('it is an address of lvn0')
  })

  it('is link-local only to what is link-local', () => {
    expect(lackOf('fe80::1', [['eth0']], { remote: '2001:db8::7' })).toBe('it is link-local')
    expect(lackOf('fe80::1', [['eth0']], { remote: 'fe80::2' })).toBeNull()
  })

  it('has no flaw', () => {
    const flawed = (flaw: AddressFlaw) => lackOf('192.0.2.1', [['eth0', flaw]])
    expect(flawed('duplicate')).toBe('eth0 has it, but another host has it as well')
    expect(flawed('tentative')).toBe('eth0 has it, but still asks whether another host does')
    expect(flawed('deprecated')).toBe('eth0 has it no longer as an address of first choice')
  })
})

test('any address is the first ordinary one of the family on an interface that may be used', () => {
  const addresses = [
    address('lo', '192.0.2.1'),
    address('eth0', 'fe80::1'),
    address('eth0', '192.0.2.2', { flaw: 'deprecated' }),
    address('lvn0', '10.64.0.1'),
    address('lvn0', 'fd42:64::1'),
    address('eth0', '2001:db8::1'),
    address('eth0', '192.0.2.3'),
    address('eth1', '192.0.2.4'),
  ]
  const any = (family: 4 | 6, of = addresses) =>
    new Underlay(liveState({ addresses: of })).anyAddress(family, new Set(['lvn0']))
  expect([any(4), any(6)]).toEqual(['192.0.2.3', '2001:db8::1'])
  expect([any(4, addresses.slice(0, 5)), any(6, addresses.slice(0, 5))]).toEqual([null, null])
})
