// SPDX-License-Identifier: MIT
/**
 * The kernel as it is: everything that planning needs, read in one go. It asks for what the topology makes
 * relevant and judges nothing.
 */
import type { Address, Prefix } from '../model/address.ts'
import { unfitEndpoint } from '../model/endpoint-address.ts'
import { peersOf } from '../model/hubs.ts'
import type { Kernel } from '../model/kernel.ts'
import { reservedPortsPath } from '../model/reserved-ports.ts'
import type { HostState, LiveLink, LiveState, PlaneState } from '../model/state.ts'
import type { Node, Topology } from '../model/topology.ts'
import { advertisementsPath, forwarding6 } from './advertisements.ts'
import { linkdownPath, overlayOf, sysctlsOf } from './desire.ts'
import { outsideOf } from './desire-outside.ts'
import { disabledByDefault, disabledPath } from './ipv6.ts'
import { fanOut } from './sysctl.ts'
import type { Behind, Names } from './types.ts'
import { sysctlsOfUplinks } from './uplinks.ts'
import { behindOf, questionsOf } from './ways.ts'

/** What to look up beside what a kernel always tells. */
export interface Wants {
  /** Underlay addresses to route to. */
  readonly remotes: readonly Address[]
  /** Paths below /proc/sys. */
  readonly sysctls: readonly string[]
  /** Others' routes to destinations within these are told; absent: all routes. */
  readonly nets?: readonly Prefix[]
  /** And those to just these; absent: none. */
  readonly exact?: readonly Prefix[]
  /** Overlay addresses to ask the way to. */
  readonly behind?: readonly Behind[]
}

/** Everything that some file could make relevant: for a snapshot that is planned against elsewhere. */
const general: Wants = {
  remotes: [],
  sysctls: [
    'net/ipv4/conf/all/forwarding',
    'net/ipv4/conf/all/send_redirects',
    forwarding6,
    linkdownPath,
    disabledByDefault,
    // Which of its ports matter is not known here.
    reservedPortsPath,
  ],
}

/**
 * Paths of live tunnels and values that destroy would put back are always among the answers, also those
 * that a write to a wanted path would change.
 */
export function observe(kernel: Kernel, wants: Wants = general): LiveState {
  const read = kernel.host.snapshot(wants.nets, wants.exact)
  const plane = kernel.plane.snapshot()
  const host = { ...read, links: ownedLinks(read.links, plane) }
  const questions = questionsOf(wants.behind ?? [], host, plane)
  const remotes = new Set(wants.remotes)
  for (const { remote } of plane.tunnels) if (remote !== null) remotes.add(remote.address)
  return {
    ...host,
    ...plane,
    plane: kernel.plane.name,
    maxTunnels: kernel.plane.maxTunnels,
    sysctls: Array.from(kernel.host.sysctls(relevantSysctls(wants, host, plane)), ([path, value]) => ({
      path,
      value,
    })),
    paths: kernel.host.paths([...remotes]),
    ...(questions.length === 0 ? {} : { ways: kernel.host.ways(questions) }),
  }
}

/** The same, those too that the plane knows for devices of ours although somebody has given them another alias. */
function ownedLinks(links: readonly LiveLink[], { devices }: PlaneState): readonly LiveLink[] {
  const owners = new Map(devices.map(({ ifindex, owner }) => [ifindex, owner]))
  return links.map((link) => ({ ...link, owner: link.owner ?? owners.get(link.ifindex) ?? null }))
}

/** What planning these nodes needs to know. */
export function wantsOf(topology: Topology, nodes: readonly Node[], names: Names): Wants {
  const remotes = new Set<Address>()
  const sysctls = new Set<string>([linkdownPath, disabledByDefault])
  const nets = new Set<Prefix>()
  const exact = new Set<Prefix>()
  for (const node of nodes) {
    const overlay = overlayOf(topology, node)
    for (const { path } of sysctlsOf(node, overlay)) sysctls.add(path)
    for (const net of overlay.nets) nets.add(net)
    for (const { prefix } of outsideOf(node, overlay)) exact.add(prefix)
    for (const { listens, endpoint } of peersOf(overlay, node)) {
      for (const { address } of listens) remotes.add(address)
      if (endpoint?.kind === 'address') remotes.add(endpoint.address)
      if (endpoint?.kind === 'name')
        for (const address of names.get(endpoint.host) ?? [])
          if (unfitEndpoint(address) === null) remotes.add(address)
    }
  }
  const behind = nodes.map((node) => behindOf(node, overlayOf(topology, node)))
  return { remotes: [...remotes], sysctls: [...sysctls], nets: [...nets], exact: [...exact], behind }
}

function relevantSysctls(wants: Wants, host: HostState, plane: PlaneState): string[] {
  const links = host.links.map((link) => link.name)
  const paths = new Set([...wants.sysctls, ...sysctlsOfUplinks(host.links)])
  for (const { path } of plane.saved) paths.add(path)
  for (const { name } of plane.devices) {
    paths.add(`net/ipv4/conf/${name}/forwarding`)
    paths.add(`net/ipv4/conf/${name}/send_redirects`)
    paths.add(disabledPath(name))
  }
  if (paths.has(forwarding6)) for (const link of links) paths.add(advertisementsPath(link))
  for (const path of [...paths]) for (const other of fanOut(path, links)) paths.add(other)
  return [...paths]
}
