// SPDX-License-Identifier: MIT
/** The small parts round a plan: exit codes, owners, what pruning counts, JSON, bare nodes. */
import { createHash } from 'node:crypto'
import { describe, expect, it, test } from 'vitest'
import { ExitCode } from '../../../src/diag/error.ts'
import { Source } from '../../../src/diag/source.ts'
import { bareNotes, bareState } from '../../../src/interp/bare-node.ts'
import { sameChanges } from '../../../src/interp/change.ts'
import { isVerified, reportExitCode, unlessAbsent } from '../../../src/interp/exit-code.ts'
import { formerNotes, formersOf } from '../../../src/interp/former.ts'
import { notesOnOthers, ownersHere, ownersNamed } from '../../../src/interp/owned.ts'
import { planToJson, sourceHash } from '../../../src/interp/plan-json.ts'
import { pruneNote, pruneSummary, strangers } from '../../../src/interp/prune.ts'
import type { ApplyReport, Change, Kind, Plan, PruneSummary, Step } from '../../../src/interp/types.ts'
import { openFamily } from '../../../src/model/filter.ts'
import { hand } from '../../../src/model/hand.ts'
import type { LiveState, Owner } from '../../../src/model/state.ts'
import {
  link,
  live,
  liveDevice,
  liveIpRule,
  liveRoute,
  liveTunnel,
  others,
  rule,
  us,
  wanted,
} from '../../support/states.ts'
import { at, hub, lineOf, named, nat, overlay, spoke, topology } from '../../support/topologies.ts'

const filterOf = (on: string, owner: Owner | null) => ({
  ...{ device: on, owner, policies: [], ipv4: openFamily, ipv6: openFamily, intact: true },
})
const step = (op: Change['op'], kind: Kind, id: string, more: Partial<Change> = {}): Step => ({
  change: { op, kind, id, before: null, after: null, fields: [], ...more } as Change,
  operations: [],
  undo: [],
})

describe('an exit code', () => {
  const report = (outcome: ApplyReport['outcome'], more: Partial<ApplyReport> = {}): ApplyReport => ({
    ...{ outcome, steps: [], residue: [], lost: [] },
    ...more,
  })
  const residue = [step('add', 'rule', 'r').change]

  it('tells what became of an apply', () => {
    expect(reportExitCode(report('done'))).toBe(ExitCode.done)
    expect(reportExitCode(report('rolled-back'))).toBe(ExitCode.rolledBack)
    expect(reportExitCode(report('partly-applied'))).toBe(ExitCode.partlyApplied)
    expect(reportExitCode(report('done', { residue }))).toBe(ExitCode.partlyApplied)
    expect(reportExitCode(report('done', { unverified: new Error('x') }))).toBe(ExitCode.partlyApplied)
    expect(isVerified(report('done'))).toBe(true)
  })

  it('is partly applied where a hub cannot listen, unless it is worse', () => {
    const plan = (absent: readonly object[]) => ({ absent }) as unknown as Plan
    expect(unlessAbsent(ExitCode.done, plan([]))).toBe(ExitCode.done)
    expect(unlessAbsent(ExitCode.done, plan([{}]))).toBe(ExitCode.partlyApplied)
    expect(unlessAbsent(ExitCode.rolledBack, plan([{}]))).toBe(ExitCode.rolledBack)
  })
})

test('two plans change the same where each step does, wherever it was asked for', () => {
  const one = step('add', 'rule', 'a', { span: lineOf(1) })
  const elsewhere = step('add', 'rule', 'a', { span: lineOf(2) })
  const other = step('remove', 'rule', 'a')
  expect(sameChanges([], [])).toBe(true)
  expect(sameChanges([one, other], [elsewhere, other])).toBe(true)
  expect(sameChanges([one, other], [other, one])).toBe(false)
  expect(sameChanges([one], [one, other])).toBe(false)
  expect(sameChanges([one, other], [one])).toBe(false)
  expect(sameChanges([one], [other])).toBe(false)
})

