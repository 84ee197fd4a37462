// SPDX-License-Identifier: MIT
/**
 * Instructions per forwarded packet, run inside a machine whose clock counts instructions: see instructions.mjs.
 * Prints one JSON object, path → instructions a packet.
 *
 *     g g0 ─── in0 hub u0 ─── u1 spoke sink     110-byte UDP from pktgen in g, forwarded by hub into a tunnel
 *                     └═══════┘                 (or not), taken out by spoke and forwarded to sink (a dummy)
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { withNetns } from '../native/netns.ts'
import { connect, Netns } from '../test/support/netns.ts'
import { add, applyAll, device, endpoint, type OpenPlane, rule, tunnel } from '../test/support/plane-world.ts'
import { planeKinds } from '../test/support/planes.ts'

const packets = 20_000
const [generator, hub, spoke] = ['g', 'hub', 'spoke'].map((label) => new Netns(label)) as [
  Netns,
  Netns,
  Netns,
]

function underlay(): void {
  for (const module of ['pktgen', 'dummy', 'fou', 'ipip', 'vxlan', 'wireguard'])
    execFileSync('modprobe', [module])
  connect(
    { ns: generator, dev: 'g0', addresses: ['198.18.0.2/24'] },
    { ns: hub, dev: 'in0', addresses: ['198.18.0.1/24'] },
  )
  connect(
    { ns: hub, dev: 'u0', addresses: ['192.0.2.1/24'] },
    { ns: spoke, dev: 'u1', addresses: ['192.0.2.2/24'] },
  )
  for (const ns of [hub, spoke]) {
    const off = ['all', 'default'].flatMap((name) => [`net.ipv4.conf.${name}.rp_filter=0`])
    ns.run('sysctl', '-qw', 'net.ipv4.ip_forward=1', ...off)
  }
  spoke.run('ip', 'link', 'add', 'sink', 'type', 'dummy')
  spoke.run('ip', 'link', 'set', 'sink', 'up')
  spoke.run('ip', 'addr', 'add', '198.19.0.1/16', 'dev', 'sink')
  spoke.run('ip', 'neigh', 'add', '198.19.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'sink')
}

/** Brings a pair of tunnel devices up: the hub's name for it, and how to take both away. */
type Tunnel = (number: number) => { readonly dev: string; readonly away: () => void }

function inTree(kind: string, ends: readonly [readonly string[], readonly string[]]): Tunnel {
  return (number) => {
    for (const [i, ns] of [hub, spoke].entries()) {
      ns.run('ip', 'link', 'add', kind, 'type', ...(ends[i] as readonly string[]))
      ns.run('ip', 'addr', 'add', `10.${number}.0.${i + 1}/24`, 'dev', kind)
      ns.run('ip', 'link', 'set', kind, 'up')
    }
    const away = () => {
      for (const ns of [hub, spoke]) ns.run('ip', 'link', 'del', kind)
    }
    return { dev: kind, away }
  }
}

const fou: Tunnel = (number) => {
  for (const ns of [hub, spoke]) ns.run('ip', 'fou', 'add', 'port', '5555', 'ipproto', '4')
  const end = (local: string, remote: string) => [
    ...['ipip', 'local', local, 'remote', remote, 'ttl', '64'],
    ...['encap', 'fou', 'encap-sport', '5555', 'encap-dport', '5555'],
  ]
  return inTree('fou0', [end('192.0.2.1', '192.0.2.2'), end('192.0.2.2', '192.0.2.1')])(number)
}

const vxlan: Tunnel = (number) => {
  const end = (remote: string, dev: string) => [
    'vxlan',
    'id',
    '7',
    'remote',
    remote,
    'dstport',
    '4789',
    'dev',
    dev,
  ]
  return inTree('vx0', [end('192.0.2.2', 'u0'), end('192.0.2.1', 'u1')])(number)
}

