// SPDX-License-Identifier: MIT
/**
 * The results of `lab test` as a table of texts, one for each overlay and family. Pure; widths and colours are
 * the shell's.
 */
import type { Address, Family } from '../model/address.ts'
import type { LabPing } from './test.ts'

export interface PingMatrix {
  readonly overlay: string
  readonly family: Family
  /** The targets, after an empty cell; then for each source its name and a cell for each target. */
  readonly rows: readonly (readonly string[])[]
}

export const cellFailed = 'FAIL'
export const cellPending = '–'
export const cellDenied = 'denied'

/** Cells: `0.21 ms`, `FAIL`, `–` where something is pending, `denied`, empty where there is nothing to reach. */
export function pingMatrices(pings: readonly LabPing[]): PingMatrix[] {
  const tables = new Map<string, LabPing[]>()
  for (const ping of pings) {
    const key = `${ping.family} ${ping.overlay}`
    const table = tables.get(key)
    if (table === undefined) tables.set(key, [ping])
    else table.push(ping)
  }
  return [...tables.values()].map((table) => {
    const { overlay, family } = table[0] as LabPing
    return { overlay, family, rows: rowsOf(table) }
  })
}

function rowsOf(table: readonly LabPing[]): string[][] {
  const sources = [...new Set(table.map((ping) => ping.from))]
  const targets = targetsOf(table, sources)
  const cells = new Map(table.map((ping) => [`${ping.from} ${ping.address}`, cellOf(ping)]))
  return [
    ['', ...targets.map((target) => target.label)],
    ...sources.map((from) => [from, ...targets.map(({ address }) => cells.get(`${from} ${address}`) ?? '')]),
  ]
}

/** Targets in the order of the sources, a node's own addresses before its subnets. */
function targetsOf(
  table: readonly LabPing[],
  sources: readonly string[],
): { label: string; address: Address }[] {
  const byAddress = new Map(table.map((ping) => [ping.address, ping]))
  const place = ({ to, subnet }: LabPing) => sources.indexOf(to) * 2 + (subnet === null ? 0 : 1)
  const targets = [...byAddress.values()].sort((a, b) => place(a) - place(b))
  return targets.map((target) => {
    const ownCount = targets.filter(({ to, subnet }) => subnet === null && to === target.to).length
    if (target.subnet !== null) return { label: target.subnet, address: target.address }
    return { label: ownCount > 1 ? `${target.to} ${target.address}` : target.to, address: target.address }
  })
}

function cellOf({ ok, ms, pending, denied }: LabPing): string {
  if (pending) return cellPending
  if (denied) return cellDenied
  return ok && ms !== null ? `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms` : cellFailed
}
