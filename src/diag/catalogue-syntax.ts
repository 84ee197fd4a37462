// SPDX-License-Identifier: MIT
/**
 * Messages of lexer and parser, LVN1001 to LVN1999. Part of the catalogue.
 */
import type { Diagnostic } from './error.ts'
import { oneOf, printable, problem, quote, spanText } from './message.ts'
import type { Span } from './source.ts'
import { suggest } from './suggest.ts'

// ---- words ------------------------------------------------------------------------------------------

/** A word that is no literal and no name. Says what it looks like it was meant to be. */
export function badWord(span: Span): Diagnostic {
  const text = spanText(span)
  // A `*` that follows a slash is a word of its own.
  const [what, hint] = looksLike(text === '/' ? span.source.text.slice(span.start, span.end + 1) : text)
  return problem('LVN1001', span, `${quote(text)} is not ${what}`, { hint })
}

function looksLike(text: string): readonly [what: string, hint: string | undefined] {
  if (/[\w.:]\{/.test(text)) return pieced(text)
  if (/^\/[/*]|^--/.test(text)) return ['a comment', 'comments start with `#`']
  const computed = calculation(text)
  if (computed !== undefined) return computed
  const word = /^([A-Za-z][\w-]*):$/.exec(text)
  if (word !== null) return ['a word', `values follow their word without a colon: \`${word[1]}\``]
  if (/%/.test(text) && text.includes(':')) return ['an address', 'zones (`%eth0`) cannot be written here']
  if (/^\d+\..*\.[A-Za-z_].*\//.test(text)) return ['a prefix', workedOut.prefix]
  if (/^[\d.]+\/|^[\dA-Fa-f]*:.*\//.test(text)) {
    return ['a prefix', 'a prefix is an address, a slash and a length: `10.64.0.0/16`, `fd42:64::/48`']
  }
  if (text.startsWith('[')) return ['an endpoint', 'an IPv6 endpoint is written `[2001:db8::1]:50000`']
  if (/^\d+(\.\d+)+:/.test(text)) return ['an endpoint', 'an IPv4 endpoint is written `192.0.2.1:50000`']
  if (/^[\dA-Fa-f]*:[\dA-Fa-f]*:/.test(text)) return ['an IPv6 address', undefined]
  if (/^\d+\./.test(text))
    return ['an IPv4 address', /\.[A-Za-z_]/.test(text) ? workedOut.address : undefined]
  if (/^\d+(\.\d+)?[kmgt](i?b(it|its|yte|ytes)?|bps)(\/s|ps)?$/i.test(text))
    return ['a rate', 'rates are written with `kbit`, `mbit` and `gbit`: `100mbit`']
  if (/^\d+(ms|s|m|h|sec|secs|second|seconds|min|mins|minute|minutes|hour|hours|d|days?)/.test(text)) {
    return ['a duration', 'durations are written with `h`, `m`, `s` and `ms`: `20s`, `1h30m`, `500ms`']
  }
  if (/^\d[\w-]*$/.test(text))
    return ['a number', `a name that starts with a digit goes in quotes: "${text}"`]
  if (/^[A-Za-z_].*:/.test(text)) return ['a name or an endpoint', 'write `host.example.org:50000`']
  if (/[^\u0020-\u007e]/.test(text))
    return ['a name', 'names are of the letters a to z, digits, `_`, `-` and `.`']
  return ['a name, an address or a number', undefined]
}

/** Of `5-3`, `-n`, `10/2` and `1.5s`: what would be worked out elsewhere. */
function calculation(text: string): readonly [what: string, hint: string] | undefined {
  if (/^\d+-\d+$/.test(text))
    return ['a value', `a minus has blanks around it: \`${text.replace('-', ' - ')}\``]
  if (/^-/.test(text)) return ['a value', 'a minus stands between two values, with blanks around it: `0 - n`']
  if (/^\/\s*$/.test(text)) return ['an operator', noDivision]
  if (/^(\d+|[A-Za-z_][\w-]*)\/\w*$/.test(text))
    return ['a value', `${noDivision}, and a prefix has a whole address: \`10.64.0.0/16\``]
  const [, digits, unit] = /^(\d+\.\d+)(h|m|s)$/.exec(text) ?? []
  if (unit === undefined) return undefined
  const ms = Math.round(Number(digits) * (unit === 'h' ? 3_600_000 : unit === 'm' ? 60_000 : 1000))
  const whole = ms % 60_000 === 0 ? `${ms / 60_000}m` : ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
  return ['a duration', `there are no fractions: \`${whole}\``]
}

const noDivision = 'there is no division'

/** Of `10.65.{i}.1` and `ap{i}`. */
function pieced(text: string): readonly [what: string, hint: string] {
  if (/^\d+\.|^[\dA-Fa-f]*:/.test(text))
    return text.includes('/') ? ['a prefix', workedOut.prefix] : ['an address', workedOut.address]
  return ['a name', `a name with a value in it goes in quotes: "${text}"`]
}

const workedOut = {
  address:
    'addresses are worked out: the first of the 24-bit prefix number i is `host(subnet(pool, /24, i), 1)`',
  prefix: 'prefixes are worked out: the 24-bit prefix number i is `subnet(pool, /24, i)`',
}

export function strayCharacters(span: Span): Diagnostic {
  const text = spanText(span)
  const invisible = printable(text) !== text || text.trim() === ''
  const code = `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  const message = invisible ? `the character ${code} cannot stand here` : `${quote(text)} has no meaning here`
  return problem('LVN1002', span, message, { hint: strayHints[text[0] ?? ''] })
}

const strayHints: Readonly<Record<string, string>> = {
  '=': 'values follow their word without `=`: `port 50000`',
  '?': 'values cannot be chosen by a condition, statements can: `if CONDITION { ... } else { ... }`',
  "'": 'texts stand in double quotes, and most names in none',
}

export function openString(span: Span): Diagnostic {
  return problem('LVN1003', span, 'this string has no closing `"`', {
    hint: 'a string ends on the line it starts on',
  })
}

/** A `=` where two values are compared. */
export function equalsSign(span: Span): Diagnostic {
  return problem('LVN1004', span, '`=` compares nothing', { hint: 'two values are compared with `==`' })
}

// ---- header -----------------------------------------------------------------------------------------

/** `span` is the first thing in the file. */
export function missingHeader(span: Span): Diagnostic {
  return problem('LVN1010', span, 'the file does not start with `lvn 1`', {
    hint: 'put `lvn 1` on a line before everything else: it names the version of the language',
  })
}

export function misplacedHeader(span: Span): Diagnostic {
  return problem('LVN1011', span, '`lvn` stands once, before everything else in the file')
}

export function unknownVersion(span: Span): Diagnostic {
  return problem('LVN1012', span, `version ${printable(spanText(span))} of the language is not known here`, {
    hint: 'this program reads version 1: `lvn 1`',
  })
}

// ---- statements -------------------------------------------------------------------------------------

/**
 * `place` reads like `a hub`; `suggestion` is one of `expected`, or undefined when none is near. `elsewhere` is what to
 * do about a word that means something in another place.
 */
export function unknownStatement(
  span: Span,
  place: string,
  expected: readonly string[],
  suggestion: string | undefined,
  elsewhere: string | undefined,
): Diagnostic {
  const unknown = elsewhere ?? `expected ${oneOf(expected)}`
  return problem('LVN1020', span, `${quote(spanText(span))} means nothing in ${place}`, {
    hint: suggestion === undefined ? unknown : `did you mean \`${suggestion}\`?`,
  })
}

/** A value, a brace or a comma where a statement should start. */
export function notAStatement(span: Span, place: string, expected: readonly string[]): Diagnostic {
  return problem('LVN1021', span, `expected a statement in ${place}, found ${found(span)}`, {
    hint: `a statement starts with ${oneOf(expected)}`,
  })
}

/**
 * A known word in the wrong place. `homes` read like `a hub`; `example` is the statement there. `ended` is the `}` that
 * may have ended its block too early, where there is one too many.
 */
export function misplacedStatement(
  span: Span,
  place: string,
  homes: readonly string[],
  instead: string | undefined,
  example: string | undefined,
  ended: Span | undefined,
): Diagnostic {
  const where = `${homes.join(' or ')}${example === undefined ? '' : `: \`${example}\``}`
  return problem('LVN1022', span, `\`${spanText(span)}\` does not belong in ${place}`, {
    hint:
      instead === undefined ? `it belongs in ${where}` : `it belongs in ${where}; here it is \`${instead}\``,
    related:
      ended === undefined ? undefined : [{ message: 'one ends here: is this `}` too many?', span: ended }],
  })
}

