// SPDX-License-Identifier: MIT
/**
 * This node's kernel for as long as a command needs it: enters the namespace, opens, closes. It knows who holds
 * a kernel, not what is done with it.
 */
import type { Kernel } from '../../model/kernel.ts'
import type { HostInterfaces } from '../../model/state.ts'
import type { Node, Topology } from '../../model/topology.ts'
import type { GlobalOptions } from './globals.ts'
import { holdSignals } from './signals.ts'

/**
 * Opens the kernel in the namespace of --netns and closes it whatever happens.
 * @throws LvnError (exit 7): no such namespace, no permission, no data plane.
 */
export async function withKernel<T>(
  options: GlobalOptions,
  use: (kernel: Kernel) => T | Promise<T>,
): Promise<T> {
  await enterNamespace(options)
  const { openKernel } = await import('../../../native/index.ts')
  const kernel = openKernel(options.plane)
  try {
    return await use(kernel)
  } finally {
    kernel.close()
  }
}

/** The lock of the namespace, while a person is asked: whoever was let in meanwhile may have changed anything. */
export interface Turn {
  /** Lets others have it. */
  pause(): void
  /** @throws LvnError (exit 6) that names its holder, or the apply that waits for a confirmation. */
  resume(): Promise<void>
}

/**
 * As `withKernel`, with the lock of the namespace held. @throws LvnError (exit 6) that names its holder, or the apply
 * that waits for a confirmation.
 */
export async function withLockedKernel<T>(
  options: GlobalOptions,
  use: (kernel: Kernel, turn: Turn) => T | Promise<T>,
): Promise<T> {
  return withLock(options, async (turn) => {
    const { refuseWhilePending } = await import('./guard/pending.ts')
    const resume = async () => {
      await turn.resume()
      await refuseWhilePending()
    }
    await refuseWhilePending()
    return withKernel({ ...options, netns: undefined }, (kernel) => use(kernel, { ...turn, resume }))
  })
}

/** Enters the namespace of --netns and holds its lock meanwhile. @throws LvnError (exit 6) that names its holder. */
export async function withLock<T>(options: GlobalOptions, use: (turn: Turn) => T | Promise<T>): Promise<T> {
  await enterNamespace(options)
  const { acquireLock } = await import('../../../native/lock.ts')
  holdSignals()
  let lock = acquireLock()
  const turn: Turn = {
    pause: () => lock.release(),
    resume: async () => {
      lock = acquireLock()
    },
  }
  try {
    return await use(turn)
  } finally {
    lock.release()
  }
}

/** The nodes of the file that this host is, or that --node names. @throws LvnError (exit 64): none. */
export async function nodesHere(
  kernel: Kernel,
  topology: Topology,
  node: string | undefined,
): Promise<readonly Node[]> {
  return nodesOn(kernel.host.interfaces(), topology, node)
}

/** The same for a host that is known by what it holds. */
export async function nodesOn(
  host: HostInterfaces,
  topology: Topology,
  node: string | undefined,
): Promise<readonly Node[]> {
  const { selectNodes, whoamiOf } = await import('../../interp/index.ts')
  return selectNodes(topology, whoamiOf(host, node))
}

/** Moves the thread into the namespace of --netns, for good. */
export async function enterNamespace({ netns }: GlobalOptions): Promise<void> {
  if (netns === undefined) return
  const { enterNetns } = await import('../../../native/netns.ts')
  enterNetns(netns)
}