describe('owners on a host', () => {
  const some = live({
    links: [
      link('lvn0', us),
      link('eth0'),
      link('lvn8', hand),
      link('lvn1', { overlay: 'mitte', node: 'a' }),
    ],
    devices: [liveDevice(), liveDevice({ name: 'lvn5', owner: others })],
    filters: [filterOf('x', { overlay: 'nord', node: 'n' }), filterOf('y', null)],
  })

  it('are each told once, by name, of links, devices and filters; what was made by hand has none', () => {
    expect(ownersHere(some)).toEqual([
      ...[others, { overlay: 'mitte', node: 'a' }, us, { overlay: 'nord', node: 'n' }],
    ])
  })

  it('are meant by overlay or by node', () => {
    expect(ownersNamed(some, 'mitte')).toEqual([{ overlay: 'mitte', node: 'a' }, us])
    expect(ownersNamed(some, 'mitte/gw1')).toEqual([us])
    expect(() => ownersNamed(some, 'gw1')).toThrow(
      expect.objectContaining({ code: 'LVN6404', hint: 'here: city/hub, mitte/a, mitte/gw1, nord/n' }),
    )
  })

  it('that a destroy leaves are told: of the same overlay, or all where it takes nothing away', () => {
    const left = (isEmpty: boolean, ...owners: Owner[]) =>
      notesOnOthers(some, { owners, nets: [] }, isEmpty).map(({ id, note }) => `${id} ${note}`)
    const said = (id: string, key: string) =>
      `${id} belongs to ${key}, which is left alone: \`lvn destroy ${key}\` takes it away`
    expect(left(false, us)).toEqual([said('device lvn1', 'mitte/a')])
    expect(left(true, us)).toEqual([
      said('city/hub', 'city/hub'),
      said('device lvn1', 'mitte/a'),
      said('nord/n', 'nord/n'),
    ])
    expect(left(false, others)).toEqual([])
  })
})

describe('pruning', () => {
  const file = topology(overlay(['10.64.0.0/16'], hub('gw1', []), []))

  it('takes for strangers whom the file does not have, and who is no former name', () => {
    const state = live({
      links: [link('a', us), link('b', others), link('c', hand), link('d', { overlay: 'mitte', node: 'x' })],
    })
    expect(strangers(state, file, [])).toEqual([others])
    expect(strangers(state, file, [others])).toEqual([])
    expect(strangers(state, topology(), [])).toHaveLength(3)
  })

  it('counts the objects of L-VN, and those that go for good', () => {
    const address = (owned: boolean) => ({
      device: 'lvn0',
      address: '10.64.0.1' as never,
      prefixLength: 32,
      owned,
    })
    const state = live({
      links: [link('lvn0', us), link('eth0'), link('lvn8', hand)],
      filters: [filterOf('lvn0', us), filterOf('y', null)],
      addresses: [address(true), address(false)],
      tunnels: [liveTunnel('s', null), liveTunnel('t', null)],
      rules: [rule('10.64.1.0/24', 's')],
      routes: [liveRoute('10.64.0.0/16', 'lvn0'), liveRoute('10.0.0.0/8', 'eth0', { owned: false })],
      ipRules: [liveIpRule(20_000, 254), liveIpRule(1, 7, { owned: false })],
    })
    const steps = [
      step('remove', 'device', 'device lvn1'),
      step('remove', 'rule', 'rule r'),
      step('remove', 'sysctl', 'sysctl s'),
      step('remove', 'device', 'device lvn0'),
      step('add', 'device', 'device lvn0'),
      step('change', 'tunnel', 'tunnel t'),
      step('change', 'rule', 'rule r'),
    ]
    const [a, b] = [others, { ...others, node: 'b' }]
    expect(pruneSummary(state, [a, b], steps)).toEqual({
      ...{ overlays: ['city'], removed: 2, owned: 8, guarded: true },
    })
    expect(pruneSummary(state, [], steps)).toMatchObject({ overlays: [], guarded: false })
    // One in five is not more than a fifth.
    const five = live({ tunnels: Array.from({ length: 5 }, () => liveTunnel('s', null)) })
    expect(pruneSummary(five, [a], steps.slice(0, 1))).toMatchObject({ removed: 1, owned: 5, guarded: false })
    const four = live({ tunnels: five.tunnels.slice(1) })
    expect(pruneSummary(four, [a], steps.slice(0, 1)).guarded).toBe(true)
  })

  it('says what goes, and that so much must be asked for by name', () => {
    const of = (more: Partial<PruneSummary>, asked: 'guarded' | 'all' = 'guarded') =>
      pruneNote({ overlays: ['city'], removed: 2, owned: 8, guarded: false, ...more }, asked)
    const goes = '2 of the 8 objects that L-VN owns here go'
    expect(of({})).toEqual({ id: 'prune', note: `takes away overlay city: ${goes}` })
    expect(of({ overlays: ['city', 'nord'] }).note).toBe(`takes away overlays city, nord: ${goes}`)
    const much = `takes away overlay city: ${goes}; that is more than a fifth: apply wants --prune-all for it`
    expect([of({ guarded: true }).note, of({ guarded: true }, 'all').note]).toEqual([
      ...[much, `takes away overlay city: ${goes}`],
    ])
    expect(of({ overlays: [] })).toEqual({ id: 'prune', note: 'every overlay on this node is in the file' })
  })
})

