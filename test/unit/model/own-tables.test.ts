// SPDX-License-Identifier: MIT
/** Our routing tables and the priorities of the rules that lead to them: the numbers, and the way back from them. */
import { describe, expect, it } from 'vitest'
import {
  keepOutPriority,
  keepsOut,
  lengthPriority,
  mainTable,
  ownTables,
  pathMark,
  rulesTo,
  tableDevices,
  tableOfRule,
} from '../../../src/model/own-tables.ts'

it('are 32 tables from 7600 on, and a mark of all bits', () => {
  expect([ownTables.length, ownTables[0], ownTables.at(-1), mainTable]).toEqual([32, 7600, 7631, 254])
  expect(pathMark).toEqual({ value: 76, mask: 0xffffffff })
})

describe('the priority of a rule', () => {
  it('keeps packets out before any leads in, and longer prefixes come first', () => {
    expect([keepOutPriority(7600), keepOutPriority(7631)]).toEqual([20_000, 20_031])
    expect([lengthPriority(7600, 128), lengthPriority(7601, 128)]).toEqual([20_100, 20_102])
    expect([lengthPriority(7600, 127), lengthPriority(7631, 0)]).toEqual([20_164, 28_354])
  })

  it('tells the table that the rule belongs to, and whether it keeps packets out', () => {
    for (const table of [7600, 7601, 7631]) {
      expect(tableOfRule({ priority: keepOutPriority(table) })).toBe(table)
      expect(keepsOut({ priority: keepOutPriority(table) })).toBe(true)
      for (const length of [0, 1, 32, 128]) {
        const priority = lengthPriority(table, length)
        expect([tableOfRule({ priority }), tableOfRule({ priority: priority + 1 })]).toEqual([table, table])
        expect(keepsOut({ priority })).toBe(false)
      }
    }
  })

  it('tells none where we set no such rule', () => {
    for (const priority of [0, 19_999, 20_032, 20_099]) expect(tableOfRule({ priority })).toBeNull()
  })
})

it('a table of ours is that of the first device that a route of ours in it leads to', () => {
  const route = (table: number | undefined, device: string | null, owned = true) => ({
    ...{ device, owned },
    ...(table === undefined ? {} : { table }),
  })
  const devices = tableDevices([
    route(undefined, 'lvn9'),
    route(7600, null),
    route(7600, 'eth0', false),
    route(7600, 'lvn0'),
    route(7600, 'lvn1'),
    route(7602, 'lvn2'),
  ])
  expect([...devices]).toEqual([
    [7600, 'lvn0'],
    [7602, 'lvn2'],
  ])
})

it('rules to a table ask main for what it knows better by each length, the longest first, each once', () => {
  const any = { family: 4, from: null, mark: null }
  expect(rulesTo(7601, 4, [0, 24, 0])).toEqual([
    { ...any, priority: 26_758, table: 254, suppressedLength: 24 },
    { ...any, priority: 26_759, table: 7601, suppressedLength: 23 },
    { ...any, priority: 28_294, table: 254, suppressedLength: 0 },
    { ...any, priority: 28_295, table: 7601, suppressedLength: null },
  ])
})
