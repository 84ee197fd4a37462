// SPDX-License-Identifier: MIT
/** What a node should hold, from the topology and what its underlay answers. */
import { describe, expect, it } from 'vitest'
import { observe, wantsOf } from '../../../src/interp/2-observe.ts'
import { type Desire, desire } from '../../../src/interp/desire.ts'
import { unreachableMetric } from '../../../src/interp/desire-routes.ts'
import type { Names } from '../../../src/interp/types.ts'
import type { Address } from '../../../src/model/address.ts'
import type { AddressFlaw, LiveAddress } from '../../../src/model/state.ts'
import type { Node, Overlay } from '../../../src/model/topology.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, named, nat, overlay, spoke, topology } from '../../support/topologies.ts'

function kernelAt(address: string, six: string): SimKernel {
  const kernel = new SimKernel([
    { name: 'eth0', addresses: [`${address}/24`] },
    { name: 'eth1', addresses: [`${six}/64`], mtu: 1400 },
  ])
  kernel.route('203.0.113.0/24', 'eth0')
  kernel.route('198.51.0.0/16', 'eth0')
  kernel.route('2001:db8::/32', 'eth1', 1024)
  return kernel
}
const hubKernel = () => kernelAt('198.51.100.10', '2001:db8:1::1')

function desired(kernel: SimKernel, over: Overlay, node: Node, names: Names = new Map()): Desire {
  const file = topology(over)
  return desire(file, [node], observe(kernel, wantsOf(file, [node], names)), names)
}

const nets = ['10.64.0.0/16', 'fd42:64::/48']
const gw = hub('gw1', ['198.51.100.10', '2001:db8:1::1'], { addresses: ['10.64.0.1', 'fd42:64::1'] })
const kirche = spoke('kirche', at('203.0.113.7'), { addresses: ['10.64.1.1'], routes: ['10.64.1.0/24'] })
const dach = spoke('dach', at('2001:db8:77::5'), { addresses: ['fd42:64:0:2::1'], intervalMs: 5000 })
const rathaus = spoke('rathaus', nat, { addresses: ['10.64.3.1'] })

