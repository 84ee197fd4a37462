// SPDX-License-Identifier: MIT
/**
 * `lvn destroy`: removes what the file's overlays own on this node, or an overlay or node that is named, and puts back
 * what they had changed.
 */
import { statSync } from 'node:fs'
import type { ExitCode } from '../../../diag/error.ts'
import { type ApplyOptions, type ApplyWork, applySource } from '../apply-source.ts'
import { loadFile, withoutFile } from '../compile.ts'
import type { Session } from '../globals.ts'
import { nodeWithoutFile } from '../refusals.ts'

/** `what`: a file, or `OVERLAY` or `OVERLAY/NODE` where there is none of that name. */
export async function destroy(session: Session, what: string, given: ApplyOptions): Promise<ExitCode> {
  return applySource(session, isName(what) ? ofName() : await ofFile(), given)

  function ofName(): ApplyWork {
    if (given.node !== undefined) throw nodeWithoutFile()
    return { ...common(), owned: what, compiled: withoutFile(what) }
  }

  async function ofFile(): Promise<ApplyWork> {
    return { ...common(), compiled: await loadFile(what, session) }
  }

  function common() {
    return {
      command: 'destroy',
      destroys: true,
      node: given.node,
      prune: 'none',
      fromStdin: what === '-',
    } as const
  }
}

/** No file has that name, and it does not look as if one was meant. */
function isName(what: string): boolean {
  if (what === '-' || what.endsWith('.lvn') || !/^[^/]+(\/[^/]+)?$/.test(what)) return false
  try {
    return statSync(what, { throwIfNoEntry: false })?.isDirectory() ?? true
  } catch {
    // `overlay.lvn/gw1`: a file is on the way.
    return true
  }
}
