// SPDX-License-Identifier: MIT
/**
 * Overlays of several hubs made by hand, and arbitrary ones for property tests; the kernel of each of their nodes.
 */
import fc from 'fast-check'
import type { Prefix } from '../../src/model/address.ts'
import { familyOf } from '../../src/model/address.ts'
import type { Node, Overlay } from '../../src/model/topology.ts'
import { SimKernel } from './sim-kernel.ts'
import { at, hub, lineOf, type NodeOptions, spoke } from './topologies.ts'

export function hubOverlay(
  nets: readonly string[],
  hubs: readonly [Node, ...Node[]],
  spokes: readonly Node[],
): Overlay {
  const { overlay: name } = hubs[0]
  return { name, nets: nets as readonly Prefix[], hub: hubs[0], hubs, spokes, span: lineOf(2) }
}

/** A spoke with an endpoint that joins these hubs and prefers one of them, else the first. */
export function joined(
  name: string,
  endpoint: string,
  via: readonly string[],
  options: NodeOptions = {},
  prefer: string | null = null,
): Node {
  return { ...spoke(name, at(endpoint), options), via, prefer }
}

export function withSpoke(overlay: Overlay, name: string, change: Partial<Node>): Overlay {
  const spokes = overlay.spokes.map((each) => (each.name === name ? { ...each, ...change } : each))
  return { ...overlay, spokes }
}

/** A kernel in the underlay that these topologies live in, at the node's own addresses. */
export function kernelOf(node: Node): SimKernel {
  const own = node.listens.map((listen) => listen.address)
  if (node.endpoint?.kind === 'address') own.push(node.endpoint.address)
  const addresses = own.map((address) => `${address}/${familyOf(address) === 4 ? 32 : 128}`)
  const kernel = new SimKernel([{ name: 'eth0', addresses }])
  kernel.route('0.0.0.0/0', 'eth0')
  kernel.route('::/0', 'eth0', 1024)
  return kernel
}

/** Two or three hubs, one to five spokes that join some of them; every node has both families inside. */
export function anyHubOverlay(): fc.Arbitrary<Overlay> {
  const listens = fc.constantFrom<(n: number) => string[]>(
    (n) => [`198.51.100.${n}`],
    (n) => [`198.51.100.${n}`, `2001:db8:1::${n}`],
    (n) => [`2001:db8:1::${n}`, `198.51.100.${n}`],
  )
  const inside = (n: number, routed: boolean): NodeOptions => ({
    addresses: [`10.64.${n}.1`, `fd42:64:0:${n}::1`],
    routes: routed ? [`10.64.${n}.0/24`] : [],
  })
  return fc.integer({ min: 2, max: 3 }).chain((count) => {
    const names = Array.from({ length: count }, (_, i) => `gw${i + 1}`)
    const oneHub = (i: number) =>
      fc
        .record({ listen: listens, routed: fc.boolean(), interval: fc.constantFrom(5000, 20_000) })
        .map((x) =>
          hub(`gw${i + 1}`, x.listen(i + 1), { ...inside(i + 1, x.routed), intervalMs: x.interval }),
        )
    const oneSpoke = (i: number) =>
      fc
        .record({
          via: fc.shuffledSubarray(names, { minLength: 1 }),
          preferred: fc.option(fc.nat()),
          routed: fc.boolean(),
        })
        .map(({ via, preferred, routed }) =>
          joined(
            `s${i + 1}`,
            `203.0.113.${i + 1}`,
            via,
            inside(i + 101, routed),
            preferred === null ? null : (via[preferred % via.length] as string),
          ),
        )
    return fc
      .tuple(
        fc.tuple(...names.map((_, i) => oneHub(i))),
        fc
          .integer({ min: 1, max: 5 })
          .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => oneSpoke(i)))),
      )
      .map(([hubs, spokes]) => {
        const made = hubOverlay(['10.64.0.0/16', 'fd42:64::/48'], hubs as [Node, ...Node[]], spokes)
        const text = () => JSON.stringify(made, (key, value) => (key === 'span' ? undefined : value))
        return Object.defineProperty(made, fc.toStringMethod, { value: text })
      })
  })
}
