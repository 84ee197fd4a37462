// SPDX-License-Identifier: MIT
/**
 * What has to be said below a picture: what lines and states mean, and who has seen them. Only what there is of it.
 */
import { characterWidth } from './card.ts'
import { linkStates } from './live.ts'
import type { Picture } from './picture.ts'
import { policySummary } from './policies.ts'
import { stateColors, stateMeanings } from './theme.ts'

export interface LegendLine {
  readonly text: string
  /** Of the dot before it; null: none. */
  readonly color: string | null
}

export interface Legend {
  readonly lines: readonly LegendLine[]
  readonly width: number
}

export function legendOf({ overlays, seenFrom }: Picture): Legend {
  const links = overlays.flatMap((overlay) => overlay.links)
  const joins = overlays.flatMap((overlay) => overlay.joins)
  const lines: LegendLine[] = []
  if (links.some(({ preferred }) => !preferred)) {
    lines.push({ text: 'solid line: the hub that a spoke prefers; dashed: another one', color: null })
  }
  if (joins.length > 0)
    lines.push({ text: 'line above hubs: a tunnel between each two of them', color: null })
  for (const state of linkStates) {
    const count = [...links, ...joins].filter((link) => link.state === state).length
    if (count === 0) continue
    const text = `${state}: ${stateMeanings[state]} (${count})`
    lines.push({ text, color: stateColors[state] })
  }
  if (seenFrom !== null) {
    const who = seenFrom.length === 0 ? 'a host without any device of L-VN' : seenFrom.join(', ')
    lines.push({ text: `tunnels as seen from ${who}`, color: null })
  }
  for (const text of overlays.flatMap(policySummary)) lines.push({ text, color: null })
  const longest = lines.reduce((most, { text }) => Math.max(most, text.length), 0)
  return { lines, width: Math.ceil(longest * characterWidth) + 24 }
}
