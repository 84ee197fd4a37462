// SPDX-License-Identifier: MIT
/**
 * The pings of `lab test` as test cases for reports. Pure.
 */
import type { LabPing } from '../../lab/index.ts'
import type { Outcome, TestCase } from '../../report/index.ts'

export function pingCases(pings: readonly LabPing[]): TestCase[] {
  return pings.map((ping) => ({
    name: `ping ${ping.from} -> ${ping.to} ${ping.address}`,
    group: `${ping.overlay}.ipv${ping.family}`,
    outcome: outcomeOf(ping),
    durationMs: ping.ms,
  }))
}

function outcomeOf({ from, to, address, subnet, ok, pending, denied }: LabPing): Outcome {
  if (pending) return { kind: 'skipped', reason: `an endpoint of ${from} or ${to} is pending` }
  if (denied) return { kind: 'skipped', reason: `the file denies ${from} -> ${to}` }
  if (ok) return { kind: 'passed' }
  const behind = subnet === null ? '' : `, a host in ${subnet} behind it`
  return {
    kind: 'failed',
    message: `no answer from ${to} at ${address}`,
    detail: `${from} pinged ${address} of ${to}${behind}; no answer in several tries`,
  }
}
