// SPDX-License-Identifier: MIT
/**
 * Routes that are not quite ours: those that somebody changed, those for some packets only, and what others put
 * beside ours, in the main table and in tables of ours. On a kernel in memory.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { applyPlan, observe, planApply, planDestroy } from '../../../src/interp/index.ts'
import { routeOf } from '../../../src/interp/intended.ts'
import type { Plan } from '../../../src/interp/types.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import { readSnapshot, snapshotToJson } from '../../../src/model/snapshot.ts'
import type { LiveRoute } from '../../../src/model/state.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, nat, overlay, spoke, topology } from '../../support/topologies.ts'

const gw = hub('gw1', ['198.51.100.1'], {
  addresses: ['10.64.0.1', 'fd42:64::1'],
  routes: ['10.64.100.0/24'],
})
const exit = spoke('exit', nat, { addresses: ['10.64.9.1', 'fd42:64:0:9::1'], routes: ['0.0.0.0/0', '::/0'] })
const s = spoke('s', at('198.51.100.2'), { addresses: ['10.64.1.1', 'fd42:64:0:1::1'] })
const file = topology(overlay(['10.64.0.0/16', 'fd42:64::/48'], gw, [s, exit]))

let kernel: SimKernel

beforeEach(async () => {
  kernel = new SimKernel([{ name: 'va', addresses: ['198.51.100.1/24'] }])
  kernel.route('0.0.0.0/0', 'va')
  expect(applyPlan(kernel, await planned())).toMatchObject({ outcome: 'done', residue: [] })
})

const planned = (): Promise<Plan> => planApply(kernel, file, [gw], { resolveName: async () => [] })
const changesOf = ({ steps }: Plan) =>
  steps.map(({ change: { op, id, fields } }) => [op, id, ...fields].join(' '))
const notesOf = ({ foreign }: Plan) => foreign.map(({ id, note }) => `${id}: ${note}`)

/** One of ours, by its id without the word. */
const isOne = (destination: string, table?: number) => (route: LiveRoute) =>
  route.owned && route.destination === destination && route.table === table

function change(which: (route: LiveRoute) => boolean, to: Partial<LiveRoute>): void {
  expect(kernel.routes.filter(which)).toHaveLength(1)
  kernel.routes = kernel.routes.map((route) => {
    const changed = { ...route, ...to }
    return which(route) ? { ...routeOf(changed), owned: changed.owned } : route
  })
}

async function mended(): Promise<void> {
  expect(applyPlan(kernel, await planned())).toMatchObject({ outcome: 'done', residue: [] })
  expect(changesOf(await planned())).toEqual([])
}

const places: [string, string, number | undefined][] = [
  ['an IPv4 route of the main table', '10.64.0.0/16', undefined],
  ['an IPv6 route of the main table', 'fd42:64::/48', undefined],
  ['an IPv4 route of our table', '0.0.0.0/0', 7600],
  ['an IPv6 route of our table', '::/0', 7600],
]

describe.each(places)('%s', (_, destination, table) => {
  const inTable = table === undefined ? '' : ` table ${table}`
  const six = destination.includes(':')
  const narrow: Partial<LiveRoute> = six ? { from: 'fd99::/64' as Prefix } : { tos: 0x10 }
  const narrowText = six ? 'from fd99::/64' : 'tos 0x10'
  const ours = isOne(destination, table)
  const metric = () => kernel.routes.find(ours)?.metric ?? Number.NaN

  it.each<[Partial<LiveRoute>, string]>([
    [{ source: '198.51.100.1' as Address }, 'source'],
    [{ gateway: '10.64.1.1' as Address }, 'gateway'],
    [{ gateway: '10.64.1.1' as Address, source: '198.51.100.1' as Address }, 'gateway source'],
  ])('with %j is changed back', async (to, fields) => {
    const before = kernel.dump()
    change(ours, to)
    expect(changesOf(await planned())).toEqual([`change route ${destination}${inTable} ${fields}`])
    await mended()
    expect(kernel.dump()).toEqual(before)
  })

  it('that takes only some packets by now is put back, and what is there goes', async () => {
    const before = kernel.dump()
    change(ours, narrow)
    expect(changesOf(await planned())).toEqual([
      `add route ${destination}${inTable}`,
      `remove route ${destination} ${narrowText}${inTable}`,
    ])
    await mended()
    expect(kernel.dump()).toEqual(before)
  })

  it('is there again after a refusal, as somebody had changed it', async () => {
    change(ours, { gateway: '10.64.1.1' as Address })
    change(isOne('10.64.100.0/24'), { source: '198.51.100.1' as Address })
    const before = kernel.dump()
    const plan = await planned()
    kernel.refuseAt = kernel.operations + 1
    expect(applyPlan(kernel, plan)).toMatchObject({ outcome: 'rolled-back' })
    expect(kernel.dump()).toEqual(before)
  })

  it('and one with our mark for some packets only: destroy leaves neither', () => {
    kernel.routes.push({ ...(kernel.routes.find(ours) as LiveRoute), ...narrow })
    applyPlan(kernel, planDestroy(kernel, file, [gw]))
    expect(kernel.routes.filter(({ owned }) => owned)).toEqual([])
  })

  it("has another's for some packets named, which comes first whatever its metric", async () => {
    kernel.route(destination, 'va', metric(), { ...narrow, ...(table === undefined ? {} : { table }) })
    kernel.route(destination, 'va', metric() + 7, { ...narrow, ...(table === undefined ? {} : { table }) })
    const plan = await planned()
    expect(changesOf(plan)).toEqual([])
    const note = `route ${destination} ${narrowText}${inTable}: leads to va what the overlay has behind lvn0`
    expect(notesOf(plan)).toEqual([note, note])
  })

  it("has another's of a larger metric unnamed, which comes after it", async () => {
    kernel.route(destination, 'va', metric() + 7, table === undefined ? {} : { table })
    expect(notesOf(await planned())).toEqual([])
  })

  it("does not count another's for some packets as one that serves", async () => {
    kernel.routes = kernel.routes.map((route) =>
      ours(route) ? { ...route, ...narrow, owned: false } : route,
    )
    const plan = await planned()
    expect(changesOf(plan)).toEqual([`add route ${destination}${inTable}`])
    expect(notesOf(plan)).toEqual([
      `route ${destination} ${narrowText}${inTable}: set by someone else on our lvn0`,
    ])
    await mended()
  })
})

