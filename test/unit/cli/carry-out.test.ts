// SPDX-License-Identifier: MIT
/** What an apply says of its sources, and where something goes wrong once all is done. */
import { expect, test } from 'vitest'
import { ExitCode } from '../../../src/diag/error.ts'
import { Source } from '../../../src/diag/source.ts'
import { planApply, sourceHash } from '../../../src/interp/index.ts'
import type { ApplyReport } from '../../../src/interp/types.ts'
import { carryOut } from '../../../src/shell/cli/carry-out.ts'
import { type Output, plain } from '../../../src/shell/cli/output.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { hub, overlay, topology } from '../../support/topologies.ts'

const nothing = () => undefined

async function world() {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }])
  const gw = hub('gw1', ['198.51.100.10'])
  const plan = await planApply(kernel, topology(overlay(['10.64.0.0/16'], gw, [])), [gw], {
    resolveName: async () => [],
  })
  const [notes, results] = [[] as string[], [] as unknown[]]
  const note = (text: string) => void notes.push(text)
  const output: Output = {
    ...{ json: false, quiet: true, paint: plain, notePaint: plain },
    ...{
      typed: (text) => text,
      result: nothing,
      resultJson: (result) => void results.push(result),
      note,
      alert: note,
    },
  }
  const options = {
    ...{ yes: true, all: false, command: 'lvn apply', sourceIsStdin: false, pause: nothing },
    ...{ verb: 'applied', question: 'Apply', nothing: 'Nothing.', planAgain: async () => plan },
  }
  return { kernel, work: { plan, sources: [new Source('a.lvn', '')] }, output, notes, results, options }
}

test('the hash of the sources is of all that were read, whether there is something to do or not', async () => {
  const { kernel, work, output, results, options } = await world()
  const sources = ['main', 'imported'].map((name) => new Source(`${name}.lvn`, `# ${name}`))
  for (const plan of [work.plan, { ...work.plan, steps: [] }])
    await carryOut(
      kernel,
      { plan, sources },
      { ...output, json: true },
      { ...options, planAgain: async () => plan },
    )
  const expected = { plan: { sourceHash: sourceHash(sources) } }
  expect(results).toMatchObject([expected, expected])
  expect(sourceHash(sources)).not.toBe(sourceHash(sources.slice(0, 1)))
})

test('an apply that cannot be verified is told as done, and kept in the journal', async () => {
  const { kernel, work, output, notes, options } = await world()
  const { snapshot } = kernel.plane
  kernel.plane.snapshot = () => {
    if (kernel.operations > 0) throw new Error('the kernel gave no answer')
    return snapshot()
  }
  const kept: unknown[] = []
  const remember = (_: unknown, { outcome, unverified }: ApplyReport) => {
    kept.push([outcome, unverified?.message])
    return 1
  }
  expect(await carryOut(kernel, work, output, { ...options, remember })).toBe(ExitCode.partlyApplied)
  expect(notes.join('\n')).toContain('done, but could not be verified: the kernel gave no answer')
  expect(kept).toEqual([['done', 'the kernel gave no answer']])
  expect(kernel.devices.size).toBe(1)
})

test.each([
  [true, ExitCode.done, 'not confirmed yet: reverted in 5s unless you call `lvn confirm`'],
  [
    false,
    ExitCode.partlyApplied,
    'error: the process that would revert has ended: nothing will be reverted; `lvn rollback` takes it back',
  ],
])('where the process that would revert is still there: %s', async (counts, exit, said) => {
  const { kernel, work, output, notes, options } = await world()
  const armed = {
    pid: 1,
    applied: async () => counts,
    failed: async () => undefined,
    journaled: nothing,
    leave: nothing,
  }
  const code = await carryOut(kernel, work, output, { ...options, arm: async () => armed, confirmMs: 5000 })
  expect(code).toBe(exit)
  expect(notes.filter((text) => text.startsWith('not confirmed') || text.startsWith('error'))).toEqual([
    expect.stringContaining(said),
  ])
})
