// SPDX-License-Identifier: MIT
/**
 * A layout made real: namespaces, links, routes, NATs. It knows how, not why; layout.ts says what.
 * Everything is made inside the lab's namespaces, so deleting those takes everything away.
 */
import { spawnSync } from 'node:child_process'
import { addon } from '../../native/addon/index.ts'
import { addAddress, addRoute, linkUp, makeVeth, setMtu, writeSysctl } from '../../native/host/build.ts'
import { createNetns, openNetns, withNetns } from '../../native/netns.ts'
import { ExitCode, LvnError } from '../diag/error.ts'
import { type Address, type Family, familyOf, hostPrefix, prefixLength } from '../model/address.ts'
import type { LabNode, Layout, UnderlayLink } from './layout.ts'
import { nftRules } from './nat.ts'

/**
 * Gateways, link-local in both families (RFC 3927, RFC 4291). IPv4 takes a packet from one of its own addresses
 * for a forgery, so each kind of link has its own.
 */
const fromRouter = ends('169.254.0.1', 'fe80::1')
const fromNat = ends('169.254.1.1', 'fe80::1')
const fromNode = ends('169.254.2.1', 'fe80::1')
const toNat = ends('169.254.0.2', 'fe80::2')

type Ends = Readonly<Record<Family, Address>>

function ends(four: string, six: string): Ends {
  return { 4: four as Address, 6: six as Address }
}

/** Makes everything of a layout, the router first. `onStep` is called after each namespace and each link. */
export function buildLab(layout: Layout, onStep: () => void): void {
  makeNamespace(layout.underlay, { forwards: true })
  onStep()
  for (const { namespace } of layout.nats) makeNamespace(namespace, { forwards: true })
  for (const { namespace, lanNamespace } of layout.nodes) {
    makeNamespace(namespace, { forwards: false })
    if (lanNamespace !== null) makeNamespace(lanNamespace, { forwards: false })
    onStep()
  }
  for (const [i, link] of layout.links.entries()) {
    makeUnderlayLink(link, `n${i + 1}`, link.upper === layout.underlay ? fromRouter : fromNat)
    onStep()
  }
  for (const node of layout.nodes) makeLan(node)
  for (const box of layout.nats) loadRules(box.namespace, nftRules(box))
}

/** How often `buildLab` calls its `onStep`. */
export function buildSteps(layout: Layout): number {
  return 1 + layout.nodes.length + layout.links.length
}

function makeNamespace(name: string, { forwards }: { forwards: boolean }): void {
  createNetns(name)
  withNetns(name, () => {
    linkUp('lo')
    // Some of these come from the host that the lab runs on; a lab is the same everywhere.
    for (const family of ['ipv4', 'ipv6'])
      writeSysctl(`net/${family}/conf/all/forwarding`, forwards ? '1' : '0')
    for (const which of ['all', 'default']) {
      writeSysctl(`net/ipv4/conf/${which}/rp_filter`, '0')
      // Without duplicate address detection an address can be used at once.
      writeSysctl(`net/ipv6/conf/${which}/accept_dad`, '0')
    }
  })
}

function makeVethBetween(upper: string, upperName: string, lower: string, lowerName: string): void {
  const fd = openNetns(lower)
  try {
    withNetns(upper, () => makeVeth({ name: upperName }, { name: lowerName, netnsFd: fd }))
  } finally {
    addon().close(fd)
  }
}

function makeUnderlayLink(link: UnderlayLink, upperName: string, gateways: Ends): void {
  makeVethBetween(link.upper, upperName, link.lower, 'eth0')
  const { mtu } = link
  if (mtu !== null) {
    withNetns(link.upper, () => setMtu(upperName, mtu))
    withNetns(link.lower, () => setMtu('eth0', mtu))
  }
  withNetns(link.lower, () => {
    linkUp('eth0')
    for (const address of link.addresses) addAddress('eth0', hostPrefix(address))
    if (link.beyond.length > 0) for (const end of Object.values(toNat)) addAddress('eth0', endCidr(end))
  })
  withNetns(link.upper, () => {
    linkUp(upperName)
    for (const end of Object.values(gateways)) addAddress(upperName, endCidr(end))
    for (const address of link.addresses) addRoute({ destination: hostPrefix(address), device: upperName })
    for (const address of link.beyond) {
      const gateway = toNat[familyOf(address)]
      addRoute({ destination: hostPrefix(address), device: upperName, gateway, onlink: true })
    }
  })
  withNetns(link.lower, () => {
    for (const family of new Set([...link.addresses, ...link.beyond].map(familyOf))) {
      addDefaultRoute(gateways[family])
    }
  })
}

/** A gateway is a host route or a neighbour: no address needs a network of its own. */
function endCidr(end: Address): string {
  return familyOf(end) === 4 ? `${end}/32` : `${end}/64`
}

function addDefaultRoute(gateway: Address): void {
  addRoute({ destination: 'default', device: 'eth0', gateway, onlink: true })
}

function makeLan({ namespace, lanNamespace, subnets }: LabNode): void {
  if (lanNamespace === null) return
  makeVethBetween(namespace, 'lan0', lanNamespace, 'eth0')
  withNetns(lanNamespace, () => {
    linkUp('eth0')
    for (const { link, hostAddress, moreHosts } of subnets) {
      for (const address of [hostAddress, ...moreHosts])
        addAddress('eth0', `${address}/${prefixLength(link)}`)
    }
  })
  withNetns(namespace, () => {
    linkUp('lan0')
    for (const end of Object.values(fromNode)) addAddress('lan0', endCidr(end))
    for (const { link, nodeAddress } of subnets) {
      if (nodeAddress !== null) addAddress('lan0', `${nodeAddress}/${prefixLength(link)}`)
      else addRoute({ destination: link, device: 'lan0' })
    }
  })
  withNetns(lanNamespace, () => {
    const gateways = new Map<Family, Address>()
    for (const { hostAddress, nodeAddress } of subnets) {
      const family = familyOf(hostAddress)
      if (!gateways.has(family)) gateways.set(family, nodeAddress ?? fromNode[family])
    }
    for (const gateway of gateways.values()) addDefaultRoute(gateway)
  })
}

function loadRules(namespace: string, rules: string): void {
  const ran = withNetns(namespace, () => spawnSync('nft', ['-f', '-'], { input: rules, encoding: 'utf8' }))
  if (ran.status === 0) return
  const reason = ran.error?.message ?? ran.stderr.trim()
  throw new LvnError('LVN8003', ExitCode.internal, `the NAT ${namespace} cannot be set up: ${reason}`, {
    hint: 'a lab with NATs needs nftables: `apt-get install nftables`',
    cause: ran.error,
  })
}
