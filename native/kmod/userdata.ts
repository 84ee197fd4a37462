// SPDX-License-Identifier: MIT
/**
 * What the plane keeps with a device, as bytes that the module does not look into: whose it is, where its
 * packets come in, and values from before us. JSON, so that it can be read with any netlink tool; where the module has
 * no room for that, as with a value for each of more than 42 interfaces, the same deflated (RFC 1950).
 */
import { deflateSync, inflateSync } from 'node:zlib'
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import type { Owner } from '../../src/model/state.ts'
import type { Kept } from '../saved.ts'
import { userdataLen } from './generated.ts'

export interface UserData {
  readonly owner: Owner
  readonly underlays: readonly string[]
  readonly saved: readonly Kept[]
  /** Cookie of the network namespace that the saved values are of. Absent: an older version has written them. */
  readonly home?: string
}

/** Path, value and, where there is one, the interface's index in decimal: older versions read the first two. */
type Entry = readonly [path: string, value: string, ifindex?: string]

const version = 1

/** Of JSON that is worth reading; what others have put there may promise more. */
const longestText = 1 << 20

/** @throws LvnError LVN5017: the module has no room for it. */
export function encodeUserData({ owner, underlays, saved, home }: UserData): Uint8Array {
  const entries = saved.map(
    ({ path, value, ifindex }): Entry => (ifindex === 0 ? [path, value] : [path, value, String(ifindex)]),
  )
  const text = Buffer.from(JSON.stringify({ version, owner, underlays, saved: entries, home }))
  if (text.length <= userdataLen) return text
  const bytes = deflateSync(text)
  if (bytes.length <= userdataLen) return bytes
  throw new LvnError(
    'LVN5017',
    ExitCode.rolledBack,
    `the kernel module cannot keep ${saved.length} values from before and ${underlays.length} underlays with a device: ` +
      `they take ${bytes.length} bytes of ${userdataLen}`,
    { hint: 'turn `accept_ra` off on interfaces that do not need it, or apply it with `--plane ebpf`' },
  )
}

function textOf(bytes: Uint8Array): string {
  const isJson = bytes[0] === '{'.charCodeAt(0)
  return (isJson ? Buffer.from(bytes) : inflateSync(bytes, { maxOutputLength: longestText })).toString('utf8')
}

/** Null: of another version, or not ours. */
export function decodeUserData(bytes: Uint8Array | undefined): UserData | null {
  if (bytes === undefined) return null
  try {
    const data: unknown = JSON.parse(textOf(bytes))
    return isUserData(data) ? { ...data, saved: data.saved.map(keptOf) } : null
  } catch {
    return null
  }
}

function keptOf([path, value, ifindex]: Entry): Kept {
  return { path, value, ifindex: Number(ifindex ?? 0) }
}

function isUserData(data: unknown): data is Omit<UserData, 'saved'> & { readonly saved: readonly Entry[] } {
  if (typeof data !== 'object' || data === null) return false
  const { version: its, owner, underlays, saved, home } = data as Record<string, unknown>
  return (
    its === version &&
    isOwner(owner) &&
    isList(underlays, isText) &&
    (home === undefined || isText(home)) &&
    isList(saved, (each) => isList(each, isText) && (each as readonly string[]).length >= 2)
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
