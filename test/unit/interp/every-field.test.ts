// SPDX-License-Identifier: MIT
/**
 * Each field of each specification, changed alone, is found: by diff, and by verify, which is the last to notice that
 * the kernel holds something else than what was wanted. Changed in what is wanted, and changed in the kernel. Where
 * the change can be carried out, it is, and then nothing is found any more.
 *
 * The table below names every field: one that is added to a specification and not to the table is a type error.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { observe } from '../../../src/interp/2-observe.ts'
import { diff } from '../../../src/interp/3-diff.ts'
import { plan } from '../../../src/interp/4-plan.ts'
import { apply } from '../../../src/interp/5-apply.ts'
import { verify } from '../../../src/interp/6-verify.ts'
import { idOf } from '../../../src/interp/ids.ts'
import type { Change, Kind, Scope, Specs } from '../../../src/interp/types.ts'
import type { Address, Endpoint, Prefix } from '../../../src/model/address.ts'
import type { FamilyFilter, LiveFilter } from '../../../src/model/filter.ts'
import type {
  DesiredState,
  LiveAddress,
  LiveIpRule,
  LiveLink,
  LiveRoute,
  Owner,
  TunnelSpec,
} from '../../../src/model/state.ts'
import type { Keepalive } from '../../../src/model/topology.ts'
import type { SimKernel } from '../../support/sim-kernel.ts'
import { anyFile, brought, host, planned } from '../../support/sim-worlds.ts'

type Others<V> = (value: V, all: DesiredState) => readonly V[]
interface Compared<V> {
  /** Other values than this one, each of which must be found. */
  readonly others: Others<V>
  /** Can it be carried out alone? */
  readonly carried: boolean
}
/** Not compared, and why that is right. */
interface Uncompared<V> {
  readonly uncompared: string
  readonly others: Others<V>
}
type Field<V> = Compared<V> | Uncompared<V>
type Fields<S> = { readonly [F in keyof S]-?: Field<S[F]> }

const value = <V>(others: Others<V>): Compared<V> => ({ others, carried: true })
/** What other objects have to follow: found, but not to be carried out alone. */
const tied = <V>(others: Others<V>): Compared<V> => ({ others, carried: false })
const name = <V>(...others: readonly V[]): Compared<V> => tied(() => others)

/** Each part of a value that has parts, changed alone. */
const parts = <V extends object>(of: { readonly [P in keyof V]-?: (part: V[P]) => readonly V[P][] }) =>
  function others(whole: V): readonly V[] {
    return (Object.keys(of) as (keyof V)[]).flatMap((key) =>
      of[key](whole[key]).map((part) => ({ ...whole, [key]: part })),
    )
  }

const endpoint = parts<Endpoint>({
  address: (address) => [(address.includes(':') ? '2001:db8:77::fe' : '203.0.113.254') as Address],
  port: (port) => [port + 1, port - 7],
})
const keepalive = parts<Keepalive>({
  intervalMs: (ms) => [ms + 1000],
  deadMs: (ms) => [ms + 1000],
})
const owner = parts<Owner>({ overlay: (text) => [`${text}2`], node: (text) => [`${text}2`] })
const range = { first: '10.0.0.1' as Address, last: '10.0.0.9' as Address }
const family = parts<FamilyFilter>({
  sources: (sources) => [[...sources, { ...range, list: 0 }]],
  lists: ([first, ...rest]) => {
    if (first === undefined) return []
    const otherwise = first.otherwise === 'deny' ? 'allow' : 'deny'
    const targets = [...first.targets, { ...range, verdict: 'deny' as const }]
    return [
      [{ ...first, otherwise }, ...rest],
      [{ ...first, targets }, ...rest],
      [first, ...rest, first],
    ]
  },
})

