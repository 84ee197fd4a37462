// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN2100 to LVN2129: values that cannot be worked out, templates, overrides, imports.
 */
import { type Explanations, inOverlay } from './explanation.ts'

const top = (lines: string, ...inside: readonly string[]) =>
  inOverlay(...inside).replace('lvn 1\n', `lvn 1\n${lines}\n`)

export const evaluation: Explanations = {
  LVN2100: {
    title: 'a name stands for nothing',
    means:
      'An expression uses a name that no `let`, `for` or parameter has given to a value, here or further out.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.64.1.1; routes lann }'),
    mend: 'Correct the name, or say what it stands for above its first use: `let lan = 10.64.1.0/24`.',
  },
  LVN2101: {
    title: 'a list is not known yet',
    means:
      '`spokes` and `hubs` are all that an overlay has once everything in it has been read. Before that they cannot be counted, since the count could decide what there is.',
    example: inOverlay('let many = count(spokes)'),
    mend: 'Use them in an `assert` of the overlay: `assert count(spokes) == 3`.',
  },
  LVN2102: {
    title: 'a name has a meaning already',
    means:
      'A value never changes, so that a name means the same wherever it is read. This name has been given already.',
    example: top('let n = 1\nlet n = 2'),
    mend: 'Choose another name for the second value.',
  },
  LVN2103: {
    title: 'there is no such function',
    means:
      'The language has a fixed set of functions on addresses, prefixes, lists and numbers; this is none of them.',
    example: inOverlay('spoke kirche { endpoint nat; address hosst(10.64.1.0/24, 1) }'),
    mend: 'Use one of those that the help line names; docs/language.md shows what each does.',
  },
  LVN2104: {
    title: 'a statement gets a value of another kind',
    means:
      'Values have kinds: a text that reads like a prefix is a text all the same. The statement wants another kind.',
    example: top('let lan = "10.64.1.0/24"', 'spoke kirche { endpoint nat; address 10.64.1.1; routes lan }'),
    mend: 'Write the value as what it is: addresses and prefixes without quotes.',
  },
  LVN2105: {
    title: 'a function gets a value of another kind',
    means: 'One of the arguments of a function is of another kind than it works on.',
    example: inOverlay('spoke kirche { endpoint nat; address host(10.64.1.1, 1) }'),
    mend: 'Write the arguments as the help line shows: `host(10.64.1.0/24, 1)`.',
  },
  LVN2106: {
    title: 'a function gets too many or too few values',
    means: 'Every function takes a number of arguments that is its own.',
    example: inOverlay('spoke kirche { endpoint nat; address host(10.64.1.0/24) }'),
    mend: 'Write the arguments as the help line shows.',
  },
  LVN2107: {
    title: 'an operator gets a value of another kind',
    means:
      '`if` and `assert` want conditions, arithmetic wants numbers. There is no rule by which another value would count as true.',
    example: inOverlay('if count([1, 2]) { port 50001 }'),
    mend: 'Compare the value with something: `count(list) == 2`.',
  },
  LVN2108: {
    title: 'two values cannot be compared',
    means: 'Only values of one kind are equal or not; only numbers and durations are less or more.',
    example: inOverlay('if "3" == 3 { port 50001 }'),
    mend: 'Write both sides as one kind.',
  },
  LVN2109: {
    title: 'a number becomes too large',
    means:
      'Numbers are whole and exact up to 9007199254740991. A result beyond that would be rounded without a word.',
    example: top('let n = 9007199254740991 * 2'),
    mend: 'Work with smaller numbers; parts of large IPv6 networks are counted by `subnet`, not by arithmetic.',
  },
  LVN2110: {
    title: 'a text becomes too long',
    means: 'A text that is put together from others grows beyond any name or path there is.',
    example: top(`let a = "${'0123456789'.repeat(4)}"
let b = "{a}{a}{a}{a}"
let c = "{b}{b}{b}{b}"
let d = "{c}{c}{c}{c}"`),
    mend: 'See whether a text is put into itself by mistake.',
  },
  LVN2111: {
    title: 'something that is no number is filled up with zeros',
    means:
      '`{n:03}` writes a whole number with zeros up to three digits. A text or a negative number has none to fill up.',
    example: inOverlay('for n in ["a", "b"] { spoke "ap{n:03}" { endpoint nat; address 10.64.1.1 } }'),
    mend: 'Write `{n}`.',
  },
  LVN2112: {
    title: 'loops have too many turns',
    means:
      'The `for` of a file go through more values than any overlay has spokes. A range is most likely wrong.',
    example: inOverlay('for i in 1..9000000 { assert i > 0 }'),
    mend: 'Correct the range.',
  },
  LVN2128: {
    title: 'a list is too large',
    means:
      'A list holds more than 100,000 values, with those of the lists in it. Lists that are put into each other grow with each line.',
    example: top(`let a = [10.64.1.0/24, 10.64.2.0/24]
${[...'abcdefghi'].map((name, i) => `let ${'bcdefghij'[i]} = [${name}, ${name}, ${name}, ${name}]`).join('\n')}`),
    mend: 'See whether a list is put into another by mistake.',
  },
  LVN2150: {
    title: 'lists are gone through too often',
    means:
      'Comparing lists, asking whether they are `disjoint`, and putting one in the place of several values goes through their values each time. All turns of all `for` together went through more than 10,000,000, or a tenth of that for the last two, which no overlay needs.',
    example: top(`let a = [10.64.1.0/24, 10.64.2.0/24]
${[...'abcdef'].map((name, i) => `let ${'bcdefg'[i]} = [${name}, ${name}, ${name}, ${name}]`).join('\n')}
for i in 1..5000 { assert g == [f, f, f, f] }`),
    mend: 'Do it once, outside the `for`: `let same = a == b`.',
  },
  LVN2113: {
    title: 'a network has no such address',
    means:
      '`host(NETWORK, N)` is the address number N of a network, counted from 0, or from its end where N is negative. The network is smaller than that.',
    example: inOverlay('for i in 255..256 { spoke "ap{i}" { endpoint nat; address host(10.64.1.0/24, i) } }'),
    mend: 'Choose a larger network or a smaller number. In a `for` the message says for which value it happened.',
  },
  LVN2114: {
    title: 'a network has no such part',
    means:
      '`subnet(NETWORK, /LENGTH, N)` is part number N of a network, counted from 0. There are fewer parts of that length.',
    example: inOverlay('spoke kirche { endpoint nat; address host(subnet(10.64.0.0/16, /24, 256), 1) }'),
    mend: 'Choose a larger network, a greater length or a smaller number.',
  },
  LVN2115: {
    title: 'a length is none for a part of a network',
    means:
      'Parts of a network have a length from its own up to that of an address: 32 for IPv4, 128 for IPv6.',
    example: inOverlay(
      'spoke kirche { endpoint nat; address 10.64.1.1; routes subnet(10.64.0.0/16, /33, 1) }',
    ),
    mend: 'Write a length in that range.',
  },
  LVN2116: {
    title: 'families are mixed in a function',
    means:
      'An IPv4 address is never in an IPv6 network. Asking for it is more likely a slip than a question.',
    example: inOverlay('assert contains(fd42::/16, 10.64.0.1)'),
    mend: 'Write both of one family, or ask `family(ADDRESS)` first.',
  },
  LVN2117: {
    title: 'an assertion does not hold',
    means:
      '`assert` says what must be true of the file, in the words of whoever wrote it. It is not true, so the file is refused.',
    example: inOverlay(
      'spoke kirche { endpoint nat; address 10.64.1.1 }',
      'assert count(spokes) == 3, "one per roof"',
    ),
    mend: 'Mend what the assertion is about, or the assertion when it is out of date. The help line gives the values of both sides.',
  },
  LVN2118: {
    title: 'a for goes through something that is no list',
    means: '`for` takes the values of a list or of a range one after the other. This is a single value.',
    example: inOverlay('for i in 20 { spoke "ap{i}" { endpoint nat; address host(10.64.0.0/16, i) } }'),
    mend: 'Write a range, `1..20`, or a list, `["a", "b"]`.',
  },
  LVN2119: {
    title: 'there is no such template',
    means: '`from` names a template that neither this file nor one of its imports has.',
    example: top(
      'template ap(lan) { endpoint nat; address host(lan, 1) }',
      'spoke kirche from app(10.64.1.0/24)',
    ),
    mend: 'Correct the name, or write the template outside of overlays.',
  },
  LVN2120: {
    title: 'a template gets too many or too few values',
    means: 'A template takes as many values as it has parameters. The note shows where it is written.',
    example: top(
      'template ap(lan) { endpoint nat; address host(lan, 1) }',
      'spoke kirche from ap(10.64.1.0/24, 7)',
    ),
    mend: 'Give one value for each parameter, in their order.',
  },
  LVN2121: {
    title: 'a parameter of a template is used nowhere',
    means:
      'A warning: the template has a parameter that changes nothing. Often the place where it should stand holds a fixed value.',
    example: top(
      'template ap(lan, number) { endpoint nat; address host(lan, 1) }',
      'spoke kirche from ap(10.64.1.0/24, 7)',
    ),
    mend: 'Use it in the template, or take it away there and wherever the template is used.',
  },
  LVN2122: {
    title: 'a template or override does not fit the node',
    means: 'A template or an `on` brings a statement of spokes to a hub, or one of hubs to a spoke.',
    example: top(
      'template ap(lan) { endpoint nat; address host(lan, 1) }',
      'hub gw2 from ap(10.64.2.0/24) { listen 198.51.100.11 }',
    ),
    mend: 'Use it for nodes of the other role only, or take the statement out of it.',
  },
  LVN2123: {
    title: 'there is no node of that name',
    means: '`on`, `via`, `prefer`, a policy or an expectation names a node that the overlay does not have.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.64.1.1; via gw7 }'),
    mend: 'Correct the name. Names that a `for` puts together go in quotes: `on "ap007" { … }`.',
  },
  LVN2124: {
    title: 'a file imports itself',
    means:
      'An import leads, over others or at once, back to a file that is being read. The notes show the way.',
    mend: 'Put what both files need into a third one that imports neither.',
  },
  LVN2125: {
    title: 'an imported file cannot be read',
    means:
      'The path of an `import` leads to no file, or to one that may not be read. Paths start at the folder of the file that imports.',
    mend: 'Correct the path, or add the file to what is checked out or copied.',
  },
  LVN2145: {
    title: 'an imported file lies elsewhere',
    means:
      'A file imports files of its own folder and of those below it, symbolic links followed: one that comes from somebody else cannot make this machine read others, and print lines of them as mistakes. The file was not opened.',
    mend: 'Move the file below the folder, or say which other folder may be imported from: `lvn check --allow-import ../common overlay.lvn`.',
  },
  LVN2126: {
    title: 'imports are nested too deep',
    means: 'A file imports one that imports one, deeper than any library needs.',
    mend: 'Import the file that is wanted directly.',
  },
  LVN2127: {
    title: 'a range holds nothing',
    means:
      'A warning: a range counts upwards, and the first number of this one is the larger: the `for` over it does nothing at all. A range whose ends are worked out may be empty without a word.',
    example: inOverlay('for i in 5..3 { spoke "ap{i}" { endpoint nat; address host(10.64.1.0/24, i) } }'),
    mend: 'Exchange the two numbers.',
  },
}
