// SPDX-License-Identifier: MIT
/**
 * One change as kernel operations, each with what takes it back. Inverses are exact for the state in which the
 * step finds the kernel when all steps before it have been carried out. Pure.
 */
import type { FilterSpec } from '../model/filter.ts'
import type { HostOperation, PlaneOperation } from '../model/kernel.ts'
import type {
  DesiredState,
  LiveDevice,
  LiveState,
  RouteSpec,
  SavedValue,
  SysctlSpec,
} from '../model/state.ts'
import { interfaceOf } from '../model/sysctl-path.ts'
import type { Difference } from './3-diff.ts'
import { deviceOf, ruleOf, tunnelOf } from './intended.ts'
import { fanOut, valuesAfter } from './sysctl.ts'
import type { Change, ChangeOf, KernelOperation, Step } from './types.ts'

export const onPlane = (operation: PlaneOperation): KernelOperation => ({ target: 'plane', operation })
export const onHost = (operation: HostOperation): KernelOperation => ({ target: 'host', operation })

const write = ({ path, value }: { readonly path: string; readonly value: string }) =>
  onHost({ op: 'write', kind: 'sysctl', path, value })

/** Collects operations and inverses side by side. */
export class Work {
  readonly operations: KernelOperation[]
  readonly undo: (readonly KernelOperation[])[]

  constructor(operations: KernelOperation[] = [], undo: (readonly KernelOperation[])[] = []) {
    this.operations = operations
    this.undo = undo
  }

  /** One operation to begin with. Most have no other, and an array made of one takes a ninth of one pushed to. */
  static of(operation: KernelOperation, ...undo: readonly KernelOperation[]): Work {
    return new Work([operation], [undo])
  }

  push(operation: KernelOperation, ...undo: readonly KernelOperation[]): this {
    return this.add(operation, undo)
  }

  /** The same where a great many take it back: arguments lie on the stack. */
  add(operation: KernelOperation, undo: readonly KernelOperation[]): this {
    this.operations.push(operation)
    this.undo.push(undo)
    return this
  }

  step(change: Change): Step {
    return { change, operations: this.operations, undo: this.undo }
  }
}

/** The most tunnels that a new device is made for: room to double, but no less than this. */
const roomAtLeast = 1024

export function capacityFor(mode: 'fixed' | 'multi', tunnels: number, maxTunnels: number): number {
  if (mode === 'fixed') return 1
  return Math.min(maxTunnels, Math.max(roomAtLeast, 2 ** Math.ceil(Math.log2(2 * Math.max(1, tunnels)))))
}

export function addressWork(change: ChangeOf<'address'>): Work {
  const spec = (change.after ?? change.before) as NonNullable<typeof change.after>
  const add = onHost({ op: 'add', kind: 'address', spec })
  const remove = onHost({ op: 'delete', kind: 'address', spec })
  return change.after === null ? Work.of(remove, add) : Work.of(add, remove)
}

export function routeWork(change: ChangeOf<'route'>): Work {
  const add = (spec: RouteSpec) => onHost({ op: 'add', kind: 'route', spec })
  const remove = (spec: RouteSpec) => onHost({ op: 'delete', kind: 'route', spec })
  const replace = (before: RouteSpec, spec: RouteSpec) => onHost({ op: 'set', kind: 'route', before, spec })
  const { before, after } = change
  if (before === null) return after === null ? new Work() : Work.of(add(after), remove(after))
  return after === null
    ? Work.of(remove(before), add(before))
    : Work.of(replace(before, after), replace(after, before))
}

export function ipRuleWork(change: ChangeOf<'ip-rule'>): Work {
  const spec = (change.after ?? change.before) as NonNullable<typeof change.after>
  const add = onHost({ op: 'add', kind: 'ip-rule', spec })
  const remove = onHost({ op: 'delete', kind: 'ip-rule', spec })
  return change.after === null ? Work.of(remove, add) : Work.of(add, remove)
}

export function filterWork(change: ChangeOf<'filter'>): Work {
  const { before, after } = change
  const put = (op: 'add' | 'set' | 'delete', spec: FilterSpec) => onHost({ op, kind: 'filter', spec })
  if (before === null) return after === null ? new Work() : Work.of(put('add', after), put('delete', after))
  return after === null
    ? Work.of(put('delete', before), put('add', before))
    : Work.of(put('set', after), put('set', before))
}

export function deviceWork(
  change: ChangeOf<'device'>,
  live: LiveState,
  tunnels: number,
  difference: Difference,
): Work {
  const { before, after } = change
  const work = new Work()
  const known = live.devices.find(({ name }) => name === before?.name)
  if (after === null) {
    const name = (before as NonNullable<typeof before>).name
    const whole = known !== undefined && hasInterface(name, live)
    for (const { saved, heir } of difference.fate.handOver) {
      if (saved.device !== name) continue
      const handed = { ...saved, device: heir }
      const forget = onPlane({ op: 'forget', kind: 'saved', saved: handed })
      work.add(onPlane({ op: 'save', kind: 'saved', saved: handed }), whole ? [forget] : [])
    }
    return work.add(onPlane({ op: 'delete', kind: 'device', name }), whole ? rebuild(known, live) : [])
  }
  const capacity = known?.capacity || capacityFor(after.mode, tunnels, live.maxTunnels)
  if (before === null || known === undefined) {
    return work.push(
      onPlane({ op: 'add', kind: 'device', spec: after, capacity }),
      onPlane({ op: 'delete', kind: 'device', name: after.name }),
    )
  }
  return work.push(
    onPlane({ op: 'set', kind: 'device', spec: after, capacity }),
    onPlane({ op: 'set', kind: 'device', spec: before, capacity }),
  )
}

