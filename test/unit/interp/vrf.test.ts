// SPDX-License-Identifier: MIT
/** An underlay address that a VRF has is named, since a tunnel that goes there finds no route. */
import { expect, test } from 'vitest'
import { planApply } from '../../../src/interp/index.ts'
import { Underlay } from '../../../src/interp/underlay.ts'
import { vrfNotes } from '../../../src/interp/vrf.ts'
import type { LiveLink } from '../../../src/model/state.ts'
import { address, link, liveState } from '../../support/live-state.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, overlay, spoke, topology } from '../../support/topologies.ts'

const gw = hub('gw1', ['198.51.100.10', '192.0.2.10'], { addresses: ['10.64.0.1'] })
const a = spoke('a', at('203.0.113.7'), { addresses: ['10.64.1.1'] })
const file = topology(overlay(['10.64.0.0/16'], gw, [a]))

function kernel(vrf: LiveLink['kind'], ofVrf: readonly string[]): SimKernel {
  const made = new SimKernel([
    { name: 'lo' },
    { name: 'eth0', addresses: ['198.51.100.10/24'] },
    { name: 'eth1', addresses: ['192.0.2.10/24'] },
    { name: 'red' },
  ])
  made.route('0.0.0.0/0', 'eth1')
  const red = made.links.get('red') as LiveLink
  made.links.set('red', { ...red, kind: vrf })
  for (const name of ofVrf)
    made.links.set(name, { ...(made.links.get(name) as LiveLink), master: red.ifindex })
  return made
}

const notes = async (made: SimKernel) =>
  (await planApply(made, file, [gw], { resolveName: async () => [] })).notes.map(
    ({ id, note }) => `${id}: ${note}`,
  )

test('the address and the VRF of its interface are named', async () => {
  expect(await notes(kernel('vrf', ['eth0']))).toEqual([
    'device lvn0: 198.51.100.10 belongs to the VRF red, and packets of tunnels are routed outside of every VRF; ' +
      'take eth0 out of it, or listen on another address',
  ])
})

test.each([
  ['of a bridge', 'bridge', ['eth0']],
  ['of an interface that is in none', 'vrf', []],
] as const)('no port %s is', async (_, kind, ports) => {
  expect((await notes(kernel(kind, ports))).filter((note) => note.includes('VRF'))).toEqual([])
})

test('a spoke hears so of its own endpoint, and a VRF of an address of its own', () => {
  const links = [
    link('eth0', { ifindex: 1, master: 7 }),
    link('br0', { ifindex: 6, kind: 'bridge' }),
    link('red', { ifindex: 7, kind: 'vrf' }),
    link('eth1', { ifindex: 8, master: 6 }),
  ]
  const heard = (holder: string) => {
    const live = liveState({ links, addresses: [address(holder, '203.0.113.7')] })
    return vrfNotes(live, new Underlay(live), [a]).map(({ note }) => note.split(',')[0])
  }
  expect(heard('eth0')).toEqual(['203.0.113.7 belongs to the VRF red'])
  expect(heard('red')).toEqual(['203.0.113.7 belongs to the VRF red'])
  expect(heard('eth1')).toEqual([])
  expect(heard('gone')).toEqual([])
  const none = liveState({ links })
  expect(vrfNotes(none, new Underlay(none), [a])).toEqual([])
})
