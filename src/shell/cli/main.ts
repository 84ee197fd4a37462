// SPDX-License-Identifier: MIT
/**
 * Entry of `lvn`: arguments in, exit code out. The error boundary of the command line stands here; what the
 * commands do, it does not know.
 */
import { ExitCode } from '../../diag/error.ts'
import { parserExit } from './arguments.ts'
import { type GlobalOptions, guessGlobals } from './globals.ts'
import { runProgram } from './program.ts'
import { tolerateFailingStreams } from './streams.ts'

/** Waits until what was written has left the process. */
function drain(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve()
    else stream.write('', () => resolve())
  })
}

/** Reports what was thrown; loaded late, so that `lvn --version` needs none of it. */
async function fail(options: GlobalOptions, thrown: unknown): Promise<ExitCode> {
  const [{ openOutput }, { reportError }] = await Promise.all([
    import('./output.ts'),
    import('./boundary.ts'),
  ])
  return reportError(openOutput(options), thrown)
}

/** The command itself went well. */
async function failForOutput(options: GlobalOptions, cause: Error): Promise<ExitCode> {
  const { unwritable } = await import('./replace-file.ts')
  return fail({ ...options, json: false }, unwritable('standard output', cause))
}

async function main(): Promise<void> {
  const lostOutput = tolerateFailingStreams()
  const argv = process.argv.slice(2)
  const options = guessGlobals(argv)
  const code = await runProgram(argv).catch(
    async (thrown: unknown) => parserExit(thrown) ?? fail(options, thrown),
  )
  await Promise.all([drain(process.stdout), drain(process.stderr)])
  const lost = lostOutput()
  const well = code === ExitCode.done || code === ExitCode.changes
  process.exit(well && lost !== undefined ? await failForOutput(options, lost) : code)
}

void main()
