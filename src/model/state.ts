// SPDX-License-Identifier: MIT
/**
 * The objects that an overlay puts into a kernel. `…Spec` is what is intended, `Live…` what was observed;
 * both are plain JSON-able data. Keys: device by name, tunnel by (device, name), rule by (device, prefix),
 * address by (device, address), route by (table, destination, from, tos, metric), sysctl by its path, filter by its
 * device, ip-rule by all that it says.
 */
import type { Address, Endpoint, Family, Prefix } from './address.ts'
import type { FilterSpec, LiveFilter } from './filter.ts'
import type { Owner } from './owner.ts'
import type { DeviceMode, Keepalive } from './topology.ts'

export type { Owner } from './owner.ts'

// ---- data plane -------------------------------------------------------------------------------------

export interface DeviceSpec {
  readonly name: string
  readonly mode: DeviceMode
  readonly owner: Owner
  /** Bytes of the largest inner packet. */
  readonly mtu: number
  /** Names of the underlay interfaces whose arriving packets the device may take, sorted. */
  readonly underlays: readonly string[]
  /**
   * Inner destinations that packets out of its tunnels may have, sorted, at most `maxDestinations`; besides those that a
   * rule leads into another tunnel. Empty: any. Everything else is dropped (`bad-destination`).
   */
  readonly destinations: readonly Prefix[]
}

/** LVN_MAX_DESTINATIONS of bpf/lvn.h, max-destinations of spec/lvn.yaml. */
export const maxDestinations = 64

export interface TunnelSpec {
  readonly device: string
  /** The peer node's name: unique within the device, at most 63 bytes of UTF-8. */
  readonly name: string
  /** Outer source. Address and port are both set; the address is local to this node. */
  readonly local: Endpoint
  /** Null: pending until learned; packets for it are dropped and counted. */
  readonly remote: Endpoint | null
  /** Underlay interface that leads to `remote`; null exactly when `remote` is null. */
  readonly underlay: string | null
  readonly keepalive: Keepalive
  /** Number within the device, 1 to its capacity; absent: the plane chooses. A tunnel keeps its number. */
  readonly id?: number
  /** Hex digits of the SipHash key of control packets; never read back. Absent: none, or it stays. */
  readonly key?: string
  /** What becomes of it when its peer is dead; absent: `keep`. */
  readonly onDead?: OnDead
}

/** `remove` takes a tunnel away with its rules. Only a plane with dead peer detection of its own can. */
export const onDeadChoices = ['keep', 'remove'] as const
export type OnDead = (typeof onDeadChoices)[number]

/** Packets for `prefix` go into `tunnel`; packets out of `tunnel` must have their source in one of its rules. */
export interface RuleSpec {
  readonly device: string
  readonly prefix: Prefix
  /** The tunnel's name. */
  readonly tunnel: string
}

/** Why a device dropped a packet. */
export const dropReasons = [
  'no-rule',
  'no-remote',
  'bad-source',
  'unknown-peer',
  'malformed',
  'fragment',
  'ecn',
  'no-room',
  'unsupported',
  'bad-destination',
] as const
export type DropReason = (typeof dropReasons)[number]
export type Drops = Readonly<Record<DropReason, number>>

export interface LiveDevice extends DeviceSpec {
  readonly plane: PlaneName
  /** Of its interface. Where that is gone: the one that it had, or 0 where another interface has that by now. */
  readonly ifindex: number
  readonly up: boolean
  /** How many tunnels it can hold; 0: its tables are lost, the next change of the device makes new ones. */
  readonly capacity: number
  readonly drops: Drops
  /** False when a part of it is missing (a program detached or its alias overwritten by hand); the next apply mends it. */
  readonly intact: boolean
  /** Programs and filters of others that see the device's packets before it does; absent: none. */
  readonly ahead?: readonly Ahead[]
}

/** Somebody else's program or filter that runs before ours, and may take what is the device's. */
export interface Ahead {
  readonly interface: string
  readonly side: 'ingress' | 'egress'
  /** `program drop (id 12)`, `flower filter (preference 1)`. */
  readonly who: string
  /** Ours cannot be put before it; else the next change of the device does. */
  readonly stays: boolean
}

