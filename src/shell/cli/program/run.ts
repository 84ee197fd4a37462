// SPDX-License-Identifier: MIT
/**
 * What a file of this folder is given to register a command with.
 */
import type { ExitCode } from '../../../diag/error.ts'
import type { Session } from '../globals.ts'

/** Opens the session, does the work and keeps its exit code. */
export type Run = (work: (session: Session) => Promise<ExitCode>) => Promise<void>
