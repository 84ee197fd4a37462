// SPDX-License-Identifier: MIT
/**
 * Which tunnel the command line means: by its name, or by --id. Pure.
 */
import type { TunnelRef } from '../../primitives/index.ts'
import { readInteger, unfit } from './values.ts'

/** @throws LvnError (exit 64) unless it is exactly one of the two. */
export function tunnelRef(name: string | undefined, id: string | undefined): TunnelRef {
  if (name !== undefined && id !== undefined)
    throw unfit('a tunnel is named by its name or by --id, not by both')
  if (name !== undefined) return name
  if (id !== undefined) return readInteger(id, '--id')
  throw unfit('which tunnel? Give its name, or --id', '`lvn tun list` shows those that there are')
}
