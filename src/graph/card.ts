// SPDX-License-Identifier: MIT
/**
 * A node as a card: its texts line by line, and how much room they take. It knows no other card.
 */
import type { LinkState } from './live.ts'
import type { PictureNode } from './picture.ts'
import { shorten } from './shorten.ts'

export interface CardLine {
  readonly label: string
  readonly text: string
  /** All of it, where `text` is shortened; else null. */
  readonly full: string | null
  /** Of a line that tells a tunnel's state; else null. */
  readonly state: LinkState | null
}

export interface Card {
  readonly node: PictureNode
  readonly name: string
  readonly lines: readonly CardLine[]
  readonly width: number
  readonly height: number
}

/** A tunnel of a spoke, as its card tells it. */
export interface CardTunnel {
  /** Null: the overlay has one hub only, which needs no name. */
  readonly hub: string | null
  readonly state: LinkState
}

/** Widths of a character in a fixed-width font of 11, and of 13 pixels. */
export const characterWidth = 6.65
const nameWidth = 7.85

export const cardPadding = 10
export const lineHeight = 15
export const labelWidth = 62
/** From the top of a card to the first line below its name. */
export const nameHeight = 24

const longestList = 6
const longestHubList = 16

export function cardOf(node: PictureNode, tunnels: readonly CardTunnel[] = []): Card {
  const most = node.role === 'hub' ? longestHubList : longestList
  const name = shorten(node.name)
  const lines = [
    ...listed(node.role === 'hub' ? 'listens' : 'endpoint', node.endpoints, most),
    ...listed('address', node.addresses, most),
    ...listed('subnet', node.subnets, most),
    ...(node.role === 'hub' ? [line('device', node.device)] : []),
    ...tunnels.map(({ hub, state }) => line('tunnel', hub === null ? state : `${hub} ${state}`, state)),
  ]
  const longest = lines.reduce((length, { text }) => Math.max(length, text.length), 12)
  const width = Math.max(labelWidth + longest * characterWidth, name.length * nameWidth)
  return {
    node,
    name,
    lines,
    width: Math.ceil(width + 2 * cardPadding),
    height: nameHeight + lines.length * lineHeight + cardPadding / 2,
  }
}

function listed(label: string, texts: readonly string[], most: number): CardLine[] {
  if (texts.length <= most) return texts.map((text, i) => line(i === 0 ? label : '', text))
  const shown = texts.slice(0, most - 1).map((text, i) => line(i === 0 ? label : '', text))
  const rest = texts.slice(most - 1)
  return [...shown, { label: '', text: `and ${rest.length} more`, full: rest.join(', '), state: null }]
}

function line(label: string, text: string, state: LinkState | null = null): CardLine {
  const short = shorten(text)
  return { label, text: short, full: short === text ? null : text, state }
}
