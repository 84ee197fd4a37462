// SPDX-License-Identifier: MIT
/**
 * The internet through a hub, and through a spoke, on each plane: whole applies, masquerade by nftables at the way out.
 *
 *     lan 10.64.7.2 ── lan0 spoke eth0 203.0.113.6  ── s1 ┐
 *                            exit eth0 203.0.113.10 ── s2 ├ router ── n0 ── eth0 server 192.0.2.80, 2001:db8:80::80
 *                              hub eth0 198.51.100.10 ─ u0 ┘
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Host, type Machine, type SpokeMachine } from '../support/host.ts'
import { connect, Netns } from '../support/netns.ts'
import { reaches } from '../support/plane-world.ts'
import { planeKinds } from '../support/planes.ts'
import { Pinger } from '../support/traffic.ts'
import { transferTcp } from '../support/transfer.ts'

const outside = ['192.0.2.80', '2001:db8:80::80'] as const
const hubAddresses: readonly string[] = ['198.51.100.10', '2001:db8:1::10']

let hub: Host
let spoke: SpokeMachine
let exit: SpokeMachine
let lan: Netns
let server: Netns
let plane: string

interface Say {
  readonly hub?: string
  readonly spoke?: string
  readonly exit?: string
  readonly spokeEndpoint?: string
}

const source = (say: Say) => `lvn 1
overlay mitte {
  net 10.64.0.0/16, fd42:64::/48
  hub gw { listen 198.51.100.10, [2001:db8:1::10]; address 10.64.0.1, fd42:64::1; ${say.hub ?? ''} }
  spoke kirche {
    endpoint ${say.spokeEndpoint ?? spoke.v4}
    address 10.64.7.1, fd42:64:0:7::1
    routes 10.64.7.0/24, fd42:64:0:7::/64${say.spoke ?? ''}
  }
  spoke ausgang { endpoint [${exit.v6}]; address 10.64.8.1, fd42:64:0:8::1; ${say.exit ?? ''} }
}
`
const throughHub = () => source({ hub: 'routes 0.0.0.0/0, ::/0' })
const throughSpoke = (more: Say = {}) => source({ exit: 'routes 0.0.0.0/0, ::/0', ...more })

const machines = () => ({ gw: hub, kirche: spoke, ausgang: exit }) as const
type Node = keyof ReturnType<typeof machines>

function lvn(status: number, node: Node, verb: 'plan' | 'apply' | 'destroy', text: string): string {
  const file = hub.file('mitte.lvn', text)
  const yes = verb === 'plan' ? [] : ['--yes']
  return machines()[node].expectLvn(status, '--plane', plane, verb, file, ...yes, '--node', node).stdout
}

function applyAll(text: string): void {
  for (const node of Object.keys(machines()) as Node[]) lvn(0, node, 'apply', text)
}

/** Those of one priority in any order. */
const rulesOf = ({ ns }: Machine) =>
  `${ns.run('ip', 'rule')}${ns.run('ip', '-6', 'rule')}`.split('\n').sort().join('\n')

/** Where a packet of the host's own would go. */
const wayTo = (ns: Netns, to: string) => / dev (\S+)/.exec(ns.run('ip', 'route', 'get', to))?.[1]

/** Whom a TCP server in `to` sees when somebody connects from `from`. */
function seenBy(from: Netns, address: string): string {
  const script = `require('net').connect(7080, '${address}').on('data', (d) => process.stdout.write(d))`
  return from.run(process.execPath, '-e', script).replace('::ffff:', '')
}

async function serve(ns: Netns): Promise<void> {
  const script =
    "require('net').createServer((s) => s.end(s.remoteAddress)).listen(7080, '::', () => console.log('up'))"
  const child = ns.start(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout?.once('data', resolve))
}

function masquerade({ ns }: Machine): void {
  ns.run(
    'nft',
    'add table inet nat; add chain inet nat post { type nat hook postrouting priority srcnat; };' +
      'add rule inet nat post oifname "eth0" iifname "lvn0" masquerade',
  )
}

/** Overlay addresses of two kinds reach the outside, and are seen there as `as`. */
async function allSeenAs(from: Netns, as: readonly string[]): Promise<void> {
  for (const [i, address] of outside.entries()) {
    await reaches(from, address)
    expect(seenBy(from, address)).toBe(as[i])
  }
}

