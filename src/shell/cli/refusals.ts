// SPDX-License-Identifier: MIT
/**
 * Every sentence that the trusted apply refuses with: plans made elsewhere, saved plans, pruning, confirmation, history.
 * LVN61xx, one function per code. It finds nothing out by itself.
 */
import { ExitCode, LvnError } from '../../diag/error.ts'
import type { Moved } from '../../interp/saved-plan.ts'
import type { PruneSummary } from '../../interp/types.ts'
import type { Pending, Waiting } from './guard/waiting.ts'
import { count, duration } from './text.ts'

export function nodeNeeded(names: readonly string[]): LvnError {
  return new LvnError(
    'LVN6101',
    ExitCode.usage,
    '`--against none` is a node with nothing on it, but which?',
    {
      hint: `say it with --node, one of ${listed(names)}`,
    },
  )
}

export function notASnapshot(name: string, why: string, cause: unknown): LvnError {
  return new LvnError('LVN6102', ExitCode.invalidSource, `${name} is no snapshot: ${why}`, {
    cause,
    hint: 'make one on the node with `lvn snapshot > node.json`',
  })
}

export function prunesTooMuch({ removed, owned, overlays }: PruneSummary): LvnError {
  const of = overlays.length === 1 ? `overlay ${overlays[0]}` : `overlays ${listed(overlays)}`
  return new LvnError(
    'LVN6103',
    ExitCode.rolledBack,
    `--prune would remove ${removed} of the ${count(owned, 'object')} that L-VN owns here, those of ${of}`,
    { hint: 'is it the right file? --prune-all removes them however many they are; nothing was changed' },
  )
}

/** `remainingMs` null: not known yet. */
export function confirmationPending({ source, remainingMs, hindrance }: Pending): LvnError {
  const when = remainingMs === null ? '' : ` in ${duration(wholeSeconds(remainingMs))}`
  const what =
    hindrance === null
      ? `waits for a confirmation: it is reverted${when}`
      : `is to be reverted, and cannot be yet: ${hindrance.reason}`
  return new LvnError('LVN6104', ExitCode.locked, `the apply of ${source} ${what}`, {
    hint: '`lvn confirm` keeps it, `lvn confirm --revert` takes it back now',
  })
}

export function guardFailed(why: string): LvnError {
  return new LvnError(
    'LVN6105',
    ExitCode.rolledBack,
    `the process that would revert cannot be started: ${why}`,
    {
      hint: 'nothing was changed',
    },
  )
}

/** `last`: what became of the last one, and what to do, where that is known. */
export function nothingToConfirm(exit: ExitCode, last: string | undefined): LvnError {
  return new LvnError('LVN6106', exit, 'no apply waits for a confirmation here', {
    hint: last,
  })
}

export function tooLate(): LvnError {
  return new LvnError(
    'LVN6107',
    ExitCode.rolledBack,
    'too late: the time is out, and the state before is being restored',
  )
}

export function guardUnresponsive(pid: number): LvnError {
  const who = pid === 0 ? 'a process of another container' : `process ${pid}`
  return new LvnError('LVN6108', ExitCode.internal, `${who}, which would revert, does not answer`, {
    hint: pid === 0 ? 'confirm it there' : `\`kill -9 ${pid}\` ends it: the change then stays`,
  })
}

/** It was asked for, and has been tried for as long as anybody would wait. */
export function notReverted(source: string, { reason }: Waiting): LvnError {
  return new LvnError('LVN6109', ExitCode.partlyApplied, `${source} cannot be reverted yet: ${reason}`, {
    hint: 'it is tried again until it succeeds: `lvn confirm --status` says when, `lvn confirm` keeps the change',
  })
}

export function notASavedPlan(name: string, why: string, cause: unknown): LvnError {
  return new LvnError('LVN6110', ExitCode.invalidSource, `${name} is no saved plan: ${why}`, {
    cause,
    hint: 'make one with `lvn plan FILE --out PLAN`; sources of the language begin with `lvn 1`',
  })
}

export function stateMoved(name: string, made: string, facts: Moved['facts']): LvnError {
  return new LvnError(
    'LVN6111',
    ExitCode.rolledBack,
    `the live state has moved since ${name} was made (${made}): ${listed(facts)}`,
    { hint: 'nothing was changed; look again with `lvn plan` and save the plan anew' },
  )
}

/** `place`: of the first step that is another now, though all that the plan is known to rest on is the same. */
export function planDiffers(name: string, place: string): LvnError {
  return new LvnError(
    'LVN6117',
    ExitCode.rolledBack,
    `${name} does not say what its sources come to here: ${place}`,
    {
      hint: 'nothing was changed; the plan has been edited, or this node is not as it was: look again with `lvn plan` and save the plan anew',
    },
  )
}

/** A saved plan where a file of the language is wanted. */
export function isASavedPlan(name: string): LvnError {
  return new LvnError('LVN6116', ExitCode.invalidSource, `${name} is a saved plan, no overlay file`, {
    hint: `\`lvn apply ${name}\` carries it out; \`lvn plan --out\` makes a new one from the overlay file`,
  })
}

export function planIsFixed(option: string): LvnError {
  return new LvnError(
    'LVN6113',
    ExitCode.usage,
    `a saved plan is carried out as it is: ${option} goes to \`lvn plan\``,
  )
}

export function badConfirmTime(given: string): LvnError {
  return new LvnError('LVN6114', ExitCode.usage, `--confirm ${given}: expected a time from 1s to 24h`, {
    hint: 'like `--confirm 90s` or `--confirm 5m`',
  })
}

export function wrongPlane(name: string, wanted: string, here: string): LvnError {
  return new LvnError(
    'LVN6115',
    ExitCode.rolledBack,
    `${name} was made for the ${wanted} plane, this node has ${here}`,
    {
      hint: `give --plane ${wanted}, or make the plan anew; nothing was changed`,
    },
  )
}

/** `wanted`: as it was typed; undefined: the one before the last. */
export function noSuchEntry(wanted: string | undefined, entries: number): LvnError {
  const message =
    entries === 0
      ? 'nothing has been applied here that could be gone back to'
      : wanted === undefined
        ? 'nothing was applied here before the last that could be gone back to'
        : `the history has no entry ${wanted}`
  return new LvnError('LVN6120', ExitCode.usage, message, {
    hint: entries === 0 ? undefined : '`lvn history` lists what there is',
  })
}

export function stateFolder(path: string, why: string, cause: unknown): LvnError {
  return new LvnError('LVN6121', ExitCode.noPlane, `${path} cannot be used: ${why}`, {
    cause,
    hint: 'LVN_STATE_DIR names another folder',
  })
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}

/** Rounded up, so that what is still pending never reads 0s. */
export function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000)) * 1000
}

export function nodeWithoutFile(): LvnError {
  return new LvnError('LVN6410', ExitCode.usage, '`--node` picks a node of a file, and none is given', {
    hint: 'name what is to go as OVERLAY/NODE',
  })
}
