// SPDX-License-Identifier: MIT
/**
 * A picture in Graphviz' language, undirected: `lvn graph overlay.lvn --format dot | dot -Tpdf`.
 */
import type { LinkState } from './live.ts'
import type { Picture, PictureJoin, PictureLink, PictureNode, PictureOverlay } from './picture.ts'
import { drawnPolicies, endNodes, type PicturePolicy, policySummary } from './policies.ts'
import { policyColors, stateColors } from './theme.ts'

export function renderDot(picture: Picture): string {
  return [
    'graph lvn {',
    '  rankdir=LR',
    '  ranksep=2',
    '  graph [fontname="monospace", fontsize=12]',
    '  node [shape=box, style=rounded, fontname="monospace", fontsize=10]',
    '  edge [fontname="monospace", fontsize=9]',
    ...picture.overlays.flatMap(overlayLines),
    '}',
    '',
  ].join('\n')
}

function overlayLines(overlay: PictureOverlay, index: number): string[] {
  const others = endNodes(overlay, `o${index + 1}e`)
  return [
    `  subgraph cluster_${index + 1} {`,
    `    label=${quoted([`overlay ${overlay.name}`, ...overlay.nets].join(', '), ...policySummary(overlay))}`,
    ...overlay.hubs.map((node) => `    ${nodeText(node)}`),
    ...overlay.spokes.map((node) => `    ${nodeText(node)}`),
    ...overlay.joins.map((join) => `    ${joinText(join)}`),
    ...overlay.links.map((link) => `    ${linkText(link)}`),
    ...[...others].map(([text, id]) => `    ${id} [shape=hexagon, style="", label=${quoted(text)}]`),
    ...drawnPolicies(overlay).map((policy, i) => `    ${policyText(policy, i + 1, others)}`),
    '  }',
  ]
}

function nodeText(node: PictureNode): string {
  const label = [node.name, ...node.endpoints, ...node.addresses, ...node.subnets]
  const bold = node.role === 'hub' ? ', penwidth=2' : ''
  return `${node.id} [label=${quoted(...label)}${bold}]`
}

function linkText({ hub, spoke, preferred, state }: PictureLink): string {
  const attributes = [...(preferred ? [] : ['style=dashed']), ...stateAttributes(state)]
  const list = attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`
  return `${hub} -- ${spoke}${list}`
}

/** Hubs stay beside each other. */
function joinText({ hubs, state }: PictureJoin): string {
  const attributes = ['penwidth=2', 'constraint=false', ...stateAttributes(state)]
  return `${hubs.join(' -- ')} [${attributes.join(', ')}]`
}

function stateAttributes(state: LinkState | null): readonly string[] {
  return state === null ? [] : colored(stateColors[state], state)
}

/** A line and its text, which may come to stand beside another line. */
function colored(color: string, text: string): readonly string[] {
  return [`color="${color}"`, `fontcolor="${color}"`, `label=${quoted(text)}`]
}

/** Numbered in source order: the last that matches counts. They do not move the nodes. */
function policyText(
  { action, from, to }: PicturePolicy,
  number: number,
  others: ReadonlyMap<string, string>,
): string {
  const head = action === 'allow' ? 'normal' : 'tee'
  const ends = [from, to].map(({ node, text }) => node ?? others.get(text))
  const look = colored(policyColors[action], `${number} ${action}`).join(', ')
  return `${ends.join(' -- ')} [dir=forward, arrowhead=${head}, constraint=false, ${look}]`
}

/** Lines of a label; a backslash would start an escape of Graphviz' own. */
function quoted(...lines: readonly string[]): string {
  const clean = (line: string) => line.replace(/\p{Cc}/gu, '\ufffd').replace(/[\\"]/g, '\\$&')
  return `"${lines.map(clean).join('\\n')}"`
}
