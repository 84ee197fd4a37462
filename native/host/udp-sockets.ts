// SPDX-License-Identifier: MIT
/**
 * UDP sockets of the network namespace that the thread is in, and the processes that hold them, read from /proc. It
 * knows nothing of tunnels.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { printable } from '../../src/diag/message.ts'
import type { Address, Endpoint } from '../../src/model/address.ts'
import { familyOf, parseAddress } from '../../src/model/address.ts'
import { isErrno, systemFailure } from '../errors.ts'

/** A socket that takes packets from anybody: bound, and connected to no peer. */
export interface OpenSocket {
  /** `0.0.0.0` and `::` are every address. */
  readonly local: Endpoint
  /** 0: the kernel's own. */
  readonly inode: number
}

export interface Holder {
  readonly pid: number
  /** The command's name, as the kernel keeps it; the process chooses it. Control characters are middle dots. */
  readonly name: string
}

/** Sockets that would be given a packet to `endpoint` from a stranger; `[::]` takes IPv4 too. */
export function socketsAt(endpoint: Endpoint): OpenSocket[] {
  const everywhere = familyOf(endpoint.address) === 4 ? ['0.0.0.0', '::'] : ['::']
  return openSockets().filter(
    ({ local }) =>
      local.port === endpoint.port &&
      (local.address === endpoint.address || everywhere.includes(local.address)),
  )
}

function openSockets(): OpenSocket[] {
  return ['udp', 'udp6'].flatMap((table) => parseSockets(readTable(table)))
}

/** The lines of /proc/net/udp or udp6 (`udp4_format_sock` in net/ipv4/udp.c), connected sockets left out. */
export function parseSockets(table: string): OpenSocket[] {
  return table.split('\n').flatMap((line) => {
    const [, local, remote, , , , , , , inode] = line.trim().split(/\s+/)
    if (local === undefined || remote === undefined || !/^0+:0000$/.test(remote)) return []
    const [address, port] = local.split(':')
    if (address === undefined || port === undefined) return []
    return [{ local: { address: parseHex(address), port: Number.parseInt(port, 16) }, inode: Number(inode) }]
  })
}

/** Words of 32 bits, each printed as this machine reads it: of the least significant byte first. */
function parseHex(text: string): Address {
  const bytes = Buffer.from(text, 'hex').swap32()
  if (bytes.length === 4) return [...bytes].join('.') as Address
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  return parseAddress(groups.join(':')) as Address
}

function readTable(name: string): string {
  try {
    // The thread's: the process itself may be in another namespace.
    return readFileSync(`/proc/thread-self/net/${name}`, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return ''
    throw systemFailure(`list the sockets of ${name}`, error)
  }
}

/** A process that has the socket open; null: none that can be seen. */
export function holderOf({ inode }: OpenSocket): Holder | null {
  if (inode === 0) return null
  const target = `socket:[${inode}]`
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const open = readdirSync(`/proc/${pid}/fd`)
      if (open.some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === target)) {
        const name = readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, '')
        return { pid: Number(pid), name: printable(name) }
      }
    } catch {
      // It has ended meanwhile, or is not ours to look into.
    }
  }
  return null
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
