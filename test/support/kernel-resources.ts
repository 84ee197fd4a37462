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
 * Waits until all namespaces that were deleted before are gone, and their memory. The kernel takes down together
 * those that it finds deleted, one such batch after the other, and frees their memory with the next: two of our own
 * go last, of which the second is still in memory afterwards.
 */
export async function namespacesGone(): Promise<void> {
  await lastNamespaceGone()
  await lastNamespaceGone()
}

/** Makes a namespace and waits until it has been taken down, whatever its batch holds. */
async function lastNamespaceGone(): Promise<void> {
  const dev = 'lvnt-last'
  const own = openNetns('/proc/thread-self/ns/net')
  const last = new Netns('last')
  try {
    // Its other end is in the machine's own namespace: where it is gone, the work has begun.
    withNetns(last.path, () => makeVeth({ name: 'peer' }, { name: dev, netnsFd: own }))
  } finally {
    last.dispose()
    addon().close(own)
  }
  await until('deleted namespaces are taken down', () => !existsSync(`/sys/class/net/${dev}`), 60_000)
  await until('the kernel has nothing of them to take down', () => !takesDown(), 60_000)
}

/** Does a worker of the kernel's take down namespaces? Its name tells the work that it is at. */
function takesDown(): boolean {
  return processes().some((pid) => /^kworker\/.*\+netns$/.test(commandName(`/proc/${pid}`)))
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
  await namespacesGone()
  await until(
    'the kernel holds no more than before',
    async () => {
      now = resources()
      // One that ended late still is in memory.
      if ((now.held.net_namespace ?? 0) > (before.held.net_namespace ?? 0)) await namespacesGone()
      return now.references === before.references && more().length === 0
    },
    60_000,
  ).catch((error: Error) => {
    const references = `references: ${before.references}, ${now.references}`
    const sums = [references, ...more(), `threads in namespaces: ${dwellers().join(', ') || 'none'}`]
    throw new Error(`${error.message}; before and now: ${sums.join('; ')}`)
  })
}

function processes(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

/** Empty where the process, or thread, is gone. */
function commandName(folder: string): string {
  try {
    return readFileSync(`${folder}/comm`, 'utf8').trim()
  } catch {
    return ''
  }
}

/** Threads in another network namespace than the machine's, which keep it alive. */
function dwellers(): readonly string[] {
  const own = readlinkSync('/proc/1/ns/net')
  return processes()
    .flatMap(threads)
    .filter((thread) => {
      try {
        return readlinkSync(`${thread}/ns/net`) !== own
      } catch {
        return false
      }
    })
    .map((thread) => `${commandName(thread)} ${thread}`)
}

function threads(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`)
  } catch {
    return []
  }
}

export const lvnModule = {
  remove: () => execFileSync('rmmod', ['lvn'], { encoding: 'utf8', stdio: 'pipe' }),
  insert: () => execFileSync('insmod', [process.env.LVN_VM_MODULE as string]),
  present: () => existsSync('/sys/module/lvn'),
}
