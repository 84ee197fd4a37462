// SPDX-License-Identifier: MIT
/**
 * Network namespaces for tests. Every name starts with `lvnt-PID-`, so that parallel runs stay apart and
 * nothing that a test did not make is ever touched. `dispose` takes everything away, also after a failure.
 *
 * Links and addresses are made over netlink in this process: where a processor is emulated, starting `ip` takes
 * longer than all that a test wants to see.
 */
import {
  type ChildProcess,
  type SpawnOptions,
  type SpawnSyncOptions,
  spawn,
  spawnSync,
} from 'node:child_process'
import { addon } from '../../native/addon/index.ts'
import { addAddress, linkUp, makeVeth, writeSysctl } from '../../native/host/build.ts'
import { Attributes } from '../../native/netlink/attributes.ts'
import { getLink } from '../../native/netlink/link.ts'
import { Rtnetlink } from '../../native/netlink/rtnetlink.ts'
import { createNetns, deleteNetns, openNetns, withNetns } from '../../native/netns.ts'
import { type Ran, servedLvn } from './served/lvn.ts'

export type { Ran }

/** <linux/if_link.h>, <linux/if.h>. */
const IFLA_OPERSTATE = 16
const IF_OPER_UP = 6
const ifinfomsgSize = 16

/**
 * Between two looks at a condition. Without a pause, the one who waits takes the processor from what he waits for: packets
 * on their way, other tests, and the second processor of an emulated machine, which takes turns with the first.
 */
const pauseMs = 5
const never = new Int32Array(new SharedArrayBuffer(4))

let counter = 0

export class Netns {
  readonly name: string
  readonly path: string
  private readonly children = new Set<ChildProcess>()

  constructor(label: string) {
    this.name = `lvnt-${process.pid}-${++counter}-${label}`
    this.path = `/run/netns/${this.name}`
    createNetns(this.name)
    withNetns(this.path, () => linkUp('lo'))
    // Addresses are usable at once: no test waits for duplicate address detection.
    this.sysctl('net/ipv6/conf/default/accept_dad', 0)
  }

  /** Runs to the end; throws with the output when it fails. */
  run(command: string, ...args: string[]): string {
    const ran = this.try(command, ...args)
    if (ran.status !== 0) {
      throw new Error(
        `${command} ${args.join(' ')} exited ${ran.status} in ${this.name}\n${ran.stdout}${ran.stderr}`,
      )
    }
    return ran.stdout
  }

  /** Several commands of `ip`, one after the other, in one process; throws when one fails. */
  ip(...commands: readonly string[]): void {
    const ran = this.spawn('ip', ['-batch', '-'], { input: commands.map((line) => `${line}\n`).join('') })
    if (ran.status !== 0) throw new Error(`ip -batch exited ${ran.status} in ${this.name}\n${ran.stderr}`)
  }

  /** Runs to the end, whatever the outcome. */
  try(command: string, ...args: string[]): Ran {
    return this.tryWith({}, command, ...args)
  }

  tryWith(env: Record<string, string>, command: string, ...args: string[]): Ran {
    return this.spawn(command, args, { env: { ...process.env, ...env } })
  }

  /** `path` is below /proc/sys, with slashes. */
  sysctl(path: string, value: number): void {
    withNetns(this.path, () => writeSysctl(path, String(value)))
  }

  /** Forwards IPv4 and IPv6. */
  forward(): void {
    this.sysctl('net/ipv4/ip_forward', 1)
    this.sysctl('net/ipv6/conf/all/forwarding', 1)
  }

  /** Runs `lvn` to its end; environment on top of the tests' own. */
  lvn(env: Readonly<Record<string, string>>, ...args: readonly string[]): Ran {
    return servedLvn(args, { netns: this.path, env: { ...process.env, ...env } })
  }

  /** Starts a process that `dispose` kills. */
  start(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = withNetns(this.path, () => spawn(command, args, options))
    this.children.add(child)
    child.once('exit', () => this.children.delete(child))
    return child
  }

  dispose(): void {
    for (const child of this.children) child.kill('SIGKILL')
    deleteNetns(this.name)
  }

  private spawn(command: string, args: readonly string[], options: SpawnSyncOptions): Ran {
    // A child starts in the namespace of the thread that forks it: one process instead of nsenter and another.
    const ran = withNetns(this.path, () =>
      spawnSync(command, args, { ...options, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 120_000 }),
    )
    return { status: ran.status ?? 128, stdout: ran.stdout ?? '', stderr: ran.stderr ?? '' }
  }
}

interface End {
  readonly ns: Netns
  readonly dev: string
  readonly addresses?: readonly string[]
}

/**
 * Joins two namespaces with a veth pair, both ends up, addresses with prefix lengths set (IPv6 without DAD).
 * Returns when the kernel has noticed the carrier on both ends.
 */
export function connect(a: End, b: End): void {
  const netnsFd = openNetns(b.ns.path)
  try {
    withNetns(a.ns.path, () => makeVeth({ name: a.dev }, { name: b.dev, netnsFd }))
  } finally {
    addon().close(netnsFd)
  }
  for (const { ns, dev, addresses = [] } of [a, b]) {
    withNetns(ns.path, () => {
      for (const address of addresses) addAddress(dev, address)
      linkUp(dev)
    })
  }
  for (const { ns, dev } of [a, b]) untilNow(`${dev} of ${ns.name} is up`, () => isOperational(ns, dev))
}

/** A hub with eth0, 192.0.2.1, and a peer with `port`, 192.0.2.2, joined by them. */
export function hubAndPeer(port = 'p0'): { readonly hub: Netns; readonly peer: Netns } {
  const [hub, peer] = [new Netns('hub'), new Netns('peer')]
  try {
    connect(
      { ns: hub, dev: 'eth0', addresses: ['192.0.2.1/24'] },
      { ns: peer, dev: port, addresses: ['192.0.2.2/24'] },
    )
  } catch (error) {
    for (const ns of [hub, peer]) ns.dispose()
    throw error
  }
  return { hub, peer }
}

function isOperational(ns: Netns, dev: string): boolean {
  return withNetns(ns.path, () => {
    const rtnetlink = new Rtnetlink()
    try {
      return rtnetlink
        .request(getLink(dev))
        .some(({ payload }) => new Attributes(payload, ifinfomsgSize).u8(IFLA_OPERSTATE) === IF_OPER_UP)
    } finally {
      rtnetlink.close()
    }
  })
}

function untilNow(what: string, check: () => boolean): void {
  const deadline = performance.now() + 120_000
  while (!check()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
    Atomics.wait(never, 0, 0, pauseMs)
  }
}

/** Waits until `check` is true (or returns a value); throws with `what` after `timeoutMs`. */
export async function until<T>(
  what: string,
  check: () => T | Promise<T>,
  timeoutMs = 120_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await check()
    if (value) return value as NonNullable<T>
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
