// SPDX-License-Identifier: MIT
/** Where a device receives: by every interface that can carry outer packets, or by those that the file names. */
import { describe, expect, it } from 'vitest'
import { observe, wantsOf } from '../../../src/interp/2-observe.ts'
import { type Desire, desire } from '../../../src/interp/desire.ts'
import { applyPlan, planApply } from '../../../src/interp/index.ts'
import { comesIn, sysctlsOfUplinks, uplinks } from '../../../src/interp/uplinks.ts'
import type { LiveDevice, LiveLink } from '../../../src/model/state.ts'
import type { Node, Overlay } from '../../../src/model/topology.ts'
import { link, address as liveAddress, liveState } from '../../support/live-state.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, type NodeOptions, overlay, spoke, topology } from '../../support/topologies.ts'

const file = (options: NodeOptions = {}) =>
  topology(
    overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'], ...options }), [
      spoke('kirche', at('203.0.113.7'), { addresses: ['10.64.1.1'] }),
    ]),
  )
const nodeOf = (of = file()) => of.overlays.map((one) => one.hub)

/** Beside eth0, which leads to the spoke and has the listen address, what `more` says. */
function host(...more: readonly Partial<LiveLink>[]): SimKernel {
  const kernel = new SimKernel([{ name: 'lo' }, { name: 'eth0', addresses: ['198.51.100.10/24'] }])
  kernel.route('203.0.113.0/24', 'eth0')
  for (const link of more) add(kernel, link)
  alter(kernel, 'lo', { hardwareType: 772 })
  return kernel
}

function add(kernel: SimKernel, link: Partial<LiveLink>): void {
  const { name } = link as { name: string }
  kernel.addLink(name, 1500, link.kind ?? null, null)
  alter(kernel, name, link)
}

function alter(kernel: SimKernel, name: string, link: Partial<LiveLink>): void {
  kernel.links.set(name, { ...(kernel.links.get(name) as LiveLink), ...link })
}

const address = (device: string, text = '192.0.2.1') => ({
  ...{ device, address: text as never, prefixLength: 24, owned: false },
})

function desired(kernel: SimKernel, of = file(), plane: 'ebpf' | 'kmod' = 'ebpf'): Desire {
  const live = { ...observe(kernel, wantsOf(of, nodeOf(of), new Map())), plane }
  return desire(of, nodeOf(of), live, new Map())
}
const underlays = (...given: Parameters<typeof desired>) => desired(...given).desired.devices[0]?.underlays

describe('a device receives by', () => {
  it.each<[what: string, link: Partial<LiveLink>]>([
    ['a network card that leads nowhere so far', { name: 'eth1' }],
    ['a port of nothing with an address', { name: 'eth0.7', kind: 'vlan' }],
    ['a tunnel of others with an address', { name: 'wg0', kind: 'wireguard', hardwareType: 65534 }],
    ['a line with PPP', { name: 'ppp0', kind: 'ppp', hardwareType: 512 }],
  ])('%s', (_, link) => {
    const kernel = host(link)
    kernel.addresses.push(address(link.name as string))
    expect(underlays(kernel)).toEqual(['eth0', link.name].sort())
  })

  it.each<[what: string, link: Partial<LiveLink>]>([
    ['a port of a bridge, bond or VRF', { name: 'eth1', master: 99 }],
    ['an interface that is down', { name: 'eth1', up: false }],
    ['an interface that holds no IP', { name: 'can0', hardwareType: 280 }],
    ['an interface that nothing comes in by', { name: 'dummy0', kind: 'dummy' }],
    ['a VRF', { name: 'red', kind: 'vrf' }],
    ['a bridge without ports', { name: 'br0', kind: 'bridge' }],
    [
      'a device of an overlay',
      { name: 'lvn9', kind: 'tun', hardwareType: 65534, owner: { overlay: 'x', node: 'y' } },
    ],
  ])('no %s', (_, link) => {
    const kernel = host(link)
    kernel.addresses.push(address(link.name as string))
    expect(underlays(kernel)).toEqual(['eth0'])
  })

  it.each([
    ['0', '0', ['eth0', 'eth1']],
    ['0', '1', ['eth0']],
    ['1', '0', ['eth0']],
    ['2', '1', ['eth0', 'eth1']],
  ])(
    'none where the kernel is strict with IPv4: rp_filter %s of all, %s of its own',
    (all, own, expected) => {
      const kernel = host({ name: 'eth1' })
      kernel.values.set('net/ipv4/conf/all/rp_filter', all)
      for (const name of ['eth0', 'eth1']) kernel.values.set(`net/ipv4/conf/${name}/rp_filter`, own)
      expect(underlays(kernel)).toEqual(expected)
      expect(underlays(kernel, file({ underlay: ['eth0', 'eth1'] }))).toEqual(['eth0', 'eth1'])
    },
  )

  it('one that is strict with IPv4 alone, where the overlay has IPv6 outside', () => {
    const kernel = host({ name: 'eth1' })
    kernel.values.set('net/ipv4/conf/all/rp_filter', '1')
    const six = topology(
      overlay(['10.64.0.0/16'], hub('gw1', ['2001:db8::1'], { addresses: ['10.64.0.1'] }), [
        spoke('kirche', at('2001:db8:7::7'), { addresses: ['10.64.1.1'] }),
      ]),
    )
    expect(underlays(kernel, six)).toEqual(['eth0', 'eth1'])
  })

  it('no interface of software that has no more than a link-local address', () => {
    const kernel = host({ name: 'cali7', kind: 'veth' })
    kernel.addresses.push(address('cali7', 'fe80::1'))
    kernel.route('192.0.2.9/32', 'cali7')
    expect(underlays(kernel)).toEqual(['eth0'])
  })

  it('a bridge that a network card is a port of, and none of containers alone', () => {
    const kernel = host({ name: 'br0', kind: 'bridge' })
    kernel.addresses.push(address('br0'))
    const { ifindex } = kernel.links.get('br0') as LiveLink
    add(kernel, { name: 'veth1', kind: 'veth', master: ifindex })
    expect(underlays(kernel)).toEqual(['eth0'])
    add(kernel, { name: 'eth1', master: ifindex })
    expect(underlays(kernel)).toEqual(['br0', 'eth0'])
  })

  it('whatever leads out, be it a bridge of containers, and whatever is listened on', () => {
    const kernel = host({ name: 'br0', kind: 'bridge' })
    kernel.addresses.push(address('br0'))
    kernel.route('203.0.113.7/32', 'br0')
    expect(underlays(kernel)).toEqual(['br0', 'eth0'])
    expect(underlays(kernel, file(), 'kmod')).toEqual(['br0', 'eth0'])
  })

  it('what is for show alone where the module hears everywhere', () => {
    const kernel = host({ name: 'eth1' })
    expect(underlays(kernel, file(), 'kmod')).toEqual(['eth0'])
  })
})

