// SPDX-License-Identifier: MIT
/**
 * Carries out a batch of operations. Runs of the same kind on the same device become one write each; the
 * first failure ends the batch.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import type { OnProgress, OnTaken, OperationResult, PlaneOperation } from '../../src/model/kernel.ts'
import { type DeviceSpec, type LiveLink, maxDestinations } from '../../src/model/state.ts'
import { attemptAll } from '../errors.ts'
import { formatAlias } from '../host/alias.ts'
import { withoutLinkLocal } from '../host/link-local.ts'
import type { Links } from '../host/links.ts'
import { setOwnSwitches } from '../host/own-switches.ts'
import { carryOutRuns, deviceOf, type OperationOf, type Run, type Written } from '../runs.ts'
import { interfaceIn } from '../saved.ts'
import { mendTun } from '../tun.ts'
import type { Attached, Attacher } from './attach.ts'
import {
  attachAnew,
  attachCutter,
  attachEncap,
  attachEncapOnto,
  attachReceivers,
  createDevice,
  destinationsOf,
  detachReceiver,
  type FoundDevice,
  findDevices,
  ingressOf,
  isSetUp,
  leftBehind,
  moveIn,
  releaseDevice,
  savedValues,
  setDestinations,
  settle,
} from './device.ts'
import { TableWriter } from './table-writer.ts'
import { forget, own, readConfig, save } from './tables.ts'

export class Batch {
  private readonly links: Links
  private readonly attacher: Attacher
  private readonly onTaken: OnTaken | undefined
  private devices: FoundDevice[] = []
  private readonly settled = new Set<string>()
  private readonly writers = new Map<string, TableWriter>()
  private linksByName = new Map<string, LiveLink>()

  /** `onTaken`: as that of `DataPlane.apply`. */
  constructor(links: Links, attacher: Attacher, onTaken?: OnTaken) {
    this.links = links
    this.attacher = attacher
    this.onTaken = onTaken
  }

  run(operations: readonly PlaneOperation[], onProgress?: OnProgress): OperationResult[] {
    this.reread()
    try {
      return carryOutRuns(operations, (run) => this.carryOut(run), onProgress)
    } finally {
      this.release()
    }
  }

  private carryOut(run: Run): Written {
    const [first] = run
    this.settle(deviceOf(first))
    switch (first.kind) {
      case 'device':
        this.device(first)
        break
      case 'saved':
        this.saved(first)
        break
      case 'tunnel':
        return this.tunnels(run as readonly OperationOf<'tunnel'>[])
      case 'rule':
        return this.rules(first, run as readonly OperationOf<'rule'>[])
    }
    return { done: run.length, error: null }
  }

  /** Before anything of the device's is changed: what is saved is looked up, and saved, under present names. */
  private settle(name: string): void {
    const maps = this.devices.find(({ link }) => link.name === name)?.maps ?? null
    if (maps === null || this.settled.has(name)) return
    settle(maps, new Map([...this.linksByName.values()].map((link) => [link.ifindex, link.name])))
    this.settled.add(name)
  }

  // ---- devices

  private device(operation: OperationOf<'device'>): void {
    if (operation.op === 'delete') this.deleteDevice(this.find(operation.name))
    else if (operation.spec.destinations.length > maxDestinations) throw tooManyDestinations(operation.spec)
    else if (operation.op === 'add') this.addDevice(operation.spec, operation.capacity)
    else this.setDevice(this.find(operation.spec.name), operation.spec, operation.capacity)
  }

  private addDevice(spec: DeviceSpec, capacity: number): void {
    createDevice(spec, capacity, this.links, this.attacher)
    this.reread()
    try {
      this.setReceivers(this.find(spec.name), spec.underlays)
    } catch (error) {
      // An operation is done or it is not.
      this.reread()
      this.deleteDevice(this.find(spec.name))
      throw error
    }
  }

  private setDevice(device: FoundDevice, spec: DeviceSpec, capacity: number): void {
    // Before anything is changed: an interface goes at any time.
    for (const name of spec.underlays) this.links.get(name)
    const was = heldBy(device)
    try {
      this.changeDevice(device, spec, capacity)
    } catch (error) {
      this.putBack(was)
      throw error
    }
  }

  private changeDevice(device: FoundDevice, spec: DeviceSpec, capacity: number): void {
    const { link, maps, encap } = device
    const alias = formatAlias(spec.owner)
    // The alias is what counts, so the tables are told first: a death in between leaves what is changed again.
    if (maps !== null) own(maps, alias)
    this.links.set(link.ifindex, { mtu: spec.mtu, alias, up: true })
    withoutLinkLocal((change) => this.links.set(link.ifindex, change))
    if (!isSetUp(link)) mendTun(link.name)
    setOwnSwitches(link.name)
    if (maps === null) attachEncap(spec, link.ifindex, capacity, this.attacher, savedValues(device))
    else {
      moveIn(maps)
      setDestinations(maps, spec.destinations)
      if (encap === null) attachEncapOnto(maps, link.ifindex, this.attacher)
    }
    this.reread()
    this.dropLeftBehind(this.find(spec.name))
    this.setReceivers(this.find(spec.name), spec.underlays)
    this.goFirst(this.find(spec.name))
  }

  /** After a failure. What cannot be put back, as on an interface that has gone, does not keep the rest from it. */
  private putBack({ link, tables }: Held): void {
    const { ifindex, mtu, alias, up } = link
    attemptAll(
      () => this.links.set(ifindex, { mtu, alias, up }),
      // An MTU below 1280 took IPv6 away: it has come back as the kernel makes it.
      () => withoutLinkLocal((change) => this.links.set(ifindex, change)),
      () => setOwnSwitches(link.name),
      () => this.reread(),
      ...(tables === null
        ? []
        : [
            () => own(this.mapsOf(link.name), tables.alias),
            () => setDestinations(this.mapsOf(link.name), tables.destinations),
            () =>
              this.setReceivers(
                this.find(link.name),
                tables.underlays.filter((each) => this.linksByName.has(each)),
              ),
          ]),
    )
  }

  /**
   * Programs that others have got before are attached once more, before those, and the old ones taken away then. A death
   * in between leaves both: the first one works.
   */
  private goFirst(device: FoundDevice): void {
    const { maps, link, encap, ahead } = device
    if (maps === null) return
    const movable = (others: readonly Attached[]) => others.some(({ stays }) => !stays)
    if (encap !== null && movable(ahead)) {
      attachEncapOnto(maps, link.ifindex, this.attacher)
      this.attacher.detach(link.ifindex, 'egress', encap.programId)
    }
    const here = new Set<string>()
    for (const receiver of ingressOf(device)) {
      const { link: on, program, ahead: others } = receiver
      const what = `${on.name} ${program.name}`
      const isLeftover = here.has(what)
      here.add(what)
      if (!isLeftover && !movable(others)) continue
      if (!isLeftover) attachAnew(maps, receiver, this.attacher)
      this.attacher.detach(on.ifindex, 'ingress', program.programId)
    }
    this.reread()
  }

  /**
   * Of what works on tables before these. They held the values from before us until the new ones were in place; what else
   * they held is planned again.
   */
  private dropLeftBehind(device: FoundDevice): void {
    const { link, encap } = device
    for (const { name, programId } of this.attacher.list(link.ifindex, 'egress')) {
      if (name !== 'lvn_encap' || programId === encap?.programId) continue
      this.attacher.detach(link.ifindex, 'egress', programId)
    }
    for (const receiver of leftBehind(device)) this.stopReceiving(device, receiver)
    this.reread()
  }

  private setReceivers(device: FoundDevice, underlays: readonly string[]): void {
    if (device.maps === null) return
    if (device.cutters.length === 0) attachCutter(device.maps, this.links.get('lo'), this.attacher)
    const there = new Set(device.receivers.map(({ link }) => link.name))
    const missing = underlays.filter((name) => !there.has(name)).map((name) => this.links.get(name))
    attachReceivers(device.maps, missing, this.attacher)
    for (const receiver of device.receivers) {
      if (!underlays.includes(receiver.link.name)) this.stopReceiving(device, receiver)
    }
    this.reread()
  }

  private stopReceiving(device: FoundDevice, receiver: FoundDevice['receivers'][number]): void {
    const others = this.devices.filter((other) => other !== device)
    detachReceiver(device, receiver, others, this.attacher)
  }

  private deleteDevice(device: FoundDevice): void {
    for (const receiver of ingressOf(device)) this.stopReceiving(device, receiver)
    if (!device.gone) this.links.delete(device.link.ifindex)
    this.reread()
  }

  // ---- tables

  private tunnels(run: readonly OperationOf<'tunnel'>[]): Written {
    return this.writer(deviceOf(run[0] as OperationOf<'tunnel'>)).writeTunnels(run)
  }

  private rules(first: OperationOf<'rule'>, run: readonly OperationOf<'rule'>[]): Written {
    const specs = run.map(({ spec }) => spec)
    const writer = this.writer(first.spec.device)
    if (first.op !== 'delete') return writer.putRules(specs)
    writer.removeRules(specs)
    return { done: run.length, error: null }
  }

  private saved({ op, saved }: OperationOf<'saved'>): void {
    const maps = this.mapsOf(saved.device)
    const { path, value } = saved
    const ifindex = this.linksByName.get(interfaceIn(path) ?? '')?.ifindex ?? 0
    moveIn(maps)
    if (op === 'save') save(maps, { path, value, ifindex })
    else forget(maps, path)
  }

  private writer(device: string): TableWriter {
    const writer =
      this.writers.get(device) ?? new TableWriter(this.mapsOf(device), device, this.linksByName, this.onTaken)
    this.writers.set(device, writer)
    return writer
  }

  private mapsOf(name: string) {
    const { maps } = this.find(name)
    if (maps !== null) return maps
    throw new LvnError('LVN5011', ExitCode.rolledBack, `device ${name} has lost its programs`, {
      hint: 'apply again: they are loaded anew',
    })
  }

  // ---- what is there

  private find(name: string): FoundDevice {
    const device = this.devices.find(({ link }) => link.name === name)
    if (device !== undefined) return device
    throw new LvnError('LVN5010', ExitCode.rolledBack, `device ${name} is not there`, { hint: 'plan again' })
  }

  private reread(): void {
    this.release()
    const links = this.links.all()
    this.linksByName = new Map(links.map((link) => [link.name, link]))
    this.devices = findDevices(links, this.attacher)
  }

  private release(): void {
    for (const device of this.devices) releaseDevice(device)
    this.devices = []
    this.writers.clear()
  }
}

/** What a change of a device changes, as it was. */
interface Held {
  readonly link: LiveLink
  /** Null: there are none that can be read. */
  readonly tables: {
    readonly alias: string
    readonly destinations: DeviceSpec['destinations']
    readonly underlays: readonly string[]
  } | null
}

function heldBy(device: FoundDevice): Held {
  const { link, maps, receivers } = device
  if (maps === null) return { link, tables: null }
  const underlays = receivers.map((receiver) => receiver.link.name)
  return { link, tables: { alias: readConfig(maps).alias, destinations: destinationsOf(device), underlays } }
}

function tooManyDestinations({ name, destinations }: DeviceSpec): LvnError {
  const reason = `device ${name}: ${destinations.length} destinations, it takes ${maxDestinations}`
  return new LvnError('LVN5016', ExitCode.rolledBack, reason, { hint: 'join them to larger networks' })
}
