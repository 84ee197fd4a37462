// SPDX-License-Identifier: MIT
/**
 * Values that primitives are given, checked: whatever comes from a command line or from a program. Pure.
 */
import { interfaceNameHint, isInterfaceName } from '../model/interface-name.ts'
import type { Keepalive } from '../model/topology.ts'
import { wrong } from './refusals.ts'

/** As in the language. */
export const defaultPort = 50_000
export const defaultKeepalive: Keepalive = { intervalMs: 20_000, deadMs: 90_000 }
/** Tunnels that a multi device is made for where nothing is said. */
export const defaultCapacity = 1024

const longestName = 63
const day = 86_400_000
const shortest = 100

export function checkDeviceName(name: string): string {
  if (isInterfaceName(name)) return name
  throw wrong(`\`${name}\` cannot name an interface`, interfaceNameHint)
}

export function checkPort(port: number, what: string): number {
  return within(port, 1, 65_535, `the ${what} port`)
}

export function checkMtu(mtu: number): number {
  return within(mtu, 576, 65_535, 'the MTU')
}

export function checkCapacity(capacity: number, most: number): number {
  return within(capacity, 1, most, 'the capacity')
}

export function checkId(id: number): number {
  return within(id, 1, 65_536, 'a tunnel id')
}

export function checkTunnelName(name: string): string {
  const size = Buffer.byteLength(name)
  if (size > 0 && size <= longestName && !/[\s/\0]/.test(name)) return name
  throw wrong(`\`${name}\` cannot name a tunnel`, `1 to ${longestName} bytes, without white space and \`/\``)
}

/** 0 for both: neither are keepalives sent nor is the peer ever dead. */
export function checkKeepalive({ intervalMs, deadMs }: Keepalive): Keepalive {
  if (intervalMs !== 0) within(intervalMs, shortest, day, 'the keepalive interval', ' ms')
  if (deadMs !== 0) within(deadMs, shortest, day, 'the dead time', ' ms')
  if (deadMs !== 0 && deadMs <= intervalMs) {
    throw wrong(
      'the dead time is not longer than the keepalive interval',
      'two to five times as long is usual',
    )
  }
  return { intervalMs, deadMs }
}

export function checkKey(key: string): string {
  if (/^[0-9A-Fa-f]{32}$/.test(key)) return key.toLowerCase()
  throw wrong('a key is 16 bytes, written as 32 hex digits', 'make one with `openssl rand -hex 16`')
}

function within(value: number, least: number, most: number, what: string, unit = ''): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw wrong(`${what} is a whole number from ${least} to ${most}${unit}, not ${value}`)
}
