// SPDX-License-Identifier: MIT
/**
 * Network namespaces for tests. Every name starts with `lvnt-PID-`, so that parallel runs stay apart and
 * nothing that a test did not make is ever touched. `dispose` takes everything away, also after a failure.
 */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { withNetns } from '../../native/netns.ts'

let counter = 0

export interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export class Netns {
  readonly name: string
  readonly path: string
  private readonly children = new Set<ChildProcess>()

  constructor(label: string) {
    this.name = `lvnt-${process.pid}-${++counter}-${label}`
    this.path = `/run/netns/${this.name}`
    execFileSync('ip', ['netns', 'add', this.name])
    this.run('ip', 'link', 'set', 'lo', 'up')
    // Addresses are usable at once: no test waits for duplicate address detection.
    withNetns(this.path, () => writeFileSync('/proc/sys/net/ipv6/conf/default/accept_dad', '0'))
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
    const ran = this.tryWith({}, 'sh', '-c', 'printf "%s\\n" "$@" | ip -batch -', 'sh', ...commands)
    if (ran.status !== 0) throw new Error(`ip -batch exited ${ran.status} in ${this.name}\n${ran.stderr}`)
  }

  /** Runs to the end, whatever the outcome. */
  try(command: string, ...args: string[]): Ran {
    return this.tryWith({}, command, ...args)
  }

  tryWith(env: Record<string, string>, command: string, ...args: string[]): Ran {
    // A child starts in the namespace of the thread that forks it: one process instead of nsenter and another.
    const ran = withNetns(this.path, () =>
      spawnSync(command, args, {
        encoding: 'utf8',
        env: { ...process.env, ...env },
        maxBuffer: 1 << 28,
        timeout: 120_000,
      }),
    )
    return { status: ran.status ?? 128, stdout: ran.stdout ?? '', stderr: ran.stderr ?? '' }
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
    spawnSync('ip', ['netns', 'del', this.name])
  }
}

/**
 * Joins two namespaces with a veth pair, both ends up, addresses with prefix lengths set (IPv6 without DAD).
 * Returns when the kernel has noticed the carrier on both ends.
 */
export function connect(
  a: { ns: Netns; dev: string; addresses?: readonly string[] },
  b: { ns: Netns; dev: string; addresses?: readonly string[] },
): void {
  execFileSync('ip', [
    ...['link', 'add', a.dev, 'netns', a.ns.name, 'type', 'veth'],
    ...['peer', 'name', b.dev, 'netns', b.ns.name],
  ])
  for (const end of [a, b]) {
    const addresses = (end.addresses ?? []).map(
      (address) => `addr add ${address} dev ${end.dev} ${address.includes(':') ? 'nodad' : ''}`,
    )
    end.ns.ip(...addresses, `link set ${end.dev} up`)
  }
  for (const end of [a, b]) {
    untilNow(`${end.dev} of ${end.ns.name} is up`, () =>
      end.ns.run('ip', 'link', 'show', end.dev).includes('state UP'),
    )
  }
}

function untilNow(what: string, check: () => boolean): void {
  const deadline = performance.now() + 10_000
  while (!check()) if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
}

/** Waits until `check` is true (or returns a value); throws with `what` after `timeoutMs`. */
export async function until<T>(
  what: string,
  check: () => T | Promise<T>,
  timeoutMs = 15_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await check()
    if (value) return value as NonNullable<T>
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
