// SPDX-License-Identifier: MIT
/** What an apply says of its sources, and where the process that would revert it has ended. */
import { expect, test } from 'vitest'
import { ExitCode } from '../../../src/diag/error.ts'
import { Source } from '../../../src/diag/source.ts'
import { planApply, sourceHash } from '../../../src/interp/index.ts'
import { carryOut } from '../../../src/shell/cli/carry-out.ts'
import { type Output, plain } from '../../../src/shell/cli/output.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { hub, overlay, topology } from '../../support/topologies.ts'

const nothing = () => undefined
const words = {
  ...{ yes: true, all: false, command: 'lvn apply', sourceIsStdin: false, pause: nothing },
  ...{ verb: 'applied', question: 'Apply', nothing: 'Nothing.' },
}

async function planned() {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }])
  const gw = hub('gw1', ['198.51.100.10'])
  const plan = await planApply(kernel, topology(overlay(['10.64.0.0/16'], gw, [])), [gw], {
    resolveName: async () => [],
  })
  return { kernel, plan }
}

test('the hash of the sources is of all that were read, whether there is something to do or not', async () => {
  const { kernel, plan } = await planned()
  const sources = ['main', 'imported'].map((name) => new Source(`${name}.lvn`, `# ${name}`))
  const results: unknown[] = []
  const output: Output = {
    ...{ json: true, quiet: true, paint: plain, notePaint: plain },
    ...{ result: nothing, resultJson: (result) => void results.push(result), note: nothing, alert: nothing },
  }
  for (const each of [plan, { ...plan, steps: [] }])
    await carryOut(kernel, { plan: each, sources }, output, { ...words, planAgain: async () => each })
  const expected = { plan: { sourceHash: sourceHash(sources) } }
  expect(results).toMatchObject([expected, expected])
  expect(sourceHash(sources)).not.toBe(sourceHash(sources.slice(0, 1)))
})

test.each([
  [true, ExitCode.done, 'not confirmed yet: reverted in 5s unless you call `lvn confirm`'],
  [false, ExitCode.partlyApplied, 'error: the process that would revert has ended: nothing will be reverted'],
])('where it counts: %s', async (counts, exit, said) => {
  const { kernel, plan } = await planned()
  const notes: string[] = []
  const note = (text: string) => void notes.push(text)
  const output: Output = {
    ...{ json: false, quiet: true, paint: plain, notePaint: plain },
    ...{ result: () => undefined, resultJson: () => undefined, note, alert: note },
  }
  const armed = { pid: 1, applied: async () => counts, failed: nothing, journaled: nothing, leave: nothing }
  const code = await carryOut(kernel, { plan, sources: [new Source('a.lvn', '')] }, output, {
    ...{ ...words, planAgain: async () => plan },
    ...{ arm: async () => armed, confirmMs: 5000 },
  })
  expect(code).toBe(exit)
  expect(notes.filter((text) => text.startsWith('not confirmed') || text.startsWith('error'))).toEqual([
    expect.stringContaining(said),
  ])
})
