// SPDX-License-Identifier: MIT
/**
 * Destinations of a device as the module takes them: records of 20 bytes, see `destinations` in spec/lvn.yaml.
 */
import {
  addressBytes,
  familyOf,
  formatAddress,
  type Prefix,
  prefixAddress,
  prefixLength,
  prefixOf,
} from '../../src/model/address.ts'
import { malformed } from '../netlink/error.ts'
import { destinationLen } from './generated.ts'

const familyAt = 16
const lengthAt = 17

export function encodeDestinations(list: readonly Prefix[]): Uint8Array {
  const bytes = Buffer.alloc(list.length * destinationLen)
  for (const [i, prefix] of list.entries()) {
    bytes.set(addressBytes(prefixAddress(prefix)), i * destinationLen)
    bytes.writeUInt8(familyOf(prefix), i * destinationLen + familyAt)
    bytes.writeUInt8(prefixLength(prefix), i * destinationLen + lengthAt)
  }
  return bytes
}

/** Absent: any, so an empty list. Throws a NetlinkError for what is no such record. */
export function decodeDestinations(bytes: Uint8Array | undefined): Prefix[] {
  if (bytes === undefined) return []
  if (bytes.length % destinationLen !== 0) throw malformed(`destinations of ${bytes.length} bytes`)
  return Array.from({ length: bytes.length / destinationLen }, (_, i) => {
    const entry = bytes.subarray(i * destinationLen, (i + 1) * destinationLen)
    const family = entry[familyAt]
    if (family !== 4 && family !== 6) throw malformed(`a destination of family ${family}`)
    return prefixOf(formatAddress(entry.subarray(0, family === 4 ? 4 : 16)), entry[lengthAt] as number)
  })
}
