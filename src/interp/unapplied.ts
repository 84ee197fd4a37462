// SPDX-License-Identifier: MIT
/**
 * What a file says and no step carries out yet, so that nobody takes it for done: policies, and hubs besides the
 * first. Read by `planFromState` alone; what comes to be applied goes from here.
 */
import type { Node, Overlay, Topology } from '../model/topology.ts'
import type { Note } from './types.ts'

export function unapplied(topology: Topology, nodes: readonly Node[]): Note[] {
  const own = topology.overlays.filter(({ name }) => nodes.some(({ overlay }) => overlay === name))
  return own.flatMap((overlay) => [...policyNote(topology, overlay), ...hubsNote(overlay)])
}

function policyNote(topology: Topology, { name }: Overlay): Note[] {
  const policies = topology.policies.filter(({ overlay }) => overlay === name)
  if (policies.length === 0) return []
  const lines = policies.length === 1 ? 'its policy is' : `its ${policies.length} policies are`
  return [{ id: `overlay ${name}`, note: `${lines} not applied yet: every node may reach every other` }]
}

function hubsNote({ name, hub, hubs }: Overlay): Note[] {
  if (hubs.length === 1) return []
  const note = `of its ${hubs.length} hubs only ${hub.name} is used by spokes yet`
  return [{ id: `overlay ${name}`, note }]
}
