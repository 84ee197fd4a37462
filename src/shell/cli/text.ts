// SPDX-License-Identifier: MIT
/**
 * Numbers, times and tables as people read them. Pure; colours never count as width.
 */
import { stripVTControlCharacters } from 'node:util'
import type { Diagnostic } from '../../diag/error.ts'

/** `1 change`, `3 changes`; `plural` where an s will not do. */
export function count(n: number, one: string, plural = `${one}s`): string {
  return `${n} ${n === 1 ? one : plural}`
}

/** Of a longer list, only the first names are said. */
export const fewNames = 4

/** `eth0, eth1`; `eth0, eth1, eth2 and 9 more`. */
export function some(names: readonly string[], between = ', '): string {
  if (names.length <= fewNames) return names.join(between)
  const first = names.slice(0, fewNames - 1)
  return `${first.join(between)} and ${names.length - first.length} more`
}

/** `3 errors, 1 warning`; what there is none of is left out. */
export function tally(diagnostics: readonly Pick<Diagnostic, 'severity'>[]): string {
  const parts = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const n = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length
    return n === 0 ? [] : [count(n, severity)]
  })
  return parts.join(', ')
}

/** `0 B`, `999 B`, `1.5 KiB`, `20 MiB`: three digits at most, binary multiples. */
export function bytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = n
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const text =
    unit === 0 || value >= 99.95 ? String(Math.round(value)) : trimZero(value, value < 9.995 ? 2 : 1)
  return `${text} ${units[unit]}`
}

/** `999`, `12.3 k`, `4.56 M`: three digits at most, decimal multiples. */
export function quantity(n: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P']
  let value = n
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const text =
    unit === 0 || value >= 99.95 ? String(Math.round(value)) : trimZero(value, value < 9.995 ? 2 : 1)
  return `${text}${units[unit]}`
}

/** `never` for null, else `now`, `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. */
export function ago(ms: number | null): string {
  if (ms === null) return 'never'
  const s = ms / 1000
  if (s < 1) return 'now'
  if (s < 60) return `${Math.floor(s)} s ago`
  if (s < 3600) return `${Math.floor(s / 60)} min ago`
  if (s < 86_400) return `${Math.floor(s / 3600)} h ago`
  return `${Math.floor(s / 86_400)} d ago`
}

/** A duration as the language writes it: `20s`, `1m30s`, `500ms`. */
export function duration(ms: number): string {
  if (ms < 1000 || ms % 1000 !== 0) return `${ms}ms`
  const parts = [
    [Math.floor(ms / 3_600_000), 'h'],
    [Math.floor((ms % 3_600_000) / 60_000), 'm'],
    [Math.floor((ms % 60_000) / 1000), 's'],
  ] as const
  return parts
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join('')
}

/** A bit rate as the language writes it: `1gbit`, `1500mbit`, `64kbit`. */
export function rate(bitsPerSecond: number): string {
  const units = [
    [1e9, 'gbit'],
    [1e6, 'mbit'],
  ] as const
  const whole = units.find(([factor]) => bitsPerSecond >= factor && bitsPerSecond % factor === 0)
  const [factor, unit] = whole ?? [1e3, 'kbit']
  return `${bitsPerSecond / factor}${unit}`
}

export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => string
  /** Numbers stand right. */
  readonly align?: 'right'
}

/** Lines of a table, titles first, two spaces between columns, nothing behind the last cell. */
export function table<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  paintTitle: (text: string) => string = (text) => text,
): string[] {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.cell(row))))
  const widths = columns.map((column, i) =>
    cells.reduce((most, row) => Math.max(most, width(row[i] as string)), column.title.length),
  )
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => {
        const padding = ' '.repeat((widths[i] as number) - width(text))
        return columns[i]?.align === 'right' ? padding + text : text + padding
      })
      .join('  ')
      .trimEnd()
  return [paintTitle(line(columns.map((column) => column.title))), ...cells.map(line)]
}

/** A name with a line break in it must not look like another row. */
function oneLine(cell: string): string {
  return cell.replace(/[\r\n\t]/g, '·')
}

function width(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

function trimZero(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.?0+$/, '')
}