const fields = {
  device: {
    name: name('lvn9'),
    mode: tied((mode) => [mode === 'multi' ? 'fixed' : 'multi']),
    owner: tied(owner),
    mtu: value((mtu) => [mtu - 8, mtu + 8]),
    underlays: value((underlays) =>
      [[], ['eth0'], ['eth1'], ['br-lan', 'eth0']].filter(differsFrom(underlays)),
    ),
    destinations: value((destinations) =>
      [[], [...destinations, '10.77.0.0/16' as Prefix], destinations.slice(1)].filter(
        differsFrom(destinations),
      ),
    ),
  },
  tunnel: {
    device: name('lvn9'),
    name: name('somebody else'),
    local: value(endpoint),
    // From an endpoint to none is what a peer does that has signalled: learned, and no drift.
    remote: value((remote) =>
      remote === null ? [{ address: '203.0.113.254' as Address, port: 50000 }] : endpoint(remote),
    ),
    underlay: value((underlay) => ['eth0', 'eth1', 'br-lan'].filter((other) => other !== underlay)),
    keepalive: value(keepalive),
    id: { uncompared: 'the plane chooses it, and a tunnel keeps it', others: () => [77] },
    key: { uncompared: 'it is never read back', others: () => ['00112233445566778899aabbccddeeff'] },
    // Absent is `keep`.
    onDead: value((onDead) => [onDead === 'remove' ? 'keep' : 'remove']),
  },
  rule: {
    device: name('lvn9'),
    prefix: name('10.64.77.0/24' as Prefix, 'fd42:64:0:77::/64' as Prefix),
    tunnel: value((tunnel, all) =>
      all.tunnels.map((other) => other.name).filter((other) => other !== tunnel),
    ),
  },
  address: {
    device: name('lvn9'),
    address: value(() => ['10.64.77.1' as Address, 'fd42:64::77' as Address]),
  },
  route: {
    destination: value(() => ['10.77.0.0/16' as Prefix, 'fd77::/48' as Prefix]),
    device: tied((device) => [device === null ? 'eth0' : null, 'lvn9']),
    type: tied((type) => (['unicast', 'unreachable', 'throw'] as const).filter((other) => other !== type)),
    metric: value((metric) => [metric + 1, 77]),
    mtu: value((mtu) => (mtu === null ? [1300] : [null, mtu - 8])),
    table: tied((table) => (table === undefined ? [7601] : [undefined, table + 1])),
    tos: value<number | undefined>(() => [0x10]),
    from: value<Prefix | undefined>(() => ['fd99::/64' as Prefix]),
    source: value<Address | undefined>(() => ['198.51.100.1' as Address]),
    gateway: value<Address | undefined>(() => ['10.64.77.1' as Address]),
  },
  sysctl: {
    path: name('net/ipv4/conf/all/another'),
    // Some are switches that turn others.
    value: tied(() => ['7']),
    device: {
      uncompared: 'it says whose memory the previous value goes into, which is done when it is written',
      others: () => ['lvn9'],
    },
  },
  filter: {
    device: name('lvn9'),
    owner: tied(owner),
    policies: value((policies) =>
      [[...policies, 'deny any -> any'], policies.slice(1)].filter(differsFrom(policies)),
    ),
    ipv4: value(family),
    ipv6: value(family),
  },
  'ip-rule': {
    family: tied((family) => [family === 4 ? 6 : 4]),
    priority: value((priority) => [priority + 2]),
    from: value<Prefix | null>(() => ['198.18.0.0/15' as Prefix, 'fd77::/48' as Prefix]),
    mark: value((mark) => [mark === null ? { value: 7, mask: 255 } : null]),
    table: value((table) => [table + 1]),
    suppressedLength: value((length) => [length === null ? 3 : null]),
  },
} satisfies { readonly [K in Kind]: Fields<Specs[K]> }

function differsFrom(one: unknown): (other: unknown) => boolean {
  return (other) => JSON.stringify(other) !== JSON.stringify(one)
}

// ---- what is there, and what is wanted ----------------------------------------------------------------

const listOf = {
  device: 'devices',
  tunnel: 'tunnels',
  rule: 'rules',
  address: 'addresses',
  route: 'routes',
  sysctl: 'sysctls',
  filter: 'filters',
  'ip-rule': 'ipRules',
} as const satisfies Record<Kind, keyof DesiredState>

