// SPDX-License-Identifier: MIT
/**
 * Nodes, overlays, prefixes and addresses in a few lines of Markdown: what hovers show.
 */
import {
  type Address,
  bitsOf,
  familyOf,
  formatEndpoint,
  type Prefix,
  prefixContains,
  prefixLength,
} from '../model/address.ts'
import {
  formatListen,
  type Node,
  type NodeEndpoint,
  nodesOf,
  type Overlay,
  type Topology,
} from '../model/topology.ts'
import type { SymbolEntry } from './symbols.ts'

/** More lines than this are counted instead. */
const most = 10

export function nodeText(node: Node): string {
  const { device, endpoint, listens, keepalive } = node
  const lines: (readonly [string, string])[] = [
    ['device', `${device.name}, ${device.mode}, MTU ${device.mtu}`],
    ['addresses', codes(device.addresses)],
    ['routes', codes(node.routes)],
    ['listens on', codes(listens.map(formatListen))],
    ['endpoint', endpoint === null ? '' : endpointText(endpoint)],
    ['port', String(node.port)],
    ['keepalive', `every ${duration(keepalive.intervalMs)}, dead after ${duration(keepalive.deadMs)}`],
    ['underlay', codes(node.underlay?.interfaces ?? [])],
    ['via', codes(node.via)],
    ['prefers', node.prefer === null ? '' : `\`${node.prefer}\``],
    ['hosts', codes(node.hostnames)],
  ]
  return card(`${node.role} \`${node.name}\` of \`${node.overlay}\``, lines)
}

export function overlayText(overlay: Overlay): string {
  return card(`overlay \`${overlay.name}\``, [
    ['nets', codes(overlay.nets)],
    ['hubs', codes(overlay.hubs.map(({ name }) => name))],
    ['spokes', String(overlay.spokes.length)],
  ])
}

/** A value, a template or a parameter: the line that gives it. */
export function valueText({ kind, name, statement }: SymbolEntry): string {
  const { source, start, end } = statement.span
  const head = source.text.slice(start, end).split(/[{\n]/, 1)[0] as string
  const what = kind === 'parameter' ? `parameter \`${name}\` of` : ''
  return `${what}\n\`\`\`lvn\n${head.trimEnd()}\n\`\`\``.trimStart()
}

/** How large it is, whose it is, and what lies in it. */
export function prefixText(prefix: Prefix, topology: Topology): string {
  const bits = bitsOf(familyOf(prefix)) - prefixLength(prefix)
  const size = bits <= 32 ? (2 ** bits).toLocaleString('en') : `2^${bits}`
  const around: string[] = []
  const inside: string[] = []
  for (const { what, text } of holdings(topology)) {
    if (isPrefix(what) && prefixContains(what, prefix))
      around.push(what === prefix ? text : `within \`${what}\`, ${text}`)
    else if (prefixContains(prefix, what)) inside.push(`\`${what}\`, ${text}`)
  }
  return `\`${prefix}\`: ${size} ${bits === 0 ? 'address' : 'addresses'}${list([...around, ...inside])}`
}

/** Whose it is, and whose networks it lies in. */
export function addressText(address: Address, topology: Topology): string {
  const of: string[] = []
  for (const { what, text } of holdings(topology)) {
    if (what === address) of.push(text)
    else if (isPrefix(what) && prefixContains(what, address)) of.push(`within \`${what}\`, ${text}`)
  }
  return `\`${address}\`${list(of)}`
}

interface Holding {
  readonly what: Address | Prefix
  /** Whose it is, and as what. */
  readonly text: string
}

function* holdings({ overlays }: Topology): Generator<Holding> {
  for (const overlay of overlays) {
    for (const what of overlay.nets) yield { what, text: `net of \`${overlay.name}\`` }
    for (const node of nodesOf(overlay)) {
      const of = `of \`${node.name}\``
      for (const what of node.device.addresses) yield { what, text: `address ${of}` }
      for (const what of node.routes) yield { what, text: `route ${of}` }
      for (const { address, port, local } of node.listens) {
        yield { what: address, text: `underlay address ${of}, port ${port}` }
        if (local.address !== address)
          yield { what: local.address, text: `address ${of} behind its NAT, port ${local.port}` }
      }
      const { endpoint } = node
      if (endpoint?.kind !== 'address') continue
      yield { what: endpoint.address, text: `underlay address ${of}, port ${endpoint.port}` }
    }
  }
}

function isPrefix(what: Address | Prefix): what is Prefix {
  return what.includes('/')
}

function card(title: string, lines: readonly (readonly [string, string])[]): string {
  const items = lines.filter(([, value]) => value !== '').map(([key, value]) => `- ${key}: ${value}`)
  return `**${title}**\n\n${items.join('\n')}`
}

function list(items: readonly string[]): string {
  const shown = items.slice(0, most).map((item) => `\n- ${item}`)
  if (items.length > most) shown.push(`\n- … and ${items.length - most} more`)
  return shown.length === 0 ? '' : `\n${shown.join('')}`
}

function codes(texts: readonly string[]): string {
  const shown = texts.slice(0, most).map((text) => `\`${text}\``)
  return texts.length > most ? `${shown.join(', ')}, … (${texts.length})` : shown.join(', ')
}

function endpointText(endpoint: NodeEndpoint): string {
  if (endpoint.kind === 'nat') return 'behind a NAT: learned when it signs on'
  return endpoint.kind === 'name'
    ? `\`${endpoint.host}:${endpoint.port}\``
    : `\`${formatEndpoint(endpoint)}\``
}

function duration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}
