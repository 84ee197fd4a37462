// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { ExitCode, LvnError } from '../../../src/diag/error.ts'
import { reportExitCode } from '../../../src/interp/index.ts'
import type { ApplyReport, StepStatus } from '../../../src/interp/types.ts'
import { formatReport, reportJson } from '../../../src/shell/cli/format-report.ts'
import { plain } from '../../../src/shell/cli/output.ts'
import { changes, stepOf } from './plans.ts'

function report(
  outcome: ApplyReport['outcome'],
  statuses: readonly StepStatus[],
  error?: Error,
): ApplyReport {
  const steps = statuses.map((status, i) => ({
    step: stepOf(changes[i] as (typeof changes)[number]),
    status,
    ...(error !== undefined && (status === 'failed' || status === 'undo-failed') ? { error } : {}),
  }))
  return { outcome, steps, residue: [], lost: [] }
}

const text = (of: ApplyReport) => formatReport(of, 'applied', plain)

describe('formatReport', () => {
  it('is one line when all went well', () => {
    const well = report('done', ['done', 'done'])
    expect([text(well), reportExitCode(well)]).toEqual(['applied: 2 changes, verified', ExitCode.done])
  })

  it('names the step that failed, and that the rest was taken back', () => {
    const error = new LvnError('LVN7100', ExitCode.noPlane, 'no room in the map', {
      hint: 'use a larger one',
    })
    const back = report('rolled-back', ['undone', 'failed', 'not-tried'], error)
    expect(text(back)).toBe(`failed[LVN7100]: address lvn0 10.64.0.1: no room in the map
  help: use a larger one
rolled back: 1 change taken back, 1 not tried; the kernel is as it was before`)
    expect(reportExitCode(back)).toBe(ExitCode.rolledBack)
  })

  it('lists what is stuck when taking back failed, too', () => {
    const stuck = report(
      'partly-applied',
      ['undo-failed', 'undone', 'failed', 'not-tried'],
      new Error('EBUSY'),
    )
    expect(text(stuck)).toBe(`failed: tunnel lvn0/kirche: EBUSY
could not be taken back: device lvn0: EBUSY
taken back: address lvn0 10.64.0.1
not tried: rule lvn0 10.64.1.0/24
partly applied: 0 done, 1 taken back, 1 stuck, 1 failed, 1 not tried
  help: \`lvn plan\` shows what differs now, \`lvn apply\` goes on from there`)
    expect(reportExitCode(stuck)).toBe(ExitCode.partlyApplied)
  })

  it('does not call a result good that verification found to differ', () => {
    const odd = { ...report('done', ['done']), residue: changes.slice(3, 4) }
    expect(text(odd)).toBe(`verification still finds 1 difference:
  + rule lvn0 10.64.1.0/24 → kirche`)
    expect(reportExitCode(odd)).toBe(ExitCode.partlyApplied)
  })

  it('does not call a result good that could not be compared, nor bad', () => {
    const unverified = new LvnError('LVN7025', ExitCode.internal, 'the kernel gave no answer')
    const done = { ...report('done', ['done', 'done']), unverified }
    expect(text(done)).toBe(`done, but could not be verified: the kernel gave no answer (2 changes)
  help: \`lvn plan\` shows whether anything differs`)
    expect(reportExitCode(done)).toBe(ExitCode.partlyApplied)
    expect(reportJson(done)).toMatchObject({
      outcome: 'done',
      unverified: { error: 'the kernel gave no answer', code: 'LVN7025' },
    })
  })

  it('says in JSON what became of every step, and why', () => {
    const error = new LvnError('LVN7100', ExitCode.noPlane, 'no room in the map', {
      hint: 'use a larger one',
    })
    const stuck = report('partly-applied', ['undo-failed', 'undone', 'failed', 'not-tried'], error)
    const why = { error: 'no room in the map', code: 'LVN7100', hint: 'use a larger one' }
    expect(JSON.parse(JSON.stringify(reportJson(stuck)))).toMatchObject({
      outcome: 'partly-applied',
      counts: { done: 0, undone: 1, failed: 1, notTried: 1, undoFailed: 1 },
      steps: [
        { status: 'undo-failed', ...why },
        { status: 'undone' },
        { status: 'failed', ...why },
        { status: 'not-tried' },
      ],
    })
  })

  it('is plain data as JSON', () => {
    const back = report('rolled-back', ['undone', 'failed'], new Error('EBUSY'))
    expect(JSON.parse(JSON.stringify(reportJson(back)))).toEqual({
      outcome: 'rolled-back',
      counts: { done: 0, undone: 1, failed: 1, notTried: 0, undoFailed: 0 },
      steps: [
        { op: 'add', kind: 'device', id: 'device lvn0', status: 'undone' },
        { op: 'add', kind: 'address', id: 'address lvn0 10.64.0.1', status: 'failed', error: 'EBUSY' },
      ],
      lost: [],
      diverted: [],
      taken: [],
      residue: [],
    })
  })
})
