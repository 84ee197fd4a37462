// SPDX-License-Identifier: MIT
/**
 * The contract between the interpreter and a kernel. `native` fulfils it; nobody else touches a kernel.
 *
 * Every operation names one object. A batch is carried out in order as far as it goes: the result array
 * has one entry per operation; after a failed operation the rest of the batch is `not-tried`.
 */
import type { Address, Prefix } from './address.ts'
import type { FilterSpec, LiveFilter } from './filter.ts'
import type {
  AddressSpec,
  DeviceSpec,
  HostInterfaces,
  HostState,
  IpRuleSpec,
  PlaneName,
  PlaneState,
  RouteSpec,
  RuleSpec,
  SavedValue,
  TunnelSpec,
  UnderlayPath,
  Way,
  WayQuestion,
} from './state.ts'

export type PlaneOperation =
  | {
      readonly op: 'add' | 'set'
      readonly kind: 'device'
      readonly spec: DeviceSpec
      readonly capacity: number
    }
  | { readonly op: 'delete'; readonly kind: 'device'; readonly name: string }
  | { readonly op: 'add' | 'set'; readonly kind: 'tunnel'; readonly spec: TunnelSpec }
  | { readonly op: 'delete'; readonly kind: 'tunnel'; readonly device: string; readonly name: string }
  | { readonly op: 'add' | 'set'; readonly kind: 'rule'; readonly spec: RuleSpec }
  | { readonly op: 'delete'; readonly kind: 'rule'; readonly spec: RuleSpec }
  /** Remember a value with the device before it is changed; the first value remembered stays. */
  | { readonly op: 'save'; readonly kind: 'saved'; readonly saved: SavedValue }
  | { readonly op: 'forget'; readonly kind: 'saved'; readonly saved: SavedValue }

export type HostOperation =
  | { readonly op: 'add' | 'delete'; readonly kind: 'address'; readonly spec: AddressSpec }
  | { readonly op: 'add' | 'delete'; readonly kind: 'route'; readonly spec: RouteSpec }
  /** `spec` takes the place of `before`, of the same destination and metric, at once: no packet meets neither. */
  | { readonly op: 'set'; readonly kind: 'route'; readonly before: RouteSpec; readonly spec: RouteSpec }
  | { readonly op: 'add' | 'delete'; readonly kind: 'ip-rule'; readonly spec: IpRuleSpec }
  /** `set` replaces the whole filter at once: no packet meets none. */
  | { readonly op: 'add' | 'set' | 'delete'; readonly kind: 'filter'; readonly spec: FilterSpec }
  /** Done, too, where the interface that `path` is of has gone. */
  | { readonly op: 'write'; readonly kind: 'sysctl'; readonly path: string; readonly value: string }

export type OperationResult =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly error: Error }
  | { readonly status: 'not-tried' }

/** Called while a batch runs, with how many of its operations are done. */
export type OnProgress = (done: number) => void

/** Is told, in words, whose socket is bound to a local endpoint. */
export type OnTaken = (why: string) => void

export interface DataPlane {
  readonly name: PlaneName
  /** The most tunnels one device can be made for. */
  readonly maxTunnels: number
  /** Everything that this plane holds in this network namespace; never from a torn read. */
  snapshot(): PlaneState
  /**
   * `onTaken` is given where what was there before comes back: any user can bind the port meanwhile. A plane that hears
   * peers all the same then tells of such a socket, and does not refuse the tunnel.
   */
  apply(
    operations: readonly PlaneOperation[],
    onProgress?: OnProgress,
    onTaken?: OnTaken,
  ): readonly OperationResult[]
  /**
   * Calls back on what becomes of tunnels, by whomever, until the returned function is called. Only the kmod plane
   * does: the tables of the eBPF plane change without a word.
   */
  watch(onEvent: (event: PlaneEvent) => void): () => void
  close(): void
}

export type PlaneEvent =
  /** `reason`: why it was removed; null with every other event. */
  | {
      readonly kind: 'tunnel'
      readonly event: 'added' | 'changed' | 'removed' | 'dead' | 'back' | 'moved'
      readonly reason: 'deleted' | 'dead' | 'device' | 'socket' | null
      /** Index of the device's interface. */
      readonly ifindex: number
      readonly id: number
    }
  /** The kernel dropped events: read everything again. */
  | { readonly kind: 'overrun' }

export interface HostNetwork {
  /**
   * A host may have a million routes that are none of our business. With `nets`, only these are told: routes of ours,
   * into devices of L-VN, of all destinations (`/0`), to destinations within one of `nets`, and to just those of `exact`.
   * Absent: all. Of a table of ours, all is told where it has a route of ours.
   */
  snapshot(nets?: readonly Prefix[], exact?: readonly Prefix[]): HostState
  /** The part of the snapshot for which no route and no filter is read. */
  interfaces(): HostInterfaces
  /** The filters of the snapshot alone. */
  filters(): readonly LiveFilter[]
  /** Current values; a path that does not exist is left out. */
  sysctls(paths: readonly string[]): ReadonlyMap<string, string>
  /** One look-up per address, in order: the kernel's own routing decision, without our routes outside the nets. */
  paths(remotes: readonly Address[]): readonly UnderlayPath[]
  /** The same for overlay addresses, with what decided it. */
  ways(questions: readonly WayQuestion[]): readonly Way[]
  apply(operations: readonly HostOperation[], onProgress?: OnProgress): readonly OperationResult[]
  /** Calls back on every link, address, route or filter change until the returned function is called. */
  watch(onEvent: (event: HostEvent) => void): () => void
  close(): void
}

export type HostEvent =
  | { readonly kind: 'link'; readonly change: 'new' | 'removed'; readonly name: string }
  | { readonly kind: 'address' | 'route'; readonly change: 'new' | 'removed' }
  /** The table of this device's filter was made, changed or taken away, by whomever. Once for each transaction. */
  | { readonly kind: 'filter'; readonly device: string }
  /** The kernel dropped events: read everything again. */
  | { readonly kind: 'overrun' }

/** One node's kernel: the network stack and a data plane in it. */
export interface Kernel {
  readonly host: HostNetwork
  readonly plane: DataPlane
}

/** `protocol` of our routes, addresses and rules of routing (rtm_protocol, ifa_proto, FRA_PROTOCOL): 'L'. */
export const ownedProtocol = 76
/** An interface alias that marks a device as ours: `lvn:OVERLAY/NODE`. */
export const aliasPrefix = 'lvn:'
