// SPDX-License-Identifier: MIT
/**
 * What an apply did, as text and as plain data: all well in a line, else every step that did not go through.
 */

import { LvnError } from '../../diag/error.ts'
import { isVerified } from '../../interp/index.ts'
import type { ApplyReport, Step, StepStatus } from '../../interp/types.ts'
import { append } from '../../model/lists.ts'
import { changeLine } from './format-change.ts'
import type { Paint } from './output.ts'
import { count } from './text.ts'

const listed = 20

/** `verb` names the command in the past: `applied`, `destroyed`. */
export function formatReport(report: ApplyReport, verb: string, paint: Paint): string {
  const of = (...wanted: string[]) => report.steps.filter((entry) => wanted.includes(entry.status))
  const lines: string[] = []
  for (const { step, error } of of('failed')) {
    const failed = error instanceof LvnError ? `failed[${error.code}]:` : 'failed:'
    lines.push(`${paint.bad(failed)} ${step.change.id}: ${error?.message ?? 'no reason given'}`)
    if (error instanceof LvnError && error.hint !== undefined)
      lines.push(`  ${paint.help('help')}: ${error.hint}`)
  }
  if (report.lost.length > 0) {
    const more = report.lost.length > listed ? ` and ${report.lost.length - listed} more` : ''
    lines.push(
      `${paint.bad('cut off:')} no longer within reach: ${report.lost.slice(0, listed).join(', ')}${more}`,
      `  ${paint.help('help')}: \`ip route get\` before and after shows which route went, or which came in its place`,
    )
  }
  const stuck = of('undo-failed')
  append(lines, listedSteps(paint.bad('could not be taken back:'), stuck))
  if (report.outcome === 'partly-applied') {
    append(lines, listedSteps(paint.strong('done:'), of('done')))
    append(lines, listedSteps(paint.strong('taken back:'), of('undone')))
    append(lines, listedSteps(paint.strong('not tried:'), of('not-tried')))
  }
  if (report.outcome === 'done' && isVerified(report)) {
    lines.push(paint.good(`${verb}: ${count(report.steps.length, 'change')}, verified`))
    append(lines, divertedLines(report, paint))
    append(lines, takenLines(report, paint))
    return lines.join('\n')
  }
  if (report.outcome === 'rolled-back') {
    lines.push(
      `${paint.strong('rolled back:')} ${count(of('undone').length, 'change')} taken back, ` +
        `${of('not-tried').length} not tried; the kernel is as it was before`,
    )
    append(
      lines,
      of('undone').flatMap(({ step }) => remainsLine(step)),
    )
  } else if (report.outcome === 'partly-applied') {
    lines.push(
      `${paint.strong('partly applied:')} ${of('done').length} done, ${of('undone').length} taken back, ` +
        `${stuck.length} stuck, ${of('failed').length} failed, ${of('not-tried').length} not tried`,
      `  ${paint.help('help')}: \`lvn plan\` shows what differs now, \`lvn apply\` goes on from there`,
    )
  }
  if (report.unverified !== undefined) {
    const done = count(report.steps.length, 'change')
    lines.push(
      `${paint.warning('done, but could not be verified:')} ${report.unverified.message} (${done})`,
      `  ${paint.help('help')}: \`lvn plan\` shows whether anything differs`,
    )
  }
  if (report.residue.length > 0) {
    lines.push(`${paint.warning('verification')} still finds ${count(report.residue.length, 'difference')}:`)
    append(
      lines,
      report.residue.slice(0, listed).map((change) => `  ${changeLine(change, paint)}`),
    )
    if (report.residue.length > listed) lines.push(`  … and ${report.residue.length - listed} more`)
  }
  append(lines, takenLines(report, paint))
  return lines.join('\n')
}

/** What an apply cannot mend, for it is not ours. */
function divertedLines({ diverted = [] }: ApplyReport, paint: Paint): string[] {
  if (diverted.length === 0) return []
  const lines = diverted.slice(0, listed).map(({ id, note }) => `  ${id}: ${note}`)
  if (diverted.length > listed) lines.push(`  … and ${diverted.length - listed} more`)
  return [`${paint.warning('foreign')}: packets for the overlay go past it`, ...lines]
}

/** What came back beside a socket that somebody had bound meanwhile. */
function takenLines({ taken = [] }: ApplyReport, paint: Paint): string[] {
  const lines = taken
    .slice(0, listed)
    .map((why) => `${paint.warning('note')}: ${why}; it is given nothing of the tunnel’s`)
  return taken.length > listed ? [...lines, `  … and ${taken.length - listed} more`] : lines
}

/** A line for each of the first steps: `taken back: device lvn0`. */
function listedSteps(label: string, steps: ApplyReport['steps']): string[] {
  const lines = steps
    .slice(0, listed)
    .map(({ step, error }) => `${label} ${step.change.id}${error === undefined ? '' : `: ${error.message}`}`)
  if (steps.length > listed) lines.push(`${label} … and ${steps.length - listed} more`)
  return lines
}

/** The report as JSON-able data. */
export function reportJson(report: ApplyReport): unknown {
  const of = (status: StepStatus) => report.steps.filter((entry) => entry.status === status).length
  return {
    outcome: report.outcome,
    counts: {
      done: of('done'),
      undone: of('undone'),
      failed: of('failed'),
      notTried: of('not-tried'),
      undoFailed: of('undo-failed'),
    },
    steps: report.steps.map(({ step, status, error }) => ({
      op: step.change.op,
      kind: step.change.kind,
      id: step.change.id,
      status,
      ...(error === undefined ? {} : errorJson(error)),
    })),
    ...(report.unverified === undefined ? {} : { unverified: errorJson(report.unverified) }),
    lost: report.lost,
    diverted: report.diverted ?? [],
    taken: report.taken ?? [],
    residue: report.residue.map(({ op, kind, id, before, after, fields }) => ({
      op,
      kind,
      id,
      before,
      after,
      fields,
    })),
  }
}

function errorJson(error: Error): { error: string; code?: string; hint?: string } {
  if (!(error instanceof LvnError)) return { error: error.message }
  const { message, code, hint } = error
  return { error: message, code, ...(hint === undefined ? {} : { hint }) }
}

/** What takes the removal of a device back makes the device again, unless only remains of it were there. */
function remainsLine({ change, undo }: Step): string[] {
  if (change.kind !== 'device' || change.op !== 'remove') return []
  const remade = undo.flat().some(({ operation }) => operation.op === 'add' && operation.kind === 'device')
  if (remade) return []
  return [
    `  but for the remains of ${change.before?.name}, whose interface had gone: what it had changed is put back`,
  ]
}
