// SPDX-License-Identifier: MIT
/**
 * Messages about values that are worked out, LVN2100 to LVN2129. Part of the catalogue. `found` and `a`, `b` read
 * like `the text "x"`, `wanted` like `a prefix`.
 */
import type { Diagnostic } from './error.ts'
import { doubt, oneOf, printable, problem, quote } from './message.ts'
import type { Span } from './source.ts'

// ---- names ------------------------------------------------------------------------------------------

export function unknownName(span: Span, name: string, near: string | undefined): Diagnostic {
  const text = printable(name)
  const unnamed =
    name.includes('.') || namesNode(span.source.text, name)
      ? `the name of a host or a node goes in quotes here: "${text}"`
      : `a value gets its name above, with \`let ${text} = VALUE\``
  return problem('LVN2100', span, `nothing here is named ${quote(name)}`, {
    hint: near === undefined ? unnamed : `did you mean \`${near}\`?`,
  })
}

/** Does a node of the text have this name, as far as its words tell? */
function namesNode(text: string, name: string): boolean {
  return text.split(/[\s;{}"]+/).some((word, i, words) => {
    return word === name && (words[i - 1] === 'hub' || words[i - 1] === 'spoke')
  })
}

/** `spokes` and `hubs`. */
export function knownAtEndOnly(span: Span, name: string): Diagnostic {
  return problem('LVN2101', span, `\`${name}\` is not known here yet`, {
    hint: `use it in an \`assert\` of an overlay: \`assert count(${name}) == 3\``,
  })
}

export function nameTwice(span: Span, name: string, first: Span): Diagnostic {
  return problem('LVN2102', span, `${quote(name)} already has a meaning here`, {
    hint: 'values never change: give this one another name',
    related: [{ message: 'the first one', span: first }],
  })
}

export function unknownFunction(
  span: Span,
  name: string,
  near: string | undefined,
  known: readonly string[],
): Diagnostic {
  const all = `the functions are ${oneOf(known).replace(/ or (?=[^ ]*$)/, ' and ')}`
  const hint = name === 'range' ? 'a range is written `1..200`, both ends included' : all
  return problem('LVN2103', span, `there is no function ${quote(name)}`, {
    hint: near === undefined ? hint : `did you mean \`${near}\`?`,
  })
}

// ---- kinds of values --------------------------------------------------------------------------------

/** A value of one kind where a statement wants another. `word` is the statement's. */
export function wrongKind(
  span: Span,
  word: string,
  wanted: string,
  found: string,
  hint?: string,
): Diagnostic {
  return problem('LVN2104', span, `\`${word}\` wants ${wanted}, and this is ${found}`, { hint })
}

/** `usage` reads like `host(PREFIX, N)`. */
export function wrongArgument(span: Span, usage: string, wanted: string, found: string): Diagnostic {
  return problem('LVN2105', span, `this argument should be ${wanted}, and is ${found}`, {
    hint: `it is written \`${usage}\``,
  })
}

export function wrongArgumentCount(span: Span, usage: string, wanted: number, given: number): Diagnostic {
  const what = wanted === 1 ? '1 argument' : `${wanted} arguments`
  return problem('LVN2106', span, `${what} wanted here, ${given} given`, {
    hint: `it is written \`${usage}\``,
  })
}

/** An operand of an operator, `not`, `if` or `assert`. */
export function wrongOperand(span: Span, word: string, wanted: string, found: string): Diagnostic {
  return problem('LVN2107', span, `\`${word}\` wants ${wanted}, and this is ${found}`, {
    hint: wanted === 'a condition' ? 'compare it with something: `count(spokes) == 3`' : undefined,
  })
}

export function notComparable(span: Span, a: string, b: string): Diagnostic {
  return problem('LVN2108', span, `${a} cannot be compared with ${b}`, {
    hint: 'both sides are of one kind; only numbers and durations have an order',
  })
}

// ---- too much ---------------------------------------------------------------------------------------

export function numberTooLarge(span: Span): Diagnostic {
  return problem('LVN2109', span, 'this number is too large to be counted with')
}

export function textTooLong(span: Span, most: number): Diagnostic {
  return problem('LVN2110', span, `this text becomes longer than ${most} characters`)
}

/** A width for something else than a number that is not negative. */
export function paddedText(span: Span, name: string, found: string): Diagnostic {
  return problem('LVN2111', span, `only whole numbers are filled up with zeros, and this is ${found}`, {
    hint: `write \`{${name}}\``,
  })
}

/** `span` is the `for`'s. */
export function tooManyTurns(span: Span, most: number): Diagnostic {
  return problem('LVN2112', span, `the \`for\` of this file have more than ${most} turns together`, {
    hint: 'an overlay has 65536 spokes at most: is the range right?',
  })
}

/** With those of the lists in it. `span` is the list's. */
export function listTooLarge(span: Span, most: number): Diagnostic {
  return problem(
    'LVN2128',
    span,
    `this list becomes larger than ${most} values, with those of the lists in it`,
    {
      hint: 'a list that is put into another counts each time: is it meant to be there so often?',
    },
  )
}

/** Lists are compared and gone through in all turns together. `span` is where it became too much. */
export function tooMuchListWork(span: Span, most: number): Diagnostic {
  const limit = most.toLocaleString('en')
  return problem('LVN2150', span, `going through lists takes more than ${limit} steps in this file`, {
    hint: 'each turn of a `for` goes through them again: can it be done once, before the `for`?',
  })
}

