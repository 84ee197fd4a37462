// SPDX-License-Identifier: MIT
/**
 * What the plane keeps with a device, as bytes that the module does not look into: whose it is, where its
 * packets come in, and values from before us. JSON, so that it can be read with any netlink tool.
 */
import type { Owner } from '../../src/model/state.ts'

export interface UserData {
  readonly owner: Owner
  readonly underlays: readonly string[]
  /** Path and value. */
  readonly saved: readonly (readonly [string, string])[]
}

const version = 1

export function encodeUserData({ owner, underlays, saved }: UserData): Uint8Array {
  return Buffer.from(JSON.stringify({ version, owner, underlays, saved }))
}

/** Null: of another version, or not ours. */
export function decodeUserData(bytes: Uint8Array | undefined): UserData | null {
  if (bytes === undefined) return null
  try {
    const data: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return isUserData(data) ? data : null
  } catch {
    return null
  }
}

function isUserData(data: unknown): data is UserData {
  if (typeof data !== 'object' || data === null) return false
  const { version: its, owner, underlays, saved } = data as Record<string, unknown>
  return (
    its === version &&
    isOwner(owner) &&
    isList(underlays, isText) &&
    isList(saved, (each) => isList(each, isText))
  )
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false
  const { overlay, node } = value as Record<string, unknown>
  return isText(overlay) && isText(node)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isList(value: unknown, each: (entry: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(each)
}
