// SPDX-License-Identifier: MIT
/**
 * Source texts and places in them. The bottom of the house: it knows nothing of the language or the kernel.
 */

/** A half-open range `[start, end)` of UTF-16 offsets in one source text. */
export interface Span {
  readonly source: Source
  readonly start: number
  readonly end: number
  /** What every message about this place says besides: for which value of a `for`, used from where. */
  readonly notes?: readonly Related[]
}

/** A second place that explains the first: the other of two duplicates, the brace left open. */
export interface Related {
  readonly message: string
  readonly span: Span
}

/** A place as a person counts it: both from 1; columns in characters, a tab counting as one. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** One text with its name as the user gave it (`overlay.lvn`, `<stdin>`). */
export class Source {
  readonly name: string
  readonly text: string
  /** What two sources share that are one file under two names: its real path. */
  readonly file: string
  private starts: readonly number[] | undefined

  constructor(name: string, text: string, file = name) {
    this.name = name
    this.text = text
    this.file = file
  }

  /** The position of a UTF-16 offset; offsets past the end give the end. */
  position(offset: number): Position {
    const starts = this.lineStarts()
    const at = Math.max(0, Math.min(offset, this.text.length))
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= at) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: at - (starts[low] as number) + 1 }
  }

  /** The text of line `line` (from 1) without its line break; empty for a line that is not there. */
  line(line: number): string {
    const starts = this.lineStarts()
    const start = starts[line - 1]
    if (start === undefined) return ''
    const end = starts[line] ?? this.text.length
    return this.text.slice(start, end).replace(/\r?\n$/, '')
  }

  private lineStarts(): readonly number[] {
    if (this.starts === undefined) {
      const starts = [0]
      for (let i = this.text.indexOf('\n'); i !== -1; i = this.text.indexOf('\n', i + 1)) starts.push(i + 1)
      this.starts = starts
    }
    return this.starts
  }
}

/** `overlay.lvn:3:14`. */
export function formatSpan(span: Span): string {
  const { line, column } = span.source.position(span.start)
  return `${span.source.name}:${line}:${column}`
}
