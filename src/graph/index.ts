// SPDX-License-Identifier: MIT
/**
 * Pictures of a topology. Pure: topology, and what a kernel said if one was asked → picture → text of a format.
 */
import { renderDot } from './dot.ts'
import { renderMermaid } from './mermaid.ts'
import type { Picture } from './picture.ts'
import { renderSvg } from './svg.ts'

export { type LinkState, type TunnelViews, tunnelViews } from './live.ts'
export { mermaidRefusal } from './mermaid.ts'
export { type Picture, pictureOf } from './picture.ts'

export const pictureFormats = ['svg', 'mermaid', 'dot'] as const
export type PictureFormat = (typeof pictureFormats)[number]

const renderers = { svg: renderSvg, mermaid: renderMermaid, dot: renderDot }

/** Whole text of a file, with a final line break. */
export function render(picture: Picture, format: PictureFormat): string {
  return renderers[format](picture)
}
