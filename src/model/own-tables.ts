// SPDX-License-Identifier: MIT
/**
 * Our own routing tables, and the lines of `ip rule` that lead to them, in numbers. A device whose overlay has routes
 * outside its nets has one table, and all its numbers follow from that table's.
 *
 *     20000 + n              fwmark 76 lookup main            whoever asks for the way without us
 *     20000 + n              from ADDRESS lookup main         outer packets, answers from the host's own address
 *     per prefix length L of the routes in the table, the longest first:
 *     20100 + 64(128-L) + 2n     lookup main suppress_prefixlength L    what main knows better than by L bits
 *     20100 + 64(128-L) + 2n + 1 lookup 7600+n suppress_prefixlength L-1
 *
 * So the longest prefix wins over main and all of our tables together, and of two that are equal ours does. The numbers
 * lie behind those of VRFs (1000) and of programs that keep their own packets out (Tailscale: 5210 to 5270), and before
 * those that the kernel gives to rules without one (from 32765 downwards).
 */
import type { Family } from './address.ts'
import type { IpRuleSpec, LiveRoute } from './state.ts'

/** RT_TABLE_MAIN. */
export const mainTable = 254
const firstTable = 7600
const tableCount = 32
export const ownTables: readonly number[] = Array.from({ length: tableCount }, (_, i) => firstTable + i)

const keepOutBase = 20_000
const lengthBase = 20_100
const perLength = 2 * tableCount
const longest = 128

/** A packet, or a question to the kernel, with this mark takes no route of ours outside the nets. */
export const pathMark = { value: 76, mask: 0xffffffff } as const

export function keepOutPriority(table: number): number {
  return keepOutBase + table - firstTable
}

/** Priority of the first of the two rules. */
export function lengthPriority(table: number, length: number): number {
  return lengthBase + perLength * (longest - length) + 2 * (table - firstTable)
}

/** The table of ours that a rule with our mark belongs to; null: it is none that we set. */
export function tableOfRule({ priority }: Pick<IpRuleSpec, 'priority'>): number | null {
  const slot =
    priority < lengthBase ? priority - keepOutBase : Math.floor(((priority - lengthBase) % perLength) / 2)
  return ownTables[slot] ?? null
}

/** Does it keep packets from our tables, instead of leading them there? */
export function keepsOut({ priority }: Pick<IpRuleSpec, 'priority'>): boolean {
  return priority < lengthBase
}

/** The device that each of our tables leads into. A table without one is what a death or a hand has left. */
export function tableDevices(
  routes: readonly Pick<LiveRoute, 'table' | 'device' | 'owned'>[],
): ReadonlyMap<number, string> {
  const devices = new Map<number, string>()
  for (const { table, device, owned } of routes)
    if (owned && table !== undefined && device !== null && !devices.has(table)) devices.set(table, device)
  return devices
}

/** The rules that lead to a table with routes of these prefix lengths. */
export function rulesTo(table: number, family: Family, lengths: readonly number[]): IpRuleSpec[] {
  const any = { family, from: null, mark: null }
  return [...new Set(lengths)]
    .sort((a, b) => b - a)
    .flatMap((length) => {
      const priority = lengthPriority(table, length)
      const least = length === 0 ? null : length - 1
      return [
        { ...any, priority, table: mainTable, suppressedLength: length },
        { ...any, priority: priority + 1, table, suppressedLength: least },
      ]
    })
}
