// SPDX-License-Identifier: MIT
/**
 * What must hold on a host where others are at work, too: they have put things on our own device, another overlay
 * relies on the same switches, and objects vanish while a plan is made or carried out. On a kernel in memory.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LvnError } from '../../../src/diag/error.ts'
import { applyPlan, planApply, planDestroy } from '../../../src/interp/index.ts'
import type { Step } from '../../../src/interp/types.ts'
import { type Address, bitsOf, familyOf, type Prefix } from '../../../src/model/address.ts'
import { openFamily } from '../../../src/model/filter.ts'
import { hand } from '../../../src/model/hand.ts'
import type { LiveRoute, Owner } from '../../../src/model/state.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { policy, withPolicies } from '../../support/policies.ts'
import type { SimKernel } from '../../support/sim-kernel.ts'
import { anyFile, brought, host, hubOf, planned, resolveName, where } from '../../support/sim-worlds.ts'

const onLvn0 = anyFile('mitte', 64, fc.constant('lvn0'))
const city = anyFile('city', 65, fc.constant('lvn5'))
const us: Owner = { overlay: 'mitte', node: 'gw1' }

/** What others do to a host on which we have `lvn0`. */
const deeds: Record<string, (kernel: SimKernel) => void> = {
  'an address on our device': (kernel) => foreignAddress(kernel, 'lvn0', '10.64.0.77'),
  'a link-local address on our device': (kernel) => {
    foreignAddress(kernel, 'lvn0', 'fe80::77')
    kernel.route('fe80::/64', 'lvn0', 256)
  },
  'our own addresses, taken over': (kernel) => {
    kernel.addresses = kernel.addresses.map((a) => (a.device === 'lvn0' ? { ...a, owned: false } : a))
  },
  'our own addresses on another interface': (kernel) => {
    for (const { address } of kernel.addresses.filter(({ owned }) => owned))
      foreignAddress(kernel, 'br-lan', address)
  },
  'a route through our device': (kernel) => kernel.route('10.98.0.0/16', 'lvn0', 5),
  'a route to our net, of another metric': (kernel) => {
    kernel.route('10.64.0.0/16', 'lvn0', 5)
    kernel.route('fd42:64::/48', 'eth1', 7)
  },
  'our own routes, taken over': (kernel) => {
    // Those of the main table: what others put into a table of ours is in the way there.
    kernel.routes = kernel.routes.map((route) => ({
      ...route,
      owned: route.owned && route.table !== undefined,
    }))
  },
  'an unreachable route': (kernel) => {
    const destination = '10.64.66.0/24' as Prefix
    kernel.routes.push({ destination, device: null, type: 'unreachable', metric: 7, mtu: null, owned: false })
  },
  'a table that has a name like ours': (kernel) =>
    void kernel.filters.set('lvn7', {
      ...{ device: 'lvn7', owner: null, policies: [], ipv4: openFamily, ipv6: openFamily, intact: false },
    }),
  'a device made by hand': (kernel) => foreignDevice(kernel, 'lvn8', hand),
  'a device, tunnels, rules and a filter of another overlay': (kernel) => {
    const owner = { overlay: 'elsewhere', node: 'gw1' }
    foreignDevice(kernel, 'lvn9', owner)
    kernel.filters.set('lvn9', {
      ...{ device: 'lvn9', owner, policies: ['deny any -> any'], ipv4: openFamily, ipv6: openFamily },
      intact: true,
    })
  },
}

function foreignAddress(kernel: SimKernel, device: string, text: string): void {
  const address = text as Address
  kernel.addresses.push({ device, address, prefixLength: bitsOf(familyOf(address)), owned: false })
}

/** With the names, prefixes and values that our own device may have. */
function foreignDevice(kernel: SimKernel, device: string, owner: Owner): void {
  const spec = {
    name: device,
    mode: 'multi' as const,
    owner,
    mtu: 1400,
    destinations: [],
    underlays: ['eth0'],
  }
  const local = { address: '198.51.100.10' as Address, port: 50009 }
  const remote = { address: '203.0.113.1' as Address, port: 50000 }
  const keepalive = { intervalMs: 5000, deadMs: 90_000 }
  const value = { device, path: 'net/ipv4/conf/eth0/send_redirects', value: '1' }
  kernel.plane.apply([
    { op: 'add', kind: 'device', spec, capacity: 1024 },
    { op: 'add', kind: 'tunnel', spec: { device, name: 's1', local, remote, underlay: 'eth0', keepalive } },
    { op: 'add', kind: 'rule', spec: { device, prefix: '10.64.1.1/32' as Prefix, tunnel: 's1' } },
    { op: 'save', kind: 'saved', saved: value },
  ])
  kernel.host.apply([{ op: 'add', kind: 'route', spec: elsewhere(device) }])
  foreignAddress(kernel, device, '10.96.0.1')
}

