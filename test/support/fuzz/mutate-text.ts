// SPDX-License-Identifier: MIT
/**
 * Nonsense that looks like sense: changes to texts of the language, the same ones in every run for a seed.
 */
import { type Random, randomFrom } from '../mutate.ts'
import type { Specimen } from './corpus.ts'

/** Signs that the language knows, and some that it does not. */
export const pieces = [
  ...['(', ')', '==', '+', ' - ', '"{i:03}"', '{', '}', ';', ',', '\n', '"', '#', '->', '..', '=', '[', ']'],
  ...[':', '/', '::', '\0', '\ud800', 'é', '\\', '"{', '\r\n', '\t', '\ufeff', '\u2028', '\u202e'],
]
export const words = [
  ...[
    'lvn',
    'overlay',
    'hub',
    'spoke',
    'device',
    'net',
    'for',
    'in',
    'if',
    'else',
    'let',
    'template',
    'from',
  ],
  ...['on', 'import', 'expect', 'deny', 'assert', 'count', '/24', '100mbit', 'i', 'nat', '10.0.0.1'],
  ...['fd42::/16', '20s', '7', 'via', 'prefer', 'mode fixed', 'match hostname', 'not', 'and', 'or', 'true'],
  ...[
    'routes',
    'address',
    'host(',
    'subnet(',
    'disjoint([',
    'spokes',
    'hubs',
    'any',
    'within 2s',
    '1..99999',
  ],
  ...['99999999999999999999', '10.64.0.300', '0', '/129', '999999h', ':8443', '"{pool}"', '[2001:db8::1]:7'],
]

const pick = <T>(random: Random, values: readonly T[]): T => values[random(values.length)] as T

type Change = (text: string, random: Random, others: readonly Specimen[]) => string

/** A slice replaced: all changes are of this form. */
function spliced(text: string, start: number, end: number, inserted: string): string {
  return text.slice(0, start) + inserted + text.slice(end)
}

/** From where to where a random line goes, its line break included. */
function lineOf(text: string, random: Random): readonly [number, number] {
  const at = random(text.length + 1)
  const start = text.lastIndexOf('\n', at - 1) + 1
  const end = text.indexOf('\n', at)
  return [start, end < 0 ? text.length : end + 1]
}

/** A random word, number, address or sign. */
function wordOf(text: string, random: Random): readonly [number, number] {
  const at = random(text.length + 1)
  const found = /[\w.:/-]+|\S/.exec(text.slice(at))
  return found === null ? [at, at] : [at + found.index, at + found.index + found[0].length]
}

const changes: readonly Change[] = [
  function cut(text, random) {
    const at = random(text.length + 1)
    return spliced(text, at, at + random(12), '')
  },
  function insert(text, random) {
    const at = random(text.length + 1)
    return spliced(text, at, at, pick(random, random(2) === 0 ? pieces : words))
  },
  function replaceWord(text, random) {
    const [start, end] = wordOf(text, random)
    return spliced(text, start, end, pick(random, words))
  },
  function leaveOutWord(text, random) {
    const [start, end] = wordOf(text, random)
    return spliced(text, start, end, '')
  },
  function otherWord(text, random, others) {
    const other = pick(random, others).text
    return spliced(text, ...wordOf(text, random), other.slice(...wordOf(other, random)))
  },
  function leaveOutLine(text, random) {
    const [start, end] = lineOf(text, random)
    return spliced(text, start, end, '')
  },
  function lineTwice(text, random) {
    const [start, end] = lineOf(text, random)
    return spliced(text, end, end, text.slice(start, end))
  },
  function moveLine(text, random) {
    const [start, end] = lineOf(text, random)
    const rest = spliced(text, start, end, '')
    const [at] = lineOf(rest, random)
    return spliced(rest, at, at, text.slice(start, end))
  },
  function otherLine(text, random, others) {
    const other = pick(random, others).text
    const [at] = lineOf(text, random)
    return spliced(text, at, at, other.slice(...lineOf(other, random)))
  },
  function joinLines(text, random) {
    const [, end] = lineOf(text, random)
    return spliced(text, end - 1, end, ' ')
  },
  function misspell(text, random) {
    const at = random(text.length + 1)
    return (
      text.slice(0, at) +
      text
        .slice(at, at + 2)
        .split('')
        .reverse()
        .join('') +
      text.slice(at + 2)
    )
  },
  function end(text, random) {
    return text.slice(0, random(text.length + 1))
  },
]

/** Where a random match of `pattern` ends; undefined: there is none. */
function behind(text: string, pattern: RegExp, random: Random): number | undefined {
  const ends = [...text.matchAll(pattern)].map((match) => match.index + match[0].length)
  return ends.length === 0 ? undefined : pick(random, ends)
}

/** What a `let` and the like name. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/\b(?:let|for|template|hub|spoke) (\w+)/g)].map((match) => match[1] as string)
}

/** What leaves a file as right as it was, mostly: other layout, longer lists, other names. */
const keeping: readonly Change[] = [
  function breakLine(text, random) {
    const at = behind(text, /[,{}]/g, random) ?? text.length
    return spliced(text, at, at, pick(random, ['\n', '\n\n\n', '  ', '\t', '\r\n', ' # x\n', '\n# y\n']))
  },
  function comment(text, random) {
    const [, end] = lineOf(text, random)
    return spliced(text, end, end, pick(random, ['# z\n', '  # "{"\n', '\n\n', '#\n', ';\n']))
  },
  function onOneLine(text, random) {
    const at = behind(text, /\{ *\n/g, random) ?? text.length
    const end = text.indexOf('}', at)
    return end < 0
      ? text
      : spliced(text, at - 1, end, ` ${text.slice(at, end).trim().replace(/\n\s*/g, '; ')} `)
  },
  function longerList(text, random) {
    const at = behind(text, /^ *(?:net|routes|address|match hostname|listen|via) [^,;{}#\n]+/gm, random)
    if (at === undefined) return text
    const item = text.slice(text.lastIndexOf(' ', at - 1) + 1, at)
    const items = random(2) === 0 ? [item] : [item, ...namesIn(text)]
    const more = Array.from({ length: 1 + random(16) }, () => `, ${pick(random, items)}`)
    return spliced(text, at, at, more.join(''))
  },
  function rename(text, random) {
    const names = namesIn(text)
    if (names.length === 0) return text
    const to = pick(random, ['routes', 'net', 'via', 'x-y', 'any', 'in', 'from', 'mode'])
    return text.replace(new RegExp(`\\b${pick(random, names)}\\b`, 'g'), to)
  },
  function quote(text, random) {
    const [start, end] = wordOf(text, random)
    return spliced(text, start, end, `"${text.slice(start, end)}"`)
  },
  function parentheses(text, random) {
    const [start, end] = wordOf(text, random)
    return spliced(text, start, end, `(${text.slice(start, end)})`)
  },
]

/** One of `specimens` with up to eight changes; one to three mostly, and for every third file only of layout and names. */
export function mutant(specimens: readonly Specimen[], seed: number): string {
  const random = randomFrom(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995)
  const right = specimens.filter((specimen) => !specimen.wrong)
  let { text } = pick(random, random(2) === 0 ? right : specimens)
  const among = random(3) === 0 ? keeping : [...changes, ...keeping]
  for (let left = 1 + random(random(4) === 0 ? 8 : 3); left > 0; left--)
    text = pick(random, among)(text, random, specimens)
  return text
}
