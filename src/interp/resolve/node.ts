// SPDX-License-Identifier: MIT
/**
 * One `hub` or `spoke` block to a node, with the places of what will be compared with other nodes. Part of
 * phase 1; it sees only this node and the overlay's defaults.
 */

import {
  listedTwice,
  mtuTooSmallForIpv6,
  noAddress,
  noEndpoint,
  noListen,
  saidTwice,
} from '../../diag/catalogue.ts'
import type { Span } from '../../diag/source.ts'
import type { Address, Prefix } from '../../model/address.ts'
import { append } from '../../model/lists.ts'
import type { Auth, DeviceMode, Node, NodeEndpoint, NodeUnderlay } from '../../model/topology.ts'
import type * as flat from './flat.ts'
import { signallingOf } from './signalling.ts'
import {
  addressOf,
  checkDeviceName,
  checkName,
  endpointOf,
  hostNameOf,
  type KeepaliveTimes,
  keepaliveOf,
  listenOf,
  mtuOf,
  portOf,
  prefixOfLiteral,
  type Report,
  toKeepalive,
} from './values.ts'

export interface Placed<T> {
  readonly value: T
  readonly span: Span
}

/** A node and where its parts were written. */
export interface DraftNode {
  readonly node: Node
  readonly addresses: readonly Placed<Address>[]
  readonly routes: readonly Placed<Prefix>[]
  readonly hostnames: readonly Placed<string>[]
  /** Where `mode` was written; null where it was not. */
  readonly modeSpan: Span | null
  /** The hubs that it names, in source order; empty: none written. */
  readonly via: readonly Placed<string>[]
  readonly prefer: Placed<string> | null
  /** Every `listen` could be read, so that a family that none has is missing. */
  readonly listensKnown: boolean
  /** Every `address` could be read, so that a family that none has is missing. */
  readonly addressesKnown: boolean
}

/** What a node takes from its overlay. */
export interface Defaults {
  readonly overlay: string
  readonly port: number
  readonly keepalive: KeepaliveTimes
  readonly auth: Auth
}

/** The statements that may stand only once in a place, by their first word; reports the second. */
export class Once {
  /** Few: a list is searched faster than a map is made. */
  private readonly seen: flat.Statement[] = []
  private readonly report: Report

  constructor(report: Report) {
    this.report = report
  }

  first(statement: flat.Statement): boolean {
    const before = this.seen.find(({ kind }) => kind === statement.kind)
    if (before === undefined) this.seen.push(statement)
    else this.report(saidTwice(statement.span, statement.kind, before.span))
    return before === undefined
  }
}

export function resolveNode(block: flat.Hub | flat.Spoke, defaults: Defaults, report: Report): DraftNode {
  checkName(block.name, `a ${block.kind}`, report)
  const parts = gather(block, report)
  const own = parts.port && portOf(parts.port.port, report)
  const port = own ?? defaults.port
  const listens = parts.listens.flatMap((written) => listenOf(written, port, report) ?? [])
  const endpoint = parts.endpoint && (endpointOf(parts.endpoint.endpoint, port, report) ?? null)
  const damaged = block.body?.damaged || parts.device?.body?.damaged === true
  if (!damaged) reportMissing(block, parts, report)
  const keepalive = parts.keepalive
    ? keepaliveOf(parts.keepalive, defaults.keepalive, report)
    : defaults.keepalive
  const auth = parts.auth?.auth.text ?? defaults.auth
  const device = {
    name: parts.device?.name.text ?? 'lvn0',
    mode: parts.mode?.mode.text ?? defaultModes[block.kind],
    mtu: mtuFor(parts, report),
    addresses: parts.addresses.map(({ value }) => value),
    span: parts.device?.span ?? block.name.span,
  }
  const node: Node = {
    overlay: defaults.overlay,
    name: block.name.text,
    role: block.kind,
    hostnames: parts.hostnames.map(({ value }) => value),
    listens,
    endpoint,
    device,
    routes: parts.routes.map(({ value }) => value),
    port: own ?? localPort(endpoint) ?? defaults.port,
    keepalive: toKeepalive(keepalive),
    underlay: underlayOf(parts.underlays, report),
    via: [],
    prefer: null,
    signalling: parts.signalling && signallingOf(parts.signalling, auth, report),
    auth,
    span: block.name.span,
  }
  const { addresses, routes, hostnames, via } = parts
  const prefer = parts.prefer && { value: parts.prefer.hub.text, span: parts.prefer.hub.span }
  const listensKnown = !damaged && listens.length === parts.listens.length
  const addressesKnown = !damaged && parts.addressesKnown
  const modeSpan = parts.mode?.span ?? null
  return { node, addresses, routes, hostnames, via, prefer, modeSpan, listensKnown, addressesKnown }
}

const defaultModes: Readonly<Record<Node['role'], DeviceMode>> = { hub: 'multi', spoke: 'fixed' }

/** A spoke that is reached at a port sends from it, unless it says another one. */
function localPort(endpoint: NodeEndpoint | null): number | undefined {
  return endpoint !== null && endpoint.kind !== 'nat' ? endpoint.port : undefined
}

