// SPDX-License-Identifier: MIT
/**
 * `lvn lsp`: the language server on standard input and output, until the editor ends it.
 */
import packageJson from '../../../../package.json' with { type: 'json' }
import { ExitCode } from '../../../diag/error.ts'
import { serve } from '../../../lsp/server.ts'
import type { Session } from '../globals.ts'
import { importsOf } from '../imports.ts'

/** Comes back at the end of the input; the protocol's `exit` ends the process. */
export async function lsp({ options, output }: Session): Promise<ExitCode> {
  if (process.stdin.isTTY) {
    output.note('lvn lsp waits for an editor to speak to it; docs/editors.md shows how one is told to')
  }
  await serve({
    ...{ input: process.stdin, output: process.stdout, version: packageJson.version },
    importsOf: (root) => importsOf(root, options.allowImport),
  })
  return ExitCode.done
}
