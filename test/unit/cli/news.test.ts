// SPDX-License-Identifier: MIT
/**
 * News between two looks at a kernel: what is one, and how it is told.
 */
import { describe, expect, it } from 'vitest'
import type { Change } from '../../../src/interp/types.ts'
import type { Prefix } from '../../../src/model/address.ts'
import { type LiveFilter, openFamily } from '../../../src/model/filter.ts'
import { type Drops, dropReasons, type LiveDevice, type LiveTunnel } from '../../../src/model/state.ts'
import { newsJson, newsLines } from '../../../src/shell/cli/format-news.ts'
import { type ShowSubject, showSubjects } from '../../../src/shell/cli/format-show.ts'
import { factsOf, type Look, newsBetween } from '../../../src/shell/cli/monitor/news.ts'
import { plain } from '../../../src/shell/cli/output.ts'
import { device, tunnel } from './plans.ts'

const drops = Object.fromEntries(dropReasons.map((reason) => [reason, 0])) as Drops
const liveDevice: LiveDevice = {
  ...{ ...device, plane: 'ebpf', ifindex: 7, up: true, capacity: 1024, intact: true },
  drops,
}
const counters = { rxPackets: 1, rxBytes: 84, txPackets: 1, txBytes: 84, dropped: 0 }
const liveTunnel: LiveTunnel = {
  ...{ ...tunnel, id: 1 },
  counters: { ...counters, sinceRxMs: 100, sinceTxMs: 100 },
}
const filter: LiveFilter = {
  ...{ device: 'lvn0', owner: { overlay: 'mitte', node: 'gw1' }, intact: true },
  ...{ policies: ['deny a -> b'], ipv4: openFamily, ipv6: openFamily },
}
const look: Look = {
  devices: [liveDevice],
  tunnels: [liveTunnel],
  rules: [{ device: 'lvn0', prefix: '10.64.1.0/24' as Prefix, tunnel: 'kirche' }],
  filters: [filter],
}
const nothing: Look = { devices: [], tunnels: [], rules: [], filters: [] }
const time = new Date('2026-01-02T03:04:05.678Z')
const between = (before: Look, after: Look, subjects: readonly ShowSubject[] = showSubjects) =>
  newsBetween(factsOf(before, subjects), factsOf(after, subjects))
const told = (before: Look, after: Look) =>
  between(before, after).flatMap((news) => newsLines(news, time, plain))

describe('news', () => {
  it('are what came and what went', () => {
    expect(told(nothing, look)).toEqual([
      '03:04:05 + device lvn0 multi mtu 1452 over eth0',
      '03:04:05 + tunnel lvn0/kirche local 198.51.100.10:50000 remote 203.0.113.7:50000',
      '03:04:05 + rule lvn0 10.64.1.0/24 → kirche',
      '03:04:05 + filter lvn0 of 1 policy',
      '03:04:05   + policy deny a -> b',
    ])
    expect(told(look, nothing)).toEqual([
      '03:04:05 - device lvn0',
      '03:04:05 - tunnel lvn0/kirche',
      '03:04:05 - rule lvn0 10.64.1.0/24',
      '03:04:05 - filter lvn0',
      '03:04:05   - policy deny a -> b',
    ])
  })

  it('are no counters, no indexes and nothing of others', () => {
    const later: Look = {
      ...look,
      devices: [{ ...liveDevice, ifindex: 9, drops: { ...drops, 'no-rule': 3 } }],
      tunnels: [{ ...liveTunnel, counters: { ...liveTunnel.counters, rxPackets: 99, sinceRxMs: 5 } }],
      filters: [filter, { ...filter, device: 'eth0', owner: null }],
    }
    expect(told(look, later)).toEqual([])
  })

  it('are the state of a tunnel, a device that goes down, a rule that leads elsewhere', () => {
    const later: Look = {
      ...look,
      devices: [{ ...liveDevice, up: false }],
      tunnels: [{ ...liveTunnel, counters: { ...liveTunnel.counters, sinceRxMs: 900_000 } }],
      rules: [{ device: 'lvn0', prefix: '10.64.1.0/24' as Prefix, tunnel: 'dach' }],
    }
    expect(told(look, later)).toEqual([
      '03:04:05 ~ device lvn0 up → down',
      '03:04:05 ~ tunnel lvn0/kirche state active → silent',
      '03:04:05 ~ rule lvn0 10.64.1.0/24 tunnel kirche → dach',
    ])
  })

  it('are a device that is another node now, as a plan says it', () => {
    const renamed = (owner: { overlay: string; node: string }) =>
      told(look, { ...look, devices: [{ ...liveDevice, owner }] })
    expect(renamed({ overlay: 'mitte', node: 'core' })).toEqual(['03:04:05 ~ device lvn0 node gw1 → core'])
    expect(renamed({ overlay: 'nord', node: 'core' })).toEqual([
      '03:04:05 ~ device lvn0 overlay mitte → nord, node gw1 → core',
    ])
  })

  it('are policies that came and went, and what somebody did to the table', () => {
    const others = { ...filter, policies: ['deny b -> a'] }
    expect(told(look, { ...look, filters: [others] })).toEqual([
      '03:04:05 ~ filter lvn0',
      '03:04:05   - policy deny a -> b',
      '03:04:05   + policy deny b -> a',
    ])
    const damaged = { ...look, filters: [{ ...filter, intact: false }] }
    expect(told(look, damaged)).toEqual(['03:04:05 ~ filter lvn0 is not whole: somebody changed it'])
    expect(told(damaged, look)).toEqual(['03:04:05 ~ filter lvn0 is whole again'])
  })

  it('are of what is watched alone', () => {
    expect(between(nothing, look, ['rules']).map(({ kind }) => kind)).toEqual(['rule'])
  })

  it('are records in the form of a plan for programs', () => {
    const [news] = between(look, { ...look, filters: [{ ...filter, intact: false }] })
    expect(JSON.parse(newsJson(news as Change, time))).toEqual({
      ...{ time: '2026-01-02T03:04:05.678Z', op: 'change', kind: 'filter', id: 'filter lvn0' },
      ...{ before: filter, after: { ...filter, intact: false }, fields: ['intact'] },
    })
  })
})
