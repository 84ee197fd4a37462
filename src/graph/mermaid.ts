// SPDX-License-Identifier: MIT
/**
 * A picture as a Mermaid flowchart, which GitHub, GitLab and many wikis draw where they find it in Markdown.
 */
import { append } from '../model/lists.ts'
import type { Picture, PictureLink, PictureNode, PictureOverlay } from './picture.ts'
import { drawnPolicies, endNodes, policySummary } from './policies.ts'
import { policyColors, stateColors } from './theme.ts'

/** More than these Mermaid refuses to draw where its `maxEdges` and `maxTextSize` are what it comes with. */
const mostLines = 500
const mostCharacters = 50_000

/** Why a page may refuse to draw it: `1040 lines, and Mermaid draws 500`; null: it need not. */
export function mermaidRefusal(text: string): string | null {
  const lines = text.match(/^ {4}\w+ (?:---|-\.-|===|-->|--x)/gm)?.length ?? 0
  if (lines > mostLines) return `${lines} lines, and Mermaid draws ${mostLines} (\`maxEdges\`)`
  if (text.length <= mostCharacters) return null
  return `${text.length} characters, and Mermaid reads ${mostCharacters} (\`maxTextSize\`)`
}

export function renderMermaid(picture: Picture): string {
  const lines = ['flowchart LR']
  for (const [i, overlay] of picture.overlays.entries()) append(lines, overlayLines(overlay, i))
  for (const [color, numbers] of byColor(picture.overlays)) {
    lines.push(`  linkStyle ${numbers.join(',')} stroke:${color},stroke-width:2px`)
  }
  return `${lines.join('\n')}\n`
}

function overlayLines(overlay: PictureOverlay, index: number): string[] {
  const title = [`overlay ${overlay.name}`, ...overlay.nets].join(', ')
  return [
    `  subgraph o${index + 1}["${escapeMermaid(title)}"]`,
    // Its own: without one, Mermaid turns what no line leads out of by a quarter.
    '    direction LR',
    ...[...overlay.hubs, ...overlay.spokes].map((node) => `    ${nodeText(node)}`),
    ...joinLines(overlay, `o${index + 1}m`),
    ...overlay.links.map((link) => `    ${linkText(link)}`),
    ...policyLines(overlay, `o${index + 1}`),
    '  end',
  ]
}

/** Hubs have round ends. */
function nodeText(node: PictureNode): string {
  const texts = [...node.endpoints, ...node.addresses, ...node.subnets]
  const label = [`<b>${escapeMermaid(node.name)}</b>`, ...texts.map(escapeMermaid)].join('<br>')
  return node.role === 'hub' ? `${node.id}(["${label}"])` : `${node.id}["${label}"]`
}

function linkText({ hub, spoke, preferred, state }: PictureLink): string {
  const line = preferred ? '---' : '-.-'
  return state === null ? `${hub} ${line} ${spoke}` : `${hub} ${line}|${state}| ${spoke}`
}

/** One place where all hubs meet: lines between them would make a column of each, with spokes in between. */
function joinLines({ hubs, joins }: PictureOverlay, id: string): string[] {
  if (joins.length === 0) return []
  const nameOf = new Map(hubs.map((hub) => [hub.id, hub.name]))
  const states = joins.flatMap(({ hubs, state }) => {
    const names = hubs.map((hub) => escapeMermaid(nameOf.get(hub) ?? hub))
    return state === null ? [] : `${names.join(' – ')} ${state}`
  })
  return [
    `    ${id}[["${['hubs, each to each', ...states].join('<br>')}"]]`,
    ...hubs.map((hub) => `    ${id} === ${hub.id}`),
  ]
}

/** Arrows numbered in source order, of which the last that matches counts; or what there is, as a note. */
function policyLines(overlay: PictureOverlay, id: string): string[] {
  const others = endNodes(overlay, `${id}e`)
  const summary = policySummary(overlay).map(escapeMermaid)
  return [
    ...[...others].map(([text, end]) => `    ${end}{{"${escapeMermaid(text)}"}}`),
    ...drawnPolicies(overlay).map(({ action, from, to }, i) => {
      const [source, target] = [from, to].map(({ node, text }) => node ?? others.get(text))
      return `    ${source} ${action === 'allow' ? '-->' : '--x'}|${i + 1} ${action}| ${target}`
    }),
    ...(summary.length === 0 ? [] : [`    ${id}p>"${summary.join('<br>')}"]`]),
  ]
}

/** Mermaid counts links from 0 in the order of the text: in an overlay those of the hubs, links, policies. */
function byColor(overlays: readonly PictureOverlay[]): ReadonlyMap<string, readonly number[]> {
  const colors = overlays.flatMap((overlay) => [
    ...(overlay.joins.length === 0 ? [] : overlay.hubs).map(() => null),
    ...overlay.links.map(({ state }) => (state === null ? null : stateColors[state])),
    ...drawnPolicies(overlay).map(({ action }) => policyColors[action]),
  ])
  const numbers = new Map<string, number[]>()
  for (const [i, color] of colors.entries()) {
    if (color === null) continue
    const some = numbers.get(color)
    if (some === undefined) numbers.set(color, [i])
    else some.push(i)
  }
  return numbers
}

/** Mermaid reads HTML and has entities of its own: `#35;` is a number sign. */
function escapeMermaid(text: string): string {
  return text.replace(/[#"<>&`\\\p{Cc}]/gu, (sign) => `#${sign.codePointAt(0)};`)
}
