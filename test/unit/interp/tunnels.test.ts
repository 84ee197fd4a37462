// SPDX-License-Identifier: MIT
/** The tunnels of a node, end by end: what it leaves from, where it goes, what it keeps and what it waits for. */
import { describe, expect, it } from 'vitest'
import { hubTunnels, spokeTunnels, type TunnelDesire } from '../../../src/interp/desire-tunnels.ts'
import type { Names } from '../../../src/interp/types.ts'
import { Underlay } from '../../../src/interp/underlay.ts'
import { type Address, formatEndpoint, parseEndpoint } from '../../../src/model/address.ts'
import type { LiveState, LiveTunnel } from '../../../src/model/state.ts'
import type { Node } from '../../../src/model/topology.ts'
import { hubOverlay } from '../../support/hub-topologies.ts'
import { address, link, liveState, route } from '../../support/live-state.ts'
import { at, hub, lineOf, named, nat, overlay, spoke } from '../../support/topologies.ts'

const nets = ['10.64.0.0/16']
const owner = { overlay: 'mitte', node: 'gw1' }
const [four, six] = ['198.51.100.10', '2001:db8:1::1']
const gw = hub('gw1', [four, six])

/** `eth0` has IPv4, `eth1` IPv6, and both lead everywhere. */
function host(more: Partial<LiveState> = {}): LiveState {
  return liveState({
    links: [link('eth0'), link('eth1', { mtu: 1400 }), link('lvn0', { mtu: 1300, owner })],
    addresses: [address('lvn0', '10.64.0.1'), address('eth0', four), address('eth1', six)],
    routes: [route('0.0.0.0/0', 'eth0'), route('::/0', 'eth1')],
    ...more,
  })
}
const noRoutes = { routes: [] }
/** Neither address of the hub is there, another one of IPv4 is. */
const away = { addresses: [address('eth0', '198.51.100.99'), address('eth1', 'fd00::9')] }

/** A tunnel that is there; `underlay` is what it was made on. */
function there(name: string, local: string, remote: string | null, underlay = 'eth7'): LiveTunnel {
  return {
    ...{ device: 'lvn0', name, id: 1, keepalive: { intervalMs: 20_000, deadMs: 90_000 } },
    local: parseEndpoint(local) as LiveTunnel['local'],
    remote: remote === null ? null : (parseEndpoint(remote) as LiveTunnel['local']),
    underlay: remote === null ? null : underlay,
    counters: {
      ...{ rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0, dropped: 0 },
      ...{ sinceRxMs: null, sinceTxMs: null },
    },
  }
}

const names = (...addresses: string[]): Names => new Map([['k.example', addresses as Address[]]])
const atHub = (spokes: readonly Node[], live = host(), known: Names = new Map(), node = gw): TunnelDesire =>
  hubTunnels(node, overlay(nets, node, spokes), live, new Underlay(live), known)
const atSpoke = (node: Node, live = host(), hubNode = gw): TunnelDesire =>
  spokeTunnels(node, overlay(nets, hubNode, [node]), live, new Underlay(live))

/** `name local > remote underlay`. */
const ends = ({ tunnels }: TunnelDesire) =>
  tunnels.map(({ name, local, remote, underlay }) =>
    [name, formatEndpoint(local), '>', remote === null ? '-' : formatEndpoint(remote), underlay ?? '-'].join(
      ' ',
    ),
  )
const reasons = ({ pending }: TunnelDesire) => pending.map(({ tunnel, reason }) => `${tunnel}: ${reason}`)
const notes = (of: TunnelDesire) => of.notes.map(({ id, note }) => `${id}: ${note}`)