describe('a hub', () => {
  const {
    desired: state,
    pending,
    spans,
  } = desired(hubKernel(), overlay(nets, gw, [kirche, dach, rathaus]), gw)

  it('has a tunnel for each spoke, from the listen of its family', () => {
    expect(
      state.tunnels.map(({ name, local, remote, underlay }) => ({ name, local, remote, underlay })),
    ).toEqual([
      {
        name: 'kirche',
        local: { address: '198.51.100.10', port: 50000 },
        remote: { address: '203.0.113.7', port: 50000 },
        underlay: 'eth0',
      },
      {
        name: 'dach',
        local: { address: '2001:db8:1::1', port: 50000 },
        remote: { address: '2001:db8:77::5', port: 50000 },
        underlay: 'eth1',
      },
      { name: 'rathaus', local: { address: '198.51.100.10', port: 50000 }, remote: null, underlay: null },
    ])
    expect(state.tunnels[1]?.keepalive).toEqual({ intervalMs: 5000, deadMs: 90_000 })
    expect(pending).toEqual([{ device: 'lvn0', tunnel: 'rathaus', reason: expect.stringContaining('NAT') }])
  })

  it('takes its MTU from the narrowest path and takes packets from every underlay', () => {
    expect(state.devices[0]).toMatchObject({ mtu: 1400 - 48, underlays: ['eth0', 'eth1'], mode: 'multi' })
    expect(state.devices[0]?.owner).toEqual({ overlay: 'mitte', node: 'gw1' })
  })

  it('has rules, routes and switches of both families', () => {
    expect(state.rules.map(({ prefix, tunnel }) => `${prefix} ${tunnel}`)).toEqual([
      '10.64.1.1/32 kirche',
      '10.64.1.0/24 kirche',
      'fd42:64:0:2::1/128 dach',
      '10.64.3.1/32 rathaus',
    ])
    expect(state.routes).toEqual([
      { destination: '10.64.0.0/16', device: 'lvn0', type: 'unicast', metric: 0, mtu: null },
      { destination: 'fd42:64::/48', device: 'lvn0', type: 'unicast', metric: 1024, mtu: null },
    ])
    expect(state.sysctls.map(({ path, value }) => `${path}=${value}`)).toEqual([
      'net/ipv6/conf/all/forwarding=1',
      'net/ipv4/conf/all/send_redirects=0',
      'net/ipv4/conf/lvn0/forwarding=1',
      'net/ipv4/conf/lvn0/send_redirects=0',
    ])
  })

  it('is told of each listen that the host cannot have, and why', () => {
    const absentAt = (kernel: SimKernel) => desired(kernel, overlay(nets, gw, [kirche]), gw).absent
    const none = { device: 'lvn0', reason: 'no interface of this host has it' }
    const both = [
      { ...none, listen: '198.51.100.10:50000' },
      { ...none, listen: '[2001:db8:1::1]:50000' },
    ]
    expect(absentAt(kernelAt('198.51.100.11', '2001:db8:1::2'))).toEqual(both)
    expect(absentAt(kernelAt('198.51.100.11', '2001:db8:1::1'))).toEqual(both.slice(0, 1))
    expect(absentAt(hubKernel())).toEqual([])
  })

  it('does not take an address that is still asked about, nor one that another host has, nor one of its device', () => {
    const flawed = (flaw: AddressFlaw) => {
      const kernel = hubKernel()
      kernel.addresses = kernel.addresses.map((each) => (each.device === 'eth1' ? { ...each, flaw } : each))
      return desired(kernel, overlay(nets, gw, [dach]), gw)
    }
    expect(flawed('tentative').desired.tunnels[0]).toMatchObject({
      local: { address: '2001:db8:1::1' },
      remote: null,
    })
    expect(flawed('tentative').pending[0]?.reason).toBe(
      '2001:db8:1::1 cannot be used: eth1 has it, but still asks whether another host does',
    )
    expect(flawed('duplicate').pending[0]?.reason).toContain('another host has it as well')
    expect(flawed('deprecated').pending).toEqual([])
    const kernel = hubKernel()
    kernel.addLink('lvn0', 1452, 'tun', null)
    kernel.addresses = kernel.addresses.map((each) =>
      each.address === '198.51.100.10' ? { ...each, device: 'lvn0' } : each,
    )
    kernel.addresses.push({
      device: 'eth0',
      address: '198.51.100.9' as Address,
      prefixLength: 24,
      owned: false,
    })
    expect(desired(kernel, overlay(nets, gw, [kirche]), gw).pending[0]?.reason).toBe(
      '198.51.100.10 cannot be used: only lvn0 has it',
    )
  })

  it('behind a NAT listens at its own address, and is reached at the one of the NAT', () => {
    const inside = hub('gw1', ['192.0.2.1 at 10.0.0.5'], { addresses: ['10.64.0.1'] })
    const over = overlay(['10.64.0.0/16'], inside, [kirche, rathaus])
    const kernel = kernelAt('10.0.0.5', 'fd00::2')
    const { desired: state, absent } = desired(kernel, over, inside)
    expect(absent).toEqual([])
    expect(state.tunnels.map(({ local }) => local.address)).toEqual(['10.0.0.5', '10.0.0.5'])
    expect(state.devices[0]?.underlays).toEqual(['eth0', 'eth1'])
    const far = kernelAt('203.0.113.7', 'fd00::2')
    far.route('192.0.2.0/24', 'eth0')
    expect(desired(far, over, kirche).desired.tunnels[0]?.remote?.address).toBe('192.0.2.1')
  })

  it('is told where the loopback interface is down, which cuts frames for the eBPF plane', () => {
    const kernel = hubKernel()
    const notes = () => desired(kernel, overlay(nets, gw, [kirche]), gw).notes
    const lo = {
      name: 'lo',
      ifindex: 1,
      kind: null,
      mtu: 65_536,
      hardwareType: 772,
      alias: null,
      owner: null,
    }
    kernel.links.set('lo', { ...lo, up: true })
    expect(notes()).toEqual([])
    kernel.links.set('lo', { ...lo, up: false })
    expect(notes()).toMatchObject([{ note: expect.stringContaining('the interface lo is down') }])
  })

  it('knows the line that asks for each object', () => {
    const line = (id: string) => {
      const span = spans.get(id)
      return span?.source.position(span.start).line
    }
    expect(line('device lvn0')).toBe(20)
    expect(line('tunnel lvn0/kirche')).toBe(40)
    expect(line('rule lvn0 10.64.1.0/24')).toBe(30)
    expect(line('route 10.64.0.0/16')).toBe(2)
  })
})

