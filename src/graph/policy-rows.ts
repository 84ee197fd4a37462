// SPDX-License-Identifier: MIT
/**
 * Where the policies of an overlay stand below its cards: a row for each, numbered in source order, in as many columns
 * as the panel has room for. Between the cards themselves, arrows would cross everything. Pixels; it draws nothing.
 *
 *      1 [ any     ]──deny──┤[ kirche ]      3 [ gw1 ] …
 *      2 [ rathaus ]──allow─▶[ kirche ]
 */
import { largest } from '../model/lists.ts'
import { characterWidth } from './card.ts'
import { type PicturePolicy, policiesRule } from './policies.ts'
import { shorten } from './shorten.ts'

export interface PolicyRow {
  readonly policy: PicturePolicy
  /** In source order, from 1. */
  readonly number: number
  readonly x: number
  readonly y: number
  readonly from: PolicyBox
  readonly to: PolicyBox
}

/** Relative to the row. */
export interface PolicyBox {
  readonly text: string
  readonly x: number
  readonly width: number
}

export interface PolicyRows {
  readonly rows: readonly PolicyRow[]
  readonly width: number
  /** 0: there are none. */
  readonly height: number
}

export const policyRowHeight = 20
export const policyBoxPadding = 8
/** Above the rows. */
export const policiesTitle = `policies: ${policiesRule}`
/** Room for it. */
const titleHeight = 24
const rowPitch = 28
const numberWidth = 24
const arrowWidth = 66
const columnGap = 28
const longestEnd = 28

/** From `left`, `top` on; `room`: the width that there is anyway. */
export function policyRows(
  policies: readonly PicturePolicy[],
  { left, top, room }: { readonly left: number; readonly top: number; readonly room: number },
): PolicyRows {
  if (policies.length === 0) return { rows: [], width: 0, height: 0 }
  const widest = (texts: readonly string[]) =>
    Math.ceil(largest(texts.map((text) => text.length)) * characterWidth + 2 * policyBoxPadding)
  const texts = policies.map(({ from, to }) => ({
    from: shorten(from.text, longestEnd),
    to: shorten(to.text, longestEnd),
  }))
  const fromWidth = widest(texts.map(({ from }) => from))
  const toWidth = widest(texts.map(({ to }) => to))
  const toX = numberWidth + fromWidth + arrowWidth
  const width = toX + toWidth
  const fit = Math.floor((room + columnGap) / (width + columnGap))
  const columns = Math.min(policies.length, Math.max(1, fit))
  const high = Math.ceil(policies.length / columns)
  return {
    rows: policies.map((policy, i) => ({
      policy,
      number: i + 1,
      x: left + Math.floor(i / high) * (width + columnGap),
      y: top + titleHeight + (i % high) * rowPitch,
      from: { text: texts[i]?.from as string, x: numberWidth, width: fromWidth },
      to: { text: texts[i]?.to as string, x: toX, width: toWidth },
    })),
    width: Math.max(
      (Math.ceil(policies.length / high) - 1) * (width + columnGap) + width,
      Math.ceil(policiesTitle.length * characterWidth),
    ),
    height: titleHeight + high * rowPitch,
  }
}