describe('to a spoke at an address, a hub', () => {
  const kirche = spoke('kirche', at('203.0.113.7'))

  it('leaves from its listen of that family, by the interface that leads there, as the spoke keeps it alive', () => {
    const quick = spoke('kirche', at('203.0.113.7', 4000), { intervalMs: 5000 })
    const made = atHub([quick, spoke('dach', at('2001:db8:7::7'))])
    expect(ends(made)).toEqual([
      'kirche 198.51.100.10:50000 > 203.0.113.7:4000 eth0',
      'dach [2001:db8:1::1]:50000 > [2001:db8:7::7]:50000 eth1',
    ])
    expect(made.tunnels[0]?.keepalive).toEqual({ intervalMs: 5000, deadMs: 90_000 })
    expect(made).toMatchObject({ pending: [], notes: [], fits: [1472, 1352] })
  })

  it('waits where it has no listen of the family, and where another spoke has the endpoint', () => {
    const only4 = hub('gw1', [four])
    const made = atHub([spoke('dach', at('2001:db8:7::7'))], host(), new Map(), only4)
    expect(ends(made)).toEqual(['dach 198.51.100.10:50000 > - -'])
    expect(reasons(made)).toEqual(['dach: the hub listens on no IPv6 address'])
    const twice = atHub([kirche, spoke('turm', at('203.0.113.7')), spoke('dom', at('203.0.113.7', 50001))])
    expect(reasons(twice)).toEqual(['turm: another spoke has its endpoint 203.0.113.7:50000'])
    expect(ends(twice)).toEqual([
      'kirche 198.51.100.10:50000 > 203.0.113.7:50000 eth0',
      'turm 198.51.100.10:50000 > - -',
      'dom 198.51.100.10:50000 > 203.0.113.7:50001 eth0',
    ])
  })

  it('waits for a route; a tunnel that is right already stays as it is meanwhile', () => {
    const none = 'kirche: no route to 203.0.113.7 in the underlay'
    const first = atHub([kirche], host(noRoutes))
    expect(ends(first)).toEqual(['kirche 198.51.100.10:50000 > - -'])
    expect(first.fits).toEqual([])
    const right = there('kirche', '198.51.100.10:50000', '203.0.113.7:50000', 'eth1')
    const kept = atHub([kirche], host({ ...noRoutes, tunnels: [right] }))
    expect(ends(kept)).toEqual(['kirche 198.51.100.10:50000 > 203.0.113.7:50000 eth1'])
    expect(kept.fits).toEqual([1372])
    const gone = atHub([kirche], host({ ...noRoutes, tunnels: [{ ...right, underlay: 'eth7' }] }))
    expect(ends(gone)).toEqual(['kirche 198.51.100.10:50000 > 203.0.113.7:50000 eth7'])
    expect(gone.fits).toEqual([])
    for (const made of [first, kept, gone]) expect(reasons(made)).toEqual([none])
    const another = there('kirche', '198.51.100.10:50000', '203.0.113.7:50001')
    const others = [another, { ...right, device: 'lvn9' }, { ...right, name: 'turm' }]
    for (const tunnel of others)
      expect(ends(atHub([kirche], host({ ...noRoutes, tunnels: [tunnel] })))).toEqual([
        'kirche 198.51.100.10:50000 > - -',
      ])
  })

  it('stays on the address that the tunnel has while the one of the file is away', () => {
    const used = there('kirche', '198.51.100.99:40000', '203.0.113.7:50000')
    const lack = 'kirche: 198.51.100.10 cannot be used: no interface of this host has it'
    const made = atHub([kirche], host({ ...away, tunnels: [used] }))
    expect(ends(made)).toEqual(['kirche 198.51.100.99:40000 > 203.0.113.7:50000 eth0'])
    expect(reasons(made)).toEqual([`${lack}; it stays on 198.51.100.99:40000`])
    // Unless that one is of the other family, or away as well.
    for (const local of ['[fd00::9]:50000', '198.51.100.98:50000']) {
      const stuck = atHub(
        [kirche],
        host({ ...away, tunnels: [{ ...used, ...there('kirche', local, null) }] }),
      )
      expect(ends(stuck)).toEqual(['kirche 198.51.100.10:50000 > - -'])
      expect(reasons(stuck)).toEqual([lack])
    }
    // What is written stays written: the same ends stay, although the local one is away.
    const right = there('kirche', '198.51.100.10:50000', '203.0.113.7:50000')
    expect(ends(atHub([kirche], host({ ...away, tunnels: [right] })))).toEqual([
      'kirche 198.51.100.10:50000 > 203.0.113.7:50000 eth7',
    ])
  })

  it('keeps the address of a tunnel that waits, at the port of the file', () => {
    const tunnels = [there('kirche', '198.51.100.99:40000', null)]
    const waiting = (more: Partial<LiveState>) =>
      ends(atHub([spoke('kirche', nat)], host({ tunnels, ...more })))
    expect(waiting(away)).toEqual(['kirche 198.51.100.99:50000 > - -'])
    expect(waiting({})).toEqual(['kirche 198.51.100.10:50000 > - -'])
    const both = [...host().addresses, address('eth0', '198.51.100.99')]
    expect(waiting({ addresses: both })).toEqual(['kirche 198.51.100.10:50000 > - -'])
  })

  it('does not go to itself, into its own device, nor into a net of the overlay', () => {
    expect(reasons(atHub([spoke('kirche', at(six))]))).toEqual([
      'kirche: the endpoint [2001:db8:1::1]:50000 is not of another host: it is an address of this host, on eth1',
    ])
    const inside =
      (text: string, live = host()) =>
      () =>
        atHub([spoke('kirche', at(text))], live)
    const refusal = (why: string) =>
      expect.objectContaining({ message: expect.stringContaining(why), span: lineOf(40) })
    expect(inside('10.64.9.9')).toThrow(refusal('it is in the net 10.64.0.0/16'))
    const into = host({ routes: [route('203.0.113.0/24', 'lvn0')] })
    expect(inside('203.0.113.7', into)).toThrow(refusal('its route leads into lvn0'))
  })
})

