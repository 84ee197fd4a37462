// SPDX-License-Identifier: MIT
/**
 * Topologies made by hand, for tests that start after the resolver; and arbitrary ones for property tests.
 */
import fc from 'fast-check'
import { Source, type Span } from '../../src/diag/source.ts'
import type { Address, Prefix } from '../../src/model/address.ts'
import type { Node, NodeEndpoint, Overlay, Topology } from '../../src/model/topology.ts'

const source = new Source('test.lvn', Array.from({ length: 100 }, (_, i) => `line ${i + 1}`).join('\n'))

/** The beginning of line `line` of `test.lvn`. */
export function lineOf(line: number): Span {
  const start = source.text.indexOf(`line ${line}\n`)
  return { source, start, end: start + 4 }
}

export const at = (address: string, port = 50000): NodeEndpoint => ({
  kind: 'address',
  address: address as Address,
  port,
  span: lineOf(40),
})
export const named = (host: string, port = 50000): NodeEndpoint => ({
  kind: 'name',
  host,
  port,
  span: lineOf(41),
})
export const nat: NodeEndpoint = { kind: 'nat', span: lineOf(42) }

export interface NodeOptions {
  readonly overlay?: string
  readonly addresses?: readonly string[]
  readonly routes?: readonly string[]
  readonly mtu?: number | 'auto'
  readonly mode?: 'fixed' | 'multi'
  readonly device?: string
  readonly port?: number
  readonly hostnames?: readonly string[]
  readonly intervalMs?: number
  readonly underlay?: readonly string[]
}

function node(name: string, role: 'hub' | 'spoke', options: NodeOptions): Node {
  return {
    overlay: options.overlay ?? 'mitte',
    name,
    role,
    hostnames: options.hostnames ?? [],
    listens: [],
    endpoint: null,
    device: {
      name: options.device ?? 'lvn0',
      mode: options.mode ?? (role === 'hub' ? 'multi' : 'fixed'),
      mtu: options.mtu ?? 'auto',
      addresses: (options.addresses ?? []) as readonly Address[],
      span: lineOf(20),
    },
    routes: (options.routes ?? []) as readonly Prefix[],
    port: options.port ?? 50000,
    keepalive: { intervalMs: options.intervalMs ?? 20_000, deadMs: 90_000 },
    underlay: options.underlay === undefined ? null : { interfaces: options.underlay, span: lineOf(21) },
    via: role === 'spoke' ? ['gw1'] : [],
    prefer: role === 'spoke' ? 'gw1' : null,
    signalling: null,
    auth: 'mutual',
    span: lineOf(role === 'hub' ? 10 : 30),
  }
}

export function hub(name: string, listens: readonly string[], options: NodeOptions = {}): Node {
  const port = options.port ?? 50000
  return {
    ...node(name, 'hub', options),
    listens: listens.map((text) => {
      const [outside, inside = outside] = text.split(' at ') as [Address, Address?]
      const local = { address: inside, port }
      return { address: outside, port, local, span: lineOf(11), localSpan: lineOf(11) }
    }),
  }
}

export function spoke(name: string, endpoint: NodeEndpoint, options: NodeOptions = {}): Node {
  return { ...node(name, 'spoke', options), endpoint }
}

export function overlay(nets: readonly string[], hubNode: Node, spokes: readonly Node[]): Overlay {
  return {
    name: hubNode.overlay,
    nets: nets as readonly Prefix[],
    hub: hubNode,
    hubs: [hubNode],
    spokes,
    span: lineOf(2),
  }
}

export function topology(...overlays: Overlay[]): Topology {
  return { overlays, policies: [], expects: [] }
}

/** Up to six spokes with endpoints of every kind, from a pool so small that two states often share them. */
export function anyTopology(
  name = 'mitte',
  second = 64,
  device: fc.Arbitrary<string> = fc.constantFrom('lvn0', 'lvn1'),
): fc.Arbitrary<Topology> {
  const nets = [`10.${second}.0.0/16`, `fd42:${second}::/48`]
  // By spoke: round the endpoints, round those of the first, a part that is far off. Others for each overlay.
  const outside: Readonly<Record<number, readonly string[]>> = {
    1: [`203.0.0.0/${second - 48}`, `2001:db8::/${second - 32}`],
    2: [`203.0.112.0/${second - 44}`],
    3: [`198.18.${second}.0/24`],
  }
  const endpoint = fc.oneof(
    fc
      .record({ host: fc.integer({ min: 1, max: 4 }), port: fc.constantFrom(50000, 50001) })
      .map((x) => at(`203.0.113.${x.host}`, x.port)),
    fc.integer({ min: 1, max: 3 }).map((host) => at(`2001:db8:77::${host}`)),
    fc.constantFrom('up.example', 'down.example', 'six.example').map((host) => named(host)),
    fc.constant(at('192.0.2.250')),
    fc.constant(nat),
  )
  const oneSpoke = (index: number) =>
    fc
      .record({
        endpoint,
        four: fc.boolean(),
        six: fc.boolean(),
        routed: fc.boolean(),
        outside: fc.constantFrom(true, false, false),
        interval: fc.constantFrom(5000, 20000),
      })
      .map((x) =>
        spoke(`s${index}`, x.endpoint, {
          overlay: name,
          addresses: [
            ...(x.four || !x.six ? [`10.${second}.${index}.1`] : []),
            ...(x.six ? [`fd42:${second}:0:${index}::1`] : []),
          ],
          routes: [
            ...(x.routed ? [`10.${second}.${index}.0/24`] : []),
            ...(x.outside ? (outside[index] ?? []) : []),
          ],
          intervalMs: x.interval,
        }),
      )
  const pool = fc.tuple(oneSpoke(1), oneSpoke(2), oneSpoke(3), oneSpoke(4), oneSpoke(5), oneSpoke(6))
  return fc
    .record({
      spokes: pool.chain((all) => fc.subarray([...all], { minLength: 1 })),
      listens: fc.constantFrom(
        ['198.51.100.10'],
        ['198.51.100.10', '2001:db8:1::1'],
        ['2001:db8:1::1', '198.51.100.10'],
      ),
      mode: fc.constantFrom('multi' as const, 'multi' as const, 'fixed' as const),
      nets: fc.constantFrom(nets, nets.slice(0, 1)),
      routed: fc.boolean(),
      exit: fc.boolean(),
      mtu: fc.constantFrom('auto' as const, 1400),
      device,
    })
    .map((x) => {
      const hubNode = hub('gw1', x.listens, {
        overlay: name,
        addresses: [`10.${second}.0.1`, ...(x.nets.length > 1 ? [`fd42:${second}::1`] : [])],
        routes: [
          ...(x.routed ? [`10.${second}.200.0/24`] : []),
          ...(x.exit ? [`0.0.0.0/${second - 64}`] : []),
        ],
        mtu: x.mtu,
        mode: x.mode,
        device: x.device,
      })
      const spokes = x.mode === 'fixed' ? x.spokes.slice(0, 1) : x.spokes
      return printable(topology(overlay(x.nets, hubNode, spokes)))
    })
}

/** What a failing property prints: everything but the spans. */
function printable(made: Topology): Topology {
  const text = () => JSON.stringify(made, (key, value) => (key === 'span' ? undefined : value))
  return Object.defineProperty(made, fc.toStringMethod, { value: text })
}
