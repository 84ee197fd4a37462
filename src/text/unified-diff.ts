// SPDX-License-Identifier: MIT
/**
 * The difference of two texts, line by line, in the unified form that `patch` and `git apply` take.
 */

/** Lines that are there in both texts; what lies between two of them was replaced. */
interface Common {
  readonly before: number
  readonly after: number
}

interface Line {
  readonly sign: ' ' | '-' | '+'
  /** With its line break, where it has one. */
  readonly text: string
}

const context = 3
/** Texts that differ by more lines are shown as replaced from the first difference to the last. */
const mostEdits = 2000

/** Empty when the texts are the same, else lines with a final line break. */
export function unifiedDiff(before: string, after: string, beforeName: string, afterName: string): string {
  if (before === after) return ''
  const lines = edit(linesOf(before), linesOf(after))
  return [`--- ${headerName(beforeName)}\n`, `+++ ${headerName(afterName)}\n`, ...hunks(lines)].join('')
}

/** A tab says where a name with blanks ends. */
function headerName(name: string): string {
  return name.includes(' ') ? `${name}\t` : name
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** All lines of both texts, those of a replacement first the old, then the new ones. */
function edit(a: readonly string[], b: readonly string[]): Line[] {
  const lines: Line[] = []
  let i = 0
  let j = 0
  for (const { before, after } of [...commonLines(a, b), { before: a.length, after: b.length }]) {
    while (i < before) lines.push({ sign: '-', text: a[i++] as string })
    while (j < after) lines.push({ sign: '+', text: b[j++] as string })
    if (before < a.length && after < b.length) lines.push({ sign: ' ', text: a[i++] as string })
    j = after + 1
  }
  return lines
}

function commonLines(a: readonly string[], b: readonly string[]): Common[] {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let tail = 0
  while (tail < Math.min(a.length, b.length) - start && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const middle = shortestEdit(a.slice(start, a.length - tail), b.slice(start, b.length - tail))
  return [
    ...Array.from({ length: start }, (_, i) => ({ before: i, after: i })),
    ...middle.map(({ before, after }) => ({ before: before + start, after: after + start })),
    ...Array.from({ length: tail }, (_, i) => ({ before: a.length - tail + i, after: b.length - tail + i })),
  ]
}

/** Myers, "An O(ND) difference algorithm and its variations" (1986); none in common when `mostEdits` will not do. */
function shortestEdit(a: readonly string[], b: readonly string[]): Common[] {
  const most = Math.min(a.length + b.length, mostEdits)
  const middle = most + 1
  const reach = new Int32Array(2 * most + 3)
  const trace: Int32Array[] = []
  for (let d = 0; d <= most; d++) {
    trace.push(reach.slice(middle - d - 1, middle + d + 2))
    for (let k = -d; k <= d; k += 2) {
      const down =
        k === -d || (k !== d && (reach[middle + k - 1] as number) < (reach[middle + k + 1] as number))
      let x = down ? (reach[middle + k + 1] as number) : (reach[middle + k - 1] as number) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      reach[middle + k] = x
      if (x >= a.length && x - k >= b.length) return backtrack(trace, a.length, b.length)
    }
  }
  return []
}

/** `trace[d]` holds the reach of diagonals -d-1 to d+1 before round `d`. */
function backtrack(trace: readonly Int32Array[], aLength: number, bLength: number): Common[] {
  const common: Common[] = []
  let x = aLength
  let y = bLength
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = (k: number) => (trace[d] as Int32Array)[k + d + 1] as number
    const k = x - y
    const down = k === -d || (k !== d && reach(k - 1) < reach(k + 1))
    const from = d === 0 ? 0 : down ? reach(k + 1) : reach(k - 1) + 1
    while (x > from && x > 0 && y > 0) common.push({ before: --x, after: --y })
    if (d === 0) break
    if (down) y--
    else x--
  }
  return common.reverse()
}

function hunks(lines: readonly Line[]): string[] {
  const texts: string[] = []
  let before = 1
  let after = 1
  let at = 0
  for (const [from, to] of ranges(lines)) {
    for (; at < from; at++) {
      before++
      after++
    }
    const hunk = lines.slice(from, to)
    const old = hunk.filter(({ sign }) => sign !== '+').length
    const fresh = hunk.filter(({ sign }) => sign !== '-').length
    texts.push(`@@ -${place(before, old)} +${place(after, fresh)} @@\n`)
    for (const line of hunk) texts.push(lineText(line))
    before += old
    after += fresh
    at = to
  }
  return texts
}

/** Differences with lines around them, joined where these touch. */
function ranges(lines: readonly Line[]): [number, number][] {
  const found: [number, number][] = []
  for (const [i, { sign }] of lines.entries()) {
    if (sign === ' ') continue
    const last = found.at(-1)
    const to = Math.min(lines.length, i + 1 + context)
    if (last !== undefined && i - context <= last[1]) last[1] = to
    else found.push([Math.max(0, i - context), to])
  }
  return found
}

/** POSIX: an empty range is named by the line before it. */
function place(line: number, count: number): string {
  const from = count === 0 ? line - 1 : line
  return count === 1 ? `${from}` : `${from},${count}`
}

function lineText({ sign, text }: Line): string {
  return text.endsWith('\n') ? `${sign}${text}` : `${sign}${text}\n\\ No newline at end of file\n`
}
