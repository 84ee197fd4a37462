// SPDX-License-Identifier: MIT
/**
 * The picture's colours. Those of states and hubs can be told apart on white and on near-black; no state is told
 * by its colour alone.
 */
import type { LinkState } from './live.ts'

export const stateColors: Readonly<Record<LinkState, string>> = {
  active: '#16a34a',
  silent: '#dc2626',
  unheard: '#d97706',
  pending: '#a855f7',
  missing: '#be185d',
  unseen: '#7b8794',
}

/** What the legend says of each state. */
export const stateMeanings: Readonly<Record<LinkState, string>> = {
  active: 'received within the dead time',
  silent: 'nothing within the dead time',
  unheard: 'nothing received so far',
  pending: 'remote endpoint not known',
  missing: 'not in the kernel',
  unseen: 'not to be seen from here',
}

/** Besides, an allow ends in a point and a deny in a bar. */
export const policyColors = { allow: '#16a34a', deny: '#dc2626' } as const

const hubColors = ['#2563eb', '#c2410c', '#0891b2', '#9333ea', '#65770d', '#be185d', '#78716c'] as const

/** Of the hub number `index` of an overlay, from 0; after seven they come again. */
export function hubColor(index: number): string {
  return hubColors[index % hubColors.length] as string
}

/** Classes of the SVG, for light grounds and for dark ones where the viewer asks for them. */
export const svgStyle = `
text { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: 11px; fill: #1f2933 }
.page { fill: #ffffff }
.title { font-size: 18px; font-weight: bold }
.name { font-size: 13px; font-weight: bold }
.faint { fill: #66727f }
.panel { fill: #f6f8fa; stroke: #d5dbe1 }
.card { fill: #ffffff; stroke: #b8c2cc }
.link { fill: none; stroke-width: 1.6 }
.fallback { stroke-dasharray: 4 3 }
.policy { stroke-width: 2 }
.mesh { stroke: #66727f; stroke-width: 3 }
@media (prefers-color-scheme: dark) {
text { fill: #e4e9ee }
.page { fill: #0f1419 }
.faint { fill: #93a1af }
.mesh { stroke: #93a1af }
.panel { fill: #161c22; stroke: #2c3640 }
.card { fill: #1d252d; stroke: #44515e }
}`.trim()
