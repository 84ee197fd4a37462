// SPDX-License-Identifier: MIT
/**
 * Overlays of several hubs. Packets are walked through the desired states of all nodes as a data plane would carry
 * them: the tunnel by the longest prefix of the destination, out at the node whose tunnel has the same two ends, let
 * in only if the longest prefix of the source is that tunnel's.
 *
 *     s1 ── gw1 ──── gw2 ── s2
 *              ╲    ╱
 *               gw3 ── s3
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { observe, wantsOf } from '../../../src/interp/2-observe.ts'
import { desire } from '../../../src/interp/desire.ts'
import { applyPlan, planApply } from '../../../src/interp/index.ts'
import {
  type Address,
  familyOf,
  formatEndpoint,
  prefixAddress,
  prefixContains,
  prefixLength,
} from '../../../src/model/address.ts'
import { homeOf, pathBetween } from '../../../src/model/hubs.ts'
import type { DesiredState, TunnelSpec } from '../../../src/model/state.ts'
import { type Node, nodesOf, type Overlay } from '../../../src/model/topology.ts'
import { anyHubOverlay, hubOverlay, joined, kernelOf, withSpoke } from '../../support/hub-topologies.ts'
import { at, hub, nat, overlay, spoke, topology } from '../../support/topologies.ts'

interface Place {
  readonly node: Node
  readonly state: DesiredState
}

function placesOf(over: Overlay): Place[] {
  const file = topology(over)
  return nodesOf(over).map((node) => {
    const live = observe(kernelOf(node), wantsOf(file, [node], new Map()))
    const { desired, pending } = desire(file, [node], live, new Map())
    expect(pending).toEqual([])
    return { node, state: desired }
  })
}

/** The tunnel that stands for an address: where packets for it go, and where packets from it come from. */
function tunnelFor({ state }: Place, address: Address): TunnelSpec | undefined {
  if (state.devices[0]?.mode === 'fixed') return state.tunnels[0]
  const [best] = state.rules
    .filter(({ prefix }) => prefixContains(prefix, address))
    .sort((a, b) => prefixLength(b.prefix) - prefixLength(a.prefix))
  return state.tunnels.find(({ name }) => name === best?.tunnel)
}

const ends = (a: TunnelSpec['local'], b: TunnelSpec['remote']) =>
  `${formatEndpoint(a)} ${b === null ? '' : formatEndpoint(b)}`

function addressesOf(node: Node): Address[] {
  return [
    ...node.device.addresses,
    ...node.routes.map((prefix) => `${prefixAddress(prefix).slice(0, -1)}77` as Address),
  ]
}

/** Names of the nodes that a packet passes; throws where it is dropped or goes round. */
function walk(places: readonly Place[], from: Place, source: Address, destination: Address): string[] {
  const passed = [from.node.name]
  for (let here = from; !addressesOf(here.node).includes(destination); ) {
    const out = tunnelFor(here, destination)
    if (out === undefined || out.remote === null) throw new Error(`no tunnel at ${passed.join(' ')}`)
    const wire = ends(out.remote, out.local)
    const [next, more] = places.flatMap((place) =>
      place.state.tunnels.filter((t) => ends(t.local, t.remote) === wire).map((t) => ({ place, tunnel: t })),
    )
    if (next === undefined || more !== undefined)
      throw new Error(`${wire} is the end of no tunnel, or of several`)
    passed.push(next.place.node.name)
    if (tunnelFor(next.place, source) !== next.tunnel) throw new Error(`bad source at ${passed.join(' ')}`)
    if (passed.length > 4) throw new Error(`round and round: ${passed.join(' ')}`)
    here = next.place
  }
  return passed
}

const nets = ['10.64.0.0/16', 'fd42:64::/48']
const ber = hub('ber', ['198.51.100.1'], { addresses: ['10.64.0.1'] })
const fra = hub('fra', ['2001:db8:1::2', '198.51.100.2'], { addresses: ['10.64.0.2'], intervalMs: 5000 })
const both = joined('both', '203.0.113.1', ['ber', 'fra'], { addresses: ['10.64.1.1'] }, 'fra')
const one = joined('one', '203.0.113.2', ['ber'], { addresses: ['10.64.2.1'], routes: ['10.64.2.0/24'] })
const pair = hubOverlay(nets, [ber, fra], [both, one])

