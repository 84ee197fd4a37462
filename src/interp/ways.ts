// SPDX-License-Identifier: MIT
/**
 * Where the kernel leads packets for what an overlay has behind a device. Routes of the main table can be read; a rule of
 * others (`ip rule`) may have another table asked before it, and only the kernel can tell what comes of that. It is
 * asked where there is such a rule, once the device is there. Pure: the questions, and what the answers mean.
 */
import {
  type Address,
  addressBytes,
  familyOf,
  formatAddress,
  type Prefix,
  prefixAddress,
  prefixContains,
  prefixLength,
} from '../model/address.ts'
import { mainTable } from '../model/own-tables.ts'
import type { HostState, LiveIpRule, LiveState, PlaneState, Way, WayQuestion } from '../model/state.ts'
import { hasFamily, type Node, nodesOf, type Overlay } from '../model/topology.ts'
import type { Ownership } from './scope.ts'
import type { Behind, Foreign } from './types.ts'

/** The rules that every network namespace is made with: priority and table. */
const fromTheStart = new Map([
  [0, 255],
  [32766, mainTable],
  [32767, 253],
])
/** More are not named in a note. */
const namedAtMost = 3

/** The addresses of other nodes, and one of each network behind them. */
export function behindOf(node: Node, overlay: Overlay): Behind {
  const others = nodesOf(overlay).filter(({ name }) => name !== node.name)
  const all = others.flatMap(({ device, routes }) => [...device.addresses, ...routes.map(anAddressIn)])
  const carried = (address: Address) => node.role === 'hub' || hasFamily(node, familyOf(address))
  return { device: node.device.name, destinations: [...new Set(all.filter(carried))] }
}

/**
 * The first address; of a network that begins with the unspecified one, which the kernel takes for this host itself, the
 * first of its upper half.
 */
function anAddressIn(prefix: Prefix): Address {
  const bytes = addressBytes(prefixAddress(prefix))
  const length = prefixLength(prefix)
  if (length < 8 * bytes.length && bytes.every((byte) => byte === 0))
    bytes[length >> 3] = 0x80 >> (length & 7)
  return formatAddress(bytes)
}

export function questionsOf(behind: readonly Behind[], host: HostState, plane: PlaneState): WayQuestion[] {
  const ruled = new Set(host.ipRules.filter(isForeign).map(({ family }) => family))
  const devices = new Set(plane.devices.map(({ name }) => name))
  return behind.flatMap(({ device, destinations }) => {
    if (!devices.has(device)) return []
    const own = host.addresses.filter((each) => each.device === device)
    const sourceOf = new Map(own.toReversed().map(({ address }) => [familyOf(address), address]))
    return destinations
      .filter((destination) => ruled.has(familyOf(destination)))
      .map((destination) => ({ device, destination, source: sourceOf.get(familyOf(destination)) ?? null }))
  })
}

/** Answers that lead past the device, those alike in one. What is in the main table is told of its routes. */
export function diversionsByRule(live: LiveState, owners: Ownership): Foreign[] {
  const alike = new Map<string, [Way, ...Way[]]>()
  const into = live.routes.filter(({ owned, device }) => owned && device !== null && owners.ours.has(device))
  const nowhere = live.routes.filter(
    ({ owned, device, destination }) =>
      !owned && device === null && into.some((ours) => prefixContains(ours.destination, destination)),
  )
  // What others have put into a table of ours is told of its routes, too.
  const isTold = (way: Way) =>
    live.routes.some(
      ({ owned, table, destination }) => !owned && table === way.table && destination === way.route,
    )
  for (const way of live.ways ?? []) {
    if (!owners.ours.has(way.question.device) || way.device === way.question.device) continue
    if (way.table === mainTable) continue
    const { destination } = way.question
    if (isTold(way)) continue
    if (way.table === null && nowhere.some((route) => prefixContains(route.destination, destination)))
      continue
    const key = JSON.stringify([way.question.device, way.device, way.type, way.table, way.route])
    const others = alike.get(key)
    if (others === undefined) alike.set(key, [way])
    else others.push(way)
  }
  return [...alike.values()].map((ways) => {
    const [way] = ways
    const named = ways.slice(0, namedAtMost).map(({ question }) => question.destination)
    const more = ways.length > namedAtMost ? ` and ${ways.length - namedAtMost} more` : ''
    const where = way.device === null ? `nowhere (${way.type})` : `to ${way.device}`
    const what = `what the overlay has behind ${way.question.device}`
    return { id: nameOf(way, live.ipRules), note: `leads ${where} ${what}: ${named.join(', ')}${more}` }
  })
}

/** `route 10.64.0.0/16 of table 100 (ip rule 500)`. Of what drops, the kernel names no table: a rule may still tell. */
function nameOf({ question, table, route, type }: Way, rules: readonly LiveIpRule[]): string {
  const asked = rules.filter((rule) => isForeign(rule) && matches(rule, question))
  const drops = asked.find(({ action }) => action === type)
  const lookUps = asked.filter(({ action }) => action === 'lookup')
  if (table === null) {
    if (drops !== undefined) return `ip rule ${drops.priority}`
    const [only, ...more] = lookUps
    const isClear = only !== undefined && more.length === 0
    return isClear ? `table ${only.table} (ip rule ${only.priority})` : 'a rule or a route of another table'
  }
  const rule = lookUps.find((each) => each.table === table)
  const what = `${route === null ? 'a route' : `route ${route}`} of table ${table}`
  return rule === undefined ? what : `${what} (ip rule ${rule.priority})`
}

function matches(rule: LiveIpRule, { destination, source }: WayQuestion): boolean {
  return (
    rule.family === familyOf(destination) &&
    !rule.inverted &&
    (rule.to === null || prefixContains(rule.to, destination)) &&
    (rule.from === null || (source !== null && prefixContains(rule.from, source))) &&
    (rule.iif === null || rule.iif === 'lo')
  )
}

function isForeign({ priority, table, owned }: LiveIpRule): boolean {
  return !owned && fromTheStart.get(priority) !== table
}