export function reservedWord(span: Span): Diagnostic {
  const text = spanText(span)
  return problem('LVN1023', span, `\`${text}\` is a reserved word`, {
    hint: `as a name it goes in quotes: "${text}"`,
  })
}

/** `what` reads like `an address`; `after` is the word that wants it. */
export function expectedValue(span: Span, what: string, after: string, hint?: string): Diagnostic {
  return problem('LVN1024', span, `expected ${what} after \`${after}\`, found ${found(span)}`, { hint })
}

/** Something follows a finished statement. `list`: the statement takes several values. */
export function expectedEnd(span: Span, statement: string, list: boolean): Diagnostic {
  const separators = list
    ? 'values are separated by commas, statements by line breaks or semicolons'
    : 'statements are separated by line breaks or semicolons'
  const policy = statement === 'allow' || statement === 'deny'
  const narrowed = policy && /^(tcp|udp|icmp|proto|protocol|port|dport)$/i.test(spanText(span))
  return problem('LVN1025', span, `\`${statement}\` should end before ${found(span)}`, {
    hint: narrowed ? 'policies are about all packets: they know no protocols and ports' : separators,
  })
}

/** `what` reads like `a prefix`; `span` is the comma's. */
export function danglingComma(span: Span, what: string): Diagnostic {
  return problem('LVN1026', span, `expected ${what} after this comma`, {
    hint: 'the last value of a list has no comma behind it',
  })
}

