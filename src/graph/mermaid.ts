// SPDX-License-Identifier: MIT
/**
 * A picture as a Mermaid flowchart, which GitHub, GitLab and many wikis draw where they find it in Markdown.
 */
import type { LinkState } from './live.ts'
import type { Picture, PictureLink, PictureNode, PictureOverlay } from './picture.ts'
import { stateColors } from './theme.ts'

export function renderMermaid(picture: Picture): string {
  const lines = ['flowchart LR']
  for (const [i, overlay] of picture.overlays.entries()) lines.push(...overlayLines(overlay, i))
  const links = picture.overlays.flatMap((overlay) => overlay.links)
  for (const [state, numbers] of byState(links)) {
    lines.push(`  linkStyle ${numbers.join(',')} stroke:${stateColors[state]},stroke-width:2px`)
  }
  return `${lines.join('\n')}\n`
}

function overlayLines(overlay: PictureOverlay, index: number): string[] {
  const title = [`overlay ${overlay.name}`, ...overlay.nets].join(', ')
  return [
    `  subgraph o${index + 1}["${escapeMermaid(title)}"]`,
    ...[...overlay.hubs, ...overlay.spokes].map((node) => `    ${nodeText(node)}`),
    ...overlay.links.map((link) => `    ${linkText(link)}`),
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

/** Mermaid counts links from 0 in the order of the text. */
function byState(links: readonly PictureLink[]): ReadonlyMap<LinkState, readonly number[]> {
  const numbers = new Map<LinkState, number[]>()
  for (const [i, { state }] of links.entries()) {
    if (state === null) continue
    const some = numbers.get(state)
    if (some === undefined) numbers.set(state, [i])
    else some.push(i)
  }
  return numbers
}

/** Mermaid reads HTML and has entities of its own: `#35;` is a number sign. */
function escapeMermaid(text: string): string {
  return text.replace(/[#"<>&`\\\p{Cc}]/gu, (sign) => `#${sign.codePointAt(0)};`)
}