describe('what others put into a table of ours', () => {
  it('is named where it is to a part of what leads into the device', async () => {
    kernel.route('192.0.2.0/24', 'va', 0, { table: 7600 })
    kernel.route('192.0.3.0/24', 'va', 0, { table: 7600, type: 'throw', device: null })
    const behind = 'what the overlay has behind lvn0'
    expect(notesOf(await planned())).toEqual([
      `route 192.0.2.0/24 table 7600: leads to va ${behind}`,
      `route throw 192.0.3.0/24 table 7600: leads to later tables ${behind}`,
    ])
  })

  it('is no matter in a table that is not asked', async () => {
    kernel.route('192.0.2.0/24', 'va', 0, { table: 7601 })
    // Of the same length, ours in its table comes before the main table's, whatever the metrics.
    kernel.route('::/0', 'va', 512)
    expect(notesOf(await planned())).toEqual([])
  })

  it('is no way out of the host', async () => {
    kernel.routes = kernel.routes.filter(({ owned, destination }) => owned || destination !== '0.0.0.0/0')
    kernel.route('0.0.0.0/0', 'va', 0, { tos: 0x10 })
    kernel.route('0.0.0.0/0', 'va', 7, { table: 7600 })
    expect((await planned()).reach.defaults).toEqual([])
  })
})

describe('a route with our mark', () => {
  it('to an interface that is no overlay is named', async () => {
    kernel.route('10.64.7.0/24', 'va', 0, { owned: true })
    expect(notesOf(await planned())).toEqual([
      'route 10.64.7.0/24: leads to va what the overlay has behind lvn0',
    ])
  })
})

describe("another's route in the place of ours", () => {
  it.each([
    [
      '198.51.100.1',
      "set by someone else, and gives this host's packets the source 198.51.100.1; left alone",
    ],
    ['10.64.0.1', 'set by someone else; it serves, and is left alone'],
  ])('with the source %s is left alone, and so named', async (source, note) => {
    change(isOne('10.64.0.0/16'), { owned: false, source: source as Address })
    const plan = await planned()
    expect(changesOf(plan)).toEqual([])
    expect(notesOf(plan)).toEqual([`route 10.64.0.0/16: ${note}`])
  })
})

describe('a snapshot', () => {
  it('has what a route says, and one of an earlier version, which does not, is read', async () => {
    const more = { tos: 16, from: 'fd99::/64', source: '10.64.0.1', gateway: '10.64.1.1' } as const
    const said = { ...more } as unknown as Partial<LiveRoute>
    kernel.route('10.98.0.0/16', 'va', 0, said)
    const live = observe(kernel)
    expect(readSnapshot(JSON.parse(JSON.stringify(snapshotToJson(live))))).toEqual(live)
    expect(live.routes.at(-1)).toMatchObject(more)
    const [first] = readSnapshot(JSON.parse(JSON.stringify(snapshotToJson(live)))).routes
    for (const field of Object.keys(more)) expect(first?.[field as keyof LiveRoute]).toBeUndefined()
  })
})
