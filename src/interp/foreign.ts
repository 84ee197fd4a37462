// SPDX-License-Identifier: MIT
/**
 * What is not ours but touches the overlay on this node: reported beside the plan, never changed. Pure.
 */
import { quote } from '../diag/message.ts'
import { type Address, hostPrefix, type Prefix, prefixContains, prefixLength } from '../model/address.ts'
import { aliasPrefix } from '../model/kernel.ts'
import { isSelective } from '../model/selective.ts'
import type { DesiredState, DeviceSpec, LiveLink, LiveRoute, LiveState, RouteSpec } from '../model/state.ts'
import { idOf, routeKey } from './ids.ts'
import type { Ownership } from './scope.ts'
import type { Foreign } from './types.ts'
import { isLinkLocal } from './underlay.ts'

/**
 * Devices made by hand, objects that already are what we would set (they serve, and stay theirs), the overlay's
 * own address on another interface, and what others have put on our devices, the kernel's link-local and
 * per-address routes left out; and routes of others that keep packets from our devices which are for the overlay's
 * `nets`, or for what it has outside of them.
 */
export function foreignObjects(
  live: LiveState,
  desired: DesiredState,
  owners: Ownership,
  doomed: ReadonlySet<string>,
  nets: readonly Prefix[],
): Foreign[] {
  const onOurs = (device: string, serves: boolean) => {
    if (doomed.has(device)) return `goes with ${device}, which is removed`
    return serves
      ? 'set by someone else; it serves, and is left alone'
      : `set by someone else on our ${device}`
  }
  return [
    ...[...owners.byHand].map((name) => ({ id: `device ${name}`, note: 'made by hand' })),
    ...live.links.flatMap(pretender),
    ...foreignPrograms(live, owners),
    ...xdpPrograms(desired.devices, live.links),
    ...idleQdiscs(live, owners),
    ...foreignAddresses(live, desired, owners, onOurs),
    ...foreignRoutes(live, desired, owners, onOurs),
    ...diversions(live, desired, owners, nets),
  ]
}

/** An interface that carries our mark and cannot be ours. */
function pretender({ name, kind, alias, owner }: LiveLink): Foreign[] {
  if (owner !== null || alias === null || !alias.startsWith(aliasPrefix)) return []
  const note = `its alias is ${quote(alias)}, but it is no device of L-VN (kind ${kind ?? 'none'}); left alone`
  return [{ id: `interface ${name}`, note }]
}

/** What runs before a device's own programs decides whether these run at all. */
function foreignPrograms(live: LiveState, owners: Ownership): Foreign[] {
  return live.devices
    .filter(({ name }) => owners.ours.has(name))
    .flatMap(({ name, ahead = [] }) =>
      ahead.map(({ interface: on, side, who, stays }) => {
        const why = stays ? ': ours cannot be put before it, give it a larger preference' : ''
        return {
          id: who,
          note: `runs before ${name} on the ${side} of ${on}, and may take its packets${why}`,
        }
      }),
    )
}

/** XDP comes before every other hook: what it takes, no data plane sees. Those where the devices receive. */
export function xdpPrograms(
  devices: readonly Pick<DeviceSpec, 'name' | 'underlays'>[],
  links: readonly LiveLink[],
): Foreign[] {
  return links.flatMap(({ name: on, xdp }) => {
    const here = devices.filter(({ underlays }) => underlays.includes(on)).map(({ name }) => name)
    if (xdp === undefined || here.length === 0) return []
    const [id, runs] = xdp === 0 ? ['XDP programs', 'run'] : [`XDP program (id ${xdp})`, 'runs']
    return [
      { id, note: `${runs} on ${on} before ${here.join(' and ')} receives there, and may take its packets` },
    ]
  })
}

/** Kinds of qdiscs that the kernel gives to an interface by itself (net.core.default_qdisc, net/sched/sch_generic.c). */
const givenQdiscs: ReadonlySet<string> = new Set([
  ...['noop', 'noqueue', 'pfifo_fast', 'mq', 'fq_codel', 'fq', 'fq_pie', 'cake', 'sfq'],
])