/** Without it, what is left of a device cannot be made again. */
function hasInterface(device: string, live: LiveState): boolean {
  return live.links.some(({ name }) => name === device)
}

/** A deleted device as it was, with all that went with it. */
function rebuild(device: LiveDevice, live: LiveState): KernelOperation[] {
  const { name } = device
  const on = <T extends { readonly device: string }>(list: readonly T[]) =>
    list.filter((x) => x.device === name)
  return [
    onPlane({ op: 'add', kind: 'device', spec: deviceOf(device), capacity: device.capacity }),
    ...live.sysctls.filter(({ path }) => interfaceOf(path) === name).map(write),
    ...on(live.saved).map((saved) => onPlane({ op: 'save', kind: 'saved', saved })),
    ...on(live.tunnels).map((tunnel) => onPlane({ op: 'add', kind: 'tunnel', spec: tunnelOf(tunnel) })),
    ...on(live.rules).map((rule) => onPlane({ op: 'add', kind: 'rule', spec: ruleOf(rule) })),
  ]
}

/** Sets a value; what it was, and what others were that change with it, is kept with the device first. */
export function sysctlWork(
  change: ChangeOf<'sysctl'>,
  live: LiveState,
  desired: DesiredState,
  difference: Difference,
): Work {
  const after = change.after as SysctlSpec
  const { owners, doomed, fate } = difference
  const work = new Work()
  const value = valuesAfter(live, fate.restore)
  const ours = new Set([
    ...owners.ours.keys(),
    ...owners.others.keys(),
    ...desired.devices.map((d) => d.name),
  ])
  const links = live.links.map((link) => link.name)
  const was = [after.path, ...fanOut(after.path, links)].flatMap((path) => {
    const old = value(path)
    const vanishes = doomed.has(interfaceOf(path) ?? '')
    return old === undefined || vanishes ? [] : [{ path, value: old }]
  })
  const saved = new Set(doomed.has(after.device) ? [] : pathsSaved(live.saved, after.device))
  for (const old of was) {
    if (saved.has(old.path) || ours.has(interfaceOf(old.path) ?? '')) continue
    const entry = { ...old, device: after.device }
    work.push(
      onPlane({ op: 'save', kind: 'saved', saved: entry }),
      onPlane({ op: 'forget', kind: 'saved', saved: entry }),
    )
  }
  return work.add(write(after), was.map(write))
}

function pathsSaved(saved: readonly SavedValue[], device: string): string[] {
  return saved.filter((entry) => entry.device === device).map((entry) => entry.path)
}

/**
 * Puts back what was before: the root first, for its write would undo the others; then the memory goes. What the root
 * turns although it is wanted otherwise is turned again at once: a hub stops forwarding for two writes, no longer. Devices
 * of other overlays keep what they have. Nothing takes it back where the device that remembers the values cannot be made
 * again: they would be forgotten.
 */
export function restoreWork(
  root: string,
  live: LiveState,
  desired: DesiredState,
  difference: Difference,
): Work {
  const entries = difference.fate.restore.get(root) ?? []
  const now = new Map(live.sysctls.map(({ path, value }) => [path, value]))
  const values = new Map<string, string>()
  for (const { path, value } of entries) if (!values.has(path) && now.has(path)) values.set(path, value)
  const work = new Work()
  const lasts = entries.some(({ device }) => !hasInterface(device, live))
  const back = (undo: readonly KernelOperation[]) => (lasts ? [] : undo)
  const rootValue = values.get(root)
  const turns = rootValue !== undefined && rootValue !== now.get(root)
  if (turns) {
    const links = live.links.map((link) => link.name)
    const were = [root, ...fanOut(root, links)].flatMap((path) => {
      const value = now.get(path)
      return value === undefined ? [] : [write({ path, value })]
    })
    work.add(write({ path: root, value: rootValue }), back(were))
    const turned = new Set(fanOut(root, links))
    for (const wanted of desired.sysctls) {
      const gone = difference.doomed.has(interfaceOf(wanted.path) ?? '')
      if (turned.has(wanted.path) && wanted.value !== rootValue && !gone) work.push(write(wanted))
    }
    for (const path of turned) {
      const value = now.get(path)
      const others = difference.owners.others.has(interfaceOf(path) ?? '')
      if (others && value !== undefined && !values.has(path)) values.set(path, value)
    }
  }
  for (const [path, value] of values) {
    const old = now.get(path) as string
    if (path === root || (!turns && old === value)) continue
    if (turns) work.push(write({ path, value }))
    else work.add(write({ path, value }), back([write({ path, value: old })]))
  }
  for (const saved of entries) {
    if (difference.doomed.has(saved.device)) continue
    work.push(onPlane({ op: 'forget', kind: 'saved', saved }), onPlane({ op: 'save', kind: 'saved', saved }))
  }
  return work
}
