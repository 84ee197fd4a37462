// SPDX-License-Identifier: MIT
/**
 * Operations on the host's network against a kernel that answers by a script: what it did after a refusal is taken
 * back, and nothing of it is reported as done. Carried out by a real kernel in test/netns/host.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { applyOperations } from '../../../native/host/apply.ts'
import { decodeMessages, type NetlinkMessage } from '../../../native/netlink/message.ts'
import { Rtnetlink } from '../../../native/netlink/rtnetlink.ts'
import { NetlinkSocket } from '../../../native/netlink/socket.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import type { HostOperation } from '../../../src/model/kernel.ts'
import type { RouteSpec } from '../../../src/model/state.ts'
import { end, ScriptedWire, verdict } from '../../support/scripted-wire.ts'
import { recordings } from './recordings.ts'

const RTM = { newLink: 16, getLink: 18, newAddress: 20, deleteAddress: 21, newRoute: 24, deleteRoute: 25 }
const EEXIST = 17
const EPERM = 1

/** A kernel with the interface v0, which refuses the changes that `refuse` gives an errno for, counted from 0. */
function kernel(refuse: (change: number) => number) {
  const changes: string[] = []
  const [link] = decodeMessages(Buffer.from(recordings.link, 'hex')) as [NetlinkMessage]
  const wire = new ScriptedWire((requests) => [
    requests.flatMap((to) => {
      if (to.type === RTM.getLink) return [{ ...link, sequence: to.sequence }, end(to)]
      const [kind] = Object.entries(RTM).find(([, type]) => type === to.type) as [string, number]
      changes.push(kind)
      return [verdict(to, refuse(changes.length - 1))]
    }),
  ])
  return { rtnetlink: new Rtnetlink(new NetlinkSocket(0, [], wire.open)), changes, wire }
}

const address = (host: number): HostOperation => ({
  op: 'add',
  kind: 'address',
  spec: { device: 'v0', address: `10.64.0.${host}` as Address },
})
const route = (net: number, op: 'add' | 'delete' = 'add', device = 'v0') => {
  const spec = {
    destination: `10.${net}.0.0/16` as Prefix,
    device,
    type: 'unicast',
    metric: 0,
    mtu: null,
  } as const
  return { op, kind: 'route', spec } satisfies HostOperation
}
const statuses = (results: ReturnType<typeof applyOperations>) => results.map(({ status }) => status)

describe('a refusal', () => {
  test('ends the batch; what the kernel did after it is taken back, the newest first', () => {
    const { rtnetlink, changes, wire } = kernel((change) => (change === 1 ? EEXIST : 0))
    const results = applyOperations(rtnetlink, [
      address(1),
      address(2),
      address(3),
      route(1),
      route(2, 'delete'),
    ])
    expect(statuses(results)).toEqual(['done', 'failed', 'not-tried', 'not-tried', 'not-tried'])
    expect(changes).toEqual([
      ...['newAddress', 'newAddress', 'newAddress', 'newRoute'],
      ...['deleteRoute', 'deleteAddress'],
    ])
    // The links, the changes, their inverses.
    expect(wire.sent.map((datagram) => datagram.length)).toEqual([1, 4, 2])
  })

  test('has changes of routes changed back', () => {
    const { rtnetlink, changes, wire } = kernel((change) => (change === 0 ? EEXIST : 0))
    const [one, two] = [route(1).spec, route(2).spec]
    const set = (spec: RouteSpec) => ({ op: 'set', kind: 'route', before: spec, spec }) as const
    const results = applyOperations(rtnetlink, [set(one), set(two)])
    expect(statuses(results)).toEqual(['failed', 'not-tried'])
    expect(changes).toEqual(['newRoute', 'newRoute', 'newRoute'])
    const [, forth, back] = wire.sent
    expect(back?.[0]?.flags).toBe(forth?.[1]?.flags)
  })

  test('of an inverse leaves what could not be taken back as done', () => {
    const { rtnetlink } = kernel((change) => (change === 0 || change === 3 ? EEXIST : 0))
    expect(statuses(applyOperations(rtnetlink, [address(1), address(2), address(3)]))).toEqual([
      'failed',
      'not-tried',
      'done',
    ])
  })

  test('for want of permission says so', () => {
    const { rtnetlink } = kernel(() => EPERM)
    expect(applyOperations(rtnetlink, [address(1)])).toMatchObject([
      { status: 'failed', error: { code: 'LVN7002' } },
    ])
  })

  test('of what cannot even be asked for comes after all before it', () => {
    const { rtnetlink, changes } = kernel(() => 0)
    const results = applyOperations(rtnetlink, [route(1), route(2, 'add', 'v9'), route(3)])
    expect(statuses(results)).toEqual(['done', 'failed', 'not-tried'])
    expect(changes).toEqual(['newRoute'])
  })
})

describe('a batch', () => {
  test('never has additions and deletions in one datagram, and tells its progress', () => {
    const { rtnetlink, wire } = kernel(() => 0)
    const progress: number[] = []
    const operations = [route(1), route(2), route(3, 'delete'), address(1)]
    const results = applyOperations(rtnetlink, operations, (done) => progress.push(done))
    expect(statuses(results)).toEqual(['done', 'done', 'done', 'done'])
    const changes = wire.sent.filter(([first]) => first?.type !== RTM.getLink)
    expect(changes.map((datagram) => datagram.length)).toEqual([2, 1, 1])
    expect(progress).toEqual([2, 3, 4])
  })

  test('takes nothing for a failure that was gone before', () => {
    const ESRCH = 3
    const { rtnetlink, changes } = kernel(() => ESRCH)
    expect(statuses(applyOperations(rtnetlink, [route(1, 'delete'), route(2, 'delete', 'v9')]))).toEqual([
      'done',
      'done',
    ])
    expect(changes).toEqual(['deleteRoute'])
  })
})