describe('former names', () => {
  const here = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] })
  const beside = { ...hub('gw2', ['198.51.100.11'], { device: 'lvn2' }) }
  const made = { ...overlay(['10.64.0.0/16'], here, [spoke('s1', nat)]), hubs: [here, beside] }
  const file = topology(made)
  const address = (on: string, text: string, owned = true) => ({
    ...{ device: on, address: text as never, prefixLength: 32, owned },
  })
  const formers = (some: Partial<LiveState>, of = file) =>
    formersOf(live(some), of, [here]).map(
      ({ owner, heir }) => `${owner.overlay}/${owner.node} → ${heir.name}`,
    )
  const old = { overlay: 'mitte', node: 'old' }
  const swapped = { overlay: 'mitte', node: 'gw2' }
  const nord = { overlay: 'nord', node: 'n' }

  it('are of a node of the overlay that the file does not have, by whatever mark', () => {
    expect(formers({ links: [link('lvn7', old)] })).toEqual(['mitte/old → gw1'])
    expect(formers({ devices: [liveDevice({ owner: old })] })).toEqual(['mitte/old → gw1'])
    expect(formers({ filters: [filterOf('lvn7', old)] })).toEqual(['mitte/old → gw1'])
    expect(formers({ links: [link('lvn7', old), link('lvn8', old)] })).toHaveLength(1)
    expect(formers({ links: [link('lvn0', us), link('eth0')], filters: [filterOf('y', null)] })).toEqual([])
    const addresses = [address('eth0', '198.51.100.10', false), address('lvn0', '10.64.0.1')]
    expect(formers({ links: [link('lvn0', us)], addresses })).toEqual([])
    expect(formers({ links: [link('lvn0', hand)], addresses })).toEqual([])
  })

  it('are of another node of the file where this host knows itself, on the same device', () => {
    const itself = { addresses: [address('eth0', '198.51.100.10', false)] }
    expect(formers({ ...itself, links: [link('lvn0', swapped)] })).toEqual(['mitte/gw2 → gw1'])
    expect(formers({ ...itself, links: [link('lvn7', swapped)] })).toEqual([])
    expect(formers({ links: [link('lvn0', swapped)] })).toEqual([])
  })

  it('are of another overlay where the device has one of our inner addresses', () => {
    const held = (device: string, text: string, owned?: boolean) =>
      formers({ links: [link('lvn0', nord)], addresses: [address(device, text, owned)] })
    expect(held('lvn0', '10.64.0.1')).toEqual(['nord/n → gw1'])
    expect(held('lvn0', '10.64.0.1', false)).toEqual([])
    expect(held('lvn0', '10.64.0.2')).toEqual([])
    expect(held('eth0', '10.64.0.1')).toEqual([])
    const addresses = [address('eth0', '198.51.100.10', false), address('lvn0', '10.64.0.1')]
    expect(formers({ links: [link('lvn0', nord)], addresses })).toEqual(['nord/n → gw1'])
    expect(formers({ links: [link('lvn7', nord)], addresses: [address('lvn7', '10.64.0.1')] })).toEqual([])
    expect(formers({ filters: [filterOf('lvn0', nord)], addresses })).toEqual([])
    const inFile = { ...overlay(['10.65.0.0/16'], hub('n', [], { overlay: 'nord' }), []), name: 'nord' }
    expect(formers({ links: [link('lvn0', nord)], addresses }, topology(made, inFile))).toEqual([])
  })

  it('are told where they should be looked at twice', () => {
    const notes = (owner: Owner) =>
      formerNotes([{ owner, heir: here }], file).map(({ id, note }) => `${id}: ${note}`)
    expect(notes(old)).toEqual([])
    expect(notes(swapped)).toEqual(['device lvn0: gw2, which it was, is another node of the file now'])
    expect(notes(nord)).toEqual([
      'device lvn0: nord/n, to which it belongs, has the same inner address and is not in the file: ' +
        'it is taken for the same under another name',
    ])
  })
})