describe('an interface that', () => {
  const planned = (kernel: SimKernel) => planApply(kernel, file(), nodeOf(), { resolveName: async () => [] })
  const fields = async (kernel: SimKernel) =>
    (await planned(kernel)).steps.map(({ change }) => [change.id, change.fields])

  it('comes later is in the next plan', async () => {
    const kernel = host()
    applyPlan(kernel, await planned(kernel))
    add(kernel, { name: 'eth1' })
    expect(await fields(kernel)).toEqual([['device lvn0', ['underlays']]])
    expect(applyPlan(kernel, await planned(kernel))).toMatchObject({ outcome: 'done', residue: [] })
    expect(await fields(kernel)).toEqual([])
  })

  it('is received on stays so while it is down', async () => {
    const kernel = host({ name: 'eth1' })
    applyPlan(kernel, await planned(kernel))
    alter(kernel, 'eth1', { up: false })
    expect(await fields(kernel)).toEqual([])
  })
})

describe('the file may say by which', () => {
  it('and then they are all, be they a port or not', () => {
    const kernel = host({ name: 'eth1' }, { name: 'port0', master: 99 })
    expect(underlays(kernel, file({ underlay: ['port0'] }))).toEqual(['port0'])
  })

  it('and is told of those that are not there', () => {
    const kernel = host()
    const of = file({ underlay: ['eth0', 'eth1'] })
    const note = 'there is no interface eth1 to receive on: apply again once it is there'
    expect(desired(kernel, of).notes).toEqual([{ id: 'device lvn0', note }])
    expect(underlays(kernel, of)).toEqual(['eth0'])
    add(kernel, { name: 'eth1' })
    expect(desired(kernel, of).notes).toEqual([])
    expect(underlays(kernel, of)).toEqual(['eth0', 'eth1'])
  })

  it('and is told of a local address on another one', () => {
    const kernel = host({ name: 'eth1' }, { name: 'eth2' })
    const notes = (...names: string[]) => desired(kernel, file({ underlay: names })).notes
    const missed = 'packets to 198.51.100.10 that arrive on eth0 are not received by lvn0'
    expect(notes('eth1')).toEqual([
      { id: 'device lvn0', note: `${missed}: its \`underlay\` names eth1 alone` },
    ])
    expect(notes('eth1', 'eth2')[0]?.note).toBe(`${missed}: its \`underlay\` names eth1, eth2`)
    expect(notes('eth0', 'eth1')).toEqual([])
  })

  it('and is told nothing of an address that a port leads to, or that is on no line at all', () => {
    const kernel = host({ name: 'eth1' }, { name: 'br0', kind: 'bridge' }, { name: 'any0', kind: 'dummy' })
    alter(kernel, 'eth1', { master: kernel.links.get('br0')?.ifindex as number })
    const onAnother = (device: string) => {
      kernel.addresses.splice(0, kernel.addresses.length, address(device, '198.51.100.10'))
      return desired(kernel, file({ underlay: ['eth1'] })).notes
    }
    expect(onAnother('br0')).toEqual([])
    expect(onAnother('any0')).toEqual([])
    expect(onAnother('lo')).toEqual([])
    expect(onAnother('eth0')).toHaveLength(1)
  })

  it('but not to the kernel module', () => {
    expect(() => desired(host(), file({ underlay: ['eth0'] }), 'kmod')).toThrow(
      expect.objectContaining({ code: 'LVN4021' }),
    )
  })

  it('and hears of nothing that is in order, or that its device alone has', () => {
    const kernel = host({ name: 'eth1' }, { name: 'lvn0', kind: 'tun', hardwareType: 65534 })
    kernel.addresses.splice(0, kernel.addresses.length, address('lvn0', '198.51.100.10'))
    expect(desired(kernel, file({ underlay: ['eth1'] })).notes).toEqual([])
    const gone = host({ name: 'eth1' })
    gone.links.delete('eth0')
    expect(desired(gone, file({ underlay: ['eth1'] })).notes).toEqual([])
    const there = host({ name: 'lvn0', kind: 'tun', hardwareType: 65534 })
    expect(underlays(there, file({ underlay: ['lvn0', 'eth0'] }))).toEqual(['eth0'])
  })

  it('and is told of the source of a tunnel as of what it listens on', () => {
    const kernel = host({ name: 'eth1' })
    kernel.addresses.push(address('eth0', '203.0.113.7'))
    kernel.route('198.51.100.0/24', 'eth0')
    const over = file().overlays[0] as Overlay
    const node = { ...(over.spokes[0] as Node), underlay: { interfaces: ['eth1'], span: over.span } }
    const of = topology({ ...over, spokes: [node] })
    const notes = (plane: 'ebpf' | 'kmod') =>
      desire(of, [node], { ...observe(kernel, wantsOf(of, [node], new Map())), plane }, new Map()).notes
    expect(notes('ebpf').map(({ note }) => note.split(' that')[0])).toEqual(['packets to 203.0.113.7'])
    expect(() => notes('kmod')).toThrow(expect.objectContaining({ span: over.span }))
  })
})

