// SPDX-License-Identifier: MIT
/**
 * Carries out a batch of operations. Runs of the same kind on the same device become a few datagrams; the first
 * failure ends the batch.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import type { OnProgress, OperationResult, PlaneOperation } from '../../src/model/kernel.ts'
import { carryOutRuns, deviceOf, type OperationOf, type Run, type Written } from '../runs.ts'
import { interfaceIn, type Kept, underPresentNames } from '../saved.ts'
import type { KmodClient, KmodLink } from './client.ts'
import { changeDevice, createDevice, type FoundDevice, findDevices, writeUserData } from './device.ts'
import { DeviceTables } from './tables.ts'

export class Batch {
  private readonly client: KmodClient
  private links: readonly KmodLink[] = []
  private devices: readonly FoundDevice[] = []
  private readonly tables = new Map<string, DeviceTables>()

  constructor(client: KmodClient) {
    this.client = client
  }

  run(operations: readonly PlaneOperation[], onProgress?: OnProgress): OperationResult[] {
    this.reread()
    return carryOutRuns(operations, (run) => this.carryOut(run), onProgress)
  }

  private carryOut(run: Run): Written {
    const [first] = run
    switch (first.kind) {
      case 'device':
        this.device(first)
        return { done: 1, error: null }
      case 'saved':
        this.saved(first)
        return { done: 1, error: null }
      case 'tunnel':
        return this.tunnels(run as readonly OperationOf<'tunnel'>[])
      case 'rule':
        return this.rules(first, run as readonly OperationOf<'rule'>[])
    }
  }

  private device(operation: OperationOf<'device'>): void {
    if (operation.op === 'delete') this.client.deleteLink(this.find(operation.name).link)
    else if (operation.op === 'add') createDevice(this.client, operation.spec, operation.capacity, this.links)
    else changeDevice(this.client, this.find(operation.spec.name), operation.spec, operation.capacity)
    this.reread()
  }

  private tunnels(run: readonly OperationOf<'tunnel'>[]): Written {
    return this.writing(deviceOf(run[0] as OperationOf<'tunnel'>), (tables) => tables.writeTunnels(run))
  }

  private rules(first: OperationOf<'rule'>, run: readonly OperationOf<'rule'>[]): Written {
    const specs = run.map(({ spec }) => spec)
    if (first.op === 'delete') return this.tablesOf(first.spec.device).removeRules(specs)
    return this.writing(first.spec.device, (tables) => tables.putRules(specs))
  }

  private saved({ op, saved: { device: name, path, value } }: OperationOf<'saved'>): void {
    const device = this.find(name)
    const names = new Map(this.links.map((link) => [link.ifindex, link.name]))
    const present = underPresentNames(device.userData?.saved ?? [], names)
    const before = present.map((kept) => ({
      ...kept,
      ifindex: this.indexFor(kept.path, kept.value, present),
    }))
    if (op === 'save' && before.some((kept) => kept.path === path)) return
    const next =
      op === 'save'
        ? [...before, { path, value, ifindex: this.indexFor(path, value, before) }]
        : before.filter((kept) => kept.path !== path)
    writeUserData(this.client, device, { saved: next })
    this.reread()
  }

  /**
   * Room is scarce (`userdata-len` of spec/lvn.yaml): a forwarding switch that was as that of `all` goes without, for
   * putting that one back puts back the interface's, whatever its name is by then.
   */
  private indexFor(path: string, value: string, kept: readonly Kept[]): number {
    const [, folder] = /^(net\/ipv[46]\/conf\/).+\/forwarding$/.exec(path) ?? []
    const isAsAll = kept.some((each) => each.path === `${folder}all/forwarding` && each.value === value)
    if (isAsAll) return 0
    return this.links.find((link) => link.name === interfaceIn(path))?.ifindex ?? 0
  }

  /** After a failure the mirror is no longer what the kernel holds. */
  private writing(device: string, write: (tables: DeviceTables) => Written): Written {
    const written = write(this.tablesOf(device))
    if (written.error !== null) this.tables.delete(device)
    return written
  }

  private tablesOf(name: string): DeviceTables {
    const ifindexes = new Map(this.links.map((link) => [link.name, link.ifindex]))
    const tables = this.tables.get(name) ?? new DeviceTables(this.client, this.find(name), ifindexes)
    this.tables.set(name, tables)
    return tables
  }

  private find(name: string): FoundDevice {
    const device = this.devices.find(({ link }) => link.name === name)
    if (device !== undefined) return device
    throw new LvnError('LVN5010', ExitCode.rolledBack, `device ${name} is not there`, { hint: 'plan again' })
  }

  private reread(): void {
    this.links = this.client.links()
    this.devices = findDevices(this.links)
    this.tables.clear()
  }
}
