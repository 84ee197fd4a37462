// SPDX-License-Identifier: MIT
/**
 * What must hold of any text whatever: it is read, worked out and rendered without an exception, every place lies
 * in its source, messages are for people, and what can be formatted is formatted once and for all.
 */
import { readFileSync } from 'node:fs'
import type { AstFile } from '../../../grammar/ast.ts'
import { parse } from '../../../grammar/parser.ts'
import { print } from '../../../grammar/printer.ts'
import { type Program, parseProgram } from '../../../grammar/program.ts'
import { tokenize } from '../../../grammar/tokenize.ts'
import { tokenTypes } from '../../../grammar/tokens.ts'
import type { Diagnostic } from '../../../src/diag/error.ts'
import { renderGithub, renderHuman, renderJson } from '../../../src/diag/render.ts'
import { renderSarif } from '../../../src/diag/sarif.ts'
import { Source, type Span } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import { withoutPlaces } from '../arbitrary-file.ts'

const library = new Source(
  'lib/quarter.lvn',
  readFileSync(new URL('../../../examples/lib/quarter.lvn', import.meta.url), 'utf8'),
)

/** What no output has, unless the text itself has it. */
const leaks: Readonly<Record<string, RegExp>> = {
  NaN: /NaN/,
  undefined: /undefined/,
  object: /\[object /,
  'stack trace': /^\s+at .*:\d+:\d+/m,
}

const classNames = tokenTypes.map(({ name }) => name).filter((name) => /^[A-Z]/.test(name))
/** What no message has, unless the text itself has it. */
const jargon = new RegExp(
  `\\b(EOF|Chevrotain|NoViableAlt|MismatchedToken|Redundant input|Expecting|${classNames.join('|')})\\b|-->`,
)

/** The first thing that is wrong, in a few words that do not depend on places; undefined: nothing. */
export function judge(text: string): string | undefined {
  try {
    return judged(text)
  } catch (error) {
    const { name, message, stack = '' } = error as Error
    const frame = /at (\S+) /.exec(stack)?.[1] ?? ''
    return `exception: ${name}: ${message.slice(0, 100)} in ${frame}`
  }
}

function judged(text: string): string | undefined {
  const source = new Source('fuzz.lvn', text)
  const { file, imports, diagnostics } = parseProgram(source, (path) => {
    if (path !== library.name) throw new Error(`${path}: no such file`)
    return library
  })
  const all = [...diagnostics, ...resolve([file], imports).diagnostics]
  const wrong = all.map((diagnostic) => wrongOf(diagnostic, source)).find((each) => each !== undefined)
  if (wrong !== undefined) return wrong
  // A statement is at least two characters and gives a handful of reports at most.
  if (all.length > 4 + 4 * text.length) return 'more findings than characters'
  const json = renderJson(all)
  JSON.parse(json)
  const tool = { version: '0', titleOf: () => 'x' }
  const rendered = renderHuman(all) + json + renderGithub(all) + renderSarif(all, tool)
  for (const [name, leak] of Object.entries(leaks)) {
    if (leak.test(rendered) && !leak.test(text)) return `output with ${name}`
  }
  if (!all.some(({ severity }) => severity === 'error')) {
    const wronged = wrongedTemplate(file, imports)
    if (wronged !== undefined) return `an unused template is held ${wronged} against, a used one is not`
  }
  const printed = print(file)
  return diagnostics.length === 0 ? unsettled(source, printed) : undefined
}

function wrongOf(
  { code, message, hint, span, related = [] }: Diagnostic,
  source: Source,
): string | undefined {
  const sentences = [message, hint ?? '', ...related.map((other) => other.message)]
  for (const sentence of sentences) {
    const found = jargon.exec(sentence)?.[0]
    if (found !== undefined && !source.text.includes(found)) return `${code} says ${found}`
  }
  if (span === undefined) return `${code} has no place`
  for (const place of [span, ...related.map((other) => other.span)]) {
    const { start, end } = place
    if (place.source !== source && place.source !== library) return `${code} is in another source`
    const whole = Number.isInteger(start) && Number.isInteger(end)
    if (!whole || start < 0 || end < start || end > place.source.text.length) return `${code} has a bad range`
  }
  return undefined
}

/** Of names and functions in branches that no use came through: they are wrong all the same. */
const inAnyBranch = ['LVN2100', 'LVN2101', 'LVN2102', 'LVN2103', 'LVN2106']

/** In a file without mistakes: what its templates are told once nobody uses them. */
function wrongedTemplate(file: AstFile, imports: Program['imports']): string | undefined {
  const kept = ['let', 'for', 'if', 'import', 'template']
  const statements = file.body.statements.filter(({ kind }) => kept.includes(kind))
  const { diagnostics } = resolve([{ ...file, body: { ...file.body, statements } }], imports)
  const templates = statements.filter(({ kind }) => kind === 'template')
  const inside = ({ span }: Diagnostic) =>
    templates.some((each) => span?.source === file.source && within(span, each.span))
  const wrong = diagnostics.filter(
    ({ severity, code }) => severity === 'error' && !inAnyBranch.includes(code),
  )
  return wrong.find(inside)?.code
}

function within(inner: Span, outer: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end
}

/** Printed text is read as the same tree, and printed as the same text. */
function unsettled(source: Source, printed: string): string | undefined {
  const again = parse(new Source('printed.lvn', printed))
  if (again.diagnostics.length > 0) return `fmt writes what cannot be read: ${again.diagnostics[0]?.code}`
  if (print(again.file) !== printed) return 'fmt of fmt is not fmt'
  if (commentsOf(source) !== commentsOf(again.file.source)) return 'fmt loses a comment'
  const [first, second] = [parse(source).file, again.file].map((file) => JSON.stringify(withoutTrivia(file)))
  return first === second ? undefined : 'fmt writes another tree'
}

function commentsOf(source: Source): string {
  const texts = tokenize(source).comments.map(({ image }) => image.trimEnd())
  return JSON.stringify(texts.sort())
}

/** Comments may move: to the next line, from within a list to its statement. */
function withoutTrivia(file: Parameters<typeof withoutPlaces>[0]): unknown {
  const dropped = ['trivia', 'opening', 'closing']
  return JSON.parse(
    JSON.stringify(withoutPlaces(file), (key, value) => (dropped.includes(key) ? undefined : value)),
  )
}