describe.each(planeKinds)('plane %s', { timeout: 900_000 }, (name) => {
  beforeEach(async () => {
    plane = name.startsWith('ebpf') ? 'ebpf' : name
    hub = new Host('gw')
    spoke = hub.addSpoke('kirche')
    exit = hub.addSpoke('ausgang')
    lan = new Netns('lan')
    server = new Netns('server')
    connect(
      { ns: spoke.ns, dev: 'lan0', addresses: ['10.64.7.254/24', 'fd42:64:0:7::fe/64'] },
      { ns: lan, dev: 'eth0', addresses: ['10.64.7.2/24', 'fd42:64:0:7::2/64'] },
    )
    lan.ip('route add default via 10.64.7.254', 'route add default via fd42:64:0:7::fe')
    connect(
      { ns: hub.router, dev: 'n0', addresses: ['192.0.2.1/24', '2001:db8:80::1/64'] },
      { ns: server, dev: 'eth0', addresses: [`${outside[0]}/24`, `${outside[1]}/64`] },
    )
    server.ip('route add default via 192.0.2.1', 'route add default via 2001:db8:80::1')
    await serve(server)
    await serve(spoke.ns)
  })

  afterEach(() => {
    for (const ns of [lan, server]) ns.dispose()
    hub.dispose()
  })

  test('a spoke without a default route of its own can be planned again and again, and takes up the one that comes', () => {
    const gateways = ['203.0.113.5', '2001:db8:77:1::1']
    for (const gateway of gateways) spoke.ns.ip(`route del default via ${gateway}`)
    const said = lvn(0, 'kirche', 'apply', throughHub())
    expect(said).toContain('no route to 198.51.100.10 in the underlay')
    expect(wayTo(spoke.ns, outside[0])).toBe('lvn0')
    expect(lvn(0, 'kirche', 'plan', throughHub())).toContain('no route to 198.51.100.10 in the underlay')
    for (const gateway of gateways) spoke.ns.ip(`route add default via ${gateway}`)
    lvn(0, 'kirche', 'apply', throughHub())
    expect(wayTo(spoke.ns, '198.51.100.10')).toBe('eth0')
    expect(wayTo(spoke.ns, outside[0])).toBe('lvn0')
  })

  test('a hub is the way out for spokes and the LANs behind them, and goes without a trace', async () => {
    const before = [hub, spoke, exit].map((machine) => machine.facts())
    const lasting = await Pinger.start(server, spoke.v4)
    masquerade(hub)
    applyAll(throughHub())
    for (const from of [spoke.ns, lan, exit.ns]) await allSeenAs(from, hubAddresses)
    const { sent, arrived } = await transferTcp(lan, server, outside[0], 500_000)
    expect(arrived).toEqual(sent)

    // The hub's own way out, the LAN, the hub's endpoint, and whoever asks for the spoke from outside: not through it.
    expect(wayTo(hub.ns, outside[0])).toBe('eth0')
    expect(wayTo(spoke.ns, outside[0])).toBe('lvn0')
    expect(wayTo(spoke.ns, outside[1])).toBe('lvn0')
    expect(wayTo(spoke.ns, '10.64.7.2')).toBe('lan0')
    expect(wayTo(spoke.ns, '198.51.100.10')).toBe('eth0')
    expect(seenBy(server, spoke.v4)).toBe(outside[0])
    expect(seenBy(server, spoke.v6)).toBe(outside[1])
    expect(await lasting.lost()).toEqual([])
    lasting.stop()

    for (const node of Object.keys(machines()) as Node[]) lvn(0, node, 'plan', throughHub())
    hub.ns.run('nft', 'delete table inet nat')
    for (const node of Object.keys(machines()) as Node[]) lvn(0, node, 'destroy', throughHub())
    expect([hub, spoke, exit].map((machine) => machine.facts())).toEqual(before)
  })

  test('the gateway and the address of a spoke change, and it stays connected', async () => {
    masquerade(hub)
    applyAll(throughHub())
    await allSeenAs(spoke.ns, hubAddresses)
    const pinger = await Pinger.start(spoke.ns, outside[0])
    hub.router.ip('addr add 10.99.9.1/32 dev s1')
    spoke.ns.ip('route replace default via 10.99.9.1 dev eth0 onlink')
    expect(await pinger.lost()).toEqual([])
    pinger.stop()
    lvn(0, 'kirche', 'plan', throughHub())

    // As a DHCP server gives another one.
    hub.router.ip('addr add 203.0.113.129/30 dev s1')
    spoke.ns.ip(
      'addr add 203.0.113.130/30 dev eth0',
      `addr del ${spoke.v4}/30 dev eth0`,
      'route replace default via 203.0.113.129 dev eth0',
    )
    const moved = source({ hub: 'routes 0.0.0.0/0, ::/0', spokeEndpoint: '203.0.113.130' })
    const planned = lvn(2, 'kirche', 'plan', moved)
    expect(planned).toContain('+ ip-rule -4 20000 from 203.0.113.130/32 lookup main')
    expect(planned).toContain(`- ip-rule -4 20000 from ${spoke.v4}/32 lookup main`)
    for (const node of ['gw', 'kirche'] as const) lvn(0, node, 'apply', moved)
    await allSeenAs(spoke.ns, hubAddresses)
    expect(seenBy(server, '203.0.113.130')).toBe(outside[0])
    lvn(0, 'kirche', 'plan', moved)
  })

  test('a hub that has moved is found by the underlay, though everything goes through it', async () => {
    masquerade(hub)
    applyAll(throughHub())
    await allSeenAs(spoke.ns, hubAddresses)
    hub.ns.ip('addr add 198.51.100.11/24 dev eth0')
    const moved = throughHub().replace('listen 198.51.100.10,', 'listen 198.51.100.11,')
    expect(lvn(2, 'kirche', 'plan', moved)).toContain('+ route throw 198.51.100.11/32 table 7600')
    for (const node of ['gw', 'kirche'] as const) lvn(0, node, 'apply', moved)
    await reaches(spoke.ns, outside[0])
    expect(wayTo(spoke.ns, '198.51.100.11')).toBe('eth0')
    expect(wayTo(spoke.ns, '198.51.100.10')).toBe('lvn0')
    lvn(0, 'kirche', 'plan', moved)
  })

  test('a longer prefix of the main table or of another node wins, and an equal one of others is refused', async () => {
    applyAll(source({ hub: 'routes 0.0.0.0/0', exit: 'routes 192.0.2.0/24', spoke: ', 198.18.0.0/15' }))
    // The hub has it all but for what is behind a spoke; that spoke asks its own way there.
    expect(wayTo(hub.ns, outside[0])).toBe('lvn0')
    expect(wayTo(spoke.ns, outside[0])).toBe('lvn0')
    expect(wayTo(exit.ns, outside[0])).toBe('eth0')
    expect(wayTo(exit.ns, '192.0.3.1')).toBe('lvn0')
    expect(wayTo(exit.ns, '198.18.0.1')).toBe('lvn0')
    masquerade(exit)
    await reaches(hub.ns, outside[0])
    expect(seenBy(hub.ns, outside[0])).toBe(exit.v4)
    spoke.ns.ip('route add 192.0.2.80/32 via 203.0.113.5')
    expect(wayTo(spoke.ns, outside[0])).toBe('eth0')
    spoke.ns.ip('route add 100.64.0.0/10 dev lan0')
    const inTheWay = source({ hub: 'routes 100.64.0.0/10' })
    const { status, stderr } = spoke.lvn(
      '--plane',
      plane,
      'plan',
      hub.file('x.lvn', inTheWay),
      '--node',
      'kirche',
    )
    expect(status).not.toBe(0)
    expect(stderr).toContain('LVN4002')
  })

  test('a spoke is the way out, for the hub too, with another spoke whose endpoint is learned', async () => {
    masquerade(exit)
    const text = throughSpoke({ spokeEndpoint: 'nat' })
    applyAll(text)
    hub.expectLvn(
      0,
      ...['--plane', plane, 'tun', 'set', 'lvn0', 'kirche', '--force'],
      ...['--remote', spoke.v4, '--remote-port', '50000'],
    )
    for (const from of [spoke.ns, lan, hub.ns]) await allSeenAs(from, [exit.v4, exit.v6])
    expect(wayTo(hub.ns, outside[0])).toBe('lvn0')
    expect(wayTo(exit.ns, outside[0])).toBe('eth0')
    expect(seenBy(server, spoke.v4)).toBe(outside[0])
    for (const node of Object.keys(machines()) as Node[]) lvn(0, node, 'plan', text)
  })

  test('an apply that fails in the middle leaves rules, tables and routes as they were', async () => {
    // A route of others is in the place of the last one: what keeps the endpoint out is set by then.
    spoke.ns.run('ip', '-6', 'route', 'add', 'default', 'dev', 'lan0', 'metric', '1024', 'table', '7600')
    const before = spoke.facts()
    const file = hub.file('mitte.lvn', throughHub())
    const apply = ['--plane', plane, 'apply', file, '--yes', '--node', 'kirche']
    const { stdout, stderr } = spoke.expectLvn(4, ...apply)
    expect(stdout + stderr).toContain('add the route ::/0')
    expect(spoke.facts()).toEqual(before)
    spoke.ns.run('ip', '-6', 'route', 'del', 'default', 'table', '7600')
    spoke.expectLvn(0, ...apply)
    expect(rulesOf(spoke)).toContain('28292:\tfrom all lookup main suppress_prefixlength 0 proto 76')
  })

  test('what a hand takes away comes back, and what it left behind of a device goes', async () => {
    lvn(0, 'kirche', 'apply', throughHub())
    const whole = rulesOf(spoke)
    expect(whole).toContain('28293:\tfrom all lookup 7600 proto 76')
    spoke.ns.ip('rule del priority 28293', 'route del 0.0.0.0/0 table 7600', 'rule del priority 20000')
    expect(lvn(2, 'kirche', 'plan', throughHub())).toContain('+ route 0.0.0.0/0 table 7600')
    lvn(0, 'kirche', 'apply', throughHub())
    expect(rulesOf(spoke)).toEqual(whole)
    spoke.ns.ip('link del lvn0')
    lvn(0, 'kirche', 'destroy', throughHub())
    expect(rulesOf(spoke)).not.toMatch(/proto 76|7600/)
    expect(spoke.ns.run('ip', 'route', 'show', 'table', 'all')).not.toContain('7600')
  })
})
