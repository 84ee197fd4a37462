// SPDX-License-Identifier: MIT
/**
 * Which texts the kernel takes as an interface name (net/core/dev.c, dev_valid_name). Pure.
 */

/** Bytes of the longest name. */
export const longestInterfaceName = 15

/** `%` is refused too: the kernel would take it for a pattern and choose a name of its own. */
export function isInterfaceName(name: string): boolean {
  const size = Buffer.byteLength(name)
  return size > 0 && size <= longestInterfaceName && name !== '.' && name !== '..' && !/[\s/:%\0]/.test(name)
}

export const interfaceNameHint = `1 to ${longestInterfaceName} bytes, no white space, \`/\`, \`:\` or \`%\``
