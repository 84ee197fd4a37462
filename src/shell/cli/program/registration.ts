// SPDX-License-Identifier: MIT
/**
 * What a file that registers commands is handed. No logic.
 */
import type { ExitCode } from '../../../diag/error.ts'
import type { Session } from '../globals.ts'

/** Runs a command's work with the session of its invocation; its exit code is the program's. */
export type Run = (work: (session: Session) => Promise<ExitCode>) => Promise<void>