const elsewhere = (device: string) => ({
  destination: `10.${device === 'lvn8' ? 97 : 96}.0.0/16` as Prefix,
  device,
  type: 'unicast' as const,
  metric: 0,
  mtu: null,
})

const someDeeds = fc.uniqueArray(fc.constantFrom(...Object.keys(deeds)), { minLength: 1, maxLength: 4 })

function done(kernel: SimKernel, names: readonly string[]): void {
  for (const name of names) deeds[name]?.(kernel)
}

/** All that is not ours, as text; the host routes that the kernel makes with an address come and go with it. */
function foreign(kernel: SimKernel): string[] {
  const isOurs = (device: string) => {
    const owner = kernel.links.get(device)?.owner
    return owner?.overlay === us.overlay && owner.node === us.node
  }
  const made = ({ destination, metric }: LiveRoute) => metric === 256 && destination.endsWith('/128')
  const elsewhere = <T extends { readonly device: string }>(list: Iterable<T>) =>
    [...list].filter(({ device }) => !isOurs(device))
  const found = {
    link: [...kernel.links.values()].filter(({ name }) => !isOurs(name)),
    address: kernel.addresses.filter(({ owned, device }) => !owned || !isOurs(device)),
    route: kernel.routes.filter((route) => !made(route) && (!route.owned || !isOurs(route.device ?? 'lvn0'))),
    filter: [...kernel.filters.values()].filter(({ owner }) => owner?.overlay !== us.overlay),
    tunnel: elsewhere(kernel.tunnels.values()),
    rule: elsewhere(kernel.rules.values()),
    saved: elsewhere(kernel.saved),
  }
  return Object.entries(found).flatMap(([kind, list]) =>
    list.map((entry) => `${kind} ${JSON.stringify(entry)}`),
  )
}

/** What remains when our device goes: all but what hung on it. */
const notOnOurs = (entries: readonly string[]) =>
  entries.filter((entry) => !entry.includes('"device":"lvn0"'))

/** An object of ours that vanishes, by whomever; or an underlay. */
const vanishings: Record<string, (kernel: SimKernel) => void> = {
  'our device': (kernel) => {
    if (kernel.links.has('lvn0')) kernel.deleteDevice('lvn0')
  },
  'our interface alone': (kernel) => kernel.deleteLink('lvn0'),
  'an underlay': (kernel) => kernel.deleteLink('eth1'),
  'our tunnels and rules': (kernel) => {
    vanish(kernel.rules)
    vanish(kernel.tunnels)
  },
  'our rules': (kernel) => vanish(kernel.rules),
  'our addresses': (kernel) => {
    kernel.addresses = kernel.addresses.filter(({ owned, device }) => !(owned && device === 'lvn0'))
  },
  'our routes': (kernel) => {
    kernel.routes = kernel.routes.filter(({ owned, device }) => !(owned && (device ?? 'lvn0') === 'lvn0'))
  },
  'our filter': (kernel) => void kernel.filters.delete('lvn0'),
}

function vanish(objects: Map<string, { readonly device: string }>): void {
  for (const [key, { device }] of objects) if (device === 'lvn0') objects.delete(key)
}

const vanishing = fc.constantFrom(...Object.keys(vanishings))

const operationsOf = (steps: readonly Step[]) => steps.flatMap((step) => step.operations)

