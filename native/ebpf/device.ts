// SPDX-License-Identifier: MIT
/**
 * One device of the eBPF plane: a persistent TUN interface that nobody reads, whose egress program
 * encapsulates, and programs on the ingress of underlay interfaces that decapsulate.
 *
 * Nothing but the interface's alias and the attached programs says that it is ours: a process killed at any
 * moment leaves either nothing or something that `findDevices` finds. Each of the two is enough.
 */
import { statSync } from 'node:fs'
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import type { DeviceSpec, LiveLink, Owner, SavedValue } from '../../src/model/state.ts'
import { addon } from '../addon/index.ts'
import { formatAlias, parseAlias } from '../host/alias.ts'
import { withoutLinkLocal } from '../host/link-local.ts'
import type { Links } from '../host/links.ts'
import { hasOwnSwitches, setOwnSwitches } from '../host/own-switches.ts'
import { type Kept, qdiscRecord, underPresentNames } from '../saved.ts'
import { createTun, isReserved, offersChecksums } from '../tun.ts'
import { type Attached, type Attacher, aheadOf } from './attach.ts'
import { abi, type ConfigHeader, type PrefixLengths } from './layout.ts'
import { closeMaps, loadNew, loadOnto, type Maps, openMaps, type ProgramName } from './maps.ts'
import {
  forget,
  readConfig,
  readHeader,
  readSaved,
  readSavedOf,
  save,
  settleSaved,
  writeConfig,
} from './tables.ts'
import { isEthernet } from './underlay.ts'

/** ARPHRD_NONE of <linux/if_arp.h>, which a TUN device has. */
const arphrdNone = 65534
const none: PrefixLengths = { 4: [], 6: [] }

/** Where a device's packets arrive: an underlay interface with our receiving program on it. */
export interface Receiver {
  readonly link: LiveLink
  readonly program: Attached
  /** What runs there before it, and is not ours. */
  readonly ahead: readonly Attached[]
}

/** A device found in the kernel; `releaseDevice` closes it. */
export interface FoundDevice {
  /** As far as it is known, where the interface is gone. */
  readonly link: LiveLink
  readonly owner: Owner
  /** Somebody has deleted the interface: the receivers are what is left, with the tables in them. */
  readonly gone: boolean
  /** What the tables say of themselves, also where their layout is another version's; null where there are none. */
  readonly header: ConfigHeader | null
  /** Null when every program of the device is gone, and its tunnels with them, or of another layout. */
  readonly maps: Maps | null
  /** The egress program, where it is attached. */
  readonly encap: Attached | null
  /** What runs before that, and is not ours. */
  readonly ahead: readonly Attached[]
  readonly receivers: readonly Receiver[]
  /**
   * What takes back the frames that the loopback interface has cut, where it is attached: one, but for what a death has
   * left while it was being attached anew.
   */
  readonly cutters: readonly Receiver[]
}

const cutterName = 'lvn_decap_lo' satisfies ProgramName

/** Every program of the device's on the ingress of an interface. */
export function ingressOf({ receivers, cutters }: Pick<FoundDevice, 'receivers' | 'cutters'>): Receiver[] {
  return [...receivers, ...cutters]
}

/** Programs of the device's on the ingress of an interface that work on other tables than the egress program. */
export function leftBehind(device: FoundDevice): Receiver[] {
  const tables = device.encap?.mapIds ?? null
  return ingressOf(device).filter(({ program }) => tables?.every((id) => !program.mapIds.includes(id)))
}

/** Is there all that makes it a device, and as this version would make it? */
export function isWhole(device: FoundDevice): boolean {
  const { link, maps, encap, cutters } = device
  const isAttached =
    maps !== null && encap !== null && cutters.length === 1 && leftBehind(device).length === 0
  return isAttached && link.owner !== null && isSetUp(link) && hasOwnSwitches(link.name)
}

