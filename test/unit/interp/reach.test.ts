// SPDX-License-Identifier: MIT
/** What an apply must not take away: ways to remotes, and default routes, that no overlay has. */
import { expect, test } from 'vitest'
import { lostReach, reachOf } from '../../../src/interp/reach.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import { link, liveState, route } from '../../support/live-state.ts'

const links = [link('eth0'), link('lvn0', { owner: { overlay: 'mitte', node: 'gw1' } })]
const path = (remote: string, out: string | null) => ({
  remote: remote as Address,
  via: out === null ? null : { interface: out, source: '192.0.2.1' as Address, mtu: 1500 },
})
const [near, far] = [path('203.0.113.7', 'eth0'), path('203.0.113.8', 'eth0')]
const [four, six] = [route('0.0.0.0/0', 'eth0'), route('::/0', 'eth0')]
const whole = liveState({ links, paths: [near, far], routes: [four, six] })

test('remotes with a way are within reach, and the default routes of both families', () => {
  expect(reachOf(whole)).toEqual({
    remotes: ['203.0.113.7', '203.0.113.8'],
    defaults: ['0.0.0.0/0', '::/0'],
  })
  expect(lostReach(reachOf(whole), whole)).toEqual([])
})

test.each([
  ['is none', path('203.0.113.8', null)],
  ['leads into an overlay', path('203.0.113.8', 'lvn0')],
])('a remote whose way %s is out of reach', (_, lost) => {
  const live = { ...whole, paths: [near, lost] }
  expect(reachOf(live).remotes).toEqual(['203.0.113.7'])
  expect(lostReach(reachOf(whole), live)).toEqual(['203.0.113.8'])
})

test.each([
  ['leads into an overlay', route('0.0.0.0/0', 'lvn0')],
  ['leads nowhere', route('0.0.0.0/0', null)],
  ['is of another table', route('0.0.0.0/0', 'eth0', { table: 7600 })],
  ['is for some packets alone', route('0.0.0.0/0', 'eth0', { tos: 16 })],
  ['is for some sources alone', route('0.0.0.0/0', 'eth0', { from: '10.0.0.0/8' as Prefix })],
  ['is no default route', route('128.0.0.0/1', 'eth0')],
])('a default route that %s is none', (_, other) => {
  const live = { ...whole, routes: [other, six] }
  expect(reachOf(live).defaults).toEqual(['::/0'])
  expect(lostReach(reachOf(whole), live)).toEqual(['0.0.0.0/0'])
  expect(reachOf({ ...whole, routes: [other, four, six] }).defaults).toEqual(['0.0.0.0/0', '::/0'])
})
