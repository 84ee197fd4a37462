// SPDX-License-Identifier: MIT
/** Routes of the main table: the nets, and what lies in them but takes another way or smaller packets. */
import { describe, expect, it } from 'vitest'
import { mtuNotes, narrowRoutes, prefixesOf, routesOf } from '../../../src/interp/desire-routes.ts'
import type { Node, Overlay } from '../../../src/model/topology.ts'
import { hubOverlay, joined } from '../../support/hub-topologies.ts'
import { at, hub, type NodeOptions, overlay, spoke } from '../../support/topologies.ts'

const nets = ['10.64.0.0/16', 'fd42:64::/48']
const gw = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1', 'fd42:64::1'] })
const site = (
  name: string,
  addresses: readonly string[],
  routes: readonly string[] = [],
  more: NodeOptions = {},
) => spoke(name, at('203.0.113.7'), { addresses, routes, ...more })

/** Of a node whose device takes 1400 bytes. */
function routes(node: Node, over: Overlay): string[] {
  return routesOf(node, over, 1400).map(({ type, destination, device, metric, mtu }) =>
    [type === 'unicast' ? device : type, destination, metric, mtu ?? '-'].join(' '),
  )
}
const [net4, net6] = ['lvn0 10.64.0.0/16 0 -', 'lvn0 fd42:64::/48 1024 -']

it('what is a node’s are its addresses and what it routes, each once', () => {
  expect(prefixesOf(site('a', ['10.64.1.1', 'fd42:64::7'], ['10.64.1.0/24', '10.64.1.1/32']))).toEqual([
    '10.64.1.1/32',
    'fd42:64::7/128',
    '10.64.1.0/24',
  ])
})

describe('into its device a node has', () => {
  const a = site('a', ['10.64.1.1'], ['10.64.1.0/24'])
  const own = 'unreachable 10.64.1.0/24 4278198272 -'

  it('the nets, of the families that it has; a hub passes on all of them', () => {
    const over = overlay(nets, { ...gw, device: { ...gw.device, addresses: [] } }, [a])
    expect(routes(a, over)).toEqual([net4, own])
    expect(routes(over.hub, over)).toEqual([net4, net6])
    const six = site('six', ['fd42:64::7'])
    expect(routes(six, overlay(nets, gw, [six]))).toEqual([net6])
  })

  it('what is another’s within its own subnet, be it at the beginning or the end of it', () => {
    const others = [site('b', ['10.64.1.0']), site('c', ['10.64.1.255']), site('d', ['10.64.2.1'])]
    expect(routes(a, overlay(nets, gw, [a, ...others]))).toEqual([
      net4,
      'lvn0 10.64.1.0/32 0 -',
      'lvn0 10.64.1.255/32 0 -',
      own,
    ])
  })

  it('what is another’s where its own subnet is the whole net', () => {
    const all = site('all', ['10.64.1.1'], ['10.64.0.0/16'])
    expect(routes(all, overlay(nets, gw, [all, site('b', ['10.64.2.1'])]))).toEqual([
      net4,
      'lvn0 10.64.0.1/32 0 -',
      'lvn0 10.64.2.1/32 0 -',
      'unreachable 10.64.0.0/16 4278198272 -',
    ])
  })

  it('nothing within what it has already, whichever of them the file names first', () => {
    const all = site('all', ['10.64.9.1'], ['10.64.0.0/16'])
    const b = site('b', ['10.64.1.0'], ['10.64.1.0/24'])
    expect(routes(all, overlay(nets, { ...gw, device: { ...gw.device, addresses: [] } }, [all, b]))).toEqual([
      net4,
      'lvn0 10.64.1.0/24 0 -',
      'unreachable 10.64.0.0/16 4278198272 -',
    ])
  })

  it('nothing in a net twice: what lies in another’s subnet, or is a subnet of both, is led by that one', () => {
    const b = site('b', ['10.64.1.129'], ['10.64.1.128/25', '10.64.1.0/24'])
    const c = site('c', ['10.64.1.130'])
    expect(routes(a, overlay(nets, gw, [a, b, c]))).toEqual([net4, 'lvn0 10.64.1.128/25 0 -', own])
  })

  it('nothing in the main table of what lies outside the nets, its own or another’s', () => {
    const exit = site('exit', ['10.64.2.1'], ['0.0.0.0/0', '10.64.2.0/24'])
    const within = site('within', ['10.64.3.1'], ['192.168.1.0/24'])
    expect(routes(exit, overlay(nets, gw, [exit, within]))).toEqual([
      net4,
      'unreachable 10.64.2.0/24 4278198272 -',
    ])
  })

  it('nothing of a family that it does not have', () => {
    const four = site('four', ['10.64.1.1'], ['10.64.1.0/24'])
    expect(routes(four, overlay(nets, gw, [four, site('b', ['fd42:64::9'])]))).toEqual([net4, own])
  })
})