// ---- braces -----------------------------------------------------------------------------------------

/** `what` reads like `hub gw1`; `span` is where the brace is missing. */
export function missingBrace(span: Span, what: string): Diagnostic {
  const node = /^(hub|spoke) /.test(what)
  const template = node && suggest(spanText(span), ['from']) !== undefined
  const written = `write \`${printable(what)} { ... }\` or \`${printable(what)} from TEMPLATE(...)\``
  return problem('LVN1030', span, `expected \`{\` after \`${printable(what)}\`, found ${found(span)}`, {
    hint: template ? 'did you mean `from`?' : node ? written : undefined,
  })
}

/** `span` is where they begin; `template` is the name before them. */
export function bareArguments(span: Span, template: string): Diagnostic {
  return problem('LVN1033', span, `expected \`(\` after \`${printable(template)}\`, found ${found(span)}`, {
    hint: `arguments stand in parentheses: \`${printable(template)}(${printable(spanText(span))})\``,
  })
}

/** `span` is the opening brace's; `noticed` is where it became clear, if that was before the end. */
export function unclosedBrace(span: Span, what: string, noticed: Span | undefined): Diagnostic {
  return problem('LVN1031', span, `the \`{\` of \`${printable(what)}\` is never closed`, {
    hint: 'put the missing `}`',
    related:
      noticed === undefined ? undefined : [{ message: 'it should be closed before this', span: noticed }],
  })
}

export function strayBrace(span: Span): Diagnostic {
  return problem('LVN1032', span, 'this `}` closes nothing')
}

function found(span: Span): string {
  if (span.start < span.end) return quote(spanText(span))
  return span.source.text.slice(span.start).trim() === '' ? 'the end of the file' : 'the end of the line'
}
