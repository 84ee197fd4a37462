// SPDX-License-Identifier: MIT
/**
 * `lvn apply`: plan under the lock, ask, carry out, report. The lock is held while the question stands, so that
 * what is carried out is what was shown.
 */
import type { ExitCode } from '../../../diag/error.ts'
import { planApply } from '../../../interp/index.ts'
import { carryOut } from '../carry-out.ts'
import { loadFile } from '../compile.ts'
import { requireSomeoneToAsk } from '../confirm.ts'
import { nothingToApply } from '../format-plan.ts'
import type { Session } from '../globals.ts'
import { nodesHere, withLockedKernel } from '../node.ts'
import { nameResolver } from '../resolve-name.ts'

export interface ApplyOptions {
  readonly node?: string
  readonly yes?: boolean
  readonly all?: boolean
}

export async function apply(
  { options, output }: Session,
  file: string,
  given: ApplyOptions,
): Promise<ExitCode> {
  const { yes = false, all = false } = given
  requireSomeoneToAsk('lvn apply', output, { yes, sourceIsStdin: file === '-' })
  const { source, topology } = await loadFile(file, output)
  return withLockedKernel(options, async (kernel) => {
    const nodes = await nodesHere(kernel, topology, given.node)
    const plan = await planApply(kernel, topology, nodes, { resolveName: nameResolver() })
    return carryOut(kernel, { plan, source }, output, {
      yes,
      all,
      verb: 'applied',
      question: 'Apply',
      nothing: nothingToApply,
    })
  })
}