/** Without its key, which is never read back. */
export interface LiveTunnel extends Omit<TunnelSpec, 'key'> {
  readonly id: number
  readonly counters: TunnelCounters
}

export interface TunnelCounters {
  readonly rxPackets: number
  readonly rxBytes: number
  readonly txPackets: number
  readonly txBytes: number
  /** Packets of this tunnel that were dropped, either way. */
  readonly dropped: number
  /** Milliseconds since the last packet was received or sent; null: none so far. */
  readonly sinceRxMs: number | null
  readonly sinceTxMs: number | null
}

export type LiveRule = RuleSpec

// ---- host network -----------------------------------------------------------------------------------

export interface AddressSpec {
  readonly device: string
  readonly address: Address
}

/**
 * A route of the main table or one of our own. `unreachable` keeps packets for our own subnets from going back into the
 * overlay while the LAN route is missing; `throw` leaves the answer to the tables that are asked later.
 */
export interface RouteSpec {
  readonly destination: Prefix
  /** Null for all but `unicast`. */
  readonly device: string | null
  readonly type: RouteType
  readonly metric: number
  /** Bytes of the largest packet that goes this way; null: as many as the device takes. */
  readonly mtu: number | null
  /** Its number, of src/model/own-tables.ts; absent: the main table. */
  readonly table?: number
  /** Packets with this TOS field alone (IPv4); absent: any, as with all that a file asks for. */
  readonly tos?: number
  /** Packets from there alone (IPv6); absent: from anywhere, as with all that a file asks for. */
  readonly from?: Prefix
  /** Source of what this host sends by it; absent: the kernel chooses, as with all that a file asks for. */
  readonly source?: Address
  /** Absent: none, as with all that a file asks for. */
  readonly gateway?: Address
}

export const routeTypes = ['unicast', 'unreachable', 'throw'] as const
export type RouteType = (typeof routeTypes)[number]

/**
 * A line of `ip rule`: for packets that it matches, this table answers. A packet goes down the list, the smallest priority
 * first, until a table has an answer.
 */
export interface IpRuleSpec {
  readonly family: Family
  readonly priority: number
  /** Null: packets of any source. */
  readonly from: Prefix | null
  /** Null: packets of any mark; else those whose mark has `value` where `mask` has ones. */
  readonly mark: { readonly value: number; readonly mask: number } | null
  readonly table: number
  /** Answers by routes of this prefix length or shorter do not count; null: all do. */
  readonly suppressedLength: number | null
}

/** A path below /proc/sys, slashes as separators: `net/ipv4/conf/lvn0/forwarding`. */
export interface SysctlSpec {
  readonly path: string
  readonly value: string
  /** The device on whose account it is set; its previous value is kept with that device. */
  readonly device: string
}

export interface LiveLink {
  readonly name: string
  readonly ifindex: number
  readonly kind: string | null
  readonly mtu: number
  readonly up: boolean
  /** ARPHRD_* of <linux/if_arp.h>; 1 is Ethernet. */
  readonly hardwareType: number
  readonly alias: string | null
  /** By the alias of what can be a device of a plane, or by what the plane holds for it; null: foreign. */
  readonly owner: Owner | null
  /** Index of the bridge, bond or VRF that it is a port of; absent: of none. */
  readonly master?: number
  /** Id of the XDP program that sees its packets first; 0: there are several. Absent: none. */
  readonly xdp?: number
  /** Kind of its root qdisc: `noqueue`, `htb`. Absent: not known. */
  readonly qdisc?: string
  /** User who may attach to the TUN device. Absent: there is none, or it is no TUN device. */
  readonly tunOwner?: number
}

export interface LiveAddress extends AddressSpec {
  readonly prefixLength: number
  /** True when it carries our address protocol mark. */
  readonly owned: boolean
  /** What keeps it from being an ordinary source of packets; absent: nothing. */
  readonly flaw?: AddressFlaw
}

/**
 * `tentative`: the kernel still asks whether another host has it; `duplicate`: one has; `deprecated`: its preferred
 * lifetime is over (RFC 4862 section 5.5.4).
 */
export const addressFlaws = ['tentative', 'duplicate', 'deprecated'] as const
export type AddressFlaw = (typeof addressFlaws)[number]

export interface LiveRoute extends RouteSpec {
  readonly owned: boolean
}