describe('to a spoke by name, a hub', () => {
  const k = spoke('k', named('k.example', 4000))
  const to = (known: Names, more: Partial<LiveState> = {}, others: readonly Node[] = []) =>
    atHub([k, ...others], host(more), known)
  const remote = (made: TunnelDesire) => made.tunnels[0]?.remote?.address

  it('goes to the address that it goes to already, else the first that has a way, else the first', () => {
    const known = names('192.0.2.1', '203.0.113.1', '203.0.113.2')
    const some = { routes: [route('203.0.113.0/24', 'eth0')] }
    expect(remote(to(known))).toBe('192.0.2.1')
    expect(remote(to(known, { tunnels: [there('k', '198.51.100.10:50000', null)] }))).toBe('192.0.2.1')
    expect(remote(to(known, some))).toBe('203.0.113.1')
    const inUse = { ...some, tunnels: [there('k', '198.51.100.10:50000', '203.0.113.2:4000')] }
    expect(remote(to(known, inUse))).toBe('203.0.113.2')
    expect(reasons(to(known, noRoutes))).toEqual(['k: no route to 192.0.2.1 in the underlay'])
    expect(ends(to(names('2001:db8:7::7')))).toEqual(['k [2001:db8:1::1]:50000 > [2001:db8:7::7]:4000 eth1'])
  })

  it('takes an address that no other spoke has, where there is one', () => {
    const kirche = spoke('kirche', at('203.0.113.7', 4000))
    const made = to(names('203.0.113.7', '203.0.113.9'), {}, [kirche])
    expect(ends(made)).toEqual([
      'k 198.51.100.10:50000 > 203.0.113.9:4000 eth0',
      'kirche 198.51.100.10:50000 > 203.0.113.7:4000 eth0',
    ])
    expect(reasons(to(names('203.0.113.7'), {}, [kirche]))).toEqual([
      'k: another spoke has its endpoint 203.0.113.7:4000',
    ])
    // At another port it is another endpoint.
    expect(remote(to(names('203.0.113.7', '203.0.113.9'), {}, [spoke('kirche', at('203.0.113.7'))]))).toBe(
      '203.0.113.7',
    )
  })

  it('takes none of a family that it has no listen of', () => {
    const only4 = hub('gw1', [four])
    const made = atHub([k], host(), names('2001:db8:7::7'), only4)
    expect(reasons(made)).toEqual(['k: k.example has no address of a family that the hub listens on'])
    expect(atHub([k], host(), names('2001:db8:7::7', '203.0.113.7'), only4).pending).toEqual([])
  })

  it('keeps the endpoint that the tunnel has while the name has none, and says so', () => {
    const tunnels = [there('k', '198.51.100.10:50000', '203.0.113.5:4000')]
    const expected = ['k 198.51.100.10:50000 > 203.0.113.5:4000 eth0']
    for (const [known, why] of [
      [names(), 'the name k.example cannot be resolved'],
      [new Map(), 'the name k.example is not looked up here'],
      [names('127.0.0.1'), 'the name k.example leads to 127.0.0.1, which is no endpoint: it is loopback'],
    ] as const) {
      const made = to(known, { tunnels })
      expect(ends(made)).toEqual(expected)
      expect(notes(made)).toEqual([`tunnel lvn0/k: ${why}; the endpoint it has stays`])
      expect(made.pending).toEqual([])
      expect(made.fits).toEqual([1472])
      expect(reasons(to(known))).toEqual([`k: ${why}`])
    }
  })

  it('keeps it from another name that leads there', () => {
    const other = spoke('other', named('other.example', 4000))
    const tunnels = [there('k', '198.51.100.10:50000', '203.0.113.5:4000')]
    const known: Names = new Map([
      ['k.example', []],
      ['other.example', ['203.0.113.5' as Address]],
    ])
    expect(reasons(to(known, { tunnels }, [other]))).toEqual([
      'other: another spoke has its endpoint 203.0.113.5:4000',
    ])
  })

  it('keeps none that is no endpoint itself', () => {
    const why = 'k: the name k.example leads to 127.0.0.1, which is no endpoint: it is loopback'
    for (const inside of ['10.64.9.9:4000', '198.51.100.10:4000']) {
      const made = to(names('127.0.0.1'), { tunnels: [there('k', '198.51.100.10:50000', inside)] })
      expect(ends(made)).toEqual(['k 198.51.100.10:50000 > - -'])
      expect(reasons(made)).toEqual([why])
      expect(made.notes).toEqual([])
    }
    const waiting = to(names('127.0.0.1'), { tunnels: [there('k', '198.51.100.10:50000', null)] })
    expect(reasons(waiting)).toEqual([why])
  })

  it('does not go where the route leads into its device', () => {
    const routes = [route('203.0.113.0/24', 'lvn0'), route('0.0.0.0/0', 'eth0')]
    expect(reasons(to(names('203.0.113.7'), { routes }))).toEqual([
      'k: the name k.example leads to 203.0.113.7, which is no endpoint: its route leads into lvn0',
    ])
    expect(remote(to(names('203.0.113.7', '192.0.2.1'), { routes }))).toBe('192.0.2.1')
  })
})

