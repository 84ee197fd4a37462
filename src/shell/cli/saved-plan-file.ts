// SPDX-License-Identifier: MIT
/**
 * Saved plans and snapshots as files: text into checked data, and back. What is wrong with a file is said with the
 * place in it.
 */
import type { Source } from '../../diag/source.ts'
import { isSavedPlan, readSavedPlan, type SavedPlan } from '../../interp/saved-plan.ts'
import { ShapeError } from '../../model/shape.ts'
import { readSnapshot } from '../../model/snapshot.ts'
import type { LiveState } from '../../model/state.ts'
import { isASavedPlan, notASavedPlan, notASnapshot } from './refusals.ts'
import { readSource } from './source.ts'

/** A file of the language. @throws LvnError LVN6116: it is a saved plan; LVN0101 and so on: it cannot be read. */
export async function readOverlayFile(path: string): Promise<Source> {
  const source = await readSource(path)
  if (isSavedPlan(source.text) && source.text.includes('"lvnPlan"')) throw isASavedPlan(source.name)
  return source
}

/** @throws LvnError LVN6110 */
export function parseSavedPlan({ name, text }: Source): SavedPlan {
  let plan: SavedPlan
  try {
    plan = readSavedPlan(JSON.parse(text))
  } catch (error) {
    throw notASavedPlan(name, whyNot(error), error)
  }
  if (plan.sources.length === 0) throw notASavedPlan(name, 'sources: it has none', undefined)
  return plan
}

/** @throws LvnError LVN6102; LVN0101 and so on: the file cannot be read. */
export async function readSnapshotFile(path: string): Promise<LiveState> {
  const { name, text } = await readSource(path)
  try {
    return readSnapshot(JSON.parse(text))
  } catch (error) {
    throw notASnapshot(name, whyNot(error), error)
  }
}

function whyNot(error: unknown): string {
  if (error instanceof ShapeError) return error.message
  if (error instanceof SyntaxError) return 'it is not JSON'
  throw error
}
