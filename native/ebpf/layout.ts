// SPDX-License-Identifier: MIT
/**
 * Codecs of the map entries that bpf/lvn.h lays out: one writer and one reader for each structure, numbers
 * little-endian (the host's), addresses and ports in network order. Knows bytes, no kernel.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import {
  type Address,
  addressBytes,
  type Endpoint,
  type Family,
  familyOf,
  formatAddress,
  type Prefix,
  prefixAddress,
  prefixLength,
  prefixOf,
} from '../../src/model/address.ts'
import { maxDestinations } from '../../src/model/state.ts'
import type { DeviceMode, Keepalive } from '../../src/model/topology.ts'
import type { Kept } from '../saved.ts'

/** The layout's version: LVN_ABI. Programs of another one count as missing: the next apply replaces them. */
export const abi = 4
export const maxPorts = 16
export const maxLocals = 64
/** Two to the power of LVN_FLOW_BITS. */
export const flowSlots = 1024
const masks4Capacity = 34
const masks6Capacity = 130
const endOfMasks = 255
const portsAt = 28
const masks4At = portsAt + maxPorts * 2
const list4Size = masks4Capacity * 8
const list6Size = masks6Capacity * 20
const masks6At = masks4At + 2 * list4Size
const destinationListAt = masks6At + 2 * list6Size
const destinationsAt = destinationListAt + 4
const destinationsHead = 12
const destination6At = destinationsHead + maxDestinations * 8
const destinationsSize = destination6At + maxDestinations * 32
const nameAt = destinationsAt + 2 * destinationsSize

export const size = {
  config: nameAt + 16 + 256,
  tunnel: 48,
  info: 80,
  peerKey: 20,
  localKey: 20,
  rule4Key: 8,
  rule6Key: 20,
  counters: 56,
  savedKey: 128,
  savedValue: 128,
  name: 64,
  interfaceName: 16,
  alias: 256,
} as const

/** The head of the configuration, the same in the layout of every version. */
export interface ConfigHeader {
  readonly abi: number
  readonly mode: DeviceMode
  readonly ifindex: number
  readonly capacity: number
}

/** Those in use, any order. */
export type PrefixLengths = Readonly<Record<Family, readonly number[]>>

export interface Config extends ConfigHeader {
  /** Another one after each change of rules, odd while they are being changed; never 0. */
  readonly rulesVersion: number
  /** At most `maxPorts`. */
  readonly ports: readonly number[]
  /** Which of the lists of lengths is read. */
  readonly list: 0 | 1
  readonly lengths: readonly [PrefixLengths, PrefixLengths]
  /** Which of the lists of destinations is read. */
  readonly destinationList: 0 | 1
  /** At most `maxDestinations` of a family, IPv4 first; empty: any. */
  readonly destinations: readonly [readonly Prefix[], readonly Prefix[]]
  /** The device's name and alias: how its tables are known when the device itself has been deleted. */
  readonly name: string
  readonly alias: string
}

/** What the programs read of a tunnel. `underlay`: an ifindex, 0: no remote. `ethernet`: so are its frames. */
export interface TunnelEntry {
  readonly local: Endpoint
  readonly remote: Endpoint | null
  readonly underlay: number
  readonly ethernet: boolean
}

export interface InfoEntry {
  readonly name: string
  readonly keepalive: Keepalive
}

export interface CounterEntry {
  rxPackets: number
  rxBytes: number
  txPackets: number
  txBytes: number
  dropped: number
  lastRxNs: number
  lastTxNs: number
}

export function encodeConstants(mode: DeviceMode): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(modes.indexOf(mode), 0)
  return bytes
}

const modes: readonly DeviceMode[] = ['fixed', 'multi']

