// SPDX-License-Identifier: MIT
/**
 * What `lvn explain` knows: an explanation for every code there is. A test holds both sides together and provokes
 * every example's code. Loaded by those who explain only.
 */
import { duplicates } from './duplicates.ts'
import { evaluation } from './evaluation.ts'
import type { Explanation, Explanations } from './explanation.ts'
import { files } from './files.ts'
import { hand } from './hand.ts'
import { kernel } from './kernel.ts'
import { lab } from './lab.ts'
import { planes } from './planes.ts'
import { policy } from './policy.ts'
import { refusals } from './refusals.ts'
import { statements } from './statements.ts'
import { structure } from './structure.ts'
import { syntax } from './syntax.ts'
import { trust } from './trust.ts'
import { usage } from './usage.ts'
import { values } from './values.ts'

export type { Explanation } from './explanation.ts'

const parts: readonly Explanations[] = [
  files,
  syntax,
  values,
  duplicates,
  structure,
  statements,
  evaluation,
  policy,
  refusals,
  hand,
  planes,
  trust,
  usage,
  kernel,
  lab,
]

/** By code, in the order of the codes. */
export const explanations: ReadonlyMap<string, Explanation> = new Map(
  parts.flatMap((part) => Object.entries(part)).sort(([a], [b]) => (a < b ? -1 : 1)),
)
