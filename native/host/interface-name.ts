// SPDX-License-Identifier: MIT
/**
 * Which texts the kernel takes as an interface name (net/core/dev.c, dev_valid_name).
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'

const longest = 15

/** `%` is refused too: the kernel would take it for a pattern and choose a name of its own. */
export function isInterfaceName(name: string): boolean {
  const size = Buffer.byteLength(name)
  return size > 0 && size <= longest && name !== '.' && name !== '..' && !/[\s/:%\0]/.test(name)
}

/** Throws an LvnError when `name` cannot name an interface. */
export function requireInterfaceName(name: string): void {
  if (isInterfaceName(name)) return
  throw new LvnError('LVN7024', ExitCode.usage, `\`${name}\` cannot name an interface`, {
    hint: `1 to ${longest} bytes, no white space, \`/\`, \`:\` or \`%\``,
  })
}