describe('packets between any two nodes', () => {
  it('go one way, through the homes alone, and back the same way, let in at each hop', () => {
    fc.assert(
      fc.property(anyHubOverlay(), (over) => {
        const places = placesOf(over)
        for (const from of places) {
          for (const to of places) {
            if (from === to) continue
            const expected = pathBetween(over, from.node, to.node).map(({ name }) => name)
            expect(new Set(expected).size).toBe(expected.length)
            for (const source of addressesOf(from.node)) {
              const others = addressesOf(to.node).filter((a) => familyOf(a) === familyOf(source))
              for (const destination of others) {
                expect(walk(places, from, source, destination)).toEqual(expected)
              }
            }
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  it('pass two hubs at most: the home of each end', () => {
    const home = (name: string) => homeOf(pair.spokes.find((each) => each.name === name) as Node)
    expect([home('both'), home('one')]).toEqual(['fra', 'ber'])
    const places = placesOf(pair)
    const from = places.find(({ node }) => node.name === 'one') as Place
    const walked = walk(places, from, '10.64.2.77' as Address, '10.64.1.1' as Address)
    expect(walked).toEqual(['one', 'ber', 'fra', 'both'])
  })

  it('never go round while nodes disagree on what is preferred', () => {
    fc.assert(
      fc.property(anyHubOverlay(), fc.nat(), fc.infiniteStream(fc.boolean()), (over, pick, coins) => {
        const moved = over.spokes[pick % over.spokes.length] as Node
        const prefer = moved.via[pick % moved.via.length] as string
        const after = placesOf(withSpoke(over, moved.name, { prefer }))
        const mixed = placesOf(over).map((place, i) => (coins.next().value ? (after[i] as Place) : place))
        for (const from of mixed) {
          for (const to of mixed) {
            if (from === to) continue
            const [source, destination] = [from, to].map(({ node }) => addressesOf(node)[0] as Address)
            try {
              walk(mixed, from, source as Address, destination as Address)
            } catch (error) {
              expect(String(error)).toContain('bad source')
            }
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('a hub of several', () => {
  const hubState = placesOf(pair)[0]?.state as DesiredState

  it('has a tunnel to each other hub, then to each spoke that joins it', () => {
    expect(hubState.tunnels.map(({ name, local, remote }) => `${name} ${ends(local, remote)}`)).toEqual([
      'fra 198.51.100.1:50000 198.51.100.2:50000',
      'both 198.51.100.1:50000 203.0.113.1:50000',
      'one 198.51.100.1:50000 203.0.113.2:50000',
    ])
    const names = placesOf(hubOverlay(nets, [ber, fra], [one]))[1]?.state.tunnels.map(({ name }) => name)
    expect(names).toEqual(['ber'])
  })

  it('keeps the tunnel to another hub alive as the quicker of the two says', () => {
    for (const { state } of placesOf(pair).slice(0, 2)) {
      const tunnel = state.tunnels.find(({ name }) => name === 'ber' || name === 'fra')
      expect(tunnel?.keepalive.intervalMs).toBe(5000)
    }
  })

  it('has what is behind the other hubs behind the tunnels to them', () => {
    expect(hubState.rules.map(({ prefix, tunnel }) => `${prefix} ${tunnel}`)).toEqual([
      '10.64.0.2/32 fra',
      '10.64.1.1/32 fra',
      '10.64.2.1/32 one',
      '10.64.2.0/24 one',
    ])
  })

  it('is refused a fixed device where it has several peers', () => {
    const fixed = hub('ber', ['198.51.100.1'], { addresses: ['10.64.0.1'], mode: 'fixed' })
    const over = hubOverlay(nets, [fixed, fra], [one])
    expect(() => placesOf(over)).toThrow('ber has a fixed device, which takes one tunnel, but 2 peers')
  })

  it('waits for a hub that it has no family in common with, and says so', () => {
    const six = hub('six', ['2001:db8:1::6'], { addresses: ['10.64.0.6'] })
    const file = topology(hubOverlay(nets, [ber, six], []))
    for (const node of [ber, six]) {
      const live = observe(kernelOf(node), wantsOf(file, [node], new Map()))
      expect(desire(file, [node], live, new Map()).pending).toEqual([
        {
          device: 'lvn0',
          tunnel: node === ber ? 'six' : 'ber',
          reason: 'the two hubs listen on no common family',
        },
      ])
    }
  })
})

describe('a spoke', () => {
  it('of several hubs has a tunnel to each, and rules for the preferred one alone', () => {
    const state = placesOf(pair).find(({ node }) => node === both)?.state as DesiredState
    expect(state.devices[0]?.mode).toBe('multi')
    expect(state.tunnels.map(({ name }) => name)).toEqual(['ber', 'fra'])
    expect(state.rules.map(({ prefix, tunnel }) => `${prefix} ${tunnel}`)).toEqual([
      '10.64.0.0/16 fra',
      'fd42:64::/48 fra',
    ])
  })

  it('of one hub is as it is where there is no other', () => {
    const lone = (over: Overlay) => placesOf(over).find(({ node }) => node.name === 'one')?.state
    expect(lone(pair)).toEqual(lone(overlay(nets, ber, [one])))
    expect(lone(pair)?.devices[0]?.mode).toBe('fixed')
  })

  it('behind a NAT is waited for at each of its hubs', () => {
    const hidden = {
      ...spoke('hidden', nat, { addresses: ['10.64.3.1'] }),
      via: ['ber', 'fra'],
      prefer: null,
    }
    const file = topology(hubOverlay(nets, [ber, fra], [hidden]))
    const waiting = [ber, fra].map((node) => {
      const live = observe(kernelOf(node), wantsOf(file, [node], new Map()))
      return desire(file, [node], live, new Map()).pending.map(({ tunnel }) => tunnel)
    })
    expect(waiting).toEqual([['hidden'], ['hidden']])
  })
})

describe('a change of what a spoke prefers', () => {
  it('changes rules in place and nothing else, at the spoke and at each hub', async () => {
    const resolveName = async () => []
    const third = hub('ham', ['198.51.100.3'], { addresses: ['10.64.0.3'] })
    const before = hubOverlay(nets, [ber, fra, third], [both, one])
    const after = topology(withSpoke(before, 'both', { prefer: 'ber' }))
    const changes: Record<string, string[]> = {}
    for (const node of nodesOf(before)) {
      const kernel = kernelOf(node)
      applyPlan(kernel, await planApply(kernel, topology(before), [node], { resolveName }))
      const plan = await planApply(
        kernel,
        after,
        nodesOf(after.overlays[0] as Overlay).filter((n) => n.name === node.name),
        { resolveName },
      )
      changes[node.name] = plan.steps.map(({ change }) => `${change.op} ${change.id}`)
      expect(applyPlan(kernel, plan)).toMatchObject({ outcome: 'done', residue: [] })
    }
    const rule = 'change rule lvn0 10.64.1.1/32'
    expect(changes).toEqual({
      ber: [rule],
      fra: [rule],
      ham: [rule],
      both: ['change rule lvn0 10.64.0.0/16', 'change rule lvn0 fd42:64::/48'],
      one: [],
    })
  })
})

it('an endpoint that a hub has is no spoke’s', async () => {
  const named = {
    ...spoke('k', { ...at('198.51.100.2'), kind: 'name', host: 'k.example', port: 50000 }),
    via: ['ber'],
  }
  const file = topology(hubOverlay(nets, [ber, fra], [{ ...named, prefer: null } as Node]))
  const names = new Map([['k.example', ['198.51.100.2' as Address]]])
  const live = observe(kernelOf(ber), wantsOf(file, [ber], names))
  expect(desire(file, [ber], live, names).pending).toEqual([
    { device: 'lvn0', tunnel: 'k', reason: 'another hub has its endpoint 198.51.100.2:50000' },
  ])
})
