// SPDX-License-Identifier: MIT
/**
 * Diagnostics (collected) and the one error class (thrown at boundaries only).
 */
import type { Related, Span } from './source.ts'

export type { Related } from './source.ts'

export type Severity = 'error' | 'warning' | 'note'

/** One finding. `code` is stable (`LVN1003`); `span` is absent where no source line caused it. */
export interface Diagnostic {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly span?: Span
  /** The file that it is about, where no line of it is known because it cannot be read. */
  readonly file?: string
  /** What to do about it, a sentence or a replacement ("did you mean `keepalive`?"). */
  readonly hint?: string
  readonly related?: readonly Related[]
}

export interface LvnErrorOptions {
  readonly span?: Span | undefined
  readonly hint?: string | undefined
  readonly cause?: unknown
  readonly diagnostics?: readonly Diagnostic[]
}

/** The exit codes of every command. */
export const ExitCode = {
  done: 0,
  internal: 1,
  changes: 2,
  invalidSource: 3,
  rolledBack: 4,
  partlyApplied: 5,
  locked: 6,
  noPlane: 7,
  usage: 64,
  unwritable: 74,
  interrupted: 130,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/**
 * The one error class. `message` is a sentence a user can act on; `exitCode` is what a command that
 * dies of it returns; `diagnostics` holds them all where one sentence stands for several findings.
 */
export class LvnError extends Error {
  readonly code: string
  readonly exitCode: ExitCode
  readonly span: Span | undefined
  readonly hint: string | undefined
  readonly diagnostics: readonly Diagnostic[]

  constructor(code: string, exitCode: ExitCode, message: string, options: LvnErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'LvnError'
    this.code = code
    this.exitCode = exitCode
    this.span = options.span
    this.hint = options.hint
    this.diagnostics = options.diagnostics ?? []
  }
}