export function encodeConfig(config: Config): Buffer {
  const bytes = Buffer.alloc(size.config)
  bytes.writeUInt32LE(config.abi, 0)
  bytes.writeUInt32LE(modes.indexOf(config.mode), 4)
  bytes.writeUInt32LE(config.ifindex, 8)
  bytes.writeUInt32LE(config.capacity, 12)
  bytes.writeUInt32LE(config.rulesVersion, 16)
  bytes.writeUInt32LE(config.list, 20)
  bytes.writeUInt32LE(config.ports.length, 24)
  for (const [i, port] of config.ports.entries()) bytes.writeUInt16BE(port, portsAt + i * 2)
  for (const [i, lengths] of config.lengths.entries()) {
    writeMasks(bytes, masks4At + i * list4Size, 4, lengths[4])
    writeMasks(bytes, masks6At + i * list6Size, 16, lengths[6])
  }
  bytes.writeUInt32LE(config.destinationList, destinationListAt)
  for (const [i, list] of config.destinations.entries())
    writeDestinations(bytes, destinationsAt + i * destinationsSize, list)
  writeText(bytes, nameAt, size.interfaceName, config.name, 'device name')
  writeText(bytes, nameAt + size.interfaceName, size.alias, config.alias, 'alias')
  return bytes
}

export function decodeConfigHeader(bytes: Buffer): ConfigHeader {
  return {
    abi: bytes.readUInt32LE(0),
    mode: modes[bytes.readUInt32LE(4)] ?? 'fixed',
    ifindex: bytes.readUInt32LE(8),
    capacity: bytes.readUInt32LE(12),
  }
}

export function decodeConfig(bytes: Buffer): Config {
  return {
    ...decodeConfigHeader(bytes),
    rulesVersion: bytes.readUInt32LE(16),
    list: bytes.readUInt32LE(20) === 0 ? 0 : 1,
    ports: Array.from({ length: bytes.readUInt32LE(24) }, (_, i) => bytes.readUInt16BE(portsAt + i * 2)),
    lengths: [readLengths(bytes, 0), readLengths(bytes, 1)],
    destinationList: bytes.readUInt32LE(destinationListAt) === 0 ? 0 : 1,
    destinations: [
      readDestinations(bytes, destinationsAt),
      readDestinations(bytes, destinationsAt + destinationsSize),
    ],
    name: readText(bytes, nameAt, size.interfaceName),
    alias: readText(bytes, nameAt + size.interfaceName, size.alias),
  }
}

function readLengths(bytes: Buffer, list: 0 | 1): PrefixLengths {
  return {
    4: readMasks(bytes, masks4At + list * list4Size, 4),
    6: readMasks(bytes, masks6At + list * list6Size, 16),
  }
}

function writeDestinations(bytes: Buffer, at: number, list: readonly Prefix[]): void {
  bytes.writeUInt32LE(list.length > 0 ? 1 : 0, at)
  for (const [family, countAt, first, width] of [
    [4, at + 4, at + destinationsHead, 4],
    [6, at + 8, at + destination6At, 16],
  ] as const) {
    const mine = list.filter((prefix) => familyOf(prefix) === family)
    bytes.writeUInt32LE(mine.length, countAt)
    for (const [i, prefix] of mine.entries()) {
      const offset = first + i * 2 * width
      bytes.set(addressBytes(prefixAddress(prefix)), offset)
      writeMask(bytes, offset + width, width, prefixLength(prefix))
    }
  }
}

function readDestinations(bytes: Buffer, at: number): Prefix[] {
  const read = (count: number, first: number, width: number) =>
    Array.from({ length: count }, (_, i) => {
      const offset = first + i * 2 * width
      const mask = bytes.subarray(offset + width, offset + 2 * width)
      const length = mask.reduce((sum, byte) => sum + Math.round(Math.log2(256 / (256 - byte))), 0)
      return prefixOf(formatAddress(bytes.subarray(offset, offset + width)), length)
    })
  return [
    ...read(bytes.readUInt32LE(at + 4), at + destinationsHead, 4),
    ...read(bytes.readUInt32LE(at + 8), at + destination6At, 16),
  ]
}

