// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { ago, bytes, count, duration, quantity, table, tally } from '../../../src/shell/cli/text.ts'

describe('numbers and times', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [20 * 1024 ** 2, '20 MiB'],
    [1023.9 * 1024, '1 MiB'],
    [100_000_000, '95.4 MiB'],
    [2 ** 50 * 5000, '5000 PiB'],
  ])('%d bytes are %s', (n, text) => expect(bytes(n)).toBe(text))

  it.each([
    [7, '7'],
    [999, '999'],
    [1000, '1 k'],
    [12_345, '12.3 k'],
    [4_560_000, '4.56 M'],
    [999_999, '1 M'],
  ])('%d of something are %s', (n, text) => expect(quantity(n)).toBe(text))

  it.each([
    [null, 'never'],
    [0, 'now'],
    [999, 'now'],
    [59_999, '59 s ago'],
    [60_000, '1 min ago'],
    [7_200_000, '2 h ago'],
    [200_000_000, '2 d ago'],
  ])('%s ms ago is %s', (ms, text) => expect(ago(ms)).toBe(text))

  it.each([
    [20_000, '20s'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [250, '250ms'],
    [1500, '1500ms'],
  ])('%d ms is written %s', (ms, text) => expect(duration(ms)).toBe(text))
})

describe('words', () => {
  it('counts one and many', () => {
    expect([count(0, 'node'), count(1, 'node'), count(2, 'entry', 'entries')]).toEqual([
      '0 nodes',
      '1 node',
      '2 entries',
    ])
  })

  it('tallies what there is', () => {
    expect(tally([{ severity: 'error' }, { severity: 'warning' }, { severity: 'error' }])).toBe(
      '2 errors, 1 warning',
    )
    expect(tally([])).toBe('')
  })
})

describe('table', () => {
  const columns = [
    { title: 'NAME', cell: (row: [string, number]) => row[0] },
    { title: 'N', cell: (row: [string, number]) => String(row[1]), align: 'right' as const },
  ]

  it('aligns columns and leaves no trailing blanks', () => {
    expect(
      table(columns, [
        ['a', 1],
        ['longer', 1000],
      ]),
    ).toEqual(['NAME       N', 'a          1', 'longer  1000'])
  })

  it('does not count colours as width', () => {
    const painted: typeof columns = [
      { title: 'NAME', cell: ([name]) => `\x1b[1m${name}\x1b[22m` },
      columns[1] as never,
    ]
    expect(
      table(painted, [
        ['a', 1],
        ['longer', 2],
      ]),
    ).toEqual(['NAME    N', '\x1b[1ma\x1b[22m       1', '\x1b[1mlonger\x1b[22m  2'])
  })
})