describe('kinds of hardware', () => {
  it.each([
    [1, true],
    [512, true],
    [519, true],
    [768, true],
    [769, true],
    [776, true],
    [778, true],
    [823, true],
    [65534, true],
    [772, false],
    [280, false],
  ])('%i carries IP from elsewhere: %s', (hardwareType, carries) => {
    expect(comesIn({ hardwareType, kind: null } as LiveLink)).toBe(carries)
    expect(comesIn({ hardwareType, kind: 'dummy' } as LiveLink)).toBe(false)
    expect(comesIn({ hardwareType, kind: 'vrf' } as LiveLink)).toBe(false)
  })
})

it('the filters of reverse paths are asked for where outer packets may come in, and of all', () => {
  const links = [
    link('eth0'),
    link('lo', { hardwareType: 772 }),
    link('eth1', { master: 3 }),
    link('lvn0', { owner: { overlay: 'mitte', node: 'gw1' } }),
    link('dummy0', { kind: 'dummy' }),
  ]
  expect(sysctlsOfUplinks(links)).toEqual(['net/ipv4/conf/all/rp_filter', 'net/ipv4/conf/eth0/rp_filter'])
})

describe('uplinks', () => {
  const [v4, v6] = [new Set([4 as const]), new Set([6 as const])]
  const found = (
    links: readonly LiveLink[],
    parts: Parameters<typeof liveState>[0] = {},
    outers: Set<4 | 6> = v4,
  ) => uplinks(liveState({ links, ...parts }), 'lvn0', outers)

  it('are none that is the device itself, or where nothing of IPv4 comes in but by the way of an answer', () => {
    expect(found([link('lvn0'), link('eth0')])).toEqual(['eth0'])
    const sysctls = [{ path: 'net/ipv4/conf/eth0/rp_filter', value: '1' }]
    expect(found([link('eth0'), link('eth1')], { sysctls })).toEqual(['eth1'])
    expect(found([link('eth0'), link('eth1')], { sysctls }, v6)).toEqual(['eth0', 'eth1'])
    expect(found([link('eth0')], { sysctls }, new Set([4, 6]))).toEqual([])
  })

  it('that are down are those where this very device receives', () => {
    const devices = ['lvn9', 'lvn0'].map((name, i) => ({
      name,
      underlays: [`eth${i}`],
    })) as unknown as LiveDevice[]
    expect(found([link('eth0', { up: false }), link('eth1', { up: false })], { devices })).toEqual(['eth1'])
  })

  it('are bridges of others than guests: a port of a kind that leads to none, whatever its other ports are', () => {
    const bridge = link('br0', { kind: 'bridge', ifindex: 7 })
    const port = (kind: string | null, master = 7) => link(`port-${kind}`, { kind, master })
    const addresses = [liveAddress('br0', '192.0.2.1')]
    const is = (...ports: LiveLink[]) => found([bridge, ...ports], { addresses }).includes('br0')
    expect(is()).toBe(false)
    expect(is(port('veth'), port('tun'))).toBe(false)
    expect(is(port('veth'), port(null))).toBe(true)
    expect(is(port('vlan'))).toBe(true)
    expect(is(port(null, 8))).toBe(false)
    expect(
      found([link('bond0', { kind: 'bond', ifindex: 7 })], {
        addresses: [liveAddress('bond0', '192.0.2.1')],
      }),
    ).toEqual(['bond0'])
  })
})
