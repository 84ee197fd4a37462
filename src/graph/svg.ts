// SPDX-License-Identifier: MIT
/**
 * A picture as an SVG file of its own: no script, no foreign font, readable on light and dark grounds. Numbers
 * come from layout.ts, colours from theme.ts.
 */
import { append, largest } from '../model/lists.ts'
import { escapeXml } from '../text/xml.ts'
import { type CardLine, cardPadding, labelWidth, lineHeight, nameHeight } from './card.ts'
import { type Line, type Panel, type Placed, panelOf, type Stub } from './layout.ts'
import { legendOf } from './legend.ts'
import type { Picture } from './picture.ts'
import {
  type PolicyBox,
  type PolicyRow,
  policiesTitle,
  policyBoxPadding,
  policyRowHeight,
} from './policy-rows.ts'
import { hubColor, policyColors, stateColors, svgStyle } from './theme.ts'

const margin = 16
const legendLine = 18

export function renderSvg(picture: Picture): string {
  const panels = picture.overlays.map(panelOf)
  const legend = legendOf(picture)
  const width = largest([320, ...panels.map((panel) => panel.width), legend.width]) + 2 * margin
  const body: string[] = []
  let y = margin
  for (const panel of panels) {
    append(body, panelLines(panel, y, width - 2 * margin))
    y += panel.height + margin
  }
  for (const { text, color } of legend.lines) {
    const dot = color === null ? '' : `<circle cx="${margin + 6}" cy="${y + 8}" r="5" fill="${color}"/>`
    body.push(`${dot}<text x="${margin + (color === null ? 0 : 18)}" y="${y + 12}">${escapeXml(text)}</text>`)
    y += legendLine
  }
  const height = y + (legend.lines.length > 0 ? margin : 0)
  const names = picture.overlays.map(({ name }) => name).join(', ')
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(`Overlays: ${names}`)}</title>`,
    `<style>${svgStyle}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...body,
    '</svg>',
  ].join('\n')}\n`
}

function panelLines(panel: Panel, top: number, width: number): string[] {
  const { overlay, nets } = panel
  return [
    `<g transform="translate(${margin} ${top})">`,
    `<rect class="panel" width="${width}" height="${panel.height}" rx="8"/>`,
    `<text class="title" x="20" y="30">${escapeXml(overlay.name)}</text>`,
    `<text class="faint" x="20" y="49">${escapeXml(nets)}</text>`,
    ...panel.mesh.map((line) => `<path class="link mesh" ${path(line)}/>`),
    ...panel.wires.map((wire) => `<path class="link" stroke="${hubColor(wire.hub)}" ${path(wire)}/>`),
    ...panel.stubs.flatMap(stubLines),
    ...panel.hubs.flatMap((placed, i) => cardLines(placed, overlay.name, hubColor(i))),
    ...panel.spokes.flatMap((placed) => cardLines(placed, overlay.name, null)),
    ...panel.stubs.flatMap(stateDot),
    ...policyLines(panel.policies),
    '</g>',
  ]
}

function stubLines(stub: Stub): string[] {
  return [
    `<path class="link${stub.preferred ? '' : ' fallback'}" stroke="${hubColor(stub.hub)}" ${path(stub)}/>`,
    `<circle cx="${stub.x1}" cy="${stub.y1}" r="2.5" fill="${hubColor(stub.hub)}"/>`,
  ]
}

function policyLines(rows: readonly PolicyRow[]): string[] {
  const [first] = rows
  if (first === undefined) return []
  const title = `<text class="faint" x="${first.x}" y="${first.y - 8}">${policiesTitle}</text>`
  return [title, ...rows.flatMap(rowLines)]
}

function rowLines({ policy: { action, from, to }, number, x, y, ...boxes }: PolicyRow): string[] {
  const color = policyColors[action]
  const text = escapeXml(`${action} ${from.text} -> ${to.text}`)
  const start = boxes.from.x + boxes.from.width + 2
  const end = boxes.to.x - 3
  const at = policyRowHeight - 6
  const line = `<path class="link policy" stroke="${color}" d="M${start} ${at}H${end - (action === 'allow' ? 6 : 1)}"/>`
  const head =
    action === 'allow'
      ? `<path fill="${color}" d="M${end} ${at}l-8 -5v10z"/>`
      : `<path class="link policy" stroke="${color}" d="M${end} ${at - 6}v12"/>`
  return [
    `<g data-policy="${text}" transform="translate(${x} ${y})">`,
    `<title>${text}</title>`,
    `<text class="faint" x="16" y="14" text-anchor="end">${number}</text>`,
    ...[boxes.from, boxes.to].map(boxText),
    line,
    head,
    `<text x="${(start + end) / 2}" y="${at - 4}" text-anchor="middle" style="fill: ${color}">${action}</text>`,
    '</g>',
  ]
}

function boxText({ text, x, width }: PolicyBox): string {
  const box = `<rect class="card" x="${x}" width="${width}" height="${policyRowHeight}" rx="4"/>`
  return `${box}<text x="${x + policyBoxPadding}" y="14">${escapeXml(text)}</text>`
}

/** On the edge of the card, above it. */
function stateDot({ x2, y2, state }: Stub): string[] {
  return state === null ? [] : [`<circle cx="${x2}" cy="${y2}" r="4" fill="${stateColors[state]}"/>`]
}

function path({ x1, y1, x2, y2 }: Line): string {
  return `d="M${x1} ${y1}${x1 === x2 ? `V${y2}` : `H${x2}`}"`
}

function cardLines({ card, x, y }: Placed, overlay: string, color: string | null): string[] {
  const { node, name, lines, width, height } = card
  const strong = color === null ? '' : ` style="stroke: ${color}; stroke-width: 2"`
  return [
    `<g data-node="${escapeXml(`${overlay}/${node.name}`)}" transform="translate(${x} ${y})">`,
    `<title>${escapeXml(`${node.role} ${node.name}`)}</title>`,
    `<rect class="card" width="${width}" height="${height}" rx="5"${strong}/>`,
    `<text class="name" x="${cardPadding}" y="17">${escapeXml(name)}</text>`,
    ...lines.map((line, i) => lineText(line, nameHeight + 9 + i * lineHeight)),
    '</g>',
  ]
}

function lineText({ label, text, full, state }: CardLine, y: number): string {
  const title = full === null ? '' : `<title>${escapeXml(full)}</title>`
  const color = state === null ? '' : ` style="fill: ${stateColors[state]}; font-weight: bold"`
  const first = label === '' ? '' : `<text class="faint" x="${cardPadding}" y="${y}">${label}</text>`
  return `${first}<text x="${cardPadding + labelWidth}" y="${y}"${color}>${title}${escapeXml(text)}</text>`
}
