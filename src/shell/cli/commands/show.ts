// SPDX-License-Identifier: MIT
/**
 * `lvn show`: what the data plane holds now, as tables or JSON.
 */
import { ExitCode, LvnError } from '../../../diag/error.ts'
import { oneOf } from '../../../diag/message.ts'
import { suggest } from '../../../diag/suggest.ts'
import { formatShow, inOrder, type ShowSubject, showSubjects } from '../format-show.ts'
import type { Session } from '../globals.ts'
import { withKernel } from '../node.ts'

export async function show({ options, output }: Session, what: string | undefined): Promise<ExitCode> {
  const subjects = what === undefined ? showSubjects : [subjectOf(what)]
  const state = await withKernel(options, (kernel) => inOrder(kernel.plane.snapshot()))
  if (output.json) output.resultJson(Object.fromEntries(subjects.map((subject) => [subject, state[subject]])))
  else output.result(formatShow(state, subjects, output.paint))
  return ExitCode.done
}

function subjectOf(what: string): ShowSubject {
  const found = showSubjects.find((subject) => subject === what || subject === `${what}s`)
  if (found !== undefined) return found
  const near = suggest(what, showSubjects)
  throw new LvnError('LVN6410', ExitCode.usage, `show has no \`${what}\`; it knows ${oneOf(showSubjects)}`, {
    hint: near === undefined ? undefined : `did you mean \`${near}\`?`,
  })
}
