// SPDX-License-Identifier: MIT
/**
 * Messages of lexer and parser about expressions and the statements that steer others, LVN1100 to LVN1199.
 * Part of the catalogue.
 */
import type { Diagnostic } from './error.ts'
import { printable, problem, quote, spanText } from './message.ts'
import type { Span } from './source.ts'

/** `name` is the value's, where it could be read. */
export function missingAssign(span: Span, name = 'NAME'): Diagnostic {
  return problem('LVN1101', span, `expected \`=\` after \`let ${name}\`, found ${found(span)}`, {
    hint: `a value gets its name with \`let ${name} = VALUE\``,
  })
}

export function missingIn(span: Span, name = 'NAME'): Diagnostic {
  return problem('LVN1102', span, `expected \`in\` after \`for ${name}\`, found ${found(span)}`, {
    hint: `write \`for ${name} in 1..20 { ... }\``,
  })
}

/** A string in quotes with something else between braces than a name and a width. */
export function badInterpolation(span: Span): Diagnostic {
  return problem('LVN1103', span, `the braces in ${quote(spanText(span))} do not hold the name of a value`, {
    hint: 'a value is written `{i}`, or `{i:03}` with zeros up to a width; a brace itself is `\\{`; longer expressions get a name by `let`',
  })
}

export function missingArrow(span: Span, word: string): Diagnostic {
  return problem(
    'LVN1104',
    span,
    `expected \`->\` and a second value after \`${word}\`, found ${found(span)}`,
    {
      hint:
        found(span) === '`,`'
          ? `one stands on each side: a \`${word} A -> B\` for each`
          : `write \`${word} A -> B\``,
    },
  )
}

/** `span` is the opening bracket's; `closing` is the sign that is missing, `noticed` where. */
export function unclosedBracket(span: Span, closing: string, noticed: Span): Diagnostic {
  return problem('LVN1105', span, `this ${quote(spanText(span))} is never closed`, {
    hint: `put the missing \`${closing}\``,
    related: [{ message: `expected \`${closing}\` or a comma here`, span: noticed }],
  })
}

export function strayElse(span: Span): Diagnostic {
  return problem('LVN1106', span, 'this `else` belongs to no `if`', {
    hint: '`else` follows the `}` of its `if`',
  })
}

export function nestedTooDeep(span: Span): Diagnostic {
  return problem('LVN1107', span, 'this is nested too deep to be read', {
    hint: 'give parts of it names by `let`, or blocks of their own',
  })
}

/** `-1` or `-n` behind a value. */
export function gluedMinus(span: Span): Diagnostic {
  const operand = spanText(span).replace(/^-+/, '')
  return problem('LVN1108', span, 'a minus between two values has blanks around it', {
    hint: `write \`- ${printable(operand)}\``,
  })
}

/** `span` is that of an `if` where a value is wanted. */
export function conditionalValue(span: Span): Diagnostic {
  return problem('LVN1109', span, 'an `if` stands for no value', {
    hint: 'write the whole statements into the blocks of an `if`: `if CONDITION { ... } else { ... }`',
  })
}

/** `elseif`, `elsif` or `elif`. */
export function elseIfInOneWord(span: Span): Diagnostic {
  return problem('LVN1110', span, `${quote(spanText(span))} is no word of the language`, {
    hint: 'write `else if`',
  })
}

function found(span: Span): string {
  return span.start < span.end ? quote(spanText(span)) : 'the end of the line'
}