/** `tunnels` of them on the hub; the last one leads to the spoke. */
function lvn(open: OpenPlane, tunnels: number): Tunnel {
  return (number) => {
    const others = Array.from({ length: tunnels - 1 }, (_, i) => i)
    applyAll(hub, open, [
      add.device(device('lvn0', 'multi', 1472, 'u0'), 16_384),
      // Nobody is there: keepalives would fill the table of neighbours, which then drops the packets of all.
      ...others.map((i) =>
        add.tunnel({
          ...tunnel(`s${i}`, endpoint('192.0.2.1'), endpoint(`203.0.${i >> 8}.${i & 255}`), 'u0'),
          keepalive: { intervalMs: 0, deadMs: 0 },
        }),
      ),
      add.tunnel(tunnel('spoke', endpoint('192.0.2.1'), endpoint('192.0.2.2'), 'u0')),
      ...others.map((i) => add.rule(rule(`10.250.${i >> 8}.${i & 255}/32`, `s${i}`))),
      add.rule(rule('198.19.0.0/16', 'spoke')),
      add.rule(rule(`10.${number}.0.2/32`, 'spoke')),
    ])
    applyAll(spoke, open, [
      add.device(device('lvn0', 'fixed', 1472, 'u1'), 1),
      add.tunnel(tunnel('hub', endpoint('192.0.2.2'), endpoint('192.0.2.1'), 'u1')),
    ])
    for (const [i, ns] of [hub, spoke].entries()) {
      ns.run('ip', 'addr', 'add', `10.${number}.0.${i + 1}/24`, 'dev', 'lvn0')
    }
    const away = () => {
      for (const ns of [hub, spoke]) applyAll(ns, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
    }
    return { dev: 'lvn0', away }
  }
}

/** Virtual nanoseconds a packet, which are instructions; null: not all arrived. */
function measure(): number | null {
  const mac: string = JSON.parse(hub.run('ip', '-j', 'link', 'show', 'in0'))[0].address
  const arrived = (): number =>
    JSON.parse(spoke.run('ip', '-s', '-j', 'link', 'show', 'sink'))[0].stats64.tx.packets
  const before = arrived()
  const microseconds = withNetns(generator.path, () => {
    const control = '/proc/net/pktgen'
    writeFileSync(`${control}/kpktgend_0`, 'rem_device_all\n')
    writeFileSync(`${control}/kpktgend_0`, 'add_device g0\n')
    const settings = [
      ...[`count ${packets}`, 'clone_skb 0', 'pkt_size 110', 'delay 0', 'dst 198.19.0.2', `dst_mac ${mac}`],
      ...['src_min 198.18.0.2', 'src_max 198.18.0.2', 'udp_src_min 9', 'udp_src_max 9'],
    ]
    for (const setting of settings) writeFileSync(`${control}/g0`, `${setting}\n`)
    writeFileSync(`${control}/pgctrl`, 'start\n')
    return Number(/OK: (\d+)/.exec(readFileSync(`${control}/g0`, 'utf8'))?.[1])
  })
  const delivered = arrived() - before
  if (delivered >= packets) return Math.round((microseconds * 1000) / packets)
  console.error(`${delivered} of ${packets} packets arrived`)
  return null
}

const report: Record<string, number | null> = {}
try {
  underlay()
  hub.run('ip', 'route', 'replace', '198.19.0.0/16', 'via', '192.0.2.2')
  measure() // fills the caches
  report['plain forwarding'] = measure()
  const paths: [string, Tunnel][] = [
    ['ipip over FOU', fou],
    ['vxlan', vxlan],
    ...planeKinds.flatMap(([name, open]): [string, Tunnel][] => [
      [`L-VN ${name}, 1 tunnel`, lvn(open, 1)],
      [`L-VN ${name}, 10,000 tunnels`, lvn(open, 10_000)],
    ]),
  ]
  for (const [i, [name, make]] of paths.entries()) {
    const number = 10 + i
    const { dev, away } = make(number)
    hub.run('ip', 'route', 'replace', '198.19.0.0/16', 'via', `10.${number}.0.2`, 'dev', dev, 'onlink')
    hub.try('ping', '-c1', '-W2', `10.${number}.0.2`)
    console.error(name)
    measure()
    report[name] = measure()
    away()
  }
} finally {
  for (const ns of [generator, hub, spoke]) ns.dispose()
}
console.log(JSON.stringify(report))
