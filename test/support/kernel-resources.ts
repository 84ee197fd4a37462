// SPDX-License-Identifier: MIT
/**
 * What the kernel holds on to, for tests that must leave it as it was.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { until } from './netns.ts'

export interface Resources {
  /** Users of the module. */
  readonly references: number
  /** Objects by slab cache. */
  readonly objects: Readonly<Record<string, number>>
}

const caches = ['net_namespace', 'UDP', 'UDPv6']

export function resources(): Resources {
  return {
    references: Number(readFileSync('/sys/module/lvn/refcnt', 'utf8')),
    objects: Object.fromEntries(caches.map((cache) => [cache, objectsIn(cache)])),
  }
}

/** Exact once what the processors keep for themselves has been given back. */
function objectsIn(cache: string): number {
  const shrink = `/sys/kernel/slab/${cache}/shrink`
  if (existsSync(shrink)) writeFileSync(shrink, '1')
  const row = readFileSync('/proc/slabinfo', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${cache} `))
  return Number(row?.split(/\s+/)[1] ?? 0)
}

/**
 * Waits until every namespace that was deleted before is gone altogether: the kernel takes them down one after
 * the other, so a device of one deleted now goes last. Its other end is in the machine's own namespace.
 */
export async function namespacesGone(): Promise<void> {
  const name = `lvnt-${process.pid}-last`
  const dev = 'lvnt-last'
  const script = 'ip netns add $1 && ip link add $2 type veth peer name peer netns $1; ip netns del $1'
  execFileSync('sh', ['-c', script, 'sh', name, dev])
  await until('deleted namespaces are gone', () => !existsSync(`/sys/class/net/${dev}`), 60_000)
}

/** Waits until the kernel holds no more than it did. */
export async function backTo(before: Resources): Promise<void> {
  await namespacesGone()
  await until(
    `the kernel holds no more than ${JSON.stringify(before)}`,
    () => {
      const now = resources()
      return (
        now.references === before.references &&
        caches.every((cache) => (now.objects[cache] ?? 0) <= (before.objects[cache] ?? 0))
      )
    },
    30_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it holds ${JSON.stringify(resources())}`)
  })
}

export const lvnModule = {
  remove: () => execFileSync('rmmod', ['lvn'], { encoding: 'utf8', stdio: 'pipe' }),
  insert: () => execFileSync('insmod', [process.env.LVN_VM_MODULE as string]),
  present: () => existsSync('/sys/module/lvn'),
}
