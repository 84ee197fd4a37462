// SPDX-License-Identifier: MIT
/**
 * What the kernel holds on to, for tests that must leave it as it was.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { addon } from '../../native/addon/index.ts'
import { makeVeth } from '../../native/host/build.ts'
import { openNetns, withNetns } from '../../native/netns.ts'
import { Netns, until } from './netns.ts'

export interface Resources {
  /** Users of the module. */
  readonly references: number
  /** Objects of slab caches, and bytes of memory that is counted by bytes. */
  readonly held: Readonly<Record<string, number>>
}

/**
 * How much more may be held than before. Namespaces and sockets are nobody else's in this machine. Of all others
 * the kernel and the processes of the test make and keep some on their own, far fewer than one for each of ten
 * thousand tunnels: that would be 10,000 objects, and at the least 20,000 times 40 bytes, 781 KiB, of a per-CPU
 * object on two processors.
 */
const slack = { sockets: 0, routes: 500, general: 3_000, perCpu: 250 << 10, vmalloc: 4 << 20 } as const

/** The machine boots with `slab_nomerge`: each cache has its own objects alone. */
const caches: Readonly<Record<string, number>> = {
  net_namespace: slack.sockets,
  UDP: slack.sockets,
  UDPv6: slack.sockets,
  // The later names are those of Linux 6.9 and after.
  [existing('ip_dst_cache', 'rtable')]: slack.routes,
  [existing('ip6_dst_cache', 'rt6_info')]: slack.routes,
  // What is allocated by size alone: all that is the module's own.
  ...Object.fromEntries(
    readdirSync('/sys/kernel/slab')
      .filter((name) => /^kmalloc-(cg-|rnd-\d+-)?\d+k?$/.test(name))
      .map((name) => [name, slack.general]),
  ),
}

function existing(...names: readonly string[]): string {
  const found = names.find((name) => existsSync(`/sys/kernel/slab/${name}`))
  if (found === undefined) throw new Error(`no slab cache ${names.join(' or ')}`)
  return found
}

const memory: Readonly<Record<string, number>> = { 'per-CPU memory': slack.perCpu, vmalloc: slack.vmalloc }

/**
 * Made once in the machine. What the module allocates for a request is charged to the control group of who sent it, and given back to it when
 * it is freed: exact, where /proc/meminfo counts pages that a single object of anybody's keeps in use.
 */
function ownControlGroup(): string {
  const root = '/run/lvn-test-cgroup'
  const own = `${root}/tests`
  if (existsSync(own)) return own
  mkdirSync(root)
  execFileSync('mount', ['-t', 'cgroup2', 'cgroup2', root])
  writeFileSync(`${root}/cgroup.subtree_control`, '+memory')
  mkdirSync(own)
  writeFileSync(`${own}/cgroup.procs`, String(process.pid))
  return own
}

export function resources(): Resources {
  const number = (file: string, line: RegExp) => Number(line.exec(readFileSync(file, 'utf8'))?.[1])
  return {
    references: Number(readFileSync('/sys/module/lvn/refcnt', 'utf8')),
    held: {
      ...Object.fromEntries(Object.keys(caches).map((name) => [name, objectsIn(name)])),
      'per-CPU memory': number(`${ownControlGroup()}/memory.stat`, /^percpu (\d+)$/m),
      vmalloc: number('/proc/meminfo', /^VmallocUsed: +(\d+) kB$/m) * 1024,
    },
  }
}

/** Exact once what the processors keep for themselves has been given back. */
function objectsIn(cache: string): number {
  const folder = `/sys/kernel/slab/${cache}`
  writeFileSync(`${folder}/shrink`, '1')
  return Number(readFileSync(`${folder}/objects`, 'utf8').split(' ')[0])
}

/**
 * Waits until every namespace that was deleted before is taken down: the kernel does so one after the other, and a
 * device of one deleted now goes last. Its other end is in the machine's own namespace. The memory of a namespace
 * is freed only when the next one is taken down.
 */
export async function namespacesGone(): Promise<void> {
  const dev = 'lvnt-last'
  const own = openNetns('/proc/thread-self/ns/net')
  const last = new Netns('last')
  try {
    withNetns(last.path, () => makeVeth({ name: 'peer' }, { name: dev, netnsFd: own }))
  } finally {
    last.dispose()
    addon().close(own)
  }
  await until('deleted namespaces are gone', () => !existsSync(`/sys/class/net/${dev}`), 60_000)
}

/** Waits until the kernel holds no more than it did. */
export async function backTo(before: Resources): Promise<void> {
  let now = before
  /** What there is too much of: name, before, now. */
  const more = () =>
    Object.entries({ ...caches, ...memory })
      .map(([name, most]) => [name, before.held[name] ?? 0, now.held[name] ?? 0, most] as const)
      .filter(([_, was, is, most]) => !(is - was <= most))
      .map(([name, was, is]) => `${name}: ${was}, ${is}`)
  const namespaces = () => now.held.net_namespace ?? 0
  await namespacesGone()
  await until(
    'the kernel holds no more than before',
    async () => {
      now = resources()
      // Each leaves something of its own behind for a moment: only where one is needed.
      if (namespaces() > (before.held.net_namespace ?? 0)) await namespacesGone()
      return now.references === before.references && more().length === 0
    },
    60_000,
  ).catch((error: Error) => {
    const references = `references: ${before.references}, ${now.references}`
    const sums = [references, ...more(), `threads in namespaces: ${dwellers().join(', ') || 'none'}`]
    throw new Error(`${error.message}; before and now: ${sums.join('; ')}`)
  })
}

/** Threads in another network namespace than the machine's, which keep it alive. */
function dwellers(): string[] {
  const tasks = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`)
      } catch {
        return []
      }
    })
  const own = readlinkSync('/proc/1/ns/net')
  return tasks.flatMap((task) => {
    try {
      if (readlinkSync(`${task}/ns/net`) === own) return []
      return `${readFileSync(`${task}/comm`, 'utf8').trim()} ${task}`
    } catch {
      return []
    }
  })
}

export const lvnModule = {
  remove: () => execFileSync('rmmod', ['lvn'], { encoding: 'utf8', stdio: 'pipe' }),
  insert: () => execFileSync('insmod', [process.env.LVN_VM_MODULE as string]),
  present: () => existsSync('/sys/module/lvn'),
}