describe('to a spoke behind a NAT, a hub', () => {
  const r = spoke('r', nat)
  const having = (tunnel: LiveTunnel, more: Partial<LiveState> = {}, node = gw) =>
    atHub([r], host({ tunnels: [tunnel], ...more }), new Map(), node)
  const why = 'r: its endpoint is not known yet: the spoke is behind a NAT'

  it('waits until its endpoint is learned, and then keeps that', () => {
    expect(ends(atHub([r]))).toEqual(['r 198.51.100.10:50000 > - -'])
    expect(reasons(atHub([r]))).toEqual([why])
    expect(reasons(having(there('r', '198.51.100.10:50000', null)))).toEqual([why])
    const learned = having(there('r', '[2001:db8:1::1]:50000', '[2001:db8:7::7]:999'))
    expect(ends(learned)).toEqual(['r [2001:db8:1::1]:50000 > [2001:db8:7::7]:999 eth1'])
    expect(learned).toMatchObject({ pending: [], notes: [], fits: [1352] })
  })

  it('keeps the interface too, where no route leads there for the moment', () => {
    const learned = there('r', '198.51.100.10:50000', '203.0.113.5:999', 'eth0')
    expect(ends(having(learned, noRoutes))).toEqual(['r 198.51.100.10:50000 > 203.0.113.5:999 eth0'])
  })

  it('keeps the local address that was found while it can be used, and hears the port', () => {
    const addresses = [...host().addresses, address('eth0', '198.51.100.11')]
    const from = (local: string, more: Partial<LiveState> = { addresses }) =>
      having(there('r', local, '203.0.113.5:999'), more)
    const [kept, moved] = [
      ['r 198.51.100.11:50000 > 203.0.113.5:999 eth0'],
      ['r 198.51.100.10:50000 > 203.0.113.5:999 eth0'],
    ]
    expect(ends(from('198.51.100.11:50000'))).toEqual(kept)
    expect(ends(from('198.51.100.11:50001'))).toEqual(moved)
    expect(ends(from('198.51.100.12:50000'))).toEqual(moved)
    expect(ends(from('10.64.0.1:50000'))).toEqual(moved)
    const gone = from('198.51.100.10:50000', away)
    expect(ends(gone)).toEqual(moved)
    expect(reasons(gone)).toEqual(['r: 198.51.100.10 cannot be used: no interface of this host has it'])
  })

  it('hears on the port of any of its listens', () => {
    const ports = [50000, 50001]
    const listens = hub('gw1', [four, '198.51.100.11']).listens.map((listen, i) => ({
      ...listen,
      local: { ...listen.local, port: ports[i] as number },
    }))
    const addresses = [...host().addresses, address('eth0', '198.51.100.11')]
    const tunnel = there('r', '198.51.100.11:50001', '203.0.113.5:999')
    expect(ends(having(tunnel, { addresses }, { ...gw, listens }))).toEqual([
      'r 198.51.100.11:50001 > 203.0.113.5:999 eth0',
    ])
  })

  it('lets go of an endpoint of a family that it has no listen of, or that another spoke has', () => {
    const only4 = hub('gw1', [four])
    const learned6 = there('r', '198.51.100.10:50000', '[2001:db8:7::7]:999')
    expect(reasons(having(learned6, {}, only4))).toEqual([why])
    const learned = there('r', '198.51.100.10:50000', '203.0.113.7:50000')
    const live = host({ tunnels: [learned] })
    for (const [other, known] of [
      [spoke('kirche', at('203.0.113.7')), new Map()],
      [spoke('k', named('k.example')), names('203.0.113.7')],
    ] as const) {
      const made = atHub([r, other], live, known)
      expect(reasons(made)).toEqual([why])
      expect(ends(made)).toEqual([
        'r 198.51.100.10:50000 > - -',
        `${other.name} 198.51.100.10:50000 > 203.0.113.7:50000 eth0`,
      ])
    }
  })

  it('that listens on nothing waits at any address that its host has in the underlay', () => {
    expect(ends(atHub([r], host(), new Map(), hub('gw1', [], { port: 4000 })))).toEqual([
      'r 198.51.100.10:4000 > - -',
    ])
  })
})

