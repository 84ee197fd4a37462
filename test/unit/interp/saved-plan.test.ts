// SPDX-License-Identifier: MIT
/**
 * Saved plans on a kernel in memory: what counts as a moved state, and what does not.
 */
import { describe, expect, it } from 'vitest'
import { Source } from '../../../src/diag/source.ts'
import { applyPlan, observe, planFromState, prepareApply } from '../../../src/interp/index.ts'
import {
  isSavedPlan,
  movedSince,
  namesOf,
  nodesOfSaved,
  readSavedPlan,
  type SavedPlan,
  savePlan,
  sourceOf,
  storeSources,
} from '../../../src/interp/saved-plan.ts'
import type { Prepared } from '../../../src/interp/types.ts'
import { readSnapshot, snapshotToJson } from '../../../src/model/snapshot.ts'
import type { LiveAddress, TunnelSpec } from '../../../src/model/state.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { edited } from '../../support/edited.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, nat, overlay, spoke, topology } from '../../support/topologies.ts'

function host(): SimKernel {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }, { name: 'br-lan' }])
  kernel.route('203.0.113.0/24', 'eth0')
  return kernel
}

const file = (intervalMs = 20_000): Topology =>
  topology(
    overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] }), [
      spoke('given', at('203.0.113.1'), { addresses: ['10.64.1.1'], intervalMs }),
      spoke('roams', nat, { addresses: ['10.64.2.1'], intervalMs }),
    ]),
  )
const sources = [new Source('mitte.lvn', 'lvn 1')]

async function prepared(kernel: SimKernel, of: Topology): Promise<Prepared> {
  return prepareApply(kernel, of, [of.overlays[0]?.hub as never], { resolveName: async () => [] })
}
/** As it is after a way through a file. */
function saved(from: Prepared, of: Topology): SavedPlan {
  const made = savePlan({
    prepared: from,
    topology: of,
    sources,
    prune: 'none',
    made: '2026-01-02T03:04:05Z',
  })
  return readSavedPlan(JSON.parse(JSON.stringify(made)))
}