describe('a spoke', () => {
  const over = overlay(nets, gw, [kirche, dach, rathaus])

  it('has one tunnel, from its own endpoint where that is local', () => {
    const { desired: state } = desired(kernelAt('203.0.113.7', '2001:db8:77::7'), over, kirche)
    expect(state.tunnels).toHaveLength(1)
    expect(state.tunnels[0]).toMatchObject({
      name: 'gw1',
      local: { address: '203.0.113.7', port: 50000 },
      remote: { address: '198.51.100.10', port: 50000 },
    })
    expect(state.devices[0]).toMatchObject({ mode: 'fixed', mtu: 1500 - 28 })
    expect(state.rules).toEqual([])
    expect(state.routes).toEqual([
      { destination: '10.64.0.0/16', device: 'lvn0', type: 'unicast', metric: 0, mtu: null },
      {
        destination: '10.64.1.0/24',
        device: null,
        type: 'unreachable',
        metric: unreachableMetric,
        mtu: null,
      },
    ])
    expect(state.sysctls.map(({ path }) => path)).toEqual(['net/ipv4/conf/all/forwarding'])
  })

  it('behind a NAT leaves from the address that its path has, to the first listen in reach', () => {
    const kernel = kernelAt('192.168.1.2', 'fd00::2')
    kernel.routes = kernel.routes.filter((route) => route.device !== 'eth0')
    const { desired: state } = desired(kernel, over, rathaus)
    expect(state.tunnels[0]?.local).toEqual({ address: 'fd00::2', port: 50000 })
    expect(state.tunnels[0]?.remote?.address).toBe('2001:db8:1::1')
    expect(state.devices[0]?.underlays).toEqual(['eth0', 'eth1'])
  })

  it('never leaves from an address of an overlay, nor from one that is link-local, tentative or deprecated', () => {
    const from = (change: (kernel: SimKernel) => void) => {
      const kernel = kernelAt('192.168.1.2', 'fd00::2')
      change(kernel)
      return desired(kernel, over, rathaus)
    }
    const flawed = (flaw: AddressFlaw) =>
      from((kernel) => {
        kernel.addresses = kernel.addresses.map((each) => ({ ...each, flaw }))
      })
    const sources = (wanted: Desire) => wanted.desired.tunnels.map(({ remote }) => remote)
    expect(flawed('tentative').pending[0]?.reason).toContain('still asks whether another host does')
    expect(sources(flawed('tentative'))).toEqual([null])
    expect(flawed('deprecated').pending[0]?.reason).toContain('no longer as an address of first choice')
    const inner = from((kernel) => {
      kernel.addLink('lvn0', 1452, 'tun', null)
      kernel.addresses.push({ ...(kernel.addresses[0] as LiveAddress), device: 'lvn0' })
      kernel.addresses = kernel.addresses.filter(({ device }) => device === 'lvn0')
      kernel.host.paths = (remotes) =>
        remotes.map((remote) => ({
          remote,
          via: { interface: 'eth0', source: '192.168.1.2' as Address, mtu: 1500 },
        }))
    })
    expect(inner.pending[0]?.reason).toBe(
      'to 198.51.100.10 packets would leave from 192.168.1.2: it is an address of lvn0',
    )
    expect(sources(inner)).toEqual([null])
  })

  it('without a path to its hub is pending, its device all the same there', () => {
    const kernel = kernelAt('192.168.1.2', 'fd00::2')
    kernel.routes = []
    const { desired: state, pending } = desired(kernel, over, kirche)
    expect(state.tunnels[0]).toMatchObject({
      remote: null,
      underlay: null,
      local: { address: '192.168.1.2' },
    })
    expect(pending[0]?.reason).toBe('no route to 198.51.100.10 in the underlay')
    expect(state.devices[0]?.mtu).toBe(1452)
  })
})