// ---- addresses --------------------------------------------------------------------------------------

export function hostOutOfRange(span: Span, n: number, prefix: string, size: bigint): Diagnostic {
  return problem('LVN2113', span, `${prefix} has no address number ${n}`, {
    hint: `it has ${size}, numbered from 0 to ${size - 1n}; -1 is the last one`,
  })
}

export function subnetOutOfRange(
  span: Span,
  n: number,
  prefix: string,
  length: number,
  count: bigint,
): Diagnostic {
  const have = count === 1n ? 'one subnet' : `${count} subnets`
  return problem('LVN2114', span, `${prefix} has no /${length} number ${n}`, {
    hint: `it has ${have} of that length, numbered from 0 to ${count - 1n}`,
  })
}

/** `longest` is the longest length possible. */
export function subnetLengthOutOfRange(
  span: Span,
  length: number,
  prefix: string,
  longest: number,
): Diagnostic {
  const shortest = prefix.slice(prefix.indexOf('/'))
  return problem('LVN2115', span, `/${length} is no length for a part of ${prefix}`, {
    hint: `the length is from ${shortest} to /${longest}`,
  })
}

export function argumentOfOtherFamily(span: Span, text: string, prefix: string): Diagnostic {
  return problem('LVN2116', span, `${text} and ${prefix} are not of one family, IPv4 or IPv6`, {
    hint: 'ask `family(ADDRESS)` first',
  })
}

// ---- statements -------------------------------------------------------------------------------------

/** `message` is the file's own, where it has one. */
export function assertionFailed(
  span: Span,
  message: string | undefined,
  sides: string | undefined,
): Diagnostic {
  const text = message === undefined ? 'this does not hold' : `this does not hold: ${printable(message)}`
  return problem('LVN2117', span, text, { hint: sides })
}

export function notIterable(span: Span, found: string): Diagnostic {
  return problem('LVN2118', span, `\`for\` goes through a list or a range, and this is ${found}`, {
    hint: 'write `for i in 1..20 { ... }` or `for name in ["a", "b"] { ... }`',
  })
}

export function unknownTemplate(span: Span, name: string, near: string | undefined): Diagnostic {
  return problem('LVN2119', span, `there is no template ${quote(name)}`, {
    hint:
      near === undefined
        ? `a template is written \`template ${printable(name)}(lan) { ... }\`, outside overlays`
        : `did you mean \`${near}\`?`,
  })
}

/** `span` is the use's, `template` the place of its name. */
export function wrongTemplateArguments(
  span: Span,
  usage: string,
  wanted: number,
  given: number,
  template: Span,
): Diagnostic {
  const what = wanted === 1 ? '1 argument' : `${wanted} arguments`
  return problem('LVN2120', span, `template \`${usage}\` takes ${what}, ${given} given`, {
    related: [{ message: 'the template', span: template }],
  })
}

/** `span` is that of a range of two numbers, of which `from` is the larger. */
export function emptyRange(span: Span, from: number, to: number): Diagnostic {
  return doubt('LVN2127', span, `this range holds nothing: ${from} is more than ${to}`, {
    hint: `ranges count upwards: \`${to}..${from}\``,
  })
}

export function unusedParameter(span: Span, name: string): Diagnostic {
  return doubt('LVN2121', span, `the parameter ${quote(name)} is used nowhere in its template`, {
    hint: 'use it, or take it away here and where the template is used',
  })
}

/** A statement of hubs that a template or `on` brings to a spoke, or the other way round. */
export function wrongRole(span: Span, word: string, role: string, node: string): Diagnostic {
  return problem('LVN2122', span, `\`${word}\` does not belong in a ${role}, and ${quote(node)} is one`)
}

/** `of` reads like `hub` or `node`; `known` are all there are. */
export function unknownNode(span: Span, name: string, of: string, near: string | undefined): Diagnostic {
  return problem('LVN2123', span, `there is no ${of} named ${quote(name)}`, {
    hint: near === undefined ? undefined : `did you mean \`${near}\`?`,
  })
}

// ---- imports ----------------------------------------------------------------------------------------

/** `chain` leads from the file that is imported again to this `import`. */
export function importCycle(span: Span, path: string, chain: readonly Span[]): Diagnostic {
  return problem('LVN2124', span, `${printable(path)} imports itself in the end`, {
    hint: 'put what both files need into a third one',
    related: chain.map((link) => ({ message: 'imported here', span: link })),
  })
}

/** `reason` is a sentence: `lib.lvn: no such file`. */
export function importUnreadable(span: Span, reason: string, hint?: string): Diagnostic {
  return problem('LVN2125', span, `this import cannot be read: ${printable(reason)}`, {
    hint: hint ?? 'the path starts at the folder of this file',
  })
}

/** `name` of the file, `root` of the one that everything is read for, `folder` of the first. */
export function importOutside(span: Span, name: string, root: string, folder: string): Diagnostic {
  return problem(
    'LVN2145',
    span,
    `this import is not below the folder of ${printable(root)}: ${quote(name)}`,
    {
      hint: `move it there, or allow its folder: \`--allow-import ${printable(folder)}\``,
    },
  )
}

export function importsTooDeep(span: Span, most: number): Diagnostic {
  return problem('LVN2126', span, `files import files more than ${most} deep here`)
}