describe('a saved plan', () => {
  it('keeps the sources, and finds its node again', async () => {
    const plan = saved(await prepared(host(), file()), file())
    expect(plan.sources).toEqual([{ name: 'mitte.lvn', text: 'lvn 1' }])
    expect(nodesOfSaved(plan, file()).map(({ name }) => name)).toEqual(['gw1'])
  })

  it('fits a state that has not moved, before and after an apply', async () => {
    const kernel = host()
    for (const of of [file(), file(5000)]) {
      const plan = saved(await prepared(kernel, of), of)
      const now = await prepared(kernel, of)
      expect(movedSince(plan, now, of)).toBeNull()
      applyPlan(kernel, now.plan)
      expect(movedSince(plan, await prepared(kernel, of), of)).not.toBeNull()
    }
  })

  const others: [name: string, change: (kernel: SimKernel) => void][] = [
    ['an interface that has nothing to do with it', (kernel) => kernel.addLink('veth7', 1500, 'veth', null)],
    ['a route of others elsewhere', (kernel) => kernel.route('172.16.0.0/12', 'br-lan')],
    [
      'what a tunnel has learned',
      (kernel) => {
        const tunnel = kernel.tunnels.get('lvn0/roams') as TunnelSpec
        const remote = { address: '203.0.113.77' as never, port: 40_001 }
        kernel.tunnels.set('lvn0/roams', { ...tunnel, remote, underlay: 'eth0' })
      },
    ],
  ]
  it('fits in spite of one more interface by which packets may come in', async () => {
    const kernel = host()
    const plan = saved(await prepared(kernel, file()), file())
    kernel.addLink('eth1', 1500, 'veth', null)
    kernel.addresses.push({
      ...(kernel.addresses[0] as LiveAddress),
      address: '192.0.2.1' as never,
      device: 'eth1',
    })
    kernel.route('0.0.0.0/0', 'eth1')
    const now = await prepared(kernel, file())
    expect(now.plan.steps.find(({ change }) => change.kind === 'device')?.change.after).toMatchObject({
      underlays: ['eth0', 'eth1'],
    })
    expect(movedSince(plan, now, file())).toBeNull()
  })

  it.each(others)('fits in spite of %s', async (_name, change) => {
    const kernel = host()
    applyPlan(kernel, (await prepared(kernel, file())).plan)
    const plan = saved(await prepared(kernel, file(5000)), file(5000))
    change(kernel)
    expect(movedSince(plan, await prepared(kernel, file(5000)), file(5000))).toBeNull()
  })

  const harms: [name: string, change: (kernel: SimKernel) => void, ids: string[]][] = [
    ['a rule that is gone', (kernel) => kernel.rules.delete('lvn0 10.64.1.1/32'), ['rule lvn0 10.64.1.1/32']],
    [
      'a value that was written',
      (kernel) => kernel.write('net/ipv4/conf/all/send_redirects', '1'),
      ['sysctl net/ipv4/conf/all/send_redirects'],
    ],
    [
      'a route of others in our place',
      (kernel) => kernel.route('10.64.0.0/16', 'br-lan', 7),
      ['route 10.64.0.0/16'],
    ],
    [
      'an underlay that leads elsewhere',
      (kernel) => {
        kernel.addresses.push({ ...(kernel.addresses[0] as LiveAddress), device: 'br-lan' })
        kernel.route('203.0.113.0/25', 'br-lan')
      },
      ['path to 203.0.113.1'],
    ],
  ]
  it.each(harms)('fits no more after %s, and says so', async (_name, change, ids) => {
    const kernel = host()
    applyPlan(kernel, (await prepared(kernel, file())).plan)
    const plan = saved(await prepared(kernel, file(5000)), file(5000))
    change(kernel)
    const moved = movedSince(plan, await prepared(kernel, file(5000)), file(5000))
    expect(moved?.facts).toEqual(expect.arrayContaining(ids))
  })

  const edits: [name: string, place: string, change: Record<string, unknown>][] = [
    ['another remote', '[0].after', { '0/after/remote/address': '203.0.113.66' }],
    ['another interval from before', '[0].before', { '0/before/keepalive/intervalMs': 1 }],
    ['a field more', '[0].after', { '0/after/key': '00' }],
    ['another kind', '[0].kind', { '0/kind': 'rule' }],
    ['another object', '[0].id', { '0/id': 'tunnel lvn0/other' }],
    ['another operation', '[1].op', { '1/op': 'add' }],
    ['a remote for a tunnel that learns', '[1].after', { '1/after/remote': { address: '1.2.3.4', port: 1 } }],
    ['another interval of such a tunnel', '[1].after', { '1/after/keepalive/intervalMs': 1 }],
    ['a step less', '[1]', { length: 1 }],
    ['a step more', '[2]', { '2': { op: 'remove', kind: 'rule', id: 'r', before: {}, after: null } }],
  ]
  it.each(edits)('is not carried out when it was given %s', async (_name, place, change) => {
    const kernel = host()
    applyPlan(kernel, (await prepared(kernel, file())).plan)
    const now = await prepared(kernel, file(5000))
    const plan = saved(now, file(5000))
    const operations = edited(plan.plan.operations, change)
    const other = readSavedPlan(edited(plan, { 'plan/operations': operations }))
    expect(movedSince(other, now, file(5000))).toEqual({ facts: [], step: `plan.operations${place}` })
  })

  it('says where a host name has something that is no address', async () => {
    const plan = saved(await prepared(host(), file()), file())
    const named = (address: string) => edited(plan, { names: { 'foo.invalid': ['::1', address] } })
    for (const address of ['1.2.3.4\u001b[31m', '01.2.3.4', '']) {
      expect(() => readSavedPlan(named(address))).toThrow(
        `names["foo.invalid"][1]: expected an IP address, found ${JSON.stringify(address)}`,
      )
    }
    expect(namesOf(readSavedPlan(named('1.2.3.4')))).toEqual(new Map([['foo.invalid', ['::1', '1.2.3.4']]]))
  })

  const [name, evil] = ['mitte.lvn', 'lvn 1 # evil']
  const kept = { name, text: 'lvn 1' }
  const hash = 'plan.sourceHash: the texts of the sources have another one: they have been changed'
  const same = 'sources[1].sameAs: no source before it has that name and the same text'
  const tampered: [string, Record<string, unknown>, message: string][] = [
    ['another text', { 'sources/0/text': evil }, hash],
    ['one source more', { 'sources/1': { name: 'b.lvn', text: '' } }, hash],
    [
      'a name twice',
      { sources: [{ name, text: evil }, kept] },
      'sources[1].name: another source has that name',
    ],
    [
      'two texts of one file',
      {
        sources: [
          { name, text: evil },
          { ...kept, name: 'b', sameAs: name },
        ],
      },
      same,
    ],
    ['no digest', { 'plan/sourceHash': undefined }, 'plan.sourceHash: expected text, found nothing'],
  ]
  it.each(tampered)('is none with %s', async (_name, change, message) => {
    const plan = saved(await prepared(host(), file()), file())
    expect(() => readSavedPlan(edited(plan, change))).toThrow(expect.objectContaining({ message }))
    const twice = edited(plan, { 'sources/1': { ...kept, name: 'b', sameAs: name } })
    expect(readSavedPlan(twice).sources).toHaveLength(2)
  })

  const places: [place: string, change: Record<string, unknown>, what: string][] = [
    ['lvnPlan', { lvnPlan: 2 }, '1, as `lvn plan --out` writes it'],
    ['made', { made: 1 }, 'text'],
    ['sources', { sources: {} }, 'a list'],
    ['sources[0].name', { 'sources/0/name': 1 }, 'text'],
    ['sources[0].sameAs', { 'sources/0/sameAs': 1 }, 'text'],
    ['nodes[0]', { 'nodes/0': 1 }, 'text'],
    ['prune', { prune: 'some' }, '"none" or "guarded" or "all"'],
    ['plane', { plane: 'tun' }, '"ebpf" or "kmod"'],
    ['names', { names: [] }, 'an object'],
    ['facts["a"]', { facts: { a: 1 } }, 'text'],
    ['plan.operations', { 'plan/operations': {} }, 'a list'],
    ['plan.operations[0].op', { 'plan/operations/0/op': 'set' }, '"add" or "change" or "remove"'],
    ['plan.operations[0].kind', { 'plan/operations/0/kind': 1 }, 'text'],
    ['plan.operations[0].id', { 'plan/operations/0/id': 1 }, 'text'],
    ['plan.operations[0].before', { 'plan/operations/0/before': 1 }, 'an object'],
    ['plan.operations[0].after', { 'plan/operations/0/after': 1 }, 'an object'],
  ]
  it.each(places)('says that its %s is something else', async (place, change, what) => {
    const plan = saved(await prepared(host(), file()), file())
    expect(() => readSavedPlan(edited(plan, change))).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`${place}: expected ${what}, found `) }),
    )
  })

  it('is read with all that it may say, and told from a source by its first character', async () => {
    const plan = saved(await prepared(host(), file()), file())
    expect(plan).toMatchObject({
      lvnPlan: 1,
      made: '2026-01-02T03:04:05Z',
      nodes: ['mitte/gw1'],
      plane: 'ebpf',
    })
    for (const prune of ['none', 'guarded', 'all'])
      expect(readSavedPlan({ ...plan, prune }).prune).toBe(prune)
    for (const plane of ['ebpf', 'kmod']) expect(readSavedPlan({ ...plan, plane }).plane).toBe(plane)
    expect(['{', ' \n{}', 'lvn 1', '', '# {', '[{'].map(isSavedPlan)).toEqual([
      ...[true, true, false, false, false, false],
    ])
  })

  it('needs no sources, and keeps one file under two names once', async () => {
    const plan = saved(await prepared(host(), file()), file())
    expect(readSavedPlan({ ...plan, sources: [] }).sources).toEqual([])
    const [first, again, other] = [new Source('a', 'x'), new Source('b', 'x', 'a'), new Source('c', 'x')]
    expect(storeSources([first, again, other])).toEqual([
      { name: 'a', text: 'x' },
      { name: 'b', text: 'x', sameAs: 'a' },
      { name: 'c', text: 'x' },
    ])
    expect(storeSources([first, again, other]).map(sourceOf)).toEqual([first, again, other])
  })

  it('made against a snapshot fits the node that the snapshot was taken on', async () => {
    const kernel = host()
    applyPlan(kernel, (await prepared(kernel, file())).plan)
    const live = readSnapshot(JSON.parse(JSON.stringify(snapshotToJson(observe(kernel)))))
    const names = new Map()
    const plan = planFromState(live, file(5000), [file(5000).overlays[0]?.hub as never], names)
    const kept = saved({ plan, live, names }, file(5000))
    expect(kept.plan.operations).toHaveLength(2)
    expect(movedSince(kept, await prepared(kernel, file(5000)), file(5000))).toBeNull()
    kernel.rules.clear()
    expect(movedSince(kept, await prepared(kernel, file(5000)), file(5000))).not.toBeNull()
  })
})
