// SPDX-License-Identifier: MIT
/**
 * What is in a picture of a topology, whatever it is drawn with: nodes with their texts, links with their state, policies.
 * Made from the topology and, where wanted, from what a kernel says of its tunnels. It knows no coordinates.
 */
import { formatEndpoint } from '../model/address.ts'
import { homeOf } from '../model/hubs.ts'
import type { NodeEndpoint, Node as TopologyNode, Overlay as TopologyOverlay } from '../model/topology.ts'
import { formatListen, nodesOf, type Topology } from '../model/topology.ts'
import type { LinkState, TunnelView, TunnelViews } from './live.ts'
import { type PicturePolicy, picturePolicies } from './policies.ts'

export interface Picture {
  readonly overlays: readonly PictureOverlay[]
  /** The nodes (`mitte/gw1`) whose kernel gave the links' states; null: no kernel was asked. */
  readonly seenFrom: readonly string[] | null
}

export interface PictureOverlay {
  readonly name: string
  readonly nets: readonly string[]
  readonly hubs: readonly PictureNode[]
  readonly spokes: readonly PictureNode[]
  /** Each two hubs, in source order. */
  readonly joins: readonly PictureJoin[]
  /** By spoke, then in the order of its hubs. */
  readonly links: readonly PictureLink[]
  /** In source order: the last that matches counts. */
  readonly policies: readonly PicturePolicy[]
}

export interface PictureNode {
  /** Unique in the picture, letters and digits only: `n1`. */
  readonly id: string
  readonly name: string
  readonly role: 'hub' | 'spoke'
  readonly device: string
  /** Where it is reached in the underlay: `192.0.2.1:50000`, `host.example:50000`, `nat`; then `now 192.0.2.9:4711`. */
  readonly endpoints: readonly string[]
  readonly addresses: readonly string[]
  /** Networks behind it. */
  readonly subnets: readonly string[]
}

export interface PictureLink {
  /** Ids of its ends. */
  readonly hub: string
  readonly spoke: string
  /** Carries the spoke's traffic; false: stands by. */
  readonly preferred: boolean
  /** Null: no kernel was asked. */
  readonly state: LinkState | null
}

/** The tunnel between two hubs. */
export interface PictureJoin {
  /** Ids of its ends. */
  readonly hubs: readonly [string, string]
  /** Null: no kernel was asked. */
  readonly state: LinkState | null
}

/** `views`: what a kernel says, absent: nobody asked one. */
export function pictureOf(topology: Topology, views?: TunnelViews): Picture {
  const ids = new Map(topology.overlays.flatMap(nodesOf).map((node, i) => [node, `n${i + 1}`]))
  return {
    overlays: topology.overlays.map((overlay) => {
      const policies = topology.policies.filter((policy) => policy.overlay === overlay.name)
      const byName = new Map(nodesOf(overlay).map((node) => [node.name, idOf(ids, node)]))
      return {
        ...overlayOf(overlay, ids, views),
        policies: picturePolicies(policies, byName),
      }
    }),
    seenFrom: views === undefined ? null : views.observers,
  }
}

function overlayOf(
  overlay: TopologyOverlay,
  ids: ReadonlyMap<TopologyNode, string>,
  views: TunnelViews | undefined,
): Omit<PictureOverlay, 'policies'> {
  const joined = overlay.spokes.map((spoke) => ({
    spoke,
    links: overlay.hubs
      .filter((hub) => spoke.via.includes(hub.name))
      .map((hub) => ({ hub, view: views?.between(overlay.name, hub.name, spoke.name) ?? null })),
  }))
  return {
    name: overlay.name,
    nets: overlay.nets,
    hubs: overlay.hubs.map((hub) => nodeOf(hub, idOf(ids, hub), [])),
    spokes: joined.map(({ spoke, links }) =>
      nodeOf(
        spoke,
        idOf(ids, spoke),
        links.flatMap(({ view }) => view ?? []),
      ),
    ),
    joins: overlay.hubs.flatMap((hub, i) =>
      overlay.hubs.slice(i + 1).map((other) => ({
        hubs: [idOf(ids, hub), idOf(ids, other)] as const,
        state: views?.between(overlay.name, hub.name, other.name).state ?? null,
      })),
    ),
    links: joined.flatMap(({ spoke, links }) =>
      links.map(({ hub, view }) => ({
        hub: idOf(ids, hub),
        spoke: idOf(ids, spoke),
        preferred: homeOf(spoke) === hub.name,
        state: view === null ? null : view.state,
      })),
    ),
  }
}

function nodeOf(node: TopologyNode, id: string, views: readonly TunnelView[]): PictureNode {
  const listens = node.listens.map(formatListen)
  return {
    id,
    name: node.name,
    role: node.role,
    device: node.device.name,
    endpoints: node.endpoint === null ? listens : endpointTexts(node.endpoint, views),
    addresses: node.device.addresses,
    subnets: node.routes,
  }
}

/** With the endpoint that a hub has learned, where it is another one than the file's. */
function endpointTexts(endpoint: NodeEndpoint, views: readonly TunnelView[]): string[] {
  const written = writtenEndpoint(endpoint)
  const learned = views.map(({ spokeRemote }) => spokeRemote).find((remote) => remote !== null)
  if (learned === undefined || formatEndpoint(learned) === written) return [written]
  return [written, `now ${formatEndpoint(learned)}`]
}

function writtenEndpoint(endpoint: NodeEndpoint): string {
  switch (endpoint.kind) {
    case 'address':
      return formatEndpoint(endpoint)
    case 'name':
      return `${endpoint.host}:${endpoint.port}`
    case 'nat':
      return 'nat'
  }
}

function idOf(ids: ReadonlyMap<TopologyNode, string>, node: TopologyNode): string {
  const id = ids.get(node)
  if (id === undefined) throw new TypeError(`no node of the topology: ${node.name}`)
  return id
}
