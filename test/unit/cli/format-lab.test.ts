// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest'
import type { LabPing } from '../../../src/lab/index.ts'
import type { Address } from '../../../src/model/address.ts'
import { formatPings, formatUp } from '../../../src/shell/cli/format-lab.ts'
import { plain } from '../../../src/shell/cli/output.ts'

const ping = (rest: Partial<LabPing>): LabPing => ({
  ...{ overlay: 'o', from: 'gw', to: 'a', address: '10.0.1.1' as Address, family: 4, subnet: null },
  ...{ ok: false, ms: null, pending: false, denied: false, ...rest },
})
const verdict = (...pings: Partial<LabPing>[]) => formatPings(pings.map(ping), plain).split('\n').at(-1)

it('says why there is nothing to ping', () => {
  expect(verdict({ pending: true })).toMatch(/^nothing to ping: .* of a spoke behind a NAT or a host name$/)
})

it('counts what was answered of what was tried', () => {
  const pings = [{ pending: true }, { denied: true }, { ok: true, ms: 1 }]
  expect(verdict(...pings)).toBe(
    '1 of 1 pings answered, 1 not tried: an endpoint is pending, 1 not tried: the file denies them',
  )
})

it('says where a node did not take the file, why, and what can be done', () => {
  const node = { overlay: 'o', namespace: 'lvn-l-a', lanNamespace: null, pending: [], exitCode: 0 }
  const well = { error: null, code: null, hint: null }
  const report = {
    ...{ lab: 'l', underlay: 'lvn-l--underlay', nats: [] },
    nodes: [
      { ...node, ...well, node: 'gw', pending: [{ tunnel: 'b', reason: 'no endpoint' }] },
      { ...node, node: 'a', exitCode: 3, error: 'no way', code: 'LVN4003', hint: 'make one' },
      { ...node, ...well, node: 'b', exitCode: 5, error: 'it could not be verified' },
    ],
  }
  expect(formatUp(report, plain).split('\n').slice(4)).toEqual([
    'failed[LVN4003]: o/a: no way',
    '  help: make one',
    'failed: o/b: it could not be verified',
    'pending: o/gw -> b: no endpoint',
    'lab l is partly up: 3 nodes',
  ])
})