/** The kernel as if it had been told `after` where it was told `before`. */
const inKernel: { readonly [K in Kind]: (kernel: SimKernel, before: Specs[K], after: Specs[K]) => void } = {
  device: (kernel, before, after) => {
    const device = kernel.devices.get(before.name)
    const link = kernel.links.get(before.name) as LiveLink
    kernel.devices.delete(before.name)
    kernel.links.delete(before.name)
    if (device !== undefined) kernel.devices.set(after.name, { ...device, spec: after })
    kernel.links.set(after.name, { ...link, name: after.name, mtu: after.mtu, owner: after.owner })
  },
  tunnel: (kernel, before, after) => {
    kernel.tunnels.delete(`${before.device}/${before.name}`)
    kernel.tunnels.set(`${after.device}/${after.name}`, after)
  },
  rule: (kernel, before, after) => {
    kernel.rules.delete(`${before.device} ${before.prefix}`)
    kernel.rules.set(`${after.device} ${after.prefix}`, after)
  },
  address: (kernel, before, after) => {
    kernel.addresses = kernel.addresses.map(
      (live): LiveAddress => (idOf.address(live) === idOf.address(before) ? { ...live, ...after } : live),
    )
  },
  route: (kernel, before, after) => {
    kernel.routes = kernel.routes.map(
      (live): LiveRoute =>
        live.owned && idOf.route(live) === idOf.route(before) ? { ...live, ...after } : live,
    )
  },
  sysctl: (kernel, before, after) => {
    kernel.values.delete(before.path)
    kernel.values.set(after.path, after.value)
  },
  filter: (kernel, before, after) => {
    const live = kernel.filters.get(before.device) as LiveFilter
    kernel.filters.delete(before.device)
    kernel.filters.set(after.device, { ...live, ...after })
  },
  'ip-rule': (kernel, before, after) => {
    kernel.ipRules = kernel.ipRules.map(
      (live): LiveIpRule =>
        idOf['ip-rule'](live) === idOf['ip-rule'](before) ? { ...live, ...after } : live,
    )
  },
}

interface World {
  readonly kernel: SimKernel
  readonly desired: DesiredState
  readonly scope: Scope
}

/** A host on which a file was applied, and one object that is wanted in another way. */
async function worlds<K extends Kind>(
  file: Parameters<typeof planned>[1],
  kind: K,
  alter: (spec: Specs[K], all: DesiredState) => readonly object[],
  each: (world: World, before: Specs[K], after: Specs[K], changed: DesiredState) => void,
): Promise<number> {
  const fresh = async (): Promise<World> => {
    const kernel = host()
    kernel.values.set('net/ipv4/conf/all/another', 'unlike all')
    await brought(kernel, file)
    const { desired, scope } = await planned(kernel, file)
    return { kernel, desired, scope }
  }
  const { desired } = await fresh()
  const list = desired[listOf[kind]] as unknown as readonly Specs[K][]
  let tried = 0
  for (const before of list) {
    for (const after of alter(before, desired) as readonly Specs[K][]) {
      const changed = { ...desired, [listOf[kind]]: list.map((spec) => (spec === before ? after : spec)) }
      each(await fresh(), before, after, changed)
      tried++
    }
  }
  return tried
}

const look = (kernel: SimKernel, desired: DesiredState) =>
  observe(kernel, { remotes: [], sysctls: desired.sysctls.map(({ path }) => path) })

/** Ids of what differs; a refusal is a difference found, and names the object. */
function found(make: () => readonly Change[]): readonly string[] {
  try {
    return make().map(({ id }) => id)
  } catch (refusal) {
    return [`refused: ${(refusal as { code: string }).code}`]
  }
}

/** Is it one of these objects that differs, or was the whole refused? */
function about(kind: Kind, ...specs: readonly Specs[Kind][]): (id: string) => boolean {
  const ids = specs.map((spec) => idOf[kind](spec as never))
  return (id) => ids.includes(id) || id.startsWith('refused')
}

/** Nothing that could be cut off. */
const reach = { remotes: [], defaults: [] }
const byDiff = (kernel: SimKernel, desired: DesiredState, scope: Scope) =>
  found(() => diff(look(kernel, desired), desired, scope).changes)
