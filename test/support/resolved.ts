// SPDX-License-Identifier: MIT
/**
 * A file read and resolved, and what is wrong with it in short: for tables of what is written and what is said to it.
 */
import { parseProgram } from '../../grammar/program.ts'
import type { Diagnostic } from '../../src/diag/error.ts'
import { formatSpan, Source, type Span } from '../../src/diag/source.ts'
import { resolve } from '../../src/interp/1-resolve.ts'
import type { Topology } from '../../src/model/topology.ts'

export interface ReadFile {
  readonly topology: Topology
  readonly diagnostics: readonly Diagnostic[]
  /**
   * Of each diagnostic its code and place, `LVN2027 3:7`; behind `<` the other places that it names, behind `in` those
   * that have led to it.
   */
  readonly findings: readonly string[]
}

/** `text` begins in line 2, behind `lvn 1`; `files` are those that it may import, whole. */
export function readFile(text: string, files: Readonly<Record<string, string>> = {}): ReadFile {
  const main = new Source('main', `lvn 1\n${text}\n`)
  const program = parseProgram(main, (path) => new Source(path, files[path] as string))
  const { topology, diagnostics } = resolve([program.file], program.imports)
  const all = [...program.diagnostics, ...diagnostics]
  return { topology, diagnostics: all, findings: all.map(finding) }
}

function finding({ code, span, related = [] }: Diagnostic): string {
  const notes = (span?.notes ?? []).map((note) => ` in ${place(note.span)}`)
  // What has led to a place is among the others.
  const others = related.slice(0, related.length - notes.length).map((other) => ` < ${place(other.span)}`)
  return [code, span === undefined ? '' : ` ${place(span)}`, ...others, ...notes].join('')
}

const place = (span: Span) => formatSpan(span).replace(/^main:/, '')

/** Of each diagnostic what it says, and behind `|` what to do. */
export function sentences({ diagnostics }: ReadFile): string[] {
  return diagnostics.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`))
}

/**
 * A text in which the place of a finding stands in `«»`, and the other places that it names in `‹›`: the text without
 * these, and what `findings` is to say.
 */
export function marked(code: string, text: string): { text: string; finding: string } {
  const plain = text.replace(/[«»‹›]/g, '')
  const source = new Source('main', `lvn 1\n${plain}`)
  const places = (mark: string) =>
    text
      .split(mark)
      .slice(0, -1)
      .map(
        (_, i, parts) =>
          parts
            .slice(0, i + 1)
            .join('')
            .replace(/[«»‹›]/g, '').length,
      )
      .map((start) => formatSpan({ source, start: start + 'lvn 1\n'.length, end: 0 }).replace('main:', ''))
  return {
    text: plain,
    finding: [code, ...places('«').map((at) => ` ${at}`), ...places('‹').map((at) => ` < ${at}`)].join(''),
  }
}

/** What a topology says, without the places where it is written. */
export function meaning(topology: Topology): unknown {
  const isPlace = (key: string) => key === 'span' || key === 'localSpan'
  return JSON.parse(JSON.stringify(topology, (key, value) => (isPlace(key) ? undefined : value)))
}
