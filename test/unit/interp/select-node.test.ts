// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { LvnError } from '../../../src/diag/error.ts'
import { isKnownHere, selectNodes, type Whoami, whoamiOf } from '../../../src/interp/select-node.ts'
import type { Address } from '../../../src/model/address.ts'
import type { Node } from '../../../src/model/topology.ts'
import { address, link } from '../../support/live-state.ts'
import { at, hub, named, nat, overlay, spoke, topology } from '../../support/topologies.ts'

const file = topology(
  overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10'], { hostnames: ['gw1.ff.example'] }), [
    spoke('kirche', at('203.0.113.7'), { hostnames: ['Router7'] }),
    spoke('rathaus', nat),
    spoke('dach', at('203.0.113.7', 50001)),
  ]),
  overlay(['10.65.0.0/16'], hub('gw1', ['198.51.100.11'], { overlay: 'city' }), [
    spoke('ap1', at('203.0.113.8'), { overlay: 'city' }),
  ]),
)

function who(whoami: Partial<Omit<Whoami, 'localAddresses'>> & { localAddresses?: string[] }): string[] {
  const { hostname = 'nobody', node, localAddresses = [], owners = [] } = whoami
  return selectNodes(file, { hostname, node, localAddresses: localAddresses as Address[], owners }).map(
    (found) => `${found.overlay}/${found.name}`,
  )
}

function refusal(whoami: Parameters<typeof who>[0]): LvnError {
  try {
    who(whoami)
  } catch (error) {
    if (error instanceof LvnError) return error
  }
  throw new Error('was not refused')
}

describe('a node is selected', () => {
  it('by its name, in every overlay that has it', () => {
    expect(who({ node: 'gw1' })).toEqual(['mitte/gw1', 'city/gw1'])
    expect(who({ node: 'city/gw1' })).toEqual(['city/gw1'])
  })

  it('by host name, whole or first label, whatever the case', () => {
    expect(who({ hostname: 'GW1.ff.example' })).toEqual(['mitte/gw1'])
    expect(who({ hostname: 'router7.lan' })).toEqual(['mitte/kirche'])
    expect(refusal({ hostname: 'gw1' }).code).toBe('LVN6402')
    expect(refusal({ hostname: 'gw1.ff.example.org' }).code).toBe('LVN6402')
    expect(refusal({ hostname: 'lan.router7' }).code).toBe('LVN6402')
  })

  it('by the one underlay address that is local, in each overlay by itself', () => {
    expect(who({ localAddresses: ['198.51.100.10', '203.0.113.8'] })).toEqual(['mitte/gw1', 'city/ap1'])
    expect(who({ hostname: 'router7', localAddresses: ['203.0.113.8'] })).toEqual([
      'mitte/kirche',
      'city/ap1',
    ])
  })

  it('by the address that a NAT in front of it leads to', () => {
    const natted = topology(
      overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10 at 10.0.0.5']), [spoke('rathaus', nat)]),
    )
    const here = { hostname: 'nobody', node: undefined, owners: [] }
    const byAddress = (address: string) =>
      selectNodes(natted, { ...here, localAddresses: [address as Address] })
    expect(byAddress('10.0.0.5').map(({ name }) => name)).toEqual(['gw1'])
    expect(byAddress('198.51.100.10').map(({ name }) => name)).toEqual(['gw1'])
    // A spoke elsewhere whose LAN has the same address is known by its device.
    const owners = [{ overlay: 'mitte', node: 'rathaus' }]
    const spokes = selectNodes(natted, { ...here, owners, localAddresses: ['10.0.0.5' as Address] })
    expect(spokes.map(({ name }) => name)).toEqual(['rathaus'])
  })

  it('by a device that it holds, where nothing else tells', () => {
    const owners = [
      { overlay: 'city', node: 'ap1' },
      { overlay: 'gone', node: 'gw1' },
    ]
    expect(who({ owners })).toEqual(['city/ap1'])
    expect(who({ owners, localAddresses: ['198.51.100.11'] })).toEqual(['city/gw1'])
  })
})

