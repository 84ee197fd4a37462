// SPDX-License-Identifier: MIT
/**
 * `lvn show`: what the kernel holds now, as tables or JSON.
 */
import { ExitCode, LvnError } from '../../../diag/error.ts'
import { oneOf } from '../../../diag/message.ts'
import { suggest } from '../../../diag/suggest.ts'
import { policiesOf } from '../format-policies.ts'
import { formatShow, inOrder, type ShowSubject, showSubjects } from '../format-show.ts'
import type { Session } from '../globals.ts'
import { withKernel } from '../node.ts'

export async function show({ options, output }: Session, what: string | undefined): Promise<ExitCode> {
  const subjects = subjectsOf('show', what)
  const state = await withKernel(options, ({ plane, host }) => ({
    ...inOrder(plane.snapshot()),
    policies: subjects.includes('policies') ? policiesOf(host.filters()) : [],
    links: subjects.includes('devices') ? host.interfaces().links : [],
  }))
  if (output.json) output.resultJson(Object.fromEntries(subjects.map((subject) => [subject, state[subject]])))
  else output.result(formatShow(state, subjects, output.paint))
  return ExitCode.done
}

const singular = { devices: 'device', tunnels: 'tunnel', rules: 'rule', policies: 'policy' } as const

/** The one that is asked for, also in the singular; all of them without it. @throws LvnError LVN6410 */
export function subjectsOf(command: string, what: string | undefined): readonly ShowSubject[] {
  if (what === undefined) return showSubjects
  const found = showSubjects.find((subject) => what === subject || what === singular[subject])
  if (found !== undefined) return [found]
  const near = suggest(what, showSubjects)
  throw new LvnError(
    'LVN6410',
    ExitCode.usage,
    `${command} has no \`${what}\`; it knows ${oneOf(showSubjects)}`,
    {
      hint: near === undefined ? undefined : `did you mean \`${near}\`?`,
    },
  )
}
