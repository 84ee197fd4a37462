// SPDX-License-Identifier: MIT
/**
 * Interface names, refused before the kernel sees them.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import { interfaceNameHint, isInterfaceName } from '../../src/model/interface-name.ts'

/** Throws an LvnError when `name` cannot name an interface. */
export function requireInterfaceName(name: string): void {
  if (isInterfaceName(name)) return
  throw new LvnError('LVN7024', ExitCode.usage, `\`${name}\` cannot name an interface`, {
    hint: interfaceNameHint,
  })
}
