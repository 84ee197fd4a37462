// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN1001 to LVN1099: the text cannot be read as a file of the language.
 */
import { type Explanations, inOverlay } from './explanation.ts'

export const syntax: Explanations = {
  LVN1001: {
    title: 'a word is neither a name nor a value',
    means:
      'Every word of a file is a name, a number, a duration, an address, a prefix or an endpoint. This one is none of them; the message says what it looks like. It is often a typing mistake inside an address, a name that starts with a digit, or a word with braces in it, which only texts in quotes can have.',
    example: inOverlay('spoke kirche { endpoint 203.0.113.7; address 10.64.1.1; keepalive every 20sec }'),
    mend: 'Write the value as the help line shows: `20s`, `10.64.0.0/16`, `[2001:db8::1]:50000`. A name that is not letters, digits, `_`, `-` and `.` goes in quotes, and so does one with a value in it: `"ap{i}"`. Addresses are worked out: `host(subnet(pool, /24, i), 1)`.',
  },
  LVN1002: {
    title: 'a character has no meaning here',
    means:
      'The language has names, values, `{`, `}`, `,`, `;` and `#` for comments. This character is none of those. An invisible one, such as a no-break space out of a web page, is shown by its number.',
    example: inOverlay('port = 50000'),
    mend: 'Take the character out. A value follows its word without `=` or `:`, as in `port 50000`.',
  },
  LVN1003: {
    title: 'a string is not closed',
    means: 'A text in quotes ends on the line that it starts on. This one has no second `"` there.',
    example: inOverlay('spoke "4you { endpoint nat; address 10.64.1.1 }'),
    mend: 'Put the closing quote: `spoke "4you" { … }`.',
  },
  LVN1004: {
    title: 'two values are compared with one equals sign',
    means:
      'In what an `assert` or an `if` asks, `==` says that two values are equal. A single `=` stands in `let` only, where it gives a value its name.',
    example: inOverlay('assert count(spokes) = 0'),
    mend: 'Write `==`: `assert count(spokes) == 0`.',
  },
  LVN1010: {
    title: 'the first line is missing',
    means:
      'A file starts with `lvn 1`, the version of the language that it is written in. Without it nobody could say later what the file meant.',
    example: inOverlay().replace('lvn 1\n', ''),
    mend: 'Make `lvn 1` the first line; only comments may stand before it.',
  },
  LVN1011: {
    title: 'the first line is not the first',
    means: '`lvn 1` stands once, before everything else.',
    example: `${inOverlay()}lvn 1\n`,
    mend: 'Move it to the top, or take the second one out. It often comes of two files joined into one.',
  },
  LVN1012: {
    title: 'the version of the language is unknown',
    means:
      'The file says that it is written in a version of the language that this program does not know. It is either newer than the program or a slip.',
    example: inOverlay().replace('lvn 1', 'lvn 2'),
    mend: 'Write `lvn 1`, or use a newer L-VN.',
  },
  LVN1020: {
    title: 'a word is unknown',
    means:
      'A statement starts with a word that the place it stands in knows. This one is not among them. If one is near, the help line names it, else it lists them all.',
    example: inOverlay('keepalife every 20s'),
    mend: 'Correct the word. The statements of every place are in docs/language.md.',
  },
  LVN1021: {
    title: 'no statement starts like this',
    means:
      'Where a statement should start there is a value, a comma or a brace. Often a line break went into a list where there is no comma before it, or a word is missing.',
    example: inOverlay('10.64.0.0/16'),
    mend: 'Start the statement with its word. A list goes on in the next line only after a comma.',
  },
  LVN1022: {
    title: 'a statement stands in the wrong place',
    means:
      'The word is one of the language, but not here: a hub says where it listens, a spoke where its endpoint is, and devices stand in nodes.',
    example: inOverlay('spoke kirche { listen 203.0.113.7; address 10.64.1.1 }'),
    mend: 'Move it to where the help line says that it belongs, or write the word that means the same here.',
  },
  LVN1023: {
    title: 'a reserved word is used as a name',
    means:
      'A few words are kept for the language itself, so that a statement that starts with one of them can mean one thing only. They cannot be bare names.',
    example: inOverlay('spoke for { endpoint nat; address 10.64.1.1 }'),
    mend: 'Put the name in quotes, `spoke "for" { … }`, or choose another one.',
  },
  LVN1024: {
    title: 'a value is missing or of another kind',
    means:
      'The word wants a value of a certain kind (an address, a prefix, a number, a name) and finds something else, or the end of the line.',
    example: inOverlay('port'),
    mend: 'Write the value that the message asks for behind the word.',
  },
  LVN1025: {
    title: 'something follows a finished statement',
    means:
      'A statement ends at the end of the line or at a `;`, and this one goes on. Either a comma between two values is missing, or two statements share a line.',
    example: inOverlay('port 50000 keepalive every 20s'),
    mend: 'Put a `;` or a line break between two statements, a comma between two values of a list.',
  },
  LVN1026: {
    title: 'a comma is left over',
    means: 'A comma says that one more value follows, and none does.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.64.1.1, }'),
    mend: 'Take the comma out, or write the value that it announces.',
  },
  LVN1030: {
    title: 'an opening brace is missing',
    means:
      'Overlays, hubs and spokes say what they have to say within `{` and `}`. The first of the two is not there.',
    example: inOverlay('spoke kirche endpoint nat; address 10.64.1.1 }'),
    mend: 'Put `{` behind the name.',
  },
  LVN1031: {
    title: 'a brace is never closed',
    means:
      'The file ends, or goes on with something that cannot stand in this block, before the block is closed. The place shown is the brace that was opened; the note shows where it became clear.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.64.1.1').replace(/\}\n$/, ''),
    mend: 'Put the missing `}`. `lvn fmt` lays a file out by its blocks as soon as it can be read again.',
  },
  LVN1032: {
    title: 'a closing brace is too many',
    means: 'This `}` closes nothing: every block before it is closed already.',
    example: `${inOverlay()}}\n`,
    mend: 'Take it out, or look for the `{` that is missing further up.',
  },
  LVN1033: {
    title: 'arguments stand without parentheses',
    means: 'What a template is given stands in parentheses behind its name, separated by commas.',
    example: inOverlay('spoke kirche from ap 7').replace(
      'lvn 1\n',
      'lvn 1\ntemplate ap(n) { endpoint nat; address host(10.64.0.0/16, n) }\n',
    ),
    mend: 'Put them in parentheses: `spoke kirche from ap(7)`.',
  },
}