function writeMask(bytes: Buffer, at: number, width: number, length: number): void {
  for (let i = 0; i < width; i++) {
    const ones = Math.max(0, Math.min(8, length - i * 8))
    bytes[at + i] = (0xff00 >> ones) & 0xff
  }
}

function writeMasks(bytes: Buffer, at: number, width: number, lengths: readonly number[]): void {
  let offset = at
  for (const length of [...lengths].sort((a, b) => b - a)) {
    bytes.writeUInt32LE(length, offset)
    writeMask(bytes, offset + 4, width, length)
    offset += 4 + width
  }
  bytes.writeUInt32LE(endOfMasks, offset)
}

function readMasks(bytes: Buffer, at: number, width: number): number[] {
  const lengths: number[] = []
  for (let offset = at; ; offset += 4 + width) {
    const length = bytes.readUInt32LE(offset)
    if (length > width * 8) return lengths
    lengths.push(length)
  }
}

/** Sixteen bytes; IPv4 is mapped. */
function writeAddress(bytes: Buffer, offset: number, address: Address): void {
  const raw = addressBytes(address)
  if (raw.length === 4) {
    bytes.fill(0, offset, offset + 10)
    bytes.fill(0xff, offset + 10, offset + 12)
    bytes.set(raw, offset + 12)
  } else {
    bytes.set(raw, offset)
  }
}

function readAddress(bytes: Buffer, offset: number, family: Family): Address {
  return formatAddress(bytes.subarray(family === 4 ? offset + 12 : offset, offset + 16))
}

export function writeTunnel(bytes: Buffer, offset: number, tunnel: TunnelEntry): void {
  bytes.fill(0, offset, offset + size.tunnel)
  writeAddress(bytes, offset, tunnel.local.address)
  bytes.writeUInt16BE(tunnel.local.port, offset + 32)
  if (tunnel.remote !== null) {
    writeAddress(bytes, offset + 16, tunnel.remote.address)
    bytes.writeUInt16BE(tunnel.remote.port, offset + 34)
    bytes.writeUInt32LE(tunnel.underlay, offset + 36)
  }
  bytes.writeUInt8(familyOf(tunnel.local.address), offset + 40)
  bytes.writeUInt8(tunnel.ethernet ? 1 : 0, offset + 41)
}

/** Null: a free slot. */
export function readTunnel(bytes: Buffer, offset: number): TunnelEntry | null {
  const family = bytes.readUInt8(offset + 40)
  if (family !== 4 && family !== 6) return null
  const remotePort = bytes.readUInt16BE(offset + 34)
  return {
    local: { address: readAddress(bytes, offset, family), port: bytes.readUInt16BE(offset + 32) },
    remote: remotePort === 0 ? null : { address: readAddress(bytes, offset + 16, family), port: remotePort },
    underlay: bytes.readUInt32LE(offset + 36),
    ethernet: bytes.readUInt8(offset + 41) !== 0,
  }
}

export function writeInfo(bytes: Buffer, offset: number, info: InfoEntry): void {
  writeText(bytes, offset, size.name, info.name, 'tunnel name')
  bytes.writeBigUInt64LE(BigInt(info.keepalive.intervalMs), offset + 64)
  bytes.writeBigUInt64LE(BigInt(info.keepalive.deadMs), offset + 72)
}

export function readInfo(bytes: Buffer, offset: number): InfoEntry {
  return {
    name: readText(bytes, offset, size.name),
    keepalive: {
      intervalMs: Number(bytes.readBigUInt64LE(offset + 64)),
      deadMs: Number(bytes.readBigUInt64LE(offset + 72)),
    },
  }
}

export function writePeerKey(bytes: Buffer, offset: number, remote: Endpoint, localPort: number): void {
  writeAddress(bytes, offset, remote.address)
  bytes.writeUInt16BE(remote.port, offset + 16)
  bytes.writeUInt16BE(localPort, offset + 18)
}