describe('where a device takes smaller packets', () => {
  const thin = (name: string, n: number, mtu: number) => site(name, [`10.64.${n}.1`], [], { mtu })

  it('the hub’s route there says how small, and only there', () => {
    const over = overlay(nets, gw, [thin('a', 1, 1300), thin('b', 2, 1400), thin('c', 3, 1500)])
    expect(routes(gw, over)).toEqual([net4, net6, 'lvn0 10.64.1.1/32 0 1300'])
    const to = narrowRoutes(gw, over, 1400)
    expect(over.spokes.map(to)).toEqual([1300, null, null])
  })

  it('a spoke keeps to what its home takes, for all that is behind it', () => {
    const narrow = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'], mtu: 1350 })
    const [a, b] = [site('a', ['10.64.1.1']), thin('b', 2, 1300)]
    const over = overlay(nets, narrow, [a, b])
    expect(routes(a, over)).toEqual(['lvn0 10.64.0.0/16 0 1350'])
    expect([narrow, b].map(narrowRoutes(a, over, 1400))).toEqual([1350, 1350])
    expect(mtuNotes(a, over, 1400)).toMatchObject([
      { note: expect.stringContaining('gw1 (1350 bytes) takes') },
    ])
    expect(routes(b, over)).toEqual(['lvn0 10.64.0.0/16 0 1350'])
  })

  it('the narrowest on the way counts, another hub too', () => {
    const [one, two] = [hub('one', ['198.51.100.1']), hub('two', ['198.51.100.2'], { mtu: 1320 })]
    const wide = joined('wide', '203.0.113.1', ['two'], { addresses: ['10.64.1.1'] })
    const slim = joined('slim', '203.0.113.2', ['two'], { addresses: ['10.64.2.1'], mtu: 1290 })
    const near = joined('near', '203.0.113.3', ['one'], { addresses: ['10.64.3.1'] })
    const over = hubOverlay(nets, [one, two], [wide, slim, near])
    expect(over.spokes.map(narrowRoutes(one, over, 1400))).toEqual([1320, 1290, null])
  })

  it('a note names them, three at most', () => {
    const four = [1, 2, 3, 4].map((n) => thin(`s${n}`, n, 1300 + n))
    const note = (count: number) => mtuNotes(gw, overlay(nets, gw, four.slice(0, count)), 1400)
    const end = 'smaller packets than its 1400 bytes: the routes there say so'
    const three = 's1 (1301 bytes), s2 (1302 bytes), s3 (1303 bytes)'
    expect(note(0)).toEqual([])
    expect(note(1)).toEqual([{ id: 'device lvn0', note: `s1 (1301 bytes) takes ${end}` }])
    expect(note(3)[0]?.note).toBe(`${three} take ${end}`)
    expect(note(4)[0]?.note).toBe(`${three} and 1 more take ${end}`)
  })
})
