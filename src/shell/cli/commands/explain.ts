// SPDX-License-Identifier: MIT
/**
 * `lvn explain`: the explanation of a code. What an example's mistake looks like is not kept anywhere: the example
 * is compiled, and what comes out is shown.
 */
import { ExitCode, LvnError } from '../../../diag/error.ts'
import { type Explanation, explanations } from '../../../diag/explain/index.ts'
import { toJson } from '../../../diag/render.ts'
import { Source } from '../../../diag/source.ts'
import { compile } from '../compile.ts'
import { formatCodes, formatExplanation } from '../format-explanation.ts'
import type { Session } from '../globals.ts'

export async function explain({ output }: Session, wanted: string | undefined): Promise<ExitCode> {
  if (wanted === undefined) {
    if (output.json) {
      output.resultJson([...explanations].map(([code, { title }]) => ({ code, title })))
    } else output.result(formatCodes(explanations, output.paint))
    return ExitCode.done
  }
  const [code, explanation] = find(wanted)
  const shown = provoked(code, explanation)
  if (output.json) {
    const { title, means, example = null, command = null, mend } = explanation
    output.resultJson({ code, title, means, example, command, diagnostics: shown.map(toJson), mend })
  } else output.result(formatExplanation(code, explanation, shown, output.paint))
  return ExitCode.done
}

/** `LVN2022`, `lvn2022`, `2022` and `error[LVN2022]` are one code. */
function find(wanted: string): readonly [string, Explanation] {
  const digits = /(\d{4})\D*$/.exec(wanted)?.[1]
  const code = digits === undefined ? wanted.toUpperCase() : `LVN${digits}`
  const explanation = explanations.get(code)
  if (explanation !== undefined) return [code, explanation]
  throw new LvnError('LVN6420', ExitCode.usage, `there is no code \`${wanted}\``, {
    hint: '`lvn explain` lists them all',
  })
}

function provoked(code: string, { example }: Explanation) {
  if (example === undefined) return []
  const { diagnostics } = compile(new Source('example.lvn', example))
  return diagnostics.filter((diagnostic) => diagnostic.code === code)
}
