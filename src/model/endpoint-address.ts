// SPDX-License-Identifier: MIT
/**
 * Which addresses no node of an underlay can be reached at, whether a file gives them or a name server. It knows no host:
 * what is an address of one is not known here.
 */
import { type Address, addressBytes, bits4, familyOf } from './address.ts'

/** What it is instead of an endpoint (RFC 6890), as in "ADDRESS is loopback"; null: it can be one. */
export function unfitEndpoint(address: Address): string | null {
  return familyOf(address) === 4 ? unfit4(bits4(address)) : unfit6(addressBytes(address))
}

function unfit4(bits: number): string | null {
  const first = bits >>> 24
  if (first === 0) return 'unspecified'
  if (first === 127) return 'loopback'
  if (bits >>> 16 === 0xa9fe) return 'link-local'
  if (bits === 0xffffffff) return 'broadcast'
  if (first >= 240) return 'reserved'
  return first >= 224 ? 'multicast' : null
}

function unfit6(bytes: Uint8Array): string | null {
  const [first = 0, second = 0] = bytes
  if (first === 0xff) return 'multicast'
  if (first === 0xfe && (second & 0xc0) === 0x80) return 'link-local'
  const last = bytes.findIndex((byte) => byte !== 0)
  if (last < 0) return 'unspecified'
  if (last === 15 && bytes[15] === 1) return 'loopback'
  return last === 10 && bytes[10] === 0xff && bytes[11] === 0xff ? 'IPv4-mapped' : null
}
