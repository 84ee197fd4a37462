// SPDX-License-Identifier: MIT
/**
 * Syntax tree to text in the canonical layout, which `lvn fmt` writes. It changes blanks, line breaks and
 * quotes, never a value, a comment or the order. Two blanks a level; a block that was written on one line
 * stays on one if it fits; one empty line at most between two things; long lists continue on further lines.
 */
import {
  type AstFile,
  type Body,
  bodiesOf,
  type Comment,
  type Expect,
  type NameLiteral,
  type Statement,
  type Use,
} from './ast.ts'
import { namingText, portText, quoted, textText, valueText } from './print-values.ts'
import { startsWithKeyword } from './tokens.ts'

const width = 100

/**
 * Ends in a line break unless there is nothing. Precondition: the file was parsed without a diagnostic;
 * of another one, what could not be read is lost.
 */
export function print(file: AstFile): string {
  const printer = new Printer()
  const statements: Statement[] = [...file.body.statements]
  if (file.header !== null) statements.unshift(file.header)
  printer.body(statements, file.body.closing, '')
  return printer.lines.map((line) => `${line}\n`).join('')
}

class Printer {
  readonly lines: string[] = []

  body(statements: readonly Statement[], closing: readonly Comment[], indent: string): void {
    const start = this.lines.length
    const blank = (wanted: boolean) => {
      if (wanted && this.lines.length > start) this.lines.push('')
    }
    const comments = (list: readonly Comment[]) => {
      for (const comment of list) {
        blank(comment.blankBefore)
        this.lines.push(indent + comment.text)
      }
    }
    for (const statement of statements) {
      comments(statement.trivia.leading)
      blank(statement.trivia.blankBefore)
      this.statement(statement, indent)
      const { trailing } = statement.trivia
      if (trailing !== null) this.lines.push(`${this.lines.pop()}  ${trailing.text}`)
    }
    comments(closing)
  }

  private statement(statement: Statement, indent: string): void {
    const line = oneLine(statement)
    if (line !== undefined && indent.length + line.length <= width) {
      this.lines.push(indent + line)
      return
    }
    const blocks = blocksOf(statement)
    if (blocks.length === 0)
      for (const each of wrapped(head(statement), values(statement), indent)) this.lines.push(each)
    for (const [i, { head, body }] of blocks.entries()) {
      const opening = body.opening === null ? '' : `  ${body.opening.text}`
      this.lines.push(`${indent}${i === 0 ? '' : '} '}${head} {${opening}`)
      this.body(body.statements, body.closing, `${indent}  `)
    }
    if (blocks.length > 0) this.lines.push(`${indent}}`)
  }
}

interface Block {
  /** What stands before the brace. */
  readonly head: string
  readonly body: Body<Statement>
}

function blocksOf(statement: Statement): Block[] {
  const bodies = bodiesOf(statement)
  if (statement.kind !== 'if') return bodies.map((body) => ({ head: head(statement), body }))
  return bodies.map((body, i) => {
    const branch = statement.branches[i]
    if (branch === undefined) return { head: 'else', body }
    return { head: `${i === 0 ? 'if' : 'else if'} ${valueText(branch.condition)}`, body }
  })
}

/** Undefined for a block that was not on one line, or has comments. */
function oneLine(statement: Statement): string | undefined {
  const blocks = blocksOf(statement)
  if (blocks.length === 0) return `${head(statement)} ${values(statement).join(', ')}`.trimEnd()
  const parts = blocks.map(oneLineBlock)
  return parts.includes(undefined) ? undefined : parts.join(' ')
}

function oneLineBlock({ head, body }: Block): string | undefined {
  if (!body.oneLine || body.opening !== null || body.closing.length > 0) return undefined
  const commented = ({ trivia }: Statement) => trivia.leading.length > 0 || trivia.trailing !== null
  if (body.statements.some(commented)) return undefined
  if (body.statements.length === 0) return `${head} {}`
  const inner = body.statements.map(oneLine)
  return inner.includes(undefined) ? undefined : `${head} { ${inner.join('; ')} }`
}

