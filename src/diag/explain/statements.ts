// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN1101 to LVN1199: expressions, and statements that steer others, cannot be read.
 */
import { type Explanations, inOverlay } from './explanation.ts'

export const statements: Explanations = {
  LVN1101: {
    title: 'a let has no equals sign',
    means:
      '`let` gives a value a name. Between the two stands `=`, the only place in the language where one does.',
    example: inOverlay('let lan 10.64.1.0/24'),
    mend: 'Write `let lan = 10.64.1.0/24`.',
  },
  LVN1102: {
    title: 'a for has no in',
    means: '`for` says a block once for each value of a list or a range: `for NAME in VALUES { … }`.',
    example: inOverlay('for i of 1..3 { spoke "ap{i}" { endpoint nat; address host(10.64.0.0/16, i + 1) } }'),
    mend: 'Write `for i in 1..3`.',
  },
  LVN1103: {
    title: 'braces in a text hold something else than a name',
    means:
      'In a text in quotes `{i}` stands for a value, `{i:03}` for a number with zeros up to a width. Nothing else can stand between the braces.',
    example: inOverlay('for i in 1..2 { spoke "ap{i + 1}" { endpoint nat; address host(10.64.1.0/24, i) } }'),
    mend: 'Give the expression a name with `let`, and put that between the braces. A brace itself is written `\\{`.',
  },
  LVN1104: {
    title: 'an arrow and a second end are missing',
    means:
      '`allow`, `deny` and `expect` are about packets from one end to another, with `->` between the two.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.64.1.1 }', 'deny kirche gw1'),
    mend: 'Write both ends: `deny kirche -> gw1`.',
  },
  LVN1105: {
    title: 'a parenthesis is never closed',
    means:
      'A `(` or `[` of an expression has no counterpart. The note shows where it was expected at the latest.',
    example: inOverlay('spoke kirche { endpoint nat; address host(10.64.1.0/24, 1 }'),
    mend: 'Put the missing `)` or `]`.',
  },
  LVN1106: {
    title: 'an else has no if',
    means: '`else` follows the closing brace of an `if`. This one follows something else.',
    example: inOverlay('else { port 50001 }'),
    mend: 'Put it behind the `}` of its `if`, or take it out.',
  },
  LVN1107: {
    title: 'something is nested too deep',
    means:
      'Parentheses, lists or blocks lie inside each other deeper than any file needs. There is a limit so that no input can exhaust the program.',
    example: `lvn 1
let n = ${'('.repeat(40)}1${')'.repeat(40)}
${inOverlay().replace('lvn 1\n', '')}`,
    mend: 'Give parts of it names with `let`, or blocks of their own.',
  },
  LVN1108: {
    title: 'a minus has no blanks around it',
    means:
      'Names may have hyphens in them, as in `gw-1`, and `-1` is a number. A minus that takes one value from another therefore has blanks on both sides.',
    example: inOverlay('port 50001 -1'),
    mend: 'Write `50001 - 1`.',
  },
  LVN1109: {
    title: 'an if stands where a value is wanted',
    means:
      '`if` decides which statements are there, not what a value is: a `let` has one value, whatever holds. The same goes for `? :` of other languages.',
    example: inOverlay('port if count(hubs) == 1 { 50001 }'),
    mend: 'Write the statements that use the value into the blocks of an `if`, with the one value in the first and the other one behind `else`.',
  },
  LVN1110: {
    title: 'an else if is written as one word',
    means: 'A further condition behind the `}` of an `if` is written with two words, `else if`.',
    example: inOverlay('if count([]) == 1 { port 50001 } elseif count([]) == 0 { port 50002 }'),
    mend: 'Write `else if`.',
  },
}
