// SPDX-License-Identifier: MIT
/**
 * Entry of `lvn`: arguments in, exit code out. The error boundary of the command line stands here; what the
 * commands do, it does not know.
 */
import { constants } from 'node:os'
import type { ExitCode } from '../../diag/error.ts'
import { parserExit } from './arguments.ts'
import { guessGlobals } from './globals.ts'
import { runProgram } from './program.ts'

/** A reader that went away (`lvn show | head -1`) ends the output, not the work. */
function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

/** Waits until what was written has left the process. */
function drain(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve()
    else stream.write('', () => resolve())
  })
}

/** Reports what was thrown; loaded late, so that `lvn --version` needs none of it. */
async function fail(argv: readonly string[], thrown: unknown): Promise<ExitCode> {
  const [{ openOutput }, { reportError }] = await Promise.all([
    import('./output.ts'),
    import('./boundary.ts'),
  ])
  return reportError(openOutput(guessGlobals(argv)), thrown)
}

async function main(): Promise<void> {
  tolerateClosedPipes()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Seen between two turns of the event loop only: a plan that is being carried out is carried to its end.
    process.once(signal, () => {
      if (process.stderr.isTTY) process.stderr.write('\n')
      process.exit(128 + constants.signals[signal])
    })
  }
  const argv = process.argv.slice(2)
  const code = await runProgram(argv).catch(
    async (thrown: unknown) => parserExit(thrown) ?? fail(argv, thrown),
  )
  await Promise.all([drain(process.stdout), drain(process.stderr)])
  process.exit(code)
}

await main()
