// SPDX-License-Identifier: MIT
/**
 * Walks from file to file on real kernels: hubs and spokes come to each file in turn, every time in another order, and
 * packets on ways that a file does not change never stop. Some machines are brought to it by the command; now and then
 * an operation is refused in the middle of a plan, and everything is as it was before.
 *
 *     site 1 hub, 2 and 3 spokes, which no move touches ─── router ─── sites 4 and 5 spokes, 6 hub, which are moved
 *
 * LVN_WALK says how many transitions there are, LVN_SEED which ones.
 */
import fc from 'fast-check'
import { afterEach, describe, test } from 'vitest'
import { emulated, planeKinds } from '../support/planes.ts'
import { Walker } from '../support/walker.ts'
import type { Way } from '../support/ways.ts'

const seed = Number(process.env.LVN_SEED ?? 1)
const count = Number(process.env.LVN_WALK ?? (emulated ? 6 : 20))
const patience = Math.max(180_000, count * 20_000)

const ways: readonly Way[] = [
  [2, 3, 'v4'],
  [3, 2, 'v6'],
  [2, 4, 'v6'],
  [3, 5, 'v4'],
  [4, 5, 'v4'],
  [2, 6, 'v6'],
]

let walker: Walker

afterEach(() => walker?.dispose())

describe.each(planeKinds)('plane %s', (name, open) => {
  test(`${count} transitions from file to file (LVN_SEED=${seed})`, { timeout: patience }, async () => {
    const plane = name.startsWith('ebpf') ? 'ebpf' : name
    const [everyMs, oneByCommandIn, oneRefusedIn] = emulated ? [50, 30, 8] : [5, 20, 6]
    walker = new Walker({ plane, open, ways, everyMs, oneByCommandIn, oneRefusedIn })
    await walker.begin()
    const numbers = fc.sample(fc.noBias(fc.nat()), { seed, numRuns: count })
    for (const number of numbers) await walker.go(number)
    walker.end()
  })
})
