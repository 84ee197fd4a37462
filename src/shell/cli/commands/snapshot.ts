// SPDX-License-Identifier: MIT
/**
 * `lvn snapshot`: the live state as JSON, whole.
 */
import { ExitCode } from '../../../diag/error.ts'
import { observe } from '../../../interp/index.ts'
import { snapshotToJson } from '../../../model/snapshot.ts'
import type { Session } from '../globals.ts'
import { withKernel } from '../node.ts'

export async function snapshot({ options, output }: Session): Promise<ExitCode> {
  output.resultJson(snapshotToJson(await withKernel(options, (kernel) => observe(kernel))))
  return ExitCode.done
}