/** Is the TUN interface as this version makes it? */
export function isSetUp({ name, tunOwner }: LiveLink): boolean {
  return isReserved(tunOwner) && offersChecksums(name)
}

/** All devices of the eBPF plane among `links`. */
export function findDevices(links: readonly LiveLink[], attacher: Attacher): FoundDevice[] {
  const receivers = findReceivers(links, attacher)
  const present = links.flatMap((link) => presentDevice(link, receivers.get(link.ifindex) ?? [], attacher))
  const here = new Set(present.map(({ link }) => link.ifindex))
  const taken = new Set(links.map(({ ifindex }) => ifindex))
  const left = [...receivers].filter(([ifindex]) => !here.has(ifindex))
  // An index that somebody else's interface has by now is not the device's any more.
  const gone = left.flatMap(([ifindex, mine]) => goneDevice(taken.has(ifindex) ? 0 : ifindex, mine))
  return [...gone, ...present]
}

/** Empty where neither the alias of the interface nor tables that were made for it here say that it is ours. */
function presentDevice(link: LiveLink, mine: readonly Receiver[], attacher: Attacher): FoundDevice[] {
  if (link.kind !== 'tun') return []
  const egress = attacher.list(link.ifindex, 'egress')
  const encap = egress.find(({ name }) => name === 'lvn_encap') ?? null
  const ahead = encap === null ? [] : aheadOf(encap.programId, egress)
  const mapIds = encap?.mapIds ?? mine[0]?.program.mapIds ?? []
  const [header, maps] = [readHeader(mapIds), openOwnMaps(mapIds)]
  // Somebody may have given it another alias since.
  const isItsOwn = link.hardwareType === arphrdNone && header?.ifindex === link.ifindex
  const owner = link.owner ?? (isItsOwn ? ownerIn(maps) : null)
  if (owner !== null) return [{ link, owner, gone: false, header, maps, encap, ahead, ...sorted(mine) }]
  if (maps !== null) closeMaps(maps)
  return []
}

/** Empty where the receivers do not tell whose they are. */
function goneDevice(ifindex: number, receivers: readonly Receiver[]): FoundDevice[] {
  const maps = openOwnMaps(receivers[0]?.program.mapIds ?? [])
  if (maps === null) return []
  const owner = ownerIn(maps)
  if (owner === null) {
    closeMaps(maps)
    return []
  }
  const { name, alias, ...header } = readConfig(maps)
  const link = { name, ifindex, kind: 'tun', mtu: 0, up: false, hardwareType: arphrdNone, alias, owner }
  return [{ link, owner, gone: true, header, maps, encap: null, ahead: [], ...sorted(receivers) }]
}

/**
 * Whose the device of these tables is. Null where they do not tell, and where an interface has brought them along from
 * another namespace: they have their device there.
 */
function ownerIn(maps: Maps | null): Owner | null {
  if (maps === null) return null
  return isAtHome(readSaved(maps)) ? parseAlias(readConfig(maps).alias) : null
}

function sorted(ingress: readonly Receiver[]): Pick<FoundDevice, 'receivers' | 'cutters'> {
  const isCutter = ({ program }: Receiver) => program.name === cutterName
  return {
    receivers: ingress.filter((each) => !isCutter(each)),
    cutters: ingress.filter(isCutter),
  }
}

/** Null too for maps of another version's layout. */
function openOwnMaps(mapIds: readonly number[]): Maps | null {
  return readHeader(mapIds)?.abi === abi ? openMaps(mapIds) : null
}

export function releaseDevice(device: FoundDevice): void {
  if (device.maps !== null) closeMaps(device.maps)
}

/** Receiving programs by the index of the tunnel device that they belong to. */
function findReceivers(links: readonly LiveLink[], attacher: Attacher): Map<number, Receiver[]> {
  const found = new Map<number, Receiver[]>()
  for (const link of links) {
    const inOrder = attacher.list(link.ifindex, 'ingress')
    for (const program of inOrder) {
      if (!program.name.startsWith('lvn_decap')) continue
      const header = readHeader(program.mapIds)
      if (header === null) continue
      const { ifindex } = header
      const ahead = aheadOf(program.programId, inOrder)
      found.set(ifindex, [...(found.get(ifindex) ?? []), { link, program, ahead }])
    }
  }
  return found
}