describe('a plan as JSON', () => {
  const plan: Plan = {
    nodes: [{ overlay: 'mitte', name: 'gw1', role: 'hub' }],
    plane: 'ebpf',
    steps: [step('add', 'rule', 'rule r', { span: lineOf(20) }), step('remove', 'rule', 'rule s')],
    summary: { add: 1, change: 0, remove: 1 },
    pending: [{ device: 'lvn0', tunnel: 's', reason: 'x' }],
    absent: [{ device: 'lvn0', listen: 'l', reason: 'y' }],
    foreign: [{ id: 'f', note: 'z' }],
    notes: [{ id: 'n', note: 'o' }],
    desired: wanted(),
    reach: { remotes: [], defaults: [] },
    scope: { owners: [us], nets: [] },
  }

  it('has what a pipeline may read, and no more', () => {
    const { nodes, plane, summary, pending, absent, foreign, notes } = plan
    const operation = { kind: 'rule', before: null, after: null, fields: [] }
    expect(planToJson(plan, [new Source('a.lvn', 'lvn 1')])).toEqual({
      ...{ formatVersion: 1, nodes, plane, summary, pending, absent, foreign, notes },
      sourceHash: createHash('sha256').update('lvn 1').digest('hex'),
      operations: [
        { ...operation, op: 'add', id: 'rule r', span: { file: 'test.lvn', line: 20, column: 1 } },
        { ...operation, op: 'remove', id: 'rule s', span: null },
      ],
    })
    const prune = { overlays: [], removed: 0, owned: 0, guarded: false }
    expect(planToJson({ ...plan, prune }, []).prune).toEqual(prune)
    expect(planToJson(plan, [])).not.toHaveProperty('prune')
  })

  it('tells its sources by their texts, joined by NUL bytes, a file once', () => {
    const sum = (text: string) => createHash('sha256').update(text).digest('hex')
    const [a, b] = [new Source('a.lvn', 'one'), new Source('b.lvn', 'two')]
    expect(sourceHash([a, b])).toBe(sum('one\0two'))
    expect(sourceHash([a, new Source('again.lvn', 'one', 'a.lvn')])).toBe(sum('one'))
    expect(sourceHash([])).toBe(sum(''))
  })
})

