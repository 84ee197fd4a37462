// SPDX-License-Identifier: MIT
/**
 * `lab test`: every node pings every other node's overlay addresses, and a host in every subnet behind one.
 * What is still pending is read from the nodes' kernels. Prints nothing; matrix.ts and the shell render it.
 */
import { spawn } from 'node:child_process'
import { openKernel, type PlaneChoice } from '../../native/index.ts'
import { listNetns, withNetns } from '../../native/netns.ts'
import { ExitCode, LvnError } from '../diag/error.ts'
import { type Address, type Family, familyOf, type Prefix } from '../model/address.ts'
import type { Topology } from '../model/topology.ts'
import { type LabNode, layOut, ofFamily } from './layout.ts'
import { labPrefix } from './names.ts'
import { inParallel } from './parallel.ts'
import type { Names } from './presence.ts'

export interface LabTestOptions {
  /** From `labName`. */
  readonly lab: string
  /** As given to `labUp`. */
  readonly hostNames: Names
  readonly plane: PlaneChoice
  /** Called after each ping. */
  readonly onProgress?: (done: number, total: number) => void
}

/** One pair that should reach each other. */
export interface LabPing {
  readonly overlay: string
  readonly from: string
  readonly to: string
  readonly address: Address
  readonly family: Family
  /** The prefix behind `to` that `address` is in; null: it is the node's own. */
  readonly subnet: Prefix | null
  readonly ok: boolean
  /** Round trip in milliseconds; null unless `ok`. */
  readonly ms: number | null
  /** Not tried: one of the two has no endpoint yet. Then `ok` is false. */
  readonly pending: boolean
}

type Task = Omit<LabPing, 'ok' | 'ms'> & { readonly namespace: string }

const pingsAtOnce = 8
const tries = 3

/** In the order of the nodes, by source. @throws LvnError: there is no such lab, or a node of it is missing. */
export async function labTest(topology: Topology, options: LabTestOptions): Promise<readonly LabPing[]> {
  const { lab, hostNames, plane, onProgress } = options
  const { nodes } = layOut(topology, lab, hostNames)
  requireNamespaces(lab, nodes)
  const tasks = topology.overlays.flatMap((overlay) => {
    const members = nodes.filter(({ node }) => node.overlay === overlay.name)
    return tasksOf(members, pendingNodes(members, plane))
  })
  let done = 0
  return inParallel(tasks, pingsAtOnce, async ({ namespace, ...task }): Promise<LabPing> => {
    const ms = task.pending ? null : await ping(namespace, task.address)
    onProgress?.(++done, tasks.length)
    return { ...task, ok: ms !== null, ms }
  })
}

function requireNamespaces(lab: string, nodes: readonly LabNode[]): void {
  const there = new Set(listNetns())
  if (![...there].some((name) => name.startsWith(labPrefix(lab)))) {
    throw new LvnError('LVN8005', ExitCode.usage, `there is no lab ${lab}`, {
      hint: 'bring it up with `lvn lab up`',
    })
  }
  const missing = nodes.find(({ namespace }) => !there.has(namespace))
  if (missing === undefined) return
  throw new LvnError('LVN8006', ExitCode.usage, `the lab ${lab} has no namespace ${missing.namespace}`, {
    hint: 'it is broken or made from another file: `lvn lab down`, then `lvn lab up`',
  })
}

function tasksOf(members: readonly LabNode[], pending: ReadonlySet<string>): Task[] {
  return members.flatMap((from) =>
    members.flatMap((to) => {
      if (from === to) return []
      const own = to.node.device.addresses.map((address) => ({ address, subnet: null }))
      const behind = to.subnets.map(({ prefix, hostAddress }) => ({ address: hostAddress, subnet: prefix }))
      return [...own, ...behind]
        .map((target) => ({ ...target, family: familyOf(target.address) }))
        .filter(({ family }) => ofFamily(from.node.device.addresses, family).length > 0)
        .map((target) => ({
          overlay: from.node.overlay,
          from: from.node.name,
          to: to.node.name,
          namespace: from.namespace,
          pending: pending.has(from.node.name) || pending.has(to.node.name),
          ...target,
        }))
    }),
  )
}

/** Names of the spokes whose tunnel has no remote endpoint at either end. */
function pendingNodes(members: readonly LabNode[], plane: PlaneChoice): ReadonlySet<string> {
  const pending = new Set<string>()
  for (const { node, namespace } of members) {
    const tunnels = withNetns(namespace, () => {
      const kernel = openKernel(plane)
      try {
        return kernel.plane.snapshot().tunnels
      } finally {
        kernel.close()
      }
    })
    for (const { device, name, remote } of tunnels) {
      if (device === node.device.name && remote === null) pending.add(node.role === 'hub' ? name : node.name)
    }
  }
  return pending
}

/** Round trip in milliseconds; null: no answer in several tries. */
async function ping(namespace: string, address: Address): Promise<number | null> {
  for (let i = 0; i < tries; i++) {
    const ms = await pingOnce(namespace, address)
    if (ms !== null) return ms
  }
  return null
}

function pingOnce(namespace: string, address: Address): Promise<number | null> {
  return new Promise((resolve, reject) => {
    // A child process starts in the namespace that the thread is in.
    const child = withNetns(namespace, () =>
      spawn('ping', ['-n', '-c1', '-W2', address], {
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, LC_ALL: 'C' },
      }),
    )
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.once('error', (cause) =>
      reject(
        new LvnError('LVN8007', ExitCode.internal, `ping cannot be run: ${cause.message}`, {
          hint: '`apt-get install iputils-ping`',
          cause,
        }),
      ),
    )
    child.once('close', (code) => {
      const time = /time=([0-9.]+) ms/.exec(output)?.[1]
      resolve(code === 0 && time !== undefined ? Number(time) : null)
    })
  })
}
