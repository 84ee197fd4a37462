// SPDX-License-Identifier: MIT
/**
 * The debug kernel's place: sources of Debian's package linux-source-6.12, unpacked and compiled in a cache folder
 * that every copy of this repository shares. debug.mjs makes what is there.
 *
 *     ~/.cache/lvn/debug-kernel/       $XDG_CACHE_HOME before ~/.cache
 *       linux-source-6.12/             sources and what is compiled from them
 *       installed/lib/modules/VERSION  lists of what is built in; no modules
 *       stamp                          what the kernel was made from: hash of the fragment and of the package
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where Debian's package puts the sources. */
export const archive = '/usr/src/linux-source-6.12.tar.xz'

export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lvn/debug-kernel')
export const sources = join(cache, 'linux-source-6.12')
export const installed = join(cache, 'installed')
export const stamp = join(cache, 'stamp')

/** The debug kernel's sources where they have the kernel's own netlink tool, tools/net/ynl; null where not. */
export function toolSources() {
  return existsSync(join(sources, 'tools/net/ynl/cli.py')) ? sources : null
}