function wrapped(head: string, list: readonly string[], indent: string): string[] {
  const parts = unbroken(list)
  const lines: string[] = []
  let line = indent + head
  for (const [i, part] of parts.entries()) {
    const next = ` ${part}${i < parts.length - 1 ? ',' : ''}`
    // The first value stays with its word: a line break would end the statement there.
    if (i > 0 && line.length + next.length > width) {
      lines.push(line)
      line = `${indent}   `
    }
    line += next
  }
  return [...lines, line]
}

/** A value that is named like a statement stays with the one before it: at the start of a line it would be one. */
function unbroken(list: readonly string[]): string[] {
  const parts: string[] = []
  for (const value of list) {
    const before = parts.at(-1)
    if (before !== undefined && startsWithKeyword(value)) parts[parts.length - 1] = `${before}, ${value}`
    else parts.push(value)
  }
  return parts
}

/** What stands before the values or the brace. */
function head(statement: Statement): string {
  switch (statement.kind) {
    case 'match':
      return 'match hostname'
    case 'let':
      return `let ${statement.name.text} =`
    case 'for':
      return `for ${statement.name.text} in ${valueText(statement.values)}`
    case 'hub':
    case 'spoke':
      return `${statement.kind} ${namingText(statement.name)}${useText(statement.from)}`
    case 'template':
      return `template ${namingText(statement.name)}${parametersText(statement.parameters)}`
    case 'signalling':
      return `signalling ${portText(statement.port)}`
    case 'cert':
    case 'key':
    case 'ca':
      return `${statement.kind} file`
    case 'expect':
      return `expect ${statement.what}`
    default:
      return 'name' in statement ? `${statement.kind} ${namingText(statement.name)}` : statement.kind
  }
}

function useText(use: Use | null): string {
  if (use === null) return ''
  const given = use.arguments === null ? '' : `(${use.arguments.map(valueText).join(', ')})`
  return ` from ${namingText(use.template)}${given}`
}

function parametersText(parameters: readonly NameLiteral[] | null): string {
  return parameters === null ? '' : `(${parameters.map(({ text }) => text).join(', ')})`
}

function values(statement: Statement): string[] {
  switch (statement.kind) {
    case 'lvn':
      return [statement.version.text]
    case 'net':
    case 'routes':
      return statement.prefixes.map(valueText)
    case 'port':
      return [valueText(statement.port)]
    case 'keepalive': {
      const times = [statement.every && `every ${valueText(statement.every)}`]
      times.push(statement.dead && `dead after ${valueText(statement.dead)}`)
      return times.filter((time) => time !== null)
    }
    case 'match':
      return statement.hostnames.map(valueText)
    case 'listen':
      return statement.endpoints.map(valueText)
    case 'endpoint':
      return [valueText(statement.endpoint)]
    case 'address':
      return statement.addresses.map(valueText)
    case 'mtu':
      return [valueText(statement.mtu)]
    case 'mode':
      return [statement.mode.text]
    case 'underlay':
      return statement.interfaces.map(valueText)
    case 'via':
      return statement.hubs.map(valueText)
    case 'prefer':
      return [valueText(statement.hub)]
    case 'auth':
      return [statement.auth.text]
    case 'cert':
    case 'key':
    case 'ca':
      return [statement.path.kind === 'text' ? textText(statement.path) : quoted(statement.path.text)]
    case 'allow':
    case 'deny':
      return [`${valueText(statement.from)} -> ${valueText(statement.to)}`]
    case 'expect':
      return [expectText(statement)]
    case 'import':
      return [quoted(statement.path.text)]
    case 'let':
      return [valueText(statement.value)]
    case 'assert':
      return [
        valueText(statement.condition),
        ...(statement.message === null ? [] : [textText(statement.message)]),
      ]
    default:
      return []
  }
}

function expectText({ from, to, within, least }: Expect): string {
  const ends = `${valueText(from)} -> ${valueText(to)}`
  if (least !== null) return `${ends} >= ${valueText(least)}`
  return within === null ? ends : `${ends} within ${valueText(within)}`
}
