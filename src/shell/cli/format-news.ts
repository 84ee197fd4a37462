// SPDX-License-Identifier: MIT
/**
 * News of a kernel as lines for people and as records for programs. Pure text.
 */
import type { Change, ChangeOf } from '../../interp/types.ts'
import { changeLine } from './format-change.ts'
import { policyLines } from './format-filter.ts'
import { jsonText, type Paint } from './output.ts'

/** `21:10:58 ~ tunnel lvn0/kirche state unheard → active`; policies that came or went in lines of their own below. */
export function newsLines(news: Change, time: Date, paint: Paint): string[] {
  const clock = paint.faint(time.toISOString().slice(11, 19))
  if (news.kind !== 'filter') return [`${clock} ${changeLine(news, paint)}`]
  const { removed, added } = policyLines(news)
  return [
    `${clock} ${mended(news) ? paint.good(`~ ${news.id} is whole again`) : changeLine(news, paint)}`,
    ...removed.map((line) => `${clock}   ${paint.bad(line)}`),
    ...added.map((line) => `${clock}   ${paint.good(line)}`),
  ]
}

/** In the form of a plan's operations, and when it was seen. */
export function newsJson({ op, kind, id, before, after, fields }: Change, time: Date): string {
  return jsonText({ time: time.toISOString(), op, kind, id, before, after, fields })
}

function mended({ op, fields, after }: ChangeOf<'filter'>): boolean {
  return (
    op === 'change' && fields.includes('intact') && after !== null && Reflect.get(after, 'intact') === true
  )
}