describe('it is refused', () => {
  it('to guess: an unknown name is answered with the near one and all that exist', () => {
    const error = refusal({ node: 'rathau' })
    expect(error).toMatchObject({ code: 'LVN6401', exitCode: 64, message: 'the file has no node `rathau`' })
    expect(error.hint).toBe('did you mean `rathaus`? nodes: gw1, kirche, rathaus, dach, ap1')
  })

  it('to take a host for nobody or for two', () => {
    expect(refusal({})).toMatchObject({ code: 'LVN6402', exitCode: 64 })
    expect(refusal({}).hint).toContain('--node')
    const two = refusal({ localAddresses: ['203.0.113.7'] })
    expect(two).toMatchObject({ code: 'LVN6403', exitCode: 64 })
    expect(two.message).toContain('kirche, dach')
  })

  it('to choose between two, and says by what they were taken for it', () => {
    const two = (whoami: Parameters<typeof who>[0]) => refusal(whoami).message.replace(/ this host .*/, '')
    expect(two({ localAddresses: ['203.0.113.7'] })).toBe('by its addresses')
    const owners = ['kirche', 'dach'].map((node) => ({ overlay: 'mitte', node }))
    expect(two({ owners })).toBe('by its devices')
    const twins = ['a', 'b'].map((name) => spoke(name, nat, { hostnames: ['twin'] }))
    const here = { hostname: 'twin', node: undefined, owners: [], localAddresses: [] }
    expect(() => selectNodes(topology(overlay([], hub('gw1', []), twins)), here)).toThrow(
      'by the host name twin this host is several nodes of overlay mitte: a, b',
    )
  })

  it('to choose between two hubs that have the same address behind NATs of their own', () => {
    const [first, second] = [
      hub('gw1', ['198.51.100.10 at 10.0.0.5']),
      hub('gw2', ['198.51.100.11 at 10.0.0.5']),
    ]
    const both = topology({ ...overlay(['10.64.0.0/16'], first, []), hubs: [first, second] })
    const localAddresses = ['10.0.0.5' as Address]
    expect(() =>
      selectNodes(both, { hostname: 'nobody', node: undefined, localAddresses, owners: [] }),
    ).toThrow('by its addresses this host is several nodes of overlay mitte: gw1, gw2')
  })
})

describe('a host', () => {
  const owner = { overlay: 'mitte', node: 'kirche' }

  it('is known by its name, its addresses and whose devices it holds', () => {
    const host = {
      hostname: 'router7',
      links: [link('eth0'), link('lvn0', { owner })],
      addresses: [address('eth0', '203.0.113.7'), address('lo', '127.0.0.1')],
    }
    expect(whoamiOf(host, 'kirche')).toEqual({
      ...{ node: 'kirche', hostname: 'router7', owners: [owner] },
      localAddresses: ['203.0.113.7', '127.0.0.1'],
    })
    expect(whoamiOf(host, undefined).node).toBeUndefined()
  })

  it('knows by name and addresses, of its own or behind its NAT, that it is a node; devices prove nothing', () => {
    const known = (node: Node, hostname: string, ...localAddresses: string[]) =>
      isKnownHere(node, { hostname, localAddresses: localAddresses as Address[], owners: [owner] })
    const kirche = spoke('kirche', at('203.0.113.7'), { hostnames: ['router7'] })
    expect(known(kirche, 'router7')).toBe(true)
    expect(known(kirche, 'other', '203.0.113.7')).toBe(true)
    expect(known(kirche, 'other', '203.0.113.8')).toBe(false)
    expect(known(spoke('k', named('k.example')), 'k.example')).toBe(false)
    const natted = hub('gw1', ['198.51.100.10 at 10.0.0.5'])
    expect(known(natted, 'other', '198.51.100.10')).toBe(true)
    expect(known(natted, 'other', '10.0.0.5')).toBe(true)
  })
})