export function encodePeerKey(remote: Endpoint, localPort: number): Buffer {
  const bytes = Buffer.alloc(size.peerKey)
  writePeerKey(bytes, 0, remote, localPort)
  return bytes
}

export function encodeLocalKey(local: Endpoint): Buffer {
  const bytes = Buffer.alloc(size.localKey)
  writeAddress(bytes, 0, local.address)
  bytes.writeUInt16BE(local.port, 16)
  return bytes
}

export function writeRuleKey(bytes: Buffer, offset: number, prefix: Prefix): void {
  const raw = addressBytes(prefixAddress(prefix))
  bytes.set(raw, offset)
  bytes.writeUInt32LE(prefixLength(prefix), offset + raw.length)
}

export function encodeRuleKey(prefix: Prefix): Buffer {
  const bytes = Buffer.alloc(familyOf(prefix) === 4 ? size.rule4Key : size.rule6Key)
  writeRuleKey(bytes, 0, prefix)
  return bytes
}

export function readRuleKey(bytes: Buffer, offset: number, family: Family): Prefix {
  const width = family === 4 ? 4 : 16
  const address = formatAddress(bytes.subarray(offset, offset + width))
  return `${address}/${bytes.readUInt32LE(offset + width)}` as Prefix
}

/** Sums a per-CPU value over its CPUs; times are the latest. */
export function readCounters(bytes: Buffer, offset: number, cpus: number): CounterEntry {
  const sum: CounterEntry = {
    rxPackets: 0,
    rxBytes: 0,
    txPackets: 0,
    txBytes: 0,
    dropped: 0,
    lastRxNs: 0,
    lastTxNs: 0,
  }
  for (let cpu = 0; cpu < cpus; cpu++) {
    const at = offset + cpu * size.counters
    const word = (i: number) => Number(bytes.readBigUInt64LE(at + i * 8))
    sum.rxPackets += word(0)
    sum.rxBytes += word(1)
    sum.txPackets += word(2)
    sum.txBytes += word(3)
    sum.dropped += word(4)
    sum.lastRxNs = Math.max(sum.lastRxNs, word(5))
    sum.lastTxNs = Math.max(sum.lastTxNs, word(6))
  }
  return sum
}

/** What older versions wrote has no index: 0. */
const savedIfindexAt = size.savedValue - 4

export function encodeSavedValue({ value, ifindex }: Pick<Kept, 'value' | 'ifindex'>): Buffer {
  const bytes = Buffer.alloc(size.savedValue)
  writeText(bytes, 0, savedIfindexAt, value, 'value')
  bytes.writeUInt32LE(ifindex, savedIfindexAt)
  return bytes
}

export function readSavedValue(bytes: Buffer, offset: number): Pick<Kept, 'value' | 'ifindex'> {
  const ifindex = bytes.readUInt32LE(offset + savedIfindexAt)
  return { value: readText(bytes, offset, savedIfindexAt), ifindex }
}

export function encodeText(text: string, length: number, what: string): Buffer {
  const bytes = Buffer.alloc(length)
  writeText(bytes, 0, length, text, what)
  return bytes
}

/** NUL-padded UTF-8; a text that would not fit with its NUL is refused. */
function writeText(bytes: Buffer, offset: number, length: number, text: string, what: string): void {
  const raw = Buffer.from(text, 'utf8')
  if (raw.length >= length || raw.includes(0)) {
    throw new LvnError('LVN5003', ExitCode.rolledBack, `${what} "${text}" is longer than ${length - 1} bytes`)
  }
  bytes.fill(0, offset, offset + length)
  raw.copy(bytes, offset)
}

export function readText(bytes: Buffer, offset: number, length: number): string {
  const field = bytes.subarray(offset, offset + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end)
}
