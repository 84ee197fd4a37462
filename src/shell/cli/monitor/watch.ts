// SPDX-License-Identifier: MIT
/**
 * Looks at a kernel again and again: at once where it tells of a change, and at an interval, since rules, and all of
 * the eBPF plane, change without a word. Filters, which take a process to read, are read only when the kernel says that
 * one has changed. It prints nothing.
 */
import type { Change } from '../../../interp/types.ts'
import type { LiveFilter } from '../../../model/filter.ts'
import type { Kernel } from '../../../model/kernel.ts'
import { inOrder, type ShowSubject } from '../format-show.ts'
import { type Facts, factsOf, newsBetween } from './news.ts'

export interface WatchOptions {
  readonly subjects: readonly ShowSubject[]
  readonly intervalMs: number
  readonly onNews: (news: readonly Change[]) => void
  /** The kernel could not be read, twice in a row: nothing more comes. */
  readonly onFailure: (error: unknown) => void
}

/** Many messages that belong together are one look. */
const settleMs = 20

/** Has looked once when it returns. Until the returned function is called. */
export function watchKernel(kernel: Kernel, options: WatchOptions): () => void {
  const { subjects, intervalMs, onNews, onFailure } = options
  let filters: readonly LiveFilter[] = []
  let stale = subjects.includes('policies')
  let timer: NodeJS.Timeout | undefined
  let soon = false
  let failed = false

  const look = (): Facts => {
    if (stale) filters = kernel.host.filters()
    stale = false
    return factsOf({ ...inOrder(kernel.plane.snapshot()), filters }, subjects)
  }
  const after = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(turn, ms)
  }
  const turn = () => {
    soon = false
    try {
      const now = look()
      const news = newsBetween(known, now)
      known = now
      failed = false
      if (news.length > 0) onNews(news)
    } catch (error) {
      // Something went between two of the questions that a look is made of.
      if (failed) {
        stop()
        onFailure(error)
        return
      }
      failed = true
    }
    after(intervalMs)
  }
  const lookSoon = () => {
    if (!soon) after(settleMs)
    soon = true
  }
  // From before the first look on: what comes between the two is not missed.
  const unwatchHost = kernel.host.watch((event) => {
    if (event.kind === 'address' || event.kind === 'route') return
    if (event.kind !== 'link') stale = subjects.includes('policies')
    lookSoon()
  })
  const unwatchPlane = kernel.plane.watch(lookSoon)
  const stop = () => {
    clearTimeout(timer)
    unwatchHost()
    unwatchPlane()
  }
  let known = look()
  after(intervalMs)
  return stop
}
