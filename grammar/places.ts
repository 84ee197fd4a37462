// SPDX-License-Identifier: MIT
/**
 * Which statement may stand where: the parser asks before it keeps one, completion offers the same words.
 */
import type { Keyword } from './tokens.ts'

export type Place = 'file' | 'overlay' | 'hub' | 'spoke' | 'device' | 'signalling' | 'template' | 'node'

const control = ['let', 'for', 'if', 'assert'] as const
const hub = [
  'match',
  'listen',
  'device',
  'address',
  'routes',
  'underlay',
  'keepalive',
  'port',
  'signalling',
  'auth',
] as const
const spoke = [
  ...(['endpoint', 'address', 'routes', 'device', 'keepalive', 'port', 'match'] as const),
  ...(['underlay', 'via', 'prefer', 'auth'] as const),
] as const
const eitherNode = [...new Set([...spoke, ...hub]), ...control]

/** In the order in which they are offered. */
export const statementsOf: Readonly<Record<Place, readonly Keyword[]>> = {
  file: ['lvn', 'import', 'template', 'overlay', 'expect', ...control],
  overlay: [
    ...(['net', 'port', 'keepalive', 'auth', 'hub', 'spoke', 'on', 'allow', 'deny', 'expect'] as const),
    ...control,
  ],
  hub: [...hub, ...control],
  spoke: [...spoke, ...control],
  template: eitherNode,
  node: eitherNode,
  device: ['address', 'mtu', 'mode', ...control],
  signalling: ['cert', 'key', 'ca'],
}

/** What nothing else is judged by: where one of these cannot be read, nothing but itself is in doubt. */
export const standAlone: ReadonlySet<string> = new Set<Keyword>([
  ...(['keepalive', 'match', 'mtu', 'mode', 'underlay', 'prefer'] as const),
  ...(['allow', 'deny', 'expect', 'assert'] as const),
])

/** How a message names a place. */
export const placeNames: Readonly<Record<Place, string>> = {
  file: 'a file outside its overlays',
  overlay: 'an overlay',
  hub: 'a hub',
  spoke: 'a spoke',
  device: 'a device',
  signalling: '`signalling`',
  template: 'a template',
  node: '`on`',
}

/** The places a statement belongs to, as a message names them. */
export function homesOf(keyword: Keyword): string[] {
  const places: Place[] = ['file', 'overlay', 'hub', 'spoke', 'device', 'signalling']
  return places.filter((place) => statementsOf[place].includes(keyword)).map((place) => placeNames[place])
}

/** What other tools call it. */
const otherWords: Readonly<Record<string, readonly Keyword[]>> = {
  ip: ['address'],
  addr: ['address'],
  remote: ['endpoint'],
  peer: ['spoke'],
  client: ['spoke'],
  server: ['hub'],
  subnet: ['net', 'routes'],
  lan: ['routes'],
  allowedips: ['routes'],
  interface: ['device'],
  iface: ['device'],
  dev: ['device'],
  include: ['import'],
}

/** The statement of this place that other tools know under this word. */
export function calledElsewhere(word: string, place: Place): Keyword | undefined {
  const lower = word.toLowerCase()
  const known = Object.hasOwn(otherWords, lower) ? otherWords[lower] : undefined
  return known?.find((keyword) => statementsOf[place].includes(keyword))
}

/** How a node says what belongs in its device. */
export function exampleOf(keyword: Keyword, place: Place): string | undefined {
  if (!statementsOf[place].includes('device')) return undefined
  if (keyword === 'mtu') return 'device lvn0 { mtu 1400 }'
  return keyword === 'mode' ? 'device lvn0 { mode multi }' : undefined
}

/** What says in this place what `keyword` says elsewhere. */
export function insteadOf(keyword: Keyword, place: Place): Keyword | undefined {
  if (place === 'spoke' && keyword === 'listen') return 'endpoint'
  if (place === 'hub' && keyword === 'endpoint') return 'listen'
  return undefined
}