/** Those of others, too: they decide where packets go before, or after, ours are asked. */
export interface LiveIpRule extends IpRuleSpec {
  /** `lookup` asks `table`. */
  readonly action: IpRuleAction
  readonly to: Prefix | null
  /** The interface that a packet came in by, `lo` for the host's own; null: any. */
  readonly iif: string | null
  readonly oif: string | null
  /** It holds for the packets that do not match. */
  readonly inverted: boolean
  /** It asks for something that is not told here: ports, a protocol, a user, DSCP, a VRF. */
  readonly narrowed: boolean
  /** True when it carries our protocol mark. */
  readonly owned: boolean
}

export const ipRuleActions = ['lookup', 'goto', 'nop', 'blackhole', 'unreachable', 'prohibit'] as const
export type IpRuleAction = (typeof ipRuleActions)[number]

export interface LiveSysctl {
  readonly path: string
  readonly value: string
}

// ---- whole ------------------------------------------------------------------------------------------

export type PlaneName = 'ebpf' | 'kmod'

/** What a data plane holds. */
export interface PlaneState {
  readonly devices: readonly LiveDevice[]
  readonly tunnels: readonly LiveTunnel[]
  readonly rules: readonly LiveRule[]
  /** Previous values that destroy puts back, by device. */
  readonly saved: readonly SavedValue[]
}

/** A sysctl's value from before we changed it. */
export interface SavedValue {
  readonly device: string
  readonly path: string
  readonly value: string
}

/** What tells one host from another, and what outer packets go out by. */
export interface HostInterfaces {
  readonly hostname: string
  readonly links: readonly LiveLink[]
  readonly addresses: readonly LiveAddress[]
}

/** What the rest of the network stack holds. */
export interface HostState extends HostInterfaces {
  /** Of others' routes maybe only those that matter: see `HostNetwork.snapshot`. */
  readonly routes: readonly LiveRoute[]
  /** In the order in which the kernel goes through them, IPv4 first. */
  readonly ipRules: readonly LiveIpRule[]
  readonly filters: readonly LiveFilter[]
}

/** Everything one node's kernel says. Enough by itself to print the tunnels and to plan. */
export interface LiveState extends HostState, PlaneState {
  readonly plane: PlaneName
  /** The most tunnels that this plane can make one device for. */
  readonly maxTunnels: number
  /** Values of the sysctls that planning asked about. */
  readonly sysctls: readonly LiveSysctl[]
  /** Answers to the route look-ups that planning asked for. */
  readonly paths: readonly UnderlayPath[]
  /** Answers to questions about overlay addresses; absent: none was asked. */
  readonly ways?: readonly Way[]
}

export const wayTypes = ['unicast', 'local', 'blackhole', 'unreachable', 'prohibit', 'none'] as const

/** Where does the kernel lead a packet of this host for what is behind one of its devices? */
export interface WayQuestion {
  readonly device: string
  readonly destination: Address
  /** Null: as the kernel would choose. */
  readonly source: Address | null
}

/** The kernel's answer. */
export interface Way {
  readonly question: WayQuestion
  /** The interface that the packet leaves by; null: it goes nowhere. */
  readonly device: string | null
  /** `none`: no route leads there. */
  readonly type: (typeof wayTypes)[number]
  /** Of the route that was found, and its destination; null where the kernel does not tell, as where it refuses. */
  readonly table: number | null
  readonly route: Prefix | null
}

/** How this node reaches an underlay address. */
export interface UnderlayPath {
  readonly remote: Address
  /** Null: unreachable. */
  readonly via: {
    readonly interface: string
    /** The source address the kernel would choose. */
    readonly source: Address
    /** Bytes; the route's own MTU where it has one, else the interface's. */
    readonly mtu: number
  } | null
}

/** What one node's kernel should hold for the overlays it takes part in. */
export interface DesiredState {
  readonly devices: readonly DeviceSpec[]
  readonly addresses: readonly AddressSpec[]
  readonly tunnels: readonly TunnelSpec[]
  readonly rules: readonly RuleSpec[]
  readonly sysctls: readonly SysctlSpec[]
  readonly routes: readonly RouteSpec[]
  readonly ipRules: readonly IpRuleSpec[]
  readonly filters: readonly FilterSpec[]
}