interface Parts {
  readonly addresses: Placed<Address>[]
  readonly routes: Placed<Prefix>[]
  readonly hostnames: Placed<string>[]
  readonly listens: flat.Listen['endpoints'][number][]
  /** Something was written, be it wrong: it does not count as missing. */
  hasAddress: boolean
  addressesKnown: boolean
  endpoint: flat.Endpoint | null
  device: flat.Device | null
  port: flat.Port | null
  keepalive: flat.Keepalive | null
  auth: flat.Auth | null
  signalling: flat.Signalling | null
  prefer: flat.Prefer | null
  readonly underlays: flat.Underlay[]
  readonly via: Placed<string>[]
  mtu: flat.Mtu | null
  mode: flat.Mode | null
}

function gather(block: flat.Hub | flat.Spoke, report: Report): Parts {
  const parts: Parts = {
    addresses: [],
    routes: [],
    hostnames: [],
    listens: [],
    hasAddress: false,
    addressesKnown: true,
    endpoint: null,
    device: null,
    port: null,
    keepalive: null,
    auth: null,
    signalling: null,
    prefer: null,
    underlays: [],
    via: [],
    mtu: null,
    mode: null,
  }
  const once = new Once(report)
  for (const statement of block.body?.statements ?? []) {
    switch (statement.kind) {
      case 'address':
        gatherAddresses(statement, parts, report)
        break
      case 'routes':
        for (const literal of statement.prefixes) {
          const value = prefixOfLiteral(literal, report)
          if (value !== undefined) parts.routes.push({ value, span: literal.span })
        }
        break
      case 'match':
        for (const { text, span } of statement.hostnames) {
          const value = hostNameOf(text, span, report)
          if (value !== undefined) parts.hostnames.push({ value, span })
        }
        break
      case 'listen':
        append(parts.listens, statement.endpoints)
        break
      case 'endpoint':
        if (once.first(statement)) parts.endpoint = statement
        break
      case 'port':
        if (once.first(statement)) parts.port = statement
        break
      case 'keepalive':
        if (once.first(statement)) parts.keepalive = statement
        break
      case 'auth':
        if (once.first(statement)) parts.auth = statement
        break
      case 'signalling':
        if (once.first(statement)) parts.signalling = statement
        break
      case 'underlay':
        parts.underlays.push(statement)
        break
      case 'via':
        for (const { text, span } of statement.hubs) {
          const first = parts.via.find(({ value }) => value === text)
          if (first === undefined) parts.via.push({ value: text, span })
          else report(listedTwice(span, text, first.span))
        }
        break
      case 'prefer':
        if (once.first(statement)) parts.prefer = statement
        break
      case 'device':
        if (once.first(statement)) gatherDevice(statement, parts, report)
        break
    }
  }
  return parts
}

/** Null: none written. */
function underlayOf(statements: readonly flat.Underlay[], report: Report): NodeUnderlay | null {
  const [first] = statements
  if (first === undefined) return null
  const names = new Map<string, Span>()
  for (const literal of statements.flatMap(({ interfaces }) => interfaces)) {
    checkDeviceName(literal, report)
    const before = names.get(literal.text)
    if (before === undefined) names.set(literal.text, literal.span)
    else report(listedTwice(literal.span, literal.text, before))
  }
  return { interfaces: [...names.keys()], span: first.span }
}

function gatherDevice(device: flat.Device, parts: Parts, report: Report): void {
  parts.device = device
  checkDeviceName(device.name, report)
  const once = new Once(report)
  for (const statement of device.body?.statements ?? []) {
    if (statement.kind === 'address') gatherAddresses(statement, parts, report)
    else if (!once.first(statement)) continue
    else if (statement.kind === 'mtu') parts.mtu = statement
    else parts.mode = statement
  }
}

function gatherAddresses(statement: flat.Address, parts: Parts, report: Report): void {
  parts.hasAddress = true
  for (const literal of statement.addresses) {
    const value = addressOf(literal, report)
    if (value !== undefined) parts.addresses.push({ value, span: literal.span })
    else parts.addressesKnown = false
  }
}

function reportMissing(block: flat.Hub | flat.Spoke, parts: Parts, report: Report): void {
  const { text, span } = block.name
  if (block.kind === 'hub' && parts.listens.length === 0) report(noListen(span, text))
  if (block.kind === 'spoke' && parts.endpoint === null) report(noEndpoint(span, text))
  if (!parts.hasAddress) report(noAddress(span, block.kind, text))
}

function mtuFor(parts: Parts, report: Report): number | 'auto' {
  if (parts.mtu === null) return 'auto'
  const mtu = mtuOf(parts.mtu.mtu, report) ?? 'auto'
  if (mtu !== 'auto' && mtu < 1280) {
    const six = [...parts.addresses, ...parts.routes].find(({ value }) => value.includes(':'))
    if (six !== undefined) report(mtuTooSmallForIpv6(parts.mtu.mtu.span, mtu, six.span))
  }
  return mtu
}
