// SPDX-License-Identifier: MIT
/**
 * The time of --confirm, written as the language writes durations.
 */
import { badConfirmTime } from './refusals.ts'

const mostMs = 24 * 3_600_000

/** Milliseconds of `90s`, `5m`, `1h30m`. @throws LvnError LVN6114 */
export function parseConfirmTime(given: string): number {
  const parts = /^(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,7})s)?$/.exec(given)
  const [, h = '0', m = '0', s = '0'] = parts ?? []
  const ms = (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000
  if (parts === null || ms < 1000 || ms > mostMs) throw badConfirmTime(given)
  return ms
}
