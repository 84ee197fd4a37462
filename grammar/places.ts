// SPDX-License-Identifier: MIT
/**
 * Which statement may stand where: the parser asks before it keeps one, completion offers the same words.
 */
import type { Keyword } from './tokens.ts'

export type Place = 'file' | 'overlay' | 'hub' | 'spoke' | 'device'

/** In the order in which they are offered. */
export const statementsOf: Readonly<Record<Place, readonly Keyword[]>> = {
  file: ['lvn', 'overlay'],
  overlay: ['net', 'port', 'keepalive', 'hub', 'spoke'],
  hub: ['match', 'listen', 'device', 'address', 'routes', 'keepalive', 'port'],
  spoke: ['endpoint', 'address', 'routes', 'device', 'keepalive', 'port', 'match'],
  device: ['address', 'mtu', 'mode'],
}

/** How a message names a place. */
export const placeNames: Readonly<Record<Place, string>> = {
  file: 'a file outside its overlays',
  overlay: 'an overlay',
  hub: 'a hub',
  spoke: 'a spoke',
  device: 'a device',
}

/** The places a statement belongs to, as a message names them. */
export function homesOf(keyword: Keyword): string[] {
  const places = Object.keys(statementsOf) as Place[]
  return places.filter((place) => statementsOf[place].includes(keyword)).map((place) => placeNames[place])
}

/** What says in this place what `keyword` says elsewhere. */
export function insteadOf(keyword: Keyword, place: Place): Keyword | undefined {
  if (place === 'spoke' && keyword === 'listen') return 'endpoint'
  if (place === 'hub' && keyword === 'endpoint') return 'listen'
  return undefined
}
