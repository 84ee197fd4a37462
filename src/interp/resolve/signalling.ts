// SPDX-License-Identifier: MIT
/**
 * `signalling :8443 { ... }` to data for the agents. Part of phase 1; whether the files are there is not asked.
 */
import { pemMissing, saidTwice } from '../../diag/catalogue.ts'
import type { Auth, Signalling } from '../../model/topology.ts'
import type * as flat from './flat.ts'
import { portOf, type Report } from './values.ts'

/** Null: the port is wrong, which has been reported. */
export function signallingOf(statement: flat.Signalling, auth: Auth, report: Report): Signalling | null {
  const files = new Map<string, flat.PemFile>()
  for (const file of statement.body?.statements ?? []) {
    const first = files.get(file.kind)
    if (first === undefined) files.set(file.kind, file)
    else report(saidTwice(file.span, file.kind, first.span))
  }
  const missing = needed[auth].filter((word) => !files.has(word))
  if (missing.length > 0 && statement.body?.damaged !== true) report(pemMissing(statement.span, missing))
  const port = portOf(statement.port.port, report)
  if (port === undefined) return null
  const path = (word: string) => files.get(word)?.path.text ?? null
  return { port, cert: path('cert'), key: path('key'), ca: path('ca'), span: statement.span }
}

/** What each way of signing on cannot do without, at the hub. */
const needed: Readonly<Record<Auth, readonly string[]>> = {
  mutual: ['cert', 'key', 'ca'],
  server: ['cert', 'key'],
  none: [],
}
