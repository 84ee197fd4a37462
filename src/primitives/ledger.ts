// SPDX-License-Identifier: MIT
/**
 * A plane's objects by their keys, and as planned steps will have made them: what many changes in one call are checked
 * against, each with those before it. It asks the kernel once, when it is opened.
 */
import type { Prefix } from '../model/address.ts'
import type { Kernel, PlaneOperation } from '../model/kernel.ts'
import type { LiveDevice, LiveRule, LiveTunnel, TunnelCounters, TunnelSpec } from '../model/state.ts'
import { noSuchTunnel } from './refusals.ts'
import { findDevice, type Step, type TunnelRef } from './work.ts'

/** What is on one device. */
interface Page {
  readonly tunnels: Map<string, LiveTunnel>
  readonly names: Map<number, string>
  readonly rules: Map<Prefix, LiveRule>
  /** Prefixes of the rules that lead to a tunnel, by its name. */
  readonly leading: Map<string, Set<Prefix>>
  /** No lower id is free. */
  lowest: number
}

const fresh: TunnelCounters = {
  ...{ rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0, dropped: 0 },
  ...{ sinceRxMs: null, sinceTxMs: null },
}

export class Ledger {
  private readonly kernel: Kernel
  private readonly devices: Map<string, LiveDevice>
  private readonly pages = new Map<string, Page>()

  constructor(kernel: Kernel) {
    this.kernel = kernel
    const { devices, tunnels, rules } = kernel.plane.snapshot()
    this.devices = new Map(devices.map((device) => [device.name, device]))
    for (const tunnel of tunnels) this.enter(tunnel)
    for (const rule of rules) this.lead(rule)
  }

  /** @throws LvnError LVN4501 */
  device(name: string): LiveDevice {
    return this.devices.get(name) ?? findDevice(this.kernel, [...this.devices.values()], name)
  }

  /** @throws LvnError LVN4504 */
  tunnel(device: string, ref: TunnelRef): LiveTunnel {
    const { tunnels, names } = this.page(device)
    const found = tunnels.get(typeof ref === 'number' ? (names.get(ref) ?? '') : ref)
    if (found === undefined) throw noSuchTunnel(device, ref, [...tunnels.keys()])
    return found
  }

  /** Those of a device by name. */
  tunnels(device: string): ReadonlyMap<string, LiveTunnel> {
    return this.page(device).tunnels
  }

  freeId(device: string): number {
    const page = this.page(device)
    while (page.names.has(page.lowest)) page.lowest++
    return page.lowest
  }

  rule(device: string, prefix: Prefix): LiveRule | undefined {
    return this.page(device).rules.get(prefix)
  }

  /** The rules that lead to a tunnel. */
  rulesTo({ device, name }: LiveTunnel): readonly LiveRule[] {
    const { rules, leading } = this.page(device)
    return [...(leading.get(name) ?? [])].flatMap((prefix) => rules.get(prefix) ?? [])
  }

  /** From now on as if the steps had been carried out. */
  record(steps: readonly Step[]): void {
    for (const { operation } of steps) this.apply(operation)
  }

  private apply(operation: PlaneOperation): void {
    switch (operation.kind) {
      case 'device':
        if (operation.op !== 'delete') {
          const { spec } = operation
          this.devices.set(spec.name, { ...this.device(spec.name), ...spec })
        }
        return
      case 'tunnel':
        if (operation.op === 'delete') this.strike(operation.device, operation.name)
        else this.enter(this.known(operation.spec))
        return
      case 'rule':
        this.lead(operation.spec, operation.op !== 'delete')
    }
  }

  private known(spec: TunnelSpec): LiveTunnel {
    const before = this.page(spec.device).tunnels.get(spec.name)
    const { counters = fresh, id = spec.id ?? 0 } = before ?? {}
    return { ...spec, id, counters }
  }

  private enter(tunnel: LiveTunnel): void {
    const { tunnels, names } = this.page(tunnel.device)
    tunnels.set(tunnel.name, tunnel)
    names.set(tunnel.id, tunnel.name)
  }

  private lead(rule: LiveRule, there = true): void {
    const { device, prefix, tunnel } = rule
    const { rules, leading } = this.page(device)
    leading.get(rules.get(prefix)?.tunnel ?? '')?.delete(prefix)
    rules.delete(prefix)
    if (!there) return
    rules.set(prefix, rule)
    const others = leading.get(tunnel)
    if (others === undefined) leading.set(tunnel, new Set([prefix]))
    else others.add(prefix)
  }

  private strike(device: string, name: string): void {
    const page = this.page(device)
    const id = page.tunnels.get(name)?.id ?? 0
    page.tunnels.delete(name)
    page.names.delete(id)
    page.lowest = Math.min(page.lowest, Math.max(id, 1))
  }

  private page(device: string): Page {
    const there = this.pages.get(device)
    if (there !== undefined) return there
    const page: Page = {
      tunnels: new Map(),
      names: new Map(),
      rules: new Map(),
      leading: new Map(),
      lowest: 1,
    }
    this.pages.set(device, page)
    return page
  }
}
