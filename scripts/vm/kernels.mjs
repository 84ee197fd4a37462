// SPDX-License-Identifier: MIT
/**
 * Debian's kernels as they are installed on this machine.
 */
import { existsSync, readdirSync } from 'node:fs'

/** Series that the module is tested on. */
export const series = ['6.1', '6.12']

/**
 * The newest installed kernel of a series: { series, version, image, headers }, version as `uname -r` has it,
 * headers null where they are missing. Throws where there is no kernel.
 */
export function findKernel(wanted) {
  const versions = readdirSync('/boot')
    .filter((name) => name.startsWith(`vmlinuz-${wanted}.`))
    .map((name) => name.slice('vmlinuz-'.length))
    .filter((version) => existsSync(`/lib/modules/${version}/modules.dep`))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const version = versions.at(-1)
  if (version === undefined) throw new Error(`no kernel ${wanted} in /boot; run \`sh scripts/vm/setup.sh\``)
  const headers = `/lib/modules/${version}/build`
  return {
    series: wanted,
    version,
    image: `/boot/vmlinuz-${version}`,
    headers: existsSync(`${headers}/Makefile`) ? headers : null,
  }
}