describe('an endpoint', () => {
  const one = (node: Node) => overlay(nets, gw, [node])
  const names = (address: string): Names => new Map([['k.example', [address as Address]]])

  it('by name is looked up, and pending while it cannot be', () => {
    const node = spoke('k', named('k.example', 4000))
    const up = desired(hubKernel(), one(node), gw, names('203.0.113.9'))
    expect(up.desired.tunnels[0]?.remote).toEqual({ address: '203.0.113.9', port: 4000 })
    const down = desired(hubKernel(), one(node), gw, new Map([['k.example', []]]))
    expect(down.pending[0]?.reason).toBe('the name k.example cannot be resolved')
    const elsewhere = desired(hubKernel(), one(node), gw)
    expect(elsewhere.pending[0]?.reason).toBe('the name k.example is not looked up here')
  })

  it('by name is held to what a literal is: that tunnel is pending, the others go up', () => {
    const both = overlay(nets, gw, [spoke('k', named('k.example')), kirche])
    const with_ = (...addresses: string[]) =>
      desired(hubKernel(), both, gw, new Map([['k.example', addresses as Address[]]]))
    for (const [address, why] of [
      ['0.0.0.0', 'unspecified'],
      ['127.0.0.1', 'loopback'],
      ['169.254.7.7', 'link-local'],
      ['fe80::1', 'link-local'],
      ['224.0.0.7', 'multicast'],
      ['ff02::1', 'multicast'],
      ['255.255.255.255', 'broadcast'],
      ['::ffff:203.0.113.9', 'IPv4-mapped'],
      ['10.64.9.9', 'in the net 10.64.0.0/16 of the overlay'],
      ['198.51.100.10', 'an address of this host, on eth0'],
    ] as const) {
      const { desired: state, pending } = with_(address)
      expect(pending.map(({ tunnel, reason }) => [tunnel, reason])).toEqual([
        ['k', `the name k.example leads to ${address}, which is no endpoint: it is ${why}`],
      ])
      expect(state.tunnels.map(({ remote }) => remote?.address)).toEqual([undefined, '203.0.113.7'])
    }
    expect(with_('0.0.0.0', '203.0.113.9').desired.tunnels[0]?.remote?.address).toBe('203.0.113.9')
  })

  it('that is an address of this very host is pending', () => {
    const { desired: state, pending } = desired(hubKernel(), one(spoke('k', at('198.51.100.10', 4000))), gw)
    expect(state.tunnels[0]?.remote).toBeNull()
    expect(pending[0]?.reason).toBe(
      'the endpoint 198.51.100.10:4000 is not of another host: it is an address of this host, on eth0',
    )
  })

  it('by name is pending when another spoke has the address already', () => {
    const both = overlay(nets, gw, [spoke('k', named('k.example')), kirche])
    const { pending, desired: state } = desired(hubKernel(), both, gw, names('203.0.113.7'))
    expect(pending).toEqual([
      { device: 'lvn0', tunnel: 'k', reason: 'another spoke has its endpoint 203.0.113.7:50000' },
    ])
    expect(state.tunnels.map(({ name }) => name)).toEqual(['k', 'kirche'])
  })

  it('inside the overlay is refused, whether it is in a net or its route leads there', () => {
    const inside = () => desired(hubKernel(), one(spoke('k', at('10.64.9.9'))), gw)
    expect(inside).toThrow(
      'the endpoint 10.64.9.9:50000 lies inside the overlay: it is in the net 10.64.0.0/16',
    )
    const kernel = hubKernel()
    kernel.addLink('lvn0', 1452, 'tun', null)
    kernel.addresses.push({ device: 'lvn0', address: '10.64.0.1' as Address, prefixLength: 32, owned: true })
    kernel.route('203.0.113.7/32', 'lvn0')
    expect(() => desired(kernel, one(kirche), gw)).toThrow('its route leads into lvn0')
  })
})

