// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { drawProgress } from '../../../src/shell/cli/progress.ts'

function sink(isTerminal: boolean, columns = 80) {
  const written: string[] = []
  const clock = { now: 0 }
  const progress = drawProgress({
    isTerminal,
    columns,
    write: (text) => void written.push(text),
    now: () => clock.now,
  })
  return { progress, written, clock }
}

describe('progress', () => {
  it('redraws one line on a terminal and takes it away at the end', () => {
    const { progress, written, clock } = sink(true)
    clock.now = 100
    progress.update('applying', 5, 10)
    progress.update('applying', 6, 10)
    clock.now = 200
    progress.update('applying', 10, 10)
    progress.end()
    expect(written).toEqual([
      `\r\x1b[Kapplying [${'#'.repeat(15)}${'.'.repeat(15)}] 5/10`,
      `\r\x1b[Kapplying [${'#'.repeat(30)}] 10/10`,
      '\r\x1b[K',
    ])
  })

  it('stays silent for short work', () => {
    const { progress, written, clock } = sink(true)
    clock.now = 50
    progress.update('applying', 1, 1)
    progress.end()
    expect(written).toEqual([])
  })

  it('writes a line now and then elsewhere', () => {
    const { progress, written, clock } = sink(false)
    for (let i = 0; i <= 12; i++) {
      clock.now = i * 1000
      progress.update('applying', i, 100)
    }
    progress.end()
    expect(written).toEqual(['applying: 5 of 100\n', 'applying: 10 of 100\n'])
  })

  it('leaves the bar out on a narrow terminal', () => {
    const { progress, written, clock } = sink(true, 20)
    clock.now = 100
    progress.update('verifying', 1, 1000)
    expect(written).toEqual(['\r\x1b[Kverifying 1/1000'])
  })
})
