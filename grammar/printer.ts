// SPDX-License-Identifier: MIT
/**
 * Syntax tree to text in the canonical layout, which `lvn fmt` writes. It changes blanks, line breaks and
 * quotes, never a value, a comment or the order. Two blanks a level; a block that was written on one line
 * stays on one if it fits; one empty line at most between two things; long lists continue on further lines.
 */
import type {
  AddressLiteral,
  AstFile,
  Body,
  Comment,
  EndpointLiteral,
  NameLiteral,
  Statement,
  WordLiteral,
} from './ast.ts'
import { isPlainName } from './tokens.ts'

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
    const body = bodyOf(statement)
    if (body === null) this.lines.push(...wrapped(head(statement), values(statement), indent))
    else {
      const opening = body.opening === null ? '' : `  ${body.opening.text}`
      this.lines.push(`${indent}${head(statement)} {${opening}`)
      this.body(body.statements, body.closing, `${indent}  `)
      this.lines.push(`${indent}}`)
    }
  }
}

function bodyOf(statement: Statement): Body<Statement> | null {
  return 'body' in statement ? statement.body : null
}

/** Undefined for a block that was not on one line, or has comments. */
function oneLine(statement: Statement): string | undefined {
  const body = bodyOf(statement)
  if (body === null) return `${head(statement)} ${values(statement).join(', ')}`.trimEnd()
  if (!body.oneLine || body.opening !== null || body.closing.length > 0) return undefined
  const commented = ({ trivia }: Statement) => trivia.leading.length > 0 || trivia.trailing !== null
  if (body.statements.some(commented)) return undefined
  if (body.statements.length === 0) return `${head(statement)} {}`
  const inner = body.statements.map(oneLine)
  return inner.includes(undefined) ? undefined : `${head(statement)} { ${inner.join('; ')} }`
}

function wrapped(head: string, list: readonly string[], indent: string): string[] {
  const lines: string[] = []
  let line = indent + head
  for (const [i, value] of list.entries()) {
    const next = ` ${value}${i < list.length - 1 ? ',' : ''}`
    // The first value stays with its word: a line break would end the statement there.
    if (i > 0 && line.length + next.length > width) {
      lines.push(line)
      line = `${indent}   `
    }
    line += next
  }
  return [...lines, line]
}

/** What stands before the values or the brace. */
function head(statement: Statement): string {
  if (statement.kind === 'match') return 'match hostname'
  return 'name' in statement ? `${statement.kind} ${nameText(statement.name)}` : statement.kind
}

function values(statement: Statement): string[] {
  switch (statement.kind) {
    case 'lvn':
      return [statement.version.text]
    case 'overlay':
    case 'hub':
    case 'spoke':
    case 'device':
      return []
    case 'net':
    case 'routes':
      return statement.prefixes.map((prefix) => prefix.text)
    case 'port':
      return [statement.port.text]
    case 'keepalive': {
      const times = [statement.every && `every ${statement.every.text}`]
      times.push(statement.dead && `dead after ${statement.dead.text}`)
      return times.filter((time) => time !== null)
    }
    case 'match':
      return statement.hostnames.map(nameText)
    case 'listen':
      return statement.endpoints.map(endpointText)
    case 'endpoint':
      return [endpointText(statement.endpoint)]
    case 'address':
      return statement.addresses.map((address) => address.text)
    case 'mtu':
      return [statement.mtu.text]
    case 'mode':
      return [statement.mode.text]
  }
}

function nameText(name: NameLiteral): string {
  return isPlainName(name.text) ? name.text : quoted(name.text)
}

function endpointText(endpoint: EndpointLiteral | WordLiteral<'nat'>): string {
  if (endpoint.kind === 'word') return endpoint.text
  const { host } = endpoint
  const port = endpoint.port === null ? '' : `:${endpoint.port.text}`
  if (host.kind === 'address') return addressText(host) + port
  const plain = isPlainName(host.text) && (host.text !== 'nat' || port !== '')
  return plain ? host.text + port : quoted(host.text + port)
}

function addressText(host: AddressLiteral): string {
  return host.text.includes(':') ? `[${host.text}]` : host.text
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