describe('to another hub, a hub', () => {
  const other = (listens: readonly string[], intervalMs = 20_000) => hub('gw2', listens, { intervalMs })
  const to = (node: Node, live = host()) =>
    hubTunnels(gw, hubOverlay(nets, [gw, node], []), live, new Underlay(live), new Map())

  it('goes to the listen of the first family that both have, as the quicker keeps it alive', () => {
    const made = to(other(['2001:db8:2::1', '198.51.100.20'], 5000))
    expect(ends(made)).toEqual(['gw2 198.51.100.10:50000 > 198.51.100.20:50000 eth0'])
    expect(made.tunnels[0]?.keepalive.intervalMs).toBe(5000)
    expect(ends(to(other(['2001:db8:2::1'])))).toEqual([
      'gw2 [2001:db8:1::1]:50000 > [2001:db8:2::1]:50000 eth1',
    ])
  })

  it('waits where they have no family in common, and is refused an endpoint in a net', () => {
    const only4 = hub('gw1', [four])
    const live = host()
    const over = hubOverlay(nets, [only4, other(['2001:db8:2::1'], 5000)], [])
    const made = hubTunnels(only4, over, live, new Underlay(live), new Map())
    expect(ends(made)).toEqual(['gw2 198.51.100.10:50000 > - -'])
    expect(made.tunnels[0]?.keepalive.intervalMs).toBe(5000)
    expect(() => to(other(['10.64.9.9']))).toThrow(expect.objectContaining({ span: lineOf(11) }))
  })

  it('keeps its endpoint from spokes, however many', () => {
    const spokes = ['a', 'b'].map((name) => spoke(name, at('198.51.100.20')))
    const live = host()
    const over = hubOverlay(nets, [gw, other(['198.51.100.20'])], spokes)
    expect(reasons(hubTunnels(gw, over, live, new Underlay(live), new Map()))).toEqual([
      'a: another hub has its endpoint 198.51.100.20:50000',
      'b: another hub has its endpoint 198.51.100.20:50000',
    ])
  })

  it('waits for a route to it', () => {
    expect(reasons(to(other(['198.51.100.20']), host(noRoutes)))).toEqual([
      'gw2: no route to 198.51.100.20 in the underlay',
    ])
  })
})

