// SPDX-License-Identifier: MIT
/**
 * The question before the kernel is changed. It is asked on a terminal only. Anywhere else a plan is refused unless --yes
 * is given.
 */
import { createInterface } from 'node:readline'
import { ExitCode, LvnError } from '../../diag/error.ts'
import type { Output } from './output.ts'

export interface Asking {
  /** `lvn apply` */
  readonly command: string
  /** The source is standard input, so that no answer can come from there. */
  readonly sourceIsStdin: boolean
}

/** After the plan was shown. @throws LvnError LVN6411 (exit 64): a question would be needed and cannot be answered. */
export function requireSomeoneToAsk(output: Output, { command, sourceIsStdin }: Asking): void {
  const why = output.json
    ? 'with --json it does not ask'
    : sourceIsStdin
      ? 'the source comes from standard input, so it cannot ask'
      : process.stdin.isTTY && process.stderr.isTTY
        ? undefined
        : 'this is not a terminal, so it cannot ask'
  if (why === undefined) return
  throw new LvnError('LVN6411', ExitCode.usage, `${command} asks before it changes the kernel, and ${why}`, {
    hint: output.json
      ? 'nothing was changed; without --json and --yes the plan is printed, and --yes carries it out'
      : 'nothing was changed; --yes carries out the plan that is printed',
  })
}

/** Asks; anything but `y` or `yes` (and the end of input) is no. */
export async function confirm(question: string, output: Output): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, terminal: false })
  process.stderr.write(`${output.notePaint.strong(question)} [y/N] `)
  try {
    for await (const line of reader) return /^\s*y(es)?\s*$/i.test(line)
    process.stderr.write('\n')
    return false
  } catch (error) {
    // The answer of a terminal that has hung up.
    if ((error as NodeJS.ErrnoException).code === 'EIO') return false
    throw error
  } finally {
    reader.close()
  }
}
