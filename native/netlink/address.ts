// SPDX-License-Identifier: MIT
/**
 * Interface addresses (struct ifaddrmsg of <linux/if_addr.h>): requests and answers.
 */
import {
  type Address,
  addressBytes,
  bitsOf,
  type Family,
  familyOf,
  formatAddress,
} from '../../src/model/address.ts'
import { Attributes } from './attributes.ts'
import { Encoder, readU8, readU32 } from './bytes.ts'
import { malformed } from './error.ts'
import { type NetlinkMessage, NLM_F } from './message.ts'
import type { Request } from './socket.ts'

export const RTM_ADDRESS = { new: 20, delete: 21, get: 22 } as const

const IFA = { address: 1, local: 2, flags: 8, protocol: 11 } as const
/** `nodad`: no duplicate address detection; `noPrefixRoute`: no route for the prefix. */
export const IFA_F = {
  nodad: 0x02,
  optimistic: 0x04,
  dadFailed: 0x08,
  deprecated: 0x20,
  tentative: 0x40,
  noPrefixRoute: 0x200,
} as const
const headerSize = 8

export interface InterfaceAddress {
  readonly ifindex: number
  readonly address: Address
  readonly prefixLength: number
  /** `ifa_proto` (kernel 5.18 and later): who set it; 0: not told. */
  readonly protocol: number
}

export interface ListedAddress extends InterfaceAddress {
  /** IFA_F_*. */
  readonly flags: number
}

export interface NewAddress extends InterfaceAddress {
  /** Leave out the route to its prefix. */
  readonly noPrefixRoute: boolean
}

/** Null for families other than IPv4 and IPv6. */
export function decodeAddress(message: Pick<NetlinkMessage, 'payload'>): ListedAddress | null {
  const { payload } = message
  const family = ipFamily(readU8(payload, 0))
  const prefixLength = readU8(payload, 1)
  const ifindex = readU32(payload, 4)
  if (family === null) return null
  const attributes = new Attributes(payload, headerSize)
  // On point-to-point links IFA_ADDRESS is the peer's; IFA_LOCAL, where there is one, is ours.
  const bytes = attributes.value(IFA.local) ?? attributes.value(IFA.address)
  if (bytes === undefined) throw malformed('an address message without an address')
  return {
    ifindex,
    address: decodeIp(bytes, family),
    prefixLength,
    protocol: attributes.u8(IFA.protocol) ?? 0,
    flags: attributes.u32(IFA.flags) ?? readU8(payload, 2),
  }
}

export function listAddresses(): Request {
  return { what: 'list the addresses', type: RTM_ADDRESS.get, payload: header(0, 0, 0).done() }
}

/** EEXIST: it is there already. IPv6 addresses are usable at once (no duplicate address detection). */
export function addAddress(address: NewAddress, device: string): Request {
  const nodad = familyOf(address.address) === 6 ? IFA_F.nodad : 0
  const payload = describe(address)
  payload.attributeU32(IFA.flags, nodad | (address.noPrefixRoute ? IFA_F.noPrefixRoute : 0))
  if (address.protocol !== 0) payload.attributeU8(IFA.protocol, address.protocol)
  return {
    what: `add the address ${address.address} to ${device}`,
    type: RTM_ADDRESS.new,
    flags: NLM_F.create | NLM_F.exclusive,
    payload: payload.done(),
  }
}

/** The kernel compares index, address and prefix length, not the protocol. */
export function deleteAddress(address: InterfaceAddress, device: string): Request {
  return {
    what: `delete the address ${address.address} from ${device}`,
    type: RTM_ADDRESS.delete,
    payload: describe(address).done(),
  }
}

function describe({ address, prefixLength, ifindex }: InterfaceAddress): Encoder {
  const bytes = addressBytes(address)
  return header(afOf(familyOf(address)), prefixLength, ifindex)
    .attributeBytes(IFA.local, bytes)
    .attributeBytes(IFA.address, bytes)
}

function header(family: number, prefixLength: number, ifindex: number): Encoder {
  return new Encoder().u8(family).u8(prefixLength).u8(0).u8(0).u32(ifindex)
}

const AF_INET = 2
const AF_INET6 = 10

export function afOf(family: Family): number {
  return family === 4 ? AF_INET : AF_INET6
}

/** Null: neither AF_INET nor AF_INET6. */
export function ipFamily(af: number): Family | null {
  return af === AF_INET ? 4 : af === AF_INET6 ? 6 : null
}

/** An address attribute's value as text. Throws a NetlinkError when its length is not the family's. */
export function decodeIp(bytes: Buffer, family: Family): Address {
  if (bytes.length !== bitsOf(family) / 8) throw malformed(`an IPv${family} address of ${bytes.length} bytes`)
  return formatAddress(bytes)
}
