// SPDX-License-Identifier: MIT
/**
 * What may follow in a statement, by its first word and what stands behind it. Text in, words out: the names
 * of the file come from whoever asks.
 */
import type { Keyword } from '../../grammar/tokens.ts'
import { functions } from '../interp/resolve/functions.ts'

/** Lists of names, made only when they are wanted. */
export interface Names {
  readonly hubs: () => readonly string[]
  readonly nodes: () => readonly string[]
  readonly templates: () => readonly string[]
  readonly values: () => readonly string[]
}

export type CandidateKind = 'word' | 'hub' | 'node' | 'template' | 'value' | 'function'

export interface Candidate {
  readonly text: string
  readonly kind: CandidateKind
}

const listOf = (kind: CandidateKind, texts: readonly string[]): Candidate[] =>
  texts.map((text) => ({ text, kind }))
const words = (...texts: string[]) => listOf('word', texts)

type Rule = (rest: string, names: Names) => Candidate[]

const computed: Rule = (_rest, names) => [
  ...listOf('value', names.values()),
  ...listOf('function', Object.keys(functions)),
]
const none: Rule = () => []
const oneOf =
  (...texts: string[]): Rule =>
  (rest) =>
    rest === '' ? words(...texts) : []

/** Whole words of what was written. */
function written(rest: string): string[] {
  return rest.match(/[^\s,]+/g) ?? []
}

/** `rest` is what stands between the first word and the place, a word that is being written left out. */
const rules: Readonly<Record<Keyword, Rule>> = {
  lvn: oneOf('1'),
  overlay: none,
  net: computed,
  port: computed,
  keepalive(rest, names) {
    const unfinished = /(?:every|dead after) $/.test(rest)
    if (unfinished) return computed(rest, names)
    if (/dead $/.test(rest)) return words('after')
    if (rest !== '' && !/, ?$/.test(rest)) return []
    return words('every', 'dead after').filter(({ text }) => !rest.includes(text))
  },
  hub: node,
  spoke: node,
  match: (rest, names) => (rest === '' ? words('hostname') : computed(rest, names)),
  listen: (rest, names) => (/(?:^|,)\s*[^\s,]+ $/.test(rest) ? words('at') : computed(rest, names)),
  endpoint: (rest, names) =>
    rest === '' ? [...words('nat'), ...computed(rest, names)] : computed(rest, names),
  address: computed,
  routes: computed,
  device: none,
  mtu: (rest, names) => (rest === '' ? [...words('auto'), ...computed(rest, names)] : computed(rest, names)),
  mode: oneOf('multi', 'fixed'),
  underlay: computed,
  via: (rest, names) => {
    const taken = written(rest)
    return listOf(
      'hub',
      names.hubs().filter((hub) => !taken.includes(hub)),
    )
  },
  prefer: (rest, names) => (rest === '' ? listOf('hub', names.hubs()) : []),
  auth: oneOf('mutual', 'server', 'none'),
  signalling: none,
  cert: oneOf('file'),
  key: oneOf('file'),
  ca: oneOf('file'),
  allow: policy,
  deny: policy,
  expect(rest, names) {
    if (rest === '') return words('ping', 'no ping', 'throughput')
    if (/^no $/.test(rest)) return words('ping')
    const [, what = '', ends = ''] = /^(ping|no ping|throughput) (.*)$/.exec(rest) ?? []
    if (what === '') return []
    const ended = /^\S+ ?-> ?\S+ $/.test(ends)
    if (ended) return words(...(what === 'ping' ? ['within'] : what === 'throughput' ? ['>='] : []))
    return /(?:within|>=) ?$/.test(ends) ? computed(rest, names) : endOf(ends, names)
  },
  on: (rest, names) => (rest === '' ? listOf('node', names.nodes()) : []),
  template: none,
  import: none,
  let: (rest, names) => (rest.includes('=') ? computed(rest, names) : []),
  for: (rest, names) => {
    if (/\bin /.test(rest)) return computed(rest, names)
    return /^\S+ $/.test(rest) ? words('in') : []
  },
  if: computed,
  assert: (rest, names) => [...listOf('value', ['spokes', 'hubs']), ...computed(rest, names)],
}

function node(rest: string, names: Names): Candidate[] {
  if (/ from [^(]*$/.test(` ${rest}`))
    return rest.endsWith('from ') ? listOf('template', names.templates()) : []
  if (/ from /.test(` ${rest}`)) return computed(rest, names)
  return /^(?:\S+|"[^"]*") $/.test(rest) ? words('from') : []
}

function policy(rest: string, names: Names): Candidate[] {
  return [...words(...(/^$|-> ?$/.test(rest) ? ['any'] : [])), ...endOf(rest, names)]
}

/** One of two ends with an arrow between them. */
function endOf(rest: string, names: Names): Candidate[] {
  if (/^$|-> ?$/.test(rest)) return [...listOf('node', names.nodes()), ...listOf('value', names.values())]
  return /^\S+ $/.test(rest) ? words('->') : []
}

/** `statement` starts with a keyword and a blank. Nothing where only a literal could follow. */
export function candidatesFor(keyword: Keyword, statement: string, names: Names): Candidate[] {
  const rest = statement.slice(keyword.length).trimStart()
  return rules[keyword](rest, names)
}
