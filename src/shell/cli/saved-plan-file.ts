// SPDX-License-Identifier: MIT
/**
 * Saved plans and snapshots as files: text into checked data, and back. What is wrong with a file is said with the
 * place in it.
 */
import { Source } from '../../diag/source.ts'
import { readSavedPlan, type SavedPlan } from '../../interp/saved-plan.ts'
import { ShapeError } from '../../model/shape.ts'
import { readSnapshot } from '../../model/snapshot.ts'
import type { LiveState } from '../../model/state.ts'
import { notASavedPlan, notASnapshot } from './refusals.ts'
import { readSource } from './source.ts'

/** @throws LvnError LVN6110 */
export function parseSavedPlan({ name, text }: Source): SavedPlan {
  try {
    return readSavedPlan(JSON.parse(text))
  } catch (error) {
    throw notASavedPlan(name, whyNot(error), error)
  }
}

/** The source that a plan was made from, under its own name. */
export function sourceOfPlan(plan: SavedPlan, name: string): Source {
  const [first] = plan.sources
  if (first === undefined) throw notASavedPlan(name, 'sources: it has none', undefined)
  return new Source(first.name, first.text)
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
