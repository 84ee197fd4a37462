// SPDX-License-Identifier: MIT
/**
 * The diff's part for lines of `ip rule`. Ours carry our protocol mark; whose they are says the table that their priority
 * stands for. All that one says is its identity: it is there or not. Pure.
 */
import { tableDevices, tableOfRule } from '../model/own-tables.ts'
import type { DesiredState, LiveRoute, LiveState } from '../model/state.ts'
import type { Maker } from './change.ts'
import { idOf } from './ids.ts'
import { ipRuleOf } from './intended.ts'
import type { Ownership } from './scope.ts'
import type { Change } from './types.ts'

export function diffIpRules(
  live: LiveState,
  desired: DesiredState,
  owners: Ownership,
  make: Maker,
): Change[] {
  const there = new Set(live.ipRules.filter(({ owned }) => owned).map(idOf['ip-rule']))
  const wanted = new Set(desired.ipRules.map(idOf['ip-rule']))
  const isOurs = ownTable(live.routes, owners)
  return [
    ...desired.ipRules
      .filter((rule) => !there.has(idOf['ip-rule'](rule)))
      .map((rule) => make.add('ip-rule', rule)),
    ...live.ipRules
      .filter((rule) => rule.owned && isOurs(tableOfRule(rule)) && !wanted.has(idOf['ip-rule'](rule)))
      .map((rule) => make.remove('ip-rule', ipRuleOf(rule))),
  ]
}

/** Is what belongs to this table ours to change? So is what leads nowhere any more, whoever made it. */
export function ownTable(
  routes: readonly LiveRoute[],
  { ours }: Ownership,
): (table: number | null) => boolean {
  const devices = tableDevices(routes)
  return (table) => {
    const device = table === null ? undefined : devices.get(table)
    return device === undefined || ours.has(device)
  }
}