describe('what others have put on the host', () => {
  it('is never deleted by an apply, and the second plan is empty', async () => {
    await fc.assert(
      fc.asyncProperty(onLvn0, onLvn0, someDeeds, async (a, b, names) => {
        const kernel = host()
        await brought(kernel, a)
        done(kernel, names)
        const before = foreign(kernel)
        const { steps } = await planned(kernel, b)
        const goes = steps.some(({ change }) => change.kind === 'device' && change.op === 'remove')
        await brought(kernel, b)
        expect(foreign(kernel)).toEqual(expect.arrayContaining(goes ? notOnOurs(before) : before))
        expect((await planned(kernel, b)).steps).toEqual([])
      }),
      { numRuns: 80 },
    )
  })

  it('is never deleted by a destroy, unless it hangs on the device that goes', async () => {
    await fc.assert(
      fc.asyncProperty(onLvn0, someDeeds, async (a, names) => {
        const kernel = host()
        await brought(kernel, a)
        done(kernel, names)
        const before = foreign(kernel)
        const report = applyPlan(kernel, planDestroy(kernel, a, hubOf(a)))
        expect(report).toMatchObject({ outcome: 'done', residue: [] })
        expect(foreign(kernel)).toEqual(expect.arrayContaining(notOnOurs(before)))
        expect(kernel.links.has('lvn0')).toBe(false)
        expect(planDestroy(kernel, a, hubOf(a)).steps).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('is there again after a refusal of any operation', async () => {
    await fc.assert(
      fc.asyncProperty(onLvn0, onLvn0, someDeeds, where, async (a, b, names, part) => {
        const kernel = host()
        await brought(kernel, a)
        done(kernel, names)
        const { steps } = await planned(kernel, b)
        const goes = steps.some(({ change }) => change.kind === 'device' && change.op === 'remove')
        const before = foreign(kernel)
        kernel.refuseAt = kernel.operations + Math.floor(part * operationsOf(steps).length)
        applyPlan(kernel, await planned(kernel, b))
        expect(foreign(kernel)).toEqual(expect.arrayContaining(goes ? notOnOurs(before) : before))
      }),
      { numRuns: 60 },
    )
  })
})

describe('another overlay that relies on a switch', () => {
  it('has it after the first has gone, and the values from before come back with the last', async () => {
    await fc.assert(
      fc.asyncProperty(onLvn0, city, fc.boolean(), async (a, b, swap) => {
        const kernel = host()
        await brought(kernel, a)
        await brought(kernel, b)
        // What a death between handing over and deleting leaves: both remember what was before.
        const saved = kernel.saved.filter(({ device }) => device === 'lvn0')
        for (const entry of saved) {
          if (!kernel.saved.some((other) => other.device === 'lvn5' && other.path === entry.path))
            kernel.saved.push({ ...entry, device: 'lvn5' })
        }
        const [first, last] = swap ? [b, a] : [a, b]
        const wanted = (await planned(kernel, last)).desired.sysctls
        applyPlan(kernel, planDestroy(kernel, first, hubOf(first)))
        for (const { path, value } of wanted) expect([path, kernel.values.get(path)]).toEqual([path, value])
        applyPlan(kernel, planDestroy(kernel, last, hubOf(last)))
        expect(kernel.dump()).toEqual(host().dump())
      }),
      { numRuns: 60 },
    )
  })

  it('has it after the first no longer needs it', async () => {
    await fc.assert(
      fc.asyncProperty(onLvn0, onLvn0, city, async (a, without, b) => {
        const kernel = host()
        await brought(kernel, a)
        await brought(kernel, b)
        await brought(kernel, without)
        const { desired } = await planned(kernel, b)
        for (const { path, value } of desired.sysctls)
          expect([path, kernel.values.get(path)]).toEqual([path, value])
      }),
      { numRuns: 60 },
    )
  })
})

describe('an object that goes', () => {
  it('between two reads spoils no later apply, and harms nothing of others', async () => {
    await fc.assert(
      fc.asyncProperty(onLvn0, onLvn0, vanishing, someDeeds, async (a, b, gone, names) => {
        const kernel = host()
        await brought(kernel, a)
        done(kernel, names)
        const before = notOnOurs(foreign(kernel)).filter((entry) => !entry.includes('"eth1"'))
        kernel.betweenReads = () => vanishings[gone]?.(kernel)
        const plan = await planned(kernel, b).catch((refusal: unknown) => {
          expect(refusal).toBeInstanceOf(LvnError)
          return null
        })
        if (plan !== null) applyPlan(kernel, plan)
        kernel.betweenReads = null
        await brought(kernel, b)
        expect((await planned(kernel, b)).steps).toEqual([])
        expect(foreign(kernel)).toEqual(expect.arrayContaining(before))
      }),
      { numRuns: 80 },
    )
  })

  it('between plan and apply is reported, and the next apply makes good', async () => {
    await fc.assert(
      fc.asyncProperty(onLvn0, onLvn0, vanishing, async (a, b, gone) => {
        const kernel = host()
        await brought(kernel, a)
        const plan = await planned(kernel, b)
        vanishings[gone]?.(kernel)
        const report = applyPlan(kernel, plan)
        const differs = (await planned(kernel, b)).steps.length > 0
        // Done and verified: then it is so. Without an underlay something else is wanted.
        if (report.outcome === 'done' && report.residue.length === 0 && gone !== 'an underlay')
          expect(differs).toBe(false)
        await brought(kernel, b)
        expect((await planned(kernel, b)).steps).toEqual([])
      }),
      { numRuns: 80 },
    )
  })
})

describe('a refused operation', () => {
  it('is the last that the kernel was asked for, and no later step is reported as tried', async () => {
    await fc.assert(
      fc.asyncProperty(onLvn0, onLvn0, where, async (a, b, part) => {
        const kernel = host()
        await brought(kernel, a)
        const plan = await planned(kernel, b)
        const count = operationsOf(plan.steps).length
        if (count === 0) return
        const at = Math.floor(part * count)
        const first = kernel.operations
        kernel.refuseAt = first + at
        const report = applyPlan(kernel, plan)
        const owner = plan.steps.flatMap((step, i) => step.operations.map(() => i))[at] as number
        const statuses = report.steps.map(({ status }) => status)
        expect(statuses).toEqual(
          plan.steps.map((_, i) => (i < owner ? 'undone' : i === owner ? 'failed' : 'not-tried')),
        )
        expect(report.steps.flatMap(({ error }, i) => (error === undefined ? [] : [i]))).toEqual([owner])
        const undo = plan.steps.flatMap((step) => step.undo).slice(0, at)
        expect(kernel.operations - first).toBe(at + 1 + undo.flat().length)
      }),
      { numRuns: 80 },
    )
  })

  it('that cannot be taken back either is said of its step alone', async () => {
    await fc.assert(
      fc.asyncProperty(onLvn0, onLvn0, where, where, async (a, b, part, back) => {
        const kernel = host()
        await brought(kernel, a)
        const plan = await planned(kernel, b)
        const units = plan.steps.flatMap((step, i) => step.undo.map((undo) => ({ i, undo })))
        const at = Math.floor(part * units.length)
        const inverses = units
          .slice(0, at)
          .reverse()
          .flatMap(({ i, undo }) => undo.map(() => i))
        if (inverses.length === 0) return
        const stuck = Math.floor(back * inverses.length)
        // Refusals are counted as operations: the refused one, then the inverses.
        kernel.refuseAt = [kernel.operations + at, kernel.operations + at + 1 + stuck]
        const report = applyPlan(kernel, plan)
        expect(report.outcome).toBe('partly-applied')
        expect(report.steps[inverses[stuck] as number]).toMatchObject({
          status: 'undo-failed',
          error: expect.any(Error),
        })
        kernel.refuseAt = null
        await brought(kernel, b)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a filter', () => {
  /** Two spokes change places: rules change their target, and nothing else of them. */
  const swapped = (file: Topology): Topology | null => {
    const [overlay] = file.overlays
    const [one, two, ...rest] = overlay?.spokes ?? []
    if (overlay === undefined || one === undefined || two === undefined) return null
    const as = (spoke: typeof one, other: typeof one) => ({
      ...spoke,
      routes: other.routes,
      device: { ...spoke.device, addresses: other.device.addresses },
    })
    const moved = { ...overlay, spokes: [as(one, two), as(two, one), ...rest] }
    return { ...file, overlays: [moved] }
  }

  it('is changed before any rule that comes or changes its target, and after rules that only go', async () => {
    let moves = 0
    let losses = 0
    await fc.assert(
      fc.asyncProperty(onLvn0, fc.boolean(), async (file, leave) => {
        const [overlay] = file.overlays
        const [one, two] = overlay?.spokes ?? []
        if (overlay?.hub.device.mode !== 'multi' || one === undefined || two === undefined) return
        const a = withPolicies(file, policy('deny', one.name, 'any'))
        const fewer = { ...file, overlays: [{ ...overlay, spokes: overlay.spokes.slice(1) }] }
        const b = leave
          ? withPolicies(fewer, policy('deny', two.name, 'any'))
          : withPolicies(swapped(file) as Topology, policy('deny', one.name, 'any'))
        const kernel = host()
        await brought(kernel, a)
        const { steps } = await planApply(kernel, b, hubOf(b), { resolveName })
        const filter = steps.findIndex(({ change }) => change.kind === 'filter' && change.op === 'change')
        const rules = steps.flatMap(({ change }, i) => (change.kind === 'rule' ? [{ i, op: change.op }] : []))
        if (filter < 0 || rules.length === 0) return
        if (rules.some(({ op }) => op !== 'remove')) {
          moves += rules.filter(({ op }) => op === 'change').length
          for (const { i } of rules) expect(filter).toBeLessThan(i)
        } else {
          losses++
          for (const { i } of rules) expect(filter).toBeGreaterThan(i)
        }
      }),
      { numRuns: 80 },
    )
    expect(moves).toBeGreaterThan(0)
    expect(losses).toBeGreaterThan(0)
  })
})
