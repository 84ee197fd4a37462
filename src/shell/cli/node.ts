// SPDX-License-Identifier: MIT
/**
 * This node's kernel for as long as a command needs it: enters the namespace, opens, closes. It knows who holds
 * a kernel, not what is done with it.
 */
import type { Kernel } from '../../model/kernel.ts'
import type { Node, Topology } from '../../model/topology.ts'
import type { GlobalOptions } from './globals.ts'

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

/** As `withKernel`, with the lock of the namespace held. @throws LvnError (exit 6) that names its holder. */
export async function withLockedKernel<T>(
  options: GlobalOptions,
  use: (kernel: Kernel) => T | Promise<T>,
): Promise<T> {
  await enterNamespace(options)
  const { acquireLock } = await import('../../../native/lock.ts')
  const lock = acquireLock()
  try {
    return await withKernel({ ...options, netns: undefined }, use)
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
  const { selectNodes } = await import('../../interp/index.ts')
  const { hostname, addresses, links } = kernel.host.snapshot()
  return selectNodes(topology, {
    node,
    hostname,
    localAddresses: addresses.map(({ address }) => address),
    owners: links.flatMap(({ owner }) => owner ?? []),
  })
}

async function enterNamespace({ netns }: GlobalOptions): Promise<void> {
  if (netns === undefined) return
  const { enterNetns } = await import('../../../native/netns.ts')
  enterNetns(netns)
}