/** The eBPF plane sends packets on before the device's root qdisc: what somebody shapes there is not shaped. */
function idleQdiscs(live: LiveState, owners: Ownership): Foreign[] {
  if (live.plane !== 'ebpf') return []
  return live.links.flatMap(({ name, qdisc }) => {
    if (qdisc === undefined || givenQdiscs.has(qdisc) || !owners.ours.has(name)) return []
    const note = `without effect on ${name}, whose packets leave before it; shape on the underlay interface`
    return [{ id: `qdisc ${qdisc}`, note }]
  })
}

type OnOurs = (device: string, serves: boolean) => string

function foreignAddresses(
  live: LiveState,
  desired: DesiredState,
  owners: Ownership,
  onOurs: OnOurs,
): Foreign[] {
  const wanted = new Set(desired.addresses.map(idOf.address))
  const bare = new Set<Address>(desired.addresses.map(({ address }) => address))
  const found: Foreign[] = []
  for (const address of live.addresses) {
    if (address.owned || isLinkLocal(address.address)) continue
    const id = idOf.address(address)
    if (owners.ours.has(address.device)) found.push({ id, note: onOurs(address.device, wanted.has(id)) })
    else if (bare.has(address.address)) found.push({ id, note: 'the overlay device has the same address' })
  }
  return found
}

function foreignRoutes(live: LiveState, desired: DesiredState, owners: Ownership, onOurs: OnOurs): Foreign[] {
  const wanted = new Map(desired.routes.map((route) => [routeKey(route), route]))
  const automatic = new Set<Prefix>(live.addresses.map(({ address }) => hostPrefix(address)))
  const found: Foreign[] = []
  for (const route of live.routes) {
    if (route.owned) continue
    const want = wanted.get(routeKey(route))
    const serves = want !== undefined && want.device === route.device && want.type === route.type
    const id = idOf.route(route)
    if (route.device === null) {
      if (serves) found.push({ id, note: onOurs('lo', true) })
    } else if (owners.ours.has(route.device)) {
      const kernels = isAutomatic(route.destination) || automatic.has(route.destination)
      if (serves && hasOtherSource(route, live)) {
        const note = `set by someone else, and gives this host's packets the source ${route.source}`
        found.push({ id, note: `${note}; left alone` })
      } else if (serves || !kernels) found.push({ id, note: onOurs(route.device, serves) })
    }
  }
  return found
}

/** The peer drops packets that do not come from an address of the device. */
function hasOtherSource({ device, source }: LiveRoute, { addresses }: LiveState): boolean {
  return source !== undefined && !addresses.some((each) => each.device === device && each.address === source)
}

/**
 * A longer prefix wins; of two of a length the one for some packets only, and then the smaller metric. What lies
 * behind the node itself is to go elsewhere: it has an unreachable or a throw route of ours, in case it is away. Tables
 * of ours hold what lies outside the nets. No route keeps packets from a route of another table.
 */
function diversions(
  live: LiveState,
  desired: DesiredState,
  owners: Ownership,
  nets: readonly Prefix[],
): Foreign[] {
  const own = desired.routes.filter(({ device }) => device === null)
  const into = desired.routes.filter(
    ({ device, destination, table }) =>
      device !== null && (table !== undefined || nets.includes(destination)),
  )
  into.sort((a, b) => prefixLength(b.destination) - prefixLength(a.destination))
  const isOverlays = ({ device, owned }: LiveRoute) =>
    device === null ? owned : owners.ours.has(device) || (owned && owners.others.has(device))
  const found: Foreign[] = []
  for (const route of live.routes) {
    const { destination, device, table } = route
    if (isOverlays(route)) continue
    const holds = (ours: RouteSpec) => ours.table === table && prefixContains(ours.destination, destination)
    const net = into.find(holds)
    if (net === undefined || own.some(holds)) continue
    const isAskedFirst = isSelective(route) || route.metric < net.metric
    if (destination === net.destination && !isAskedFirst) continue
    const where = device !== null ? `to ${device}` : route.type === 'throw' ? 'to later tables' : 'nowhere'
    found.push({ id: idOf.route(route), note: `leads ${where} what the overlay has behind ${net.device}` })
  }
  return found
}

/** The link-local routes, and the multicast route that the kernel gives every interface. */
function isAutomatic(destination: Prefix): boolean {
  return isLinkLocal(destination) || destination === 'ff00::/8'
}