describe('an MTU', () => {
  const narrow = () =>
    new SimKernel([{ name: 'eth0', mtu: 1300, addresses: ['198.51.100.10/24', '203.0.113.1/24'] }])
  const over = (mtu: number | 'auto', addresses: string[]) => {
    const node = hub('gw1', ['198.51.100.10'], { mtu, addresses })
    return [overlay(nets, node, [kirche]), node] as const
  }

  it('too small for IPv6 is refused, for IPv4 alone it is not', () => {
    expect(() => desired(narrow(), ...over('auto', ['fd42:64::1']))).toThrow('underlay MTU too small')
    expect(desired(narrow(), ...over('auto', ['10.64.0.1'])).desired.devices[0]?.mtu).toBe(1272)
  })

  it('that is given counts as it is, with a note when it is too large', () => {
    const { desired: state, notes } = desired(narrow(), ...over(1400, ['10.64.0.1']))
    expect(state.devices[0]?.mtu).toBe(1400)
    expect(notes[0]?.note).toContain('above the 1272 bytes')
  })
})

describe('a path that the file says is narrower', () => {
  const thin = spoke('thin', at('203.0.113.9'), {
    addresses: ['10.64.4.1', 'fd42:64:0:4::1'],
    routes: ['10.64.4.0/24'],
    mtu: 1300,
  })
  const over = overlay(nets, gw, [kirche, thin])
  const mtus = (state: Desire['desired']) =>
    state.routes
      .filter(({ device }) => device !== null)
      .map(({ destination, mtu }) => `${destination} ${mtu}`)

  it('has routes of its own on the hub, and a note', () => {
    const found = desired(hubKernel(), over, gw)
    expect(mtus(found.desired)).toEqual([
      '10.64.0.0/16 null',
      'fd42:64::/48 null',
      '10.64.4.0/24 1300',
      'fd42:64:0:4::1/128 1300',
    ])
    const said = (of: Desire) => of.notes.map(({ note }) => note.split(' than ')[0])
    expect(found.notes).toMatchObject([{ id: 'device lvn0' }])
    expect(said(found)).toEqual(['thin (1300 bytes) takes smaller packets'])
    const two = overlay(nets, gw, [thin, { ...kirche, device: { ...kirche.device, mtu: 1310 } }])
    expect(said(desired(hubKernel(), two, gw))).toEqual([
      'thin (1300 bytes), kirche (1310 bytes) take smaller packets',
    ])
  })

  it("is the hub's to answer for at other spokes, and the device's at the spoke itself", () => {
    const at4 = kernelAt('203.0.113.7', '2001:db8:77::7')
    expect(mtus(desired(at4, over, kirche).desired)).toEqual(['10.64.0.0/16 null'])
    const own = kernelAt('203.0.113.9', '2001:db8:77::9')
    expect(mtus(desired(own, over, thin).desired)).toEqual(['10.64.0.0/16 null', 'fd42:64::/48 null'])
  })

  it('holds for everything where it leads to the hub', () => {
    const thinHub = { ...gw, device: { ...gw.device, mtu: 1300 } }
    const own = kernelAt('203.0.113.7', '2001:db8:77::7')
    expect(mtus(desired(own, overlay(nets, thinHub, [kirche]), kirche).desired)).toEqual([
      '10.64.0.0/16 1300',
    ])
  })

  it('is left out where a longer prefix behind another node is wider again', () => {
    const guest = spoke('guest', at('203.0.113.8'), { addresses: ['10.64.4.77'] })
    expect(mtus(desired(hubKernel(), overlay(nets, gw, [thin, guest]), gw).desired)).toContain(
      '10.64.4.77/32 null',
    )
  })
})
