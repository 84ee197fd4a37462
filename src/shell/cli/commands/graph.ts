// SPDX-License-Identifier: MIT
/**
 * `lvn graph`: a picture of what a file says, and of how its tunnels are where --live asks for that. Without --live
 * it needs no kernel.
 */
import { ExitCode } from '../../../diag/error.ts'
import {
  mermaidRefusal,
  type PictureFormat,
  pictureOf,
  render,
  type TunnelViews,
  tunnelViews,
} from '../../../graph/index.ts'
import { loadFile } from '../compile.ts'
import { tunnelState } from '../format-show.ts'
import type { GlobalOptions, Session } from '../globals.ts'
import { documentOf } from '../output.ts'
import { requireNoSource, writeResult } from '../write-file.ts'

export interface GraphOptions {
  readonly format: PictureFormat
  /** Absent: standard output. */
  readonly out?: string
  readonly live?: boolean
}

export async function graph(session: Session, file: string, given: GraphOptions): Promise<ExitCode> {
  const { options, output } = session
  const { topology, sources } = await loadFile(file, session)
  const out = given.out === '-' ? undefined : given.out
  if (out !== undefined) await requireNoSource(out, sources)
  const views = given.live ? await readTunnels(options) : undefined
  if (views?.observers.length === 0) output.note('this network namespace holds no device of L-VN')
  const picture = pictureOf(topology, views)
  const text = output.json ? `${documentOf(picture)}\n` : render(picture, given.format)
  const refusal = given.format === 'mermaid' && !output.json ? mermaidRefusal(text) : null
  if (refusal !== null)
    output.note(`${refusal}, unless the page says otherwise; --format svg draws any number`)
  if (out === undefined) output.result(text)
  else {
    await writeResult(out, text)
    output.note(`written: ${out}`)
  }
  return ExitCode.done
}

async function readTunnels(options: GlobalOptions): Promise<TunnelViews> {
  const { withKernel } = await import('../node.ts')
  return tunnelViews(await withKernel(options, (kernel) => kernel.plane.snapshot()), tunnelState)
}
