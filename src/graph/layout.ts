// SPDX-License-Identifier: MIT
/**
 * Where everything of an overlay stands. Hubs in a row, several of them under a line that joins them; below it a trunk for each hub, from which a line goes down
 * beside each column of spokes, with a stub to each of them:
 *
 *           ┌───────────┐
 *       ┌─ gw1 ─┐   ┌─ gw2 ─┐
 *   ┌───────┴───│───────┐
 *   │ ┌─────────┴───────│─┐
 *   ├─┼─[ kirche ]      ├─┼─[ dach ]
 *   │ ├─[ turm ]
 *
 * No line crosses a card and no card another one, however many there are. Pixels; it draws nothing.
 */
import { largest, least } from '../model/lists.ts'
import { type Card, type CardTunnel, cardOf, characterWidth } from './card.ts'
import type { LinkState } from './live.ts'
import type { PictureLink, PictureOverlay } from './picture.ts'
import { drawnPolicies } from './policies.ts'
import { type PolicyRow, policyRows } from './policy-rows.ts'
import { shorten } from './shorten.ts'

export interface Placed {
  readonly card: Card
  readonly x: number
  readonly y: number
}

/** Straight, level or upright. */
export interface Line {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** `hub`: index of the hub that it leads to. */
export interface Wire extends Line {
  readonly hub: number
}

/** From a hub's line to a spoke's card. */
export interface Stub extends Wire {
  readonly preferred: boolean
  readonly state: LinkState | null
}

export interface Panel {
  readonly overlay: PictureOverlay
  readonly nets: string
  readonly hubs: readonly Placed[]
  readonly spokes: readonly Placed[]
  /** Between the hubs. */
  readonly mesh: readonly Line[]
  readonly wires: readonly Wire[]
  readonly stubs: readonly Stub[]
  readonly policies: readonly PolicyRow[]
  readonly width: number
  readonly height: number
}

const margin = 20
const gap = 16
const laneWidth = 9
const stubLength = 14
const hubsTop = 64
const meshHeight = 10
const firstStub = 14
/** Width to height; what most screens and papers have. */
const shape = 1.5
const mostColumns = 40

export function panelOf(overlay: PictureOverlay): Panel {
  const several = overlay.hubs.length > 1
  const hubIndex = new Map(overlay.hubs.map(({ id }, i) => [id, i]))
  const nameOf = new Map(overlay.hubs.map(({ id, name }) => [id, name]))
  const linksOf = new Map<string, PictureLink[]>()
  for (const link of overlay.links) linksOf.set(link.spoke, [...(linksOf.get(link.spoke) ?? []), link])

  const hubCards = overlay.hubs.map((hub) => cardOf(hub, hubTunnels(overlay, hub.id, nameOf)))
  const spokeCards = overlay.spokes.map((spoke) => {
    const links = linksOf.get(spoke.id) ?? []
    const tunnels = links.flatMap(({ hub, state }) =>
      state === null ? [] : [{ hub: several ? (nameOf.get(hub) ?? null) : null, state }],
    )
    return roomFor(cardOf(spoke, tunnels), links.length)
  })
  const lanes = overlay.hubs.length * laneWidth + stubLength
  const cardWidth = largest([0, ...spokeCards.map(({ width }) => width)])
  const hubsHeight = largest([0, ...hubCards.map(({ height }) => height)])
  const top = hubsTop + (overlay.joins.length > 0 ? meshHeight : 0)
  const trunksTop = top + hubsHeight + gap
  const columnsTop = trunksTop + overlay.hubs.length * laneWidth + gap / 2
  const columns = bestColumns(spokeCards, lanes + cardWidth + gap, columnsTop)

  const hubsWidth = hubCards.reduce((sum, { width }) => sum + width + gap, -gap)
  const columnsWidth = columns.length * (lanes + cardWidth + gap) - gap
  const nets = shorten(overlay.nets.join(', '), 100)
  const content = Math.max(
    hubsWidth,
    columnsWidth,
    nets.length * characterWidth,
    overlay.name.length * 11 + 90,
  )
  const hubsLeft = margin + Math.max(0, (Math.min(content, columnsWidth) - hubsWidth) / 2)
  const hubs = inRow(hubCards, hubsLeft, top)

  const spokes: Placed[] = []
  const stubs: Stub[] = []
  /** By hub: from where to where its lines go down. */
  const lines = overlay.hubs.map((): { x: number; to: number }[] => [])
  for (const [c, column] of columns.entries()) {
    const left = margin + c * (lanes + cardWidth + gap)
    let y = columnsTop
    for (const card of column) {
      spokes.push({ card: { ...card, width: cardWidth }, x: left + lanes, y })
      for (const [k, { hub, preferred, state }] of (linksOf.get(card.node.id) ?? []).entries()) {
        const index = hubIndex.get(hub) as number
        const x = left + index * laneWidth
        const at = y + firstStub + k * laneWidth
        stubs.push({ hub: index, x1: x, y1: at, x2: left + lanes, y2: at, preferred, state })
        const down = lines[index] as { x: number; to: number }[]
        if (down.at(-1)?.x === x) (down.at(-1) as { to: number }).to = at
        else down.push({ x, to: at })
      }
      y += card.height + gap / 2
    }
  }
  const wires = lines.flatMap((down, hub) => {
    const placed = hubs[hub] as Placed
    return wiresOf(hub, placed, trunksTop + hub * laneWidth, down)
  })
  const bottom = [...hubs, ...spokes].reduce((most, { card, y }) => Math.max(most, y + card.height), 0)
  const policies = policyRows(drawnPolicies(overlay), { left: margin, top: bottom + gap, room: content })
  const below = policies.height === 0 ? 0 : gap + policies.height
  return {
    overlay,
    nets,
    hubs,
    spokes,
    mesh: overlay.joins.length > 0 ? meshOf(hubs) : [],
    wires,
    stubs,
    policies: policies.rows,
    width: Math.ceil(Math.max(content, policies.width) + 2 * margin),
    height: Math.ceil(bottom + below + margin),
  }
}

/** A card high enough for a stub for each of its hubs. */
function roomFor(card: Card, links: number): Card {
  return { ...card, height: Math.max(card.height, firstStub * 2 + (links - 1) * laneWidth) }
}

/** To the other hubs, as the hub's card tells them. */
function hubTunnels(
  { joins }: PictureOverlay,
  hub: string,
  nameOf: ReadonlyMap<string, string>,
): readonly CardTunnel[] {
  return joins.flatMap(({ hubs, state }) => {
    const other = hubs.find((id) => id !== hub)
    if (state === null || !hubs.includes(hub) || other === undefined) return []
    return { hub: nameOf.get(other) ?? null, state }
  })
}

/** A line above all hubs, and down to each. */
function meshOf(hubs: readonly Placed[]): readonly Line[] {
  const ends = hubs.map(({ card, x, y }) => ({ x: Math.round(x + card.width / 2), y }))
  const xs = ends.map(({ x }) => x)
  const level = hubsTop
  return [
    { x1: least(xs), y1: level, x2: largest(xs), y2: level },
    ...ends.map(({ x, y }) => ({ x1: x, y1: level, x2: x, y2: y })),
  ]
}

function inRow(cards: readonly Card[], left: number, top: number): Placed[] {
  let x = Math.round(left)
  return cards.map((card) => {
    const placed = { card, x, y: top }
    x += card.width + gap
    return placed
  })
}

/** From the hub to its trunk, along it, and down beside the columns; nothing for a hub without spokes. */
function wiresOf(
  hub: number,
  { card, x, y }: Placed,
  trunk: number,
  down: readonly { x: number; to: number }[],
) {
  if (down.length === 0) return []
  const from = Math.round(x + card.width / 2)
  const xs = [from, ...down.map((line) => line.x)]
  return [
    { hub, x1: from, y1: y + card.height, x2: from, y2: trunk },
    { hub, x1: least(xs), y1: trunk, x2: largest(xs), y2: trunk },
    ...down.map((line) => ({ hub, x1: line.x, y1: trunk, x2: line.x, y2: line.to })),
  ]
}

/** The cards in their order, in as many columns as come nearest to the wanted shape. */
function bestColumns(cards: readonly Card[], width: number, top: number): Card[][] {
  let best: Card[][] = []
  let bestScore = Number.POSITIVE_INFINITY
  for (let count = 1; count <= Math.min(cards.length, mostColumns); count++) {
    const columns = inColumns(cards, count)
    const height = top + largest(columns.map(heightOf))
    const score = Math.abs(Math.log((columns.length * width) / height / shape))
    if (score < bestScore) {
      best = columns
      bestScore = score
    }
  }
  return best
}

/** Of about the same height: a card goes where its middle lies when all of them stand in one column. */
function inColumns(cards: readonly Card[], count: number): Card[][] {
  const columns = Array.from({ length: count }, (): Card[] => [])
  const target = heightOf(cards) / count
  let above = 0
  for (const card of cards) {
    const height = card.height + gap / 2
    const column = Math.min(count - 1, Math.floor((above + height / 2) / target))
    columns[column]?.push(card)
    above += height
  }
  return columns.filter((column) => column.length > 0)
}

function heightOf(cards: readonly Card[]): number {
  return cards.reduce((sum, card) => sum + card.height + gap / 2, 0)
}
