// SPDX-License-Identifier: MIT
/**
 * Names, literals and expressions as text, quotes only where they are needed. What the printer puts into its
 * lines; it knows nothing of statements and lines.
 */
import type {
  EndpointLiteral,
  Expression,
  Interpolation,
  NameLiteral,
  Naming,
  PortLiteral,
  Text,
  Translated,
  WordLiteral,
} from './ast.ts'
import { isPlainName } from './tokens.ts'

type Word = WordLiteral<string>

/** What a statement gives a name to. */
export function namingText(name: Naming): string {
  if (name.kind === 'text') return textText(name)
  return isPlainName(name.text) ? name.text : quoted(name.text)
}

/** Whatever stands where a value may stand. */
export function valueText(value: Expression | NameLiteral | Word | Translated): string {
  switch (value.kind) {
    case 'name':
      return existingText(value.text)
    case 'endpoint':
      return endpointText(value)
    case 'translated':
      return `${valueText(value.outside)} at ${valueText(value.inside)}`
    case 'text':
      return textText(value)
    case 'call':
      return `${value.name.text}(${value.arguments.map(valueText).join(', ')})`
    case 'list':
      return `[${value.items.map(valueText).join(', ')}]`
    case 'group':
      return `(${valueText(value.inner)})`
    case 'not':
      return `not ${valueText(value.operand)}`
    case 'binary': {
      const sign = value.operator === '..' ? '..' : ` ${value.operator} `
      return valueText(value.left) + sign + valueText(value.right)
    }
    default:
      return value.text
  }
}

export function portText({ port }: PortLiteral): string {
  return `:${port.text}`
}

export function textText({ parts }: Text): string {
  const inside = parts.map((part) => (typeof part === 'string' ? escaped(part) : interpolationText(part)))
  return `"${inside.join('')}"`
}

export function quoted(text: string): string {
  return `"${escaped(text)}"`
}

function escaped(text: string): string {
  return text.replace(/["\\{]/g, '\\$&')
}

function interpolationText({ name, width }: Interpolation): string {
  return width === null ? `{${name}}` : `{${name}:0${width}}`
}

/** A word alone would be taken for the name of a value. */
function existingText(text: string): string {
  return text.includes('.') && isPlainName(text) ? text : quoted(text)
}

function endpointText({ host, port }: EndpointLiteral): string {
  const digits = port === null ? '' : `:${port.text}`
  if (host.kind === 'address') return (host.text.includes(':') ? `[${host.text}]` : host.text) + digits
  const ported = port !== null && host.text !== 'nat'
  const plain = isPlainName(host.text) && (host.text.includes('.') || ported)
  return plain ? host.text + digits : quoted(host.text + digits)
}
