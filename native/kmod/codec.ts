// SPDX-License-Identifier: MIT
/**
 * Single values of the lvn family's attributes: what generated.ts is put together from. Writers throw a
 * NetlinkError for what the attribute's type cannot hold; readers return undefined for what is not there, and
 * throw one for values of another form.
 */

import { type Address, addressBytes, formatAddress } from '../../src/model/address.ts'
import type { Attributes } from '../netlink/attributes.ts'
import type { Encoder } from '../netlink/bytes.ts'
import { little, readU32 } from '../netlink/bytes.ts'
import { malformed } from '../netlink/error.ts'

/** Makes every property absent that is undefined. */
export type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

export function present<T extends object>(values: T): Present<T> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) if (value !== undefined) kept[name] = value
  return kept as Present<T>
}

// ---- writing ----------------------------------------------------------------------------------------

export function putU8(encoder: Encoder, type: number, value: number): void {
  encoder.attributeU8(type, within(type, value, 0xff))
}

export function putU16(encoder: Encoder, type: number, value: number): void {
  encoder.attributeU16(type, within(type, value, 0xffff))
}

export function putU32(encoder: Encoder, type: number, value: number): void {
  encoder.attributeU32(type, within(type, value, 0xffffffff))
}

/** Up to 2^53 - 1, which is as far as numbers count exactly. */
export function putU64(encoder: Encoder, type: number, value: number): void {
  within(type, value, Number.MAX_SAFE_INTEGER)
  const [low, high] = [value >>> 0, Math.floor(value / 0x1_0000_0000)]
  encoder.attribute(type, (e) => (little ? e.u32(low).u32(high) : e.u32(high).u32(low)))
}

export function putBe16(encoder: Encoder, type: number, value: number): void {
  within(type, value, 0xffff)
  encoder.attribute(type, (e) => e.u8(value >>> 8).u8(value))
}

/** The place of `value` among `names` is its number. */
export function putEnum<T extends string>(
  encoder: Encoder,
  type: number,
  value: T,
  names: readonly T[],
): void {
  const number = names.indexOf(value)
  if (number < 0) throw malformed(`attribute ${type} cannot be ${value}`)
  encoder.attributeU32(type, number)
}

export function putText(encoder: Encoder, type: number, value: string): void {
  if (value.includes('\0')) throw malformed(`attribute ${type} cannot hold a NUL`)
  encoder.attributeText(type, value)
}

export function putAddress(encoder: Encoder, type: number, value: Address): void {
  encoder.attributeBytes(type, addressBytes(value))
}

export function putBytes(encoder: Encoder, type: number, value: Uint8Array): void {
  encoder.attributeBytes(type, value)
}

export function putFlag(encoder: Encoder, type: number, _value: true): void {
  encoder.attribute(type, () => {})
}

export function putNested<T>(
  encoder: Encoder,
  type: number,
  value: T,
  encode: (encoder: Encoder, value: T) => unknown,
): void {
  encoder.attribute(type, (e) => {
    encode(e, value)
  })
}

function within(type: number, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value
  throw malformed(`attribute ${type} cannot be ${value}`)
}

// ---- reading ----------------------------------------------------------------------------------------

export function getU8(attributes: Attributes, type: number): number | undefined {
  return attributes.u8(type)
}

export function getU16(attributes: Attributes, type: number): number | undefined {
  return attributes.u16(type)
}

export function getU32(attributes: Attributes, type: number): number | undefined {
  return attributes.u32(type)
}

/** Beyond 2^53 the nearest number. */
export function getU64(attributes: Attributes, type: number): number | undefined {
  const value = sized(attributes, type, 8)
  if (value === undefined) return undefined
  const [low, high] = little ? [0, 4] : [4, 0]
  return readU32(value, high) * 0x1_0000_0000 + readU32(value, low)
}

export function getBe16(attributes: Attributes, type: number): number | undefined {
  return sized(attributes, type, 2)?.readUInt16BE(0)
}

export function getEnum<T extends string>(
  attributes: Attributes,
  type: number,
  names: readonly T[],
): T | undefined {
  const number = attributes.u32(type)
  if (number === undefined) return undefined
  const name = names[number]
  if (name === undefined) throw malformed(`attribute ${type} has the unknown value ${number}`)
  return name
}

export function getText(attributes: Attributes, type: number): string | undefined {
  return attributes.text(type)
}

export function getAddress(attributes: Attributes, type: number): Address | undefined {
  const value = attributes.value(type)
  if (value === undefined) return undefined
  if (value.length !== 4 && value.length !== 16)
    throw malformed(`attribute ${type} of ${value.length} bytes is no address`)
  return formatAddress(value)
}

/** A copy, which does not keep the whole message. */
export function getBytes(attributes: Attributes, type: number): Uint8Array | undefined {
  const value = attributes.value(type)
  return value === undefined ? undefined : Uint8Array.from(value)
}

export function getFlag(attributes: Attributes, type: number): true | undefined {
  return attributes.has(type) ? true : undefined
}

export function getNested<T>(
  attributes: Attributes,
  type: number,
  decode: (attributes: Attributes) => T,
): T | undefined {
  const nested = attributes.nested(type)
  return nested === undefined ? undefined : decode(nested)
}

function sized(attributes: Attributes, type: number, size: number): Buffer | undefined {
  const value = attributes.value(type)
  if (value !== undefined && value.length < size)
    throw malformed(`attribute ${type} is shorter than ${size} bytes`)
  return value
}
