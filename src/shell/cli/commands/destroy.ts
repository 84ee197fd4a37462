// SPDX-License-Identifier: MIT
/**
 * `lvn destroy`: removes what the file's overlays own on this node and puts back what they had changed.
 */
import type { ExitCode } from '../../../diag/error.ts'
import { planDestroy } from '../../../interp/index.ts'
import { carryOut } from '../carry-out.ts'
import { loadFile } from '../compile.ts'
import { requireSomeoneToAsk } from '../confirm.ts'
import { nothingToDestroy } from '../format-plan.ts'
import type { Session } from '../globals.ts'
import { nodesHere, withLockedKernel } from '../node.ts'
import type { ApplyOptions } from './apply.ts'

export async function destroy(
  { options, output }: Session,
  file: string,
  given: ApplyOptions,
): Promise<ExitCode> {
  const { yes = false, all = false } = given
  requireSomeoneToAsk('lvn destroy', output, { yes, sourceIsStdin: file === '-' })
  const { source, topology } = await loadFile(file, output)
  return withLockedKernel(options, async (kernel) => {
    const plan = planDestroy(kernel, topology, await nodesHere(kernel, topology, given.node))
    return carryOut(kernel, { plan, source }, output, {
      yes,
      all,
      verb: 'destroyed',
      question: 'Carry out',
      nothing: nothingToDestroy,
    })
  })
}