/**
 * Makes the interface and its egress program. Until the last step the interface goes with this process:
 * nothing half made is left when it dies or fails.
 */
export function createDevice(spec: DeviceSpec, capacity: number, links: Links, attacher: Attacher): void {
  if (links.find(spec.name) !== null) {
    throw new LvnError('LVN4001', ExitCode.rolledBack, `the name ${spec.name} is taken by another interface`)
  }
  const tun = createTun(spec.name)
  try {
    const { ifindex } = links.get(spec.name)
    links.set(ifindex, { mtu: spec.mtu, alias: formatAlias(spec.owner), multicast: false })
    withoutLinkLocal((change) => links.set(ifindex, change))
    attachEncap(spec, ifindex, capacity, attacher)
    setOwnSwitches(spec.name)
    links.set(ifindex, { up: true })
    tun.persist()
  } finally {
    tun.close()
  }
}

/** Stops the device from receiving on an underlay interface; a queueing discipline of ours goes, or is handed on. */
export function detachReceiver(
  device: FoundDevice,
  receiver: Receiver,
  others: readonly FoundDevice[],
  attacher: Attacher,
): void {
  const { link, program } = receiver
  attacher.detach(link.ifindex, 'ingress', program.programId)
  const path = qdiscRecord(link.name)
  const maps = device.maps
  if (maps === null || !readSaved(maps).some((saved) => saved.path === path)) return
  // The loopback interface can be an underlay, too: then the last of its programs takes the discipline away.
  const left = new Set(attacher.list(link.ifindex, 'ingress').map(({ programId }) => programId))
  if (ingressOf(device).some((other) => other.link === link && left.has(other.program.programId))) return
  if (!attacher.removeQdisc(link.ifindex)) {
    const heir = others.find(
      (other) => other.maps && ingressOf(other).some((its) => its.link.name === link.name),
    )
    if (heir?.maps) save(heir.maps, { path, value: 'absent', ifindex: link.ifindex })
  }
  forget(maps, path)
}

/** Says, among the saved values, in which namespace the device was made. */
const homeRecord = 'namespace'

function thisNamespace(): string {
  return String(statSync('/proc/thread-self/ns/net').ino)
}

/** Are they of this namespace? An interface that is moved into another one takes its tables along. */
function isAtHome(saved: readonly Kept[]): boolean {
  const home = saved.find(({ path }) => path === homeRecord)?.value
  return home === undefined || home === thisNamespace()
}

/** Puts what is saved under present names, where it is of this namespace. */
export function settle(maps: Maps, names: ReadonlyMap<number, string>): void {
  if (isAtHome(readSaved(maps))) settleSaved(maps, names)
}

/** Has the tables keep values of this namespace from now on: those of another one are not to be put back here. */
export function moveIn(maps: Maps): void {
  const saved = readSaved(maps)
  if (isAtHome(saved)) return
  // The record goes last: until then, what is left is still told to be another's.
  for (const { path } of saved) if (path !== homeRecord) forget(maps, path)
  forget(maps, homeRecord)
  save(maps, { path: homeRecord, value: thisNamespace(), ifindex: 0 })
}

/** The saved values that are the planner's: sysctls, by the names that interfaces have now. */
export function savedSysctls({ link, maps }: FoundDevice, names: ReadonlyMap<number, string>): SavedValue[] {
  const saved = maps === null ? [] : readSaved(maps)
  if (!isAtHome(saved)) return []
  return underPresentNames(saved, names)
    .filter(({ path }) => path.startsWith('net/'))
    .map(({ path, value }) => ({ device: link.name, path, value }))
}

