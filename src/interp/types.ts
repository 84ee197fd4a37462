// SPDX-License-Identifier: MIT
/**
 * What the phases hand to each other, from changes to the report of an apply.
 */
import type { Span } from '../diag/source.ts'
import type { Address, Prefix } from '../model/address.ts'
import type { FilterSpec } from '../model/filter.ts'
import type { HostOperation, PlaneOperation } from '../model/kernel.ts'
import type {
  AddressSpec,
  DesiredState,
  DeviceSpec,
  IpRuleSpec,
  LiveState,
  Owner,
  RouteSpec,
  RuleSpec,
  SysctlSpec,
  TunnelSpec,
} from '../model/state.ts'
import type { Node } from '../model/topology.ts'
import type { Reach } from './reach.ts'

/** Key into each kind's specification type. */
export interface Specs {
  device: DeviceSpec
  address: AddressSpec
  tunnel: TunnelSpec
  rule: RuleSpec
  sysctl: SysctlSpec
  route: RouteSpec
  filter: FilterSpec
  'ip-rule': IpRuleSpec
}
export type Kind = keyof Specs

/** One difference between live and desired state. */
export type Change = { [K in Kind]: ChangeOf<K> }[Kind]
export interface ChangeOf<K extends Kind> {
  readonly op: 'add' | 'change' | 'remove'
  readonly kind: K
  /** Readable identity: `device lvn0`, `tunnel lvn0/kirche`, `rule lvn0 10.64.1.0/24`. */
  readonly id: string
  /** Null for `add`. */
  readonly before: Specs[K] | null
  /** Null for `remove`. */
  readonly after: Specs[K] | null
  /** Fields that differ, for `change`. */
  readonly fields: readonly string[]
  /** The source lines that ask for it, where one does. */
  readonly span?: Span
}

/** Whose objects a plan may touch. */
export interface Scope {
  /** The nodes that this host is. */
  readonly owners: readonly Owner[]
  /** Nets of their overlays: an unreachable route names no owner and is known by these. */
  readonly nets: readonly Prefix[]
}

/** Addresses of the host names that endpoints are given by; empty: not resolvable now; absent: not looked up. */
export type Names = ReadonlyMap<string, readonly Address[]>

/** A tunnel that cannot go up yet, and why. */
export interface Pending {
  readonly device: string
  readonly tunnel: string
  readonly reason: string
}

/** What a hub is to listen on, and cannot while this host does not have the address. */
export interface Absent {
  readonly device: string
  /** As in the file, ports filled in. */
  readonly listen: string
  readonly reason: string
}

/** Addresses that are reached through a device. */
export interface Behind {
  readonly device: string
  readonly destinations: readonly Address[]
}

/** An object that is not ours but touches the overlay: reported, never changed. */
export interface Foreign {
  readonly id: string
  readonly note: string
}

/** What the user should know of one of our own objects, though nothing has to change. */
export interface Note {
  readonly id: string
  readonly note: string
}

export type KernelOperation =
  | { readonly target: 'plane'; readonly operation: PlaneOperation }
  | { readonly target: 'host'; readonly operation: HostOperation }

export interface Step {
  readonly change: Change
  /**
   * Usually one; a sysctl is two: save the old value, then write. None for tunnels and rules that go
   * with their device.
   */
  readonly operations: readonly KernelOperation[]
  /** `undo[i]` takes `operations[i]` back; entries are carried out from the last to the first. */
  readonly undo: readonly (readonly KernelOperation[])[]
}

/** What pruning adds to a plan. */
export interface PruneSummary {
  /** Overlays outside the file whose objects go. */
  readonly overlays: readonly string[]
  /** Objects that the plan removes, and objects that L-VN owns on this node. */
  readonly removed: number
  readonly owned: number
  /** So large a part that it must be asked for by name. */
  readonly guarded: boolean
}

/** `role`: null where no file tells it. */
export interface PlanNode extends Pick<Node, 'overlay' | 'name'> {
  readonly role: Node['role'] | null
}

export interface Plan {
  /** The nodes that this host is: one for each overlay of the file that it takes part in. */
  readonly nodes: readonly PlanNode[]
  readonly plane: LiveState['plane']
  /** In the order of carrying out. */
  readonly steps: readonly Step[]
  readonly summary: { readonly add: number; readonly change: number; readonly remove: number }
  readonly pending: readonly Pending[]
  readonly absent: readonly Absent[]
  readonly foreign: readonly Foreign[]
  readonly notes: readonly Note[]
  readonly desired: DesiredState
  /** What was within reach when it was made, and must be afterwards. */
  readonly reach: Reach
  readonly scope: Scope
  /** What is to be reached through its devices; absent: nothing is asked about it. */
  readonly behind?: readonly Behind[]
  /** Where pruning was asked for. */
  readonly prune?: PruneSummary
  /** True: it leads back to what was there before. */
  readonly restores?: true
}

/** Whether objects of overlays outside the file go: not at all, unless they are too many, or whatever their number. */
export type Prune = 'none' | 'guarded' | 'all'

/** A plan with what it was made from. */
export interface Prepared {
  readonly plan: Plan
  readonly live: LiveState
  readonly names: Names
}

export type StepStatus = 'done' | 'undone' | 'failed' | 'not-tried' | 'undo-failed'

export interface ApplyReport {
  readonly outcome: 'done' | 'rolled-back' | 'partly-applied'
  readonly steps: readonly { readonly step: Step; readonly status: StepStatus; readonly error?: Error }[]
  /** Everything was done, and this kept the result from being compared with the kernel; absent: it was. */
  readonly unverified?: Error
  /** What verification still found to differ after everything was done; empty when all is well. */
  readonly residue: readonly Change[]
  /** Underlay addresses, and prefixes of default routes, that could not be reached any more: why all was taken back. */
  readonly lost: readonly (Address | Prefix)[]
  /** What leads packets for the overlay past its devices, now that they are there; absent: nothing. */
  readonly diverted?: readonly Foreign[]
  /** Sockets of others on ports of tunnels that came back all the same, in words; absent: none. */
  readonly taken?: readonly string[]
}

export interface ApplyProgress {
  readonly phase: 'apply' | 'verify' | 'undo'
  readonly done: number
  readonly total: number
}