describe('a bare node', () => {
  it('has one underlay with the addresses of the file, and the defaults of a kernel', () => {
    const state = bareState([hub('gw1', ['198.51.100.10', '2001:db8::1 at fd00::7'])], 'kmod')
    expect(state).toMatchObject({ hostname: 'gw1', plane: 'kmod', maxTunnels: 65_536 })
    expect(
      state.links.map(({ name, ifindex, kind, mtu, up, owner, alias }) => [
        name,
        ifindex,
        kind,
        mtu,
        up,
        owner,
        alias,
      ]),
    ).toEqual([
      ['lo', 1, null, 65_536, true, null, null],
      ['eth0', 2, 'veth', 1500, true, null, null],
    ])
    expect(state.addresses).toEqual(
      ['198.51.100.10', 'fd00::7'].map((address) => ({
        device: 'eth0',
        address,
        prefixLength: 0,
        owned: false,
      })),
    )
    expect(state.routes).toEqual(
      ['0.0.0.0/0', '::/0'].map((destination) => liveRoute(destination, 'eth0', { owned: false })),
    )
    const { ipRules, devices, tunnels, rules, filters, saved, paths } = state
    expect([ipRules, devices, tunnels, rules, filters, saved, paths].flat()).toEqual([])
    const of = (name: string) => [
      [`net/ipv4/conf/${name}/forwarding`, '0'],
      [`net/ipv4/conf/${name}/send_redirects`, '1'],
      [`net/ipv4/conf/${name}/accept_redirects`, '1'],
      [`net/ipv6/conf/${name}/forwarding`, '0'],
    ]
    expect(state.sysctls.map(({ path, value }) => [path, value])).toEqual([
      ...['all', 'default', 'lo', 'eth0'].flatMap(of),
      ['net/ipv6/conf/default/disable_ipv6', '0'],
      ['net/ipv4/conf/all/ignore_routes_with_linkdown', '0'],
      ['net/ipv4/ip_local_reserved_ports', ''],
    ])
    expect(bareState([], 'ebpf').hostname).toBe('')
  })

  it('has an open address of each family that the file does not give', () => {
    const addresses = (...nodes: Parameters<typeof bareState>[0]) =>
      bareState(nodes, 'ebpf').addresses.map(({ address }) => address)
    expect(addresses(spoke('s', at('203.0.113.1')))).toEqual(['203.0.113.1', '::'])
    expect(addresses(spoke('s', at('2001:db8::1')))).toEqual(['2001:db8::1', '0.0.0.0'])
    expect(addresses(spoke('s', nat))).toEqual(['0.0.0.0', '::'])
    expect(addresses(spoke('s', named('a.example')))).toEqual(['0.0.0.0', '::'])
  })

  it('says what was assumed', () => {
    const assumed = (name: string) => ({
      id: 'underlay',
      note: `assumed: ${name} with an MTU of 1500 bytes and a default route`,
    })
    const unknown = { id: 'underlay', note: 'its address is not in the file; 0.0.0.0 or :: stands for it' }
    expect(bareNotes([hub('gw1', ['198.51.100.10'])])).toEqual([assumed('eth0')])
    expect(bareNotes([spoke('s', at('203.0.113.1'))])).toEqual([assumed('eth0')])
    expect(bareNotes([spoke('s', named('a.example'))])).toEqual([assumed('eth0'), unknown])
    expect(bareNotes([hub('gw1', []), spoke('s', nat)])).toEqual([assumed('eth0'), unknown])
    // The device of the overlay has the name.
    expect(bareNotes([hub('gw1', [], { device: 'eth0' })])).toEqual([assumed('underlay0')])
    expect(bareNotes([hub('gw1', []), hub('gw2', [], { device: 'eth0' })])).toEqual([assumed('underlay0')])
    expect(bareState([hub('gw1', [], { device: 'eth0' })], 'ebpf').links[1]?.name).toBe('underlay0')
  })
})