const byVerify = (kernel: SimKernel, desired: DesiredState, scope: Scope) =>
  found(() => verify(kernel, { desired, reach, scope }).residue)

/** A step that is possible by itself: the data plane wants an underlay exactly where there is a remote. */
function isWhole(kind: Kind, spec: Specs[Kind]): boolean {
  if (kind !== 'tunnel') return true
  const { remote, underlay } = spec as TunnelSpec
  return (remote === null) === (underlay === null)
}

function bring({ kernel, scope }: World, desired: DesiredState): void {
  const live = look(kernel, desired)
  const steps = plan(live, { desired, spans: new Map() }, diff(live, desired, scope))
  const report = apply(kernel, steps)
  expect(report.steps.find(({ error }) => error)?.error).toBeUndefined()
  expect(report.outcome).toBe('done')
  expect(verify(kernel, { desired, reach, scope })).toEqual({ residue: [], lost: [], diverted: [] })
}

const rows = (Object.keys(fields) as Kind[]).flatMap((kind) =>
  Object.entries(fields[kind] as unknown as Record<string, Field<unknown>>).map(([field, says]) => ({
    kind,
    field,
    says,
  })),
)

/** For arbitrary files, every object of a kind with every other value of a field. */
async function everyWorld(
  kind: Kind,
  field: string,
  others: Others<unknown>,
  each: (world: World, before: Specs[Kind], after: Specs[Kind], changed: DesiredState) => void,
): Promise<void> {
  const alter = (spec: Specs[Kind], all: DesiredState) =>
    others((spec as unknown as Record<string, unknown>)[field], all).map((other) => ({
      ...spec,
      [field]: other,
    }))
  let tried = 0
  await fc.assert(
    fc.asyncProperty(anyFile('mitte', 64, fc.constant('lvn0')), async (file) => {
      tried += await worlds(file, kind, alter, each)
    }),
    { numRuns: 6 },
  )
  expect(tried).toBeGreaterThan(0)
}

const compared = rows.flatMap(({ kind, field, says }) =>
  'carried' in says ? [{ kind, field, ...says }] : [],
)

describe.each(compared)('the $field of a $kind, changed alone,', ({ kind, field, others }) => {
  test('in what is wanted, is found by diff and by verify', () =>
    everyWorld(kind, field, others, ({ kernel, scope }, before, after, changed) => {
      const concerns = about(kind, before, after)
      expect(byDiff(kernel, changed, scope).filter(concerns)).not.toEqual([])
      expect(byVerify(kernel, changed, scope).filter(concerns)).not.toEqual([])
    }))

  test('in the kernel, is found by diff and by verify', () =>
    everyWorld(kind, field, others, ({ kernel, scope, desired }, before, after) => {
      inKernel[kind](kernel, before as never, after as never)
      const concerns = about(kind, before, after)
      expect(byDiff(kernel, desired, scope).filter(concerns)).not.toEqual([])
      // A remote that the file does not give is a signalled one.
      const learned = field === 'remote' && (before as TunnelSpec).remote === null
      expect(byVerify(kernel, desired, scope).filter(concerns).length > 0).toBe(!learned)
    }))
})

describe.each(compared.filter(({ carried }) => carried))(
  'the $field of a $kind, changed alone in what is wanted,',
  ({ kind, field, others }) => {
    test('is carried out, and taken back', () =>
      everyWorld(kind, field, others, (world, before, after, changed) => {
        if (!isWhole(kind, before) || !isWhole(kind, after)) return
        bring(world, changed)
        expect(byDiff(world.kernel, world.desired, world.scope)).not.toEqual([])
        bring(world, world.desired)
      }))
  },
)

describe.each(rows.filter(({ says }) => 'uncompared' in says))(
  'the $field of a $kind, changed alone, is rightly not found:',
  ({ kind, field, says }) => {
    const { uncompared, others } = says as Uncompared<unknown>
    test(uncompared, () =>
      everyWorld(kind, field, others, ({ kernel, scope }, _before, _after, changed) => {
        expect(byDiff(kernel, changed, scope)).toEqual([])
      }),
    )
  },
)
