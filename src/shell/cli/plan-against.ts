// SPDX-License-Identifier: MIT
/**
 * A plan without a kernel: against a snapshot that was taken on the node, or against a node with nothing on it. Needs no
 * privilege and no addon; host names are left alone, for they may mean something else here.
 */
import { bareNotes, bareState, planFromState, selectNodes } from '../../interp/index.ts'
import type { Note, Prepared, Prune } from '../../interp/types.ts'
import type { LiveState } from '../../model/state.ts'
import { type Node, nodesOf, type Topology } from '../../model/topology.ts'
import type { PlaneChoice } from './globals.ts'
import { nodesOn } from './node.ts'
import { nodeNeeded } from './refusals.ts'
import { readSnapshotFile } from './saved-plan-file.ts'

export interface Against {
  /** A snapshot's path, or `none`. */
  readonly against: string
  readonly node: string | undefined
  readonly prune: Prune
  readonly plane: PlaneChoice
}

/** @throws LvnError LVN6101, LVN6102; whatever planning refuses. */
export async function planAgainst(topology: Topology, wanted: Against): Promise<Prepared> {
  const { live, nodes, notes } =
    wanted.against === 'none' ? nothingThere(topology, wanted) : await snapshotted(topology, wanted)
  const names = new Map<string, never>()
  const plan = planFromState(live, topology, nodes, names, wanted.prune)
  const all = [...plan.notes, ...notes, ...nameNotes(topology, nodes)]
  return { live, names, plan: { ...plan, notes: all } }
}

interface Found {
  readonly live: LiveState
  readonly nodes: readonly Node[]
  readonly notes: readonly Note[]
}

function nothingThere(topology: Topology, { node, plane }: Against): Found {
  if (node === undefined) throw nodeNeeded(topology.overlays.flatMap(nodesOf).map(({ name }) => name))
  const nodes = selectNodes(topology, { node, hostname: '', localAddresses: [], owners: [] })
  return { nodes, live: bareState(nodes, plane === 'kmod' ? 'kmod' : 'ebpf'), notes: bareNotes(nodes) }
}

async function snapshotted(topology: Topology, { against, node }: Against): Promise<Found> {
  const live = await readSnapshotFile(against)
  return { live, nodes: await nodesOn(live, topology, node), notes: [] }
}

function nameNotes(topology: Topology, nodes: readonly Node[]): Note[] {
  const hubs = new Set(nodes.filter(({ role }) => role === 'hub').map(({ overlay }) => overlay))
  const byName = topology.overlays
    .filter(({ name }) => hubs.has(name))
    .flatMap(({ spokes }) => spokes)
    .filter(({ endpoint }) => endpoint?.kind === 'name')
  if (byName.length === 0) return []
  return [
    {
      id: 'host names',
      note: 'not looked up in a plan against a snapshot; their tunnels stay as they are, or pending',
    },
  ]
}