describe('a spoke', () => {
  const from = '203.0.113.7'
  const site = (more: Partial<LiveState> = {}) =>
    host({
      addresses: [address('lvn0', '10.64.1.1'), address('eth0', from), address('eth1', '2001:db8:7::7')],
      ...more,
    })
  const open = (more: Partial<LiveState> = {}) => atSpoke(spoke('r', nat, { port: 4000 }), site(more))

  it('leaves from its own endpoint, to the first listen of that family, whether there is a route or not', () => {
    expect(ends(atSpoke(spoke('kirche', at(from)), site()))).toEqual([
      'gw1 203.0.113.7:50000 > 198.51.100.10:50000 eth0',
    ])
    const six6 = spoke('kirche', at('2001:db8:7::7'))
    expect(ends(atSpoke(six6, site()))).toEqual(['gw1 [2001:db8:7::7]:50000 > [2001:db8:1::1]:50000 eth1'])
    expect(reasons(atSpoke(six6, site({ routes: [route('0.0.0.0/0', 'eth0')] })))).toEqual([
      'gw1: no route to 2001:db8:1::1 in the underlay',
    ])
  })

  it('with an endpoint of its own waits for the first listen, though there is a way to another', () => {
    const two = hub('gw1', ['192.0.2.10', four])
    const routes = [route('198.51.100.0/24', 'eth0')]
    expect(reasons(atSpoke(spoke('kirche', at(from)), site({ routes }), two))).toEqual([
      'gw1: no route to 192.0.2.10 in the underlay',
    ])
    expect(ends(atSpoke(spoke('r', nat), site({ routes }), two))).toEqual([
      'gw1 203.0.113.7:50000 > 198.51.100.10:50000 eth0',
    ])
  })

  it('leaves from where the kernel sends it, where its endpoint is that of a NAT in front of it', () => {
    const natted = spoke('kirche', at('192.0.2.9'), { port: 4000 })
    expect(ends(atSpoke(natted, site()))).toEqual(['gw1 203.0.113.7:4000 > 198.51.100.10:50000 eth0'])
    // One that the tunnel has had is its own, away for the moment.
    const had = [there('gw1', '192.0.2.9:4000', '198.51.100.10:50000')]
    expect(reasons(atSpoke(natted, site({ tunnels: had })))).toEqual([
      'gw1: 192.0.2.9 cannot be used: no interface of this host has it',
    ])
    const other = [there('gw1', '192.0.2.8:4000', '198.51.100.10:50000')]
    expect(ends(atSpoke(natted, site({ tunnels: other })))).toEqual([
      'gw1 203.0.113.7:4000 > 198.51.100.10:50000 eth0',
    ])
  })

  it('without one goes to the first listen that has a way, else waits for the first', () => {
    expect(ends(open())).toEqual(['gw1 203.0.113.7:4000 > 198.51.100.10:50000 eth0'])
    expect(ends(open({ routes: [route('::/0', 'eth1')] }))).toEqual([
      'gw1 [2001:db8:7::7]:4000 > [2001:db8:1::1]:50000 eth1',
    ])
    expect(reasons(open(noRoutes))).toEqual(['gw1: no route to 198.51.100.10 in the underlay'])
  })

  it('waits at the address that the tunnel has, else at any that its host has, of the family of the hub', () => {
    expect(ends(open(noRoutes))).toEqual(['gw1 203.0.113.7:4000 > - -'])
    const more = address('eth0', '203.0.113.8')
    const addresses = [...site().addresses, more]
    const used = (local: string) => open({ ...noRoutes, addresses, tunnels: [there('gw1', local, null)] })
    expect(ends(used('203.0.113.8:1'))).toEqual(['gw1 203.0.113.8:4000 > - -'])
    expect(ends(used('203.0.113.9:1'))).toEqual(['gw1 203.0.113.7:4000 > - -'])
    expect(ends(used('[2001:db8:7::7]:1'))).toEqual(['gw1 203.0.113.7:4000 > - -'])
    const inner = [link('eth0', { owner }), link('eth1')]
    expect(ends(open({ ...noRoutes, links: inner }))).toEqual(['gw1 0.0.0.0:4000 > - -'])
    expect(ends(atSpoke(spoke('r', nat), site({ ...noRoutes, addresses: [] }), hub('gw1', [six])))).toEqual([
      'gw1 [::]:50000 > - -',
    ])
  })

  it('of a family that the hub has no listen of waits, and keeps what is written', () => {
    const only4 = hub('gw1', [four])
    const dach = spoke('dach', at('2001:db8:7::7'), { port: 4000 })
    for (const live of [site(), site({ addresses: [] })]) {
      const made = atSpoke(dach, live, only4)
      expect(ends(made)).toEqual(['gw1 [2001:db8:7::7]:4000 > - -'])
      expect(reasons(made)).toEqual(['gw1: the hub listens on no IPv6 address'])
    }
    const made = atSpoke(spoke('r', nat), site(), hub('gw1', []))
    expect(ends(made)).toEqual(['gw1 203.0.113.7:50000 > - -'])
    expect(reasons(made)).toEqual(['gw1: the hub listens on no IPv4 address'])
  })

  it('keeps a tunnel that is right while its address, or its route, is away', () => {
    const right = there('gw1', '203.0.113.7:4000', '198.51.100.10:50000')
    const left = there('gw1', '203.0.113.9:4000', '198.51.100.10:50000')
    const kept = (tunnel: LiveTunnel) => ends(open({ ...noRoutes, tunnels: [tunnel] }))
    expect(kept(right)).toEqual(['gw1 203.0.113.7:4000 > 198.51.100.10:50000 eth7'])
    expect(kept(left)).toEqual(['gw1 203.0.113.9:4000 > 198.51.100.10:50000 eth7'])
    expect(kept(there('gw1', '10.64.1.1:4000', '198.51.100.10:50000'))).toEqual([
      'gw1 203.0.113.7:4000 > - -',
    ])
  })

  it('waits while the source that the kernel would choose is none, on what it has until then', () => {
    const tentative = address('eth0', from, { flaw: 'tentative' })
    const lack =
      'gw1: to 198.51.100.10 packets would leave from 203.0.113.7: eth0 has it, but still asks whether another host does'
    expect(reasons(open({ addresses: [tentative] }))).toEqual([lack])
    const addresses = [tentative, address('eth0', '203.0.113.8')]
    const tunnels = [there('gw1', '203.0.113.8:1', '198.51.100.10:50000')]
    const stays = open({ addresses, tunnels })
    expect(ends(stays)).toEqual(['gw1 203.0.113.8:1 > 198.51.100.10:50000 eth0'])
    expect(reasons(stays)).toEqual([`${lack}; it stays on 203.0.113.8:1`])
  })

  it('is refused a hub in a net of the overlay, at the line of its listen', () => {
    expect(() => atSpoke(spoke('r', nat), site(), hub('gw1', ['10.64.9.9']))).toThrow(
      expect.objectContaining({ code: 'LVN4003', span: lineOf(11) }),
    )
  })
})

it('each tunnel is asked for by the line of its peer’s endpoint, else of the peer', () => {
  const spans = atHub([spoke('kirche', at('203.0.113.7')), spoke('k', named('k.example'))]).spans
  expect([...spans]).toEqual([
    ['kirche', lineOf(40)],
    ['k', lineOf(41)],
  ])
  expect([...atSpoke(spoke('r', nat)).spans]).toEqual([['gw1', lineOf(10)]])
})
