// SPDX-License-Identifier: MIT
/**
 * The alias that marks an interface as ours: `lvn:OVERLAY/NODE`.
 */
import { aliasPrefix } from '../../src/model/kernel.ts'
import type { Owner } from '../../src/model/state.ts'

export function formatAlias(owner: Owner): string {
  return `${aliasPrefix}${owner.overlay}/${owner.node}`
}

/** Null: not ours. Overlay names hold no slash, and no name holds control characters. */
export function parseAlias(alias: string | null): Owner | null {
  if (alias === null || !alias.startsWith(aliasPrefix)) return null
  const slash = alias.indexOf('/')
  if (slash < 0) return null
  if (/\p{Cc}/u.test(alias)) return null
  const overlay = alias.slice(aliasPrefix.length, slash)
  const node = alias.slice(slash + 1)
  return overlay === '' || node === '' ? null : { overlay, node }
}
