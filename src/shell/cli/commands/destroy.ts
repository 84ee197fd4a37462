// SPDX-License-Identifier: MIT
/**
 * `lvn destroy`: removes what the file's overlays own on this node and puts back what they had changed.
 */
import type { ExitCode } from '../../../diag/error.ts'
import { type ApplyOptions, type ApplyWork, applySource } from '../apply-source.ts'
import { loadFile } from '../compile.ts'
import { requireSomeoneToAsk } from '../confirm.ts'
import type { Session } from '../globals.ts'

export async function destroy(session: Session, file: string, given: ApplyOptions): Promise<ExitCode> {
  const { output } = session
  requireSomeoneToAsk('lvn destroy', output, { yes: given.yes ?? false, sourceIsStdin: file === '-' })
  const compiled = await loadFile(file, session)
  const work: ApplyWork = {
    ...{ command: 'destroy', destroys: true, node: given.node, prune: 'none' },
    compiled,
  }
  return applySource(session, work, given)
}