/** What is to be put back one day, from tables of any layout. */
export function savedValues(device: FoundDevice): readonly Kept[] {
  const saved = readSavedOf(device.encap?.mapIds ?? ingressOf(device)[0]?.program.mapIds ?? [])
  return isAtHome(saved) ? saved : []
}

/** Loads the egress program with empty tables, but for the saved values, and attaches it. */
export function attachEncap(
  spec: DeviceSpec,
  ifindex: number,
  capacity: number,
  attacher: Attacher,
  saved: readonly Kept[] = [],
): void {
  const { name, mode, destinations } = spec
  const { program, maps } = loadNew('lvn_encap', mode, capacity)
  try {
    save(maps, { path: homeRecord, value: thisNamespace(), ifindex: 0 })
    for (const value of saved) save(maps, value)
    const alias = formatAlias(spec.owner)
    writeConfig(maps, {
      ...{ abi, mode, ifindex, capacity, name, alias },
      ...{ rulesVersion: 2, list: 0, ports: [], lengths: [none, none] },
      ...{ destinationList: 0, destinations: [destinations, []] },
    })
    attacher.attach(program, ifindex, 'egress', 'lvn_encap')
  } finally {
    addon().close(program)
    closeMaps(maps)
  }
}

/** Into the list that nobody reads, which is then the one that is read: no packet meets half a list. */
export function setDestinations(maps: Maps, destinations: DeviceSpec['destinations']): void {
  const config = readConfig(maps)
  const { destinationList: list, destinations: lists } = config
  if (lists[list].join(' ') === destinations.join(' ')) return
  const next = {
    ...config,
    destinations: list === 0 ? ([lists[0], destinations] as const) : ([destinations, lists[1]] as const),
  }
  writeConfig(maps, next)
  writeConfig(maps, { ...next, destinationList: list === 0 ? 1 : 0 })
}

/** What packets out of its tunnels may want; without readable tables, anything. */
export function destinationsOf({ maps }: FoundDevice): DeviceSpec['destinations'] {
  if (maps === null) return []
  const { destinationList, destinations } = readConfig(maps)
  return destinations[destinationList]
}

/** Attaches the egress program on tables that live in the receiving programs. */
export function attachEncapOnto(maps: Maps, ifindex: number, attacher: Attacher): void {
  const program = loadOnto('lvn_encap', readConfig(maps).mode, maps)
  try {
    attacher.attach(program, ifindex, 'egress', 'lvn_encap')
  } finally {
    addon().close(program)
  }
}

/** Lets the device receive on underlay interfaces. A program is loaded once for all that can have the same one. */
export function attachReceivers(maps: Maps, underlays: readonly LiveLink[], attacher: Attacher): void {
  const [ethernet, bare] = [underlays.filter(isEthernet), underlays.filter((link) => !isEthernet(link))]
  attachIngress(maps, ethernet, attacher, 'lvn_decap')
  attachIngress(maps, bare, attacher, 'lvn_decap_l3')
}

/** Has the loopback interface give back what it cuts for the device. */
export function attachCutter(maps: Maps, loopback: LiveLink, attacher: Attacher): void {
  attachIngress(maps, [loopback], attacher, cutterName)
}

/** The same program once more, before all others: what was there is still attached, behind it. */
export function attachAnew(maps: Maps, { link, program }: Receiver, attacher: Attacher): void {
  attachIngress(maps, [link], attacher, program.name as ProgramName)
}

function attachIngress(maps: Maps, on: readonly LiveLink[], attacher: Attacher, name: ProgramName): void {
  if (on.length === 0) return
  const program = loadOnto(name, readConfig(maps).mode, maps)
  try {
    for (const link of on) {
      attacher.attach(program, link.ifindex, 'ingress', name, () => {
        save(maps, { path: qdiscRecord(link.name), value: 'absent', ifindex: link.ifindex })
      })
    }
  } finally {
    addon().close(program)
  }
}
