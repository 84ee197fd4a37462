// SPDX-License-Identifier: MIT
/**
 * Debian's kernels as they are installed on this machine, the newest of all in a root of its own, and the debug
 * kernel.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as debug from '../kernels/tree.mjs'

/** Series that the module is tested on. */
export const series = ['6.1', '6.12']

/** Where newest.sh of this folder puts the newest kernel, with a compiler for it. */
const newestSystem = '/var/cache/lvn/newest'

/**
 * The newest installed kernel of a series, the `newest` of all, or the `debug` one: { series, version, image, root,
 * modules, system, headers, checks }, version as `uname -r` has it, root the folder with lib/modules, modules that
 * of this version, system the root of the system whose compiler it wants, headers a path within that, checks whether
 * it looks for its own mistakes, which makes it several times slower. Throws where there is no kernel.
 */
export function findKernel(wanted) {
  if (wanted === 'debug') return findDebug()
  const root = wanted === 'newest' ? newestSystem : '/'
  const version = newestIn(root, wanted === 'newest' ? '' : `${wanted}.`)
  const boot = join(root, 'boot')
  if (version === undefined)
    throw new Error(
      `no kernel ${wanted} with modules and headers in ${boot}; run \`sh scripts/vm/setup.sh${wanted === 'newest' ? ' newest' : ''}\``,
    )
  return {
    series: wanted,
    version,
    image: join(boot, `vmlinuz-${version}`),
    root,
    modules: join(root, 'lib/modules', version),
    system: root,
    headers: headersOf(version),
    checks: false,
  }
}

/**
 * The newest version below `root` that begins so, of the plain flavour and with modules and headers; undefined: there is
 * none. Other flavours (`-rt-amd64`, `-cloud-amd64`) have a version of their own for the same sources, and may stand
 * beside it without headers. `has_kernel` of setup.sh says the same.
 */
export function newestIn(root, prefix) {
  const boot = join(root, 'boot')
  return (existsSync(boot) ? readdirSync(boot) : [])
    .filter((name) => name.startsWith(`vmlinuz-${prefix}`))
    .map((name) => name.slice('vmlinuz-'.length))
    .filter((version) => /-amd64$/.test(version) && !/-[a-z][^-]*-amd64$/.test(version))
    .filter((version) => existsSync(join(root, 'lib/modules', version, 'modules.dep')))
    .filter((version) => existsSync(join(root, headersOf(version), 'Makefile')))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1)
}

/** A path within the kernel's root, where alone the link /lib/modules/VERSION/build means something. */
function headersOf(version) {
  return `/usr/src/linux-headers-${version}`
}

function findDebug() {
  if (!existsSync(debug.stamp)) throw new Error('no debug kernel; run `node scripts/kernels/debug.mjs`')
  const [version] = readdirSync(join(debug.installed, 'lib/modules'))
  return {
    series: 'debug',
    version,
    image: join(debug.sources, 'arch/x86/boot/bzImage'),
    root: debug.installed,
    modules: join(debug.installed, 'lib/modules', version),
    system: '/',
    headers: debug.sources,
    checks: true,
  }
}
