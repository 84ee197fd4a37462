// SPDX-License-Identifier: MIT
/**
 * `lvn monitor`: what changes in the kernel, as it happens, until it is interrupted or nobody reads any more.
 */
import { ExitCode } from '../../../diag/error.ts'
import { newsJson, newsLines } from '../format-news.ts'
import type { Session } from '../globals.ts'
import { watchKernel } from '../monitor/watch.ts'
import { withKernel } from '../node.ts'
import { jsonText } from '../output.ts'
import { readDuration, unfit } from '../values.ts'
import { subjectsOf } from './show.ts'

export interface MonitorOptions {
  readonly interval: string
}

const shortestMs = 100
/** What a timer can wait. */
const longestMs = 0x7fff_ffff

export async function monitor(
  { options, output }: Session,
  what: string | undefined,
  { interval }: MonitorOptions,
): Promise<ExitCode> {
  const subjects = subjectsOf('monitor', what)
  const intervalMs = readDuration(interval, '--interval')
  if (intervalMs < shortestMs || intervalMs > longestMs)
    throw unfit(`--interval takes 100ms or more, not \`${interval}\``)
  return withKernel(options, (kernel) => {
    return new Promise<ExitCode>((resolve, reject) => {
      const stop = watchKernel(kernel, {
        ...{ subjects, intervalMs, onFailure: reject },
        onNews: (news) => {
          const time = new Date()
          for (const each of news) {
            if (output.json) output.result(newsJson(each, time))
            else output.result(newsLines(each, time, output.paint).join('\n'))
          }
        },
      })
      const plane = kernel.plane.name
      if (output.json) output.result(jsonText({ formatVersion: 1, watching: subjects, plane }))
      output.note(`watching ${subjects.join(', ')} (${plane} plane); Ctrl-C ends it`)
      process.stdout.once('close', () => {
        stop()
        resolve(ExitCode.done)
      })
    })
  })
}
