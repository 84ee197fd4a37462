// SPDX-License-Identifier: MIT
/**
 * Hosts on a routed underlay for tests of whole commands: the built `lvn` run in namespaces around a router.
 *
 *     host eth0 198.51.100.10, 2001:db8:1::10 ─── u0 router s1 ─── eth0 first spoke 203.0.113.6, 2001:db8:77:1::2
 *               default via .1 and ::1                      s2 ─── eth0 second spoke 203.0.113.10, 2001:db8:77:2::2
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, Netns, type Ran } from './netns.ts'

/** One namespace with an underlay interface `eth0`. */
export class Machine {
  readonly ns: Netns

  constructor(ns: Netns) {
    this.ns = ns
  }

  /** Runs `lvn` to its end in the namespace, from which no name server is in reach. */
  lvn(...args: string[]): Ran {
    const env = { NO_COLOR: '1', RES_OPTIONS: 'timeout:1 attempts:1' }
    return this.ns.lvn(env, ...args)
  }

  /** The same; throws unless it exits with `status`. */
  expectLvn(status: number, ...args: string[]): Ran {
    const ran = this.lvn(...args)
    if (ran.status === status) return ran
    throw new Error(`lvn ${args.join(' ')} exited ${ran.status}, not ${status}\n${ran.stdout}${ran.stderr}`)
  }

  /**
   * All that `destroy` must leave as it found it, as text: links, addresses, routes of all tables, queueing
   * disciplines, filters, attached programs and every sysctl of the network. Left out is whether a device of the eBPF plane
   * is down for want of a carrier: the kernel notices that up to a second later.
   */
  facts(): string {
    return this.ns
      .run('sh', '-ec', tellAll)
      .replace(/<NO-CARRIER,(POINTOPOINT,NOARP\b.*) state DOWN/g, '<$1 state UNKNOWN')
      .replace(/valid_lft.*|expires \d+sec/g, '')
  }
}

/** One process for all of it: the tests ask some hundred times. */
const tellAll = `
  ip -d link; ip addr; ip route show table all; ip -6 route show table all; ip rule; ip -6 rule; tc qdisc
  tc filter show dev eth0 ingress 2>/dev/null || true
  bpftool net
  cd /proc/sys/net
  grep -rs '' ipv4/conf ipv6/conf ipv4/ip_forward* ipv4/ip_local_reserved_ports | grep -vE 'mtu_expires|stable_secret' | sort
`

/** A spoke's namespace: where its `eth0` stands. */
export class SpokeMachine extends Machine {
  readonly v4: string
  readonly v6: string

  constructor(ns: Netns, v4: string, v6: string) {
    super(ns)
    this.v4 = v4
    this.v6 = v6
  }
}

export class Host extends Machine {
  readonly router: Netns
  readonly folder: string
  private readonly spokes: SpokeMachine[] = []

  constructor(label = 'host') {
    super(new Netns(label))
    this.router = new Netns(`${label}-router`)
    this.folder = mkdtempSync(join(tmpdir(), 'lvn-test-'))
    this.router.forward()
    this.plugIn()
  }

  /** Makes `eth0`: the first time, and again after it was taken away. */
  plugIn(): void {
    connect(
      { ns: this.ns, dev: 'eth0', addresses: ['198.51.100.10/24', '2001:db8:1::10/64'] },
      { ns: this.router, dev: 'u0', addresses: ['198.51.100.1/24', '2001:db8:1::1/64'] },
    )
    this.ns.ip('route add default via 198.51.100.1', 'route add default via 2001:db8:1::1')
  }

  /** A spoke's namespace on a link of its own to the router; at most 62. */
  addSpoke(label: string): SpokeMachine {
    const n = this.spokes.length + 1
    const [v4, gateway4] = [`203.0.113.${4 * n + 2}`, `203.0.113.${4 * n + 1}`]
    const [v6, gateway6] = [`2001:db8:77:${n}::2`, `2001:db8:77:${n}::1`]
    const spoke = new SpokeMachine(new Netns(label), v4, v6)
    this.spokes.push(spoke)
    connect(
      { ns: spoke.ns, dev: 'eth0', addresses: [`${v4}/30`, `${v6}/64`] },
      { ns: this.router, dev: `s${n}`, addresses: [`${gateway4}/30`, `${gateway6}/64`] },
    )
    spoke.ns.ip(`route add default via ${gateway4}`, `route add default via ${gateway6}`)
    return spoke
  }

  /** Writes a source file; its path. */
  file(name: string, text: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    return path
  }

  dispose(): void {
    for (const spoke of this.spokes) spoke.ns.dispose()
    this.ns.dispose()
    this.router.dispose()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** What `lvn snapshot` says, without what differs from one apply to the next: indices and counters. */
export function stateOf(machine: Machine): unknown {
  const state = JSON.parse(machine.expectLvn(0, 'snapshot').stdout)
  const sorted = (list: unknown[]) => list.map((entry) => JSON.stringify(entry)).sort()
  return {
    devices: sorted(state.devices.map(({ ifindex: _, drops: __, ...rest }: Record<string, unknown>) => rest)),
    tunnels: sorted(state.tunnels.map(({ id: _, counters: __, ...rest }: Record<string, unknown>) => rest)),
    rules: sorted(state.rules),
    addresses: sorted(state.addresses),
    routes: sorted(state.routes),
    ipRules: state.ipRules,
    saved: sorted(state.saved),
  }
}
