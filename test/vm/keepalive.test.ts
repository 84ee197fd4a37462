// SPDX-License-Identifier: MIT
/**
 * Keepalives of the module: who is there, who is gone, who has moved.
 *
 *     hub h1 ─── eth0 spoke        192.0.2.0/24; tunnels under one key, local ports 50000
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  command,
  decodeTunnel,
  type Event,
  encodeTunnel,
  type Reason,
  type TunnelAttributes,
} from '../../native/kmod/generated.ts'
import { decodeGeneric, NETLINK_GENERIC } from '../../native/netlink/genetlink.ts'
import { NetlinkSocket } from '../../native/netlink/socket.ts'
import { withNetns } from '../../native/netns.ts'
import type { Address } from '../../src/model/address.ts'
import { addLink, type Family, openFamily } from '../support/lvn-link.ts'
import { connect, Netns, until } from '../support/netns.ts'

const key = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')
const times = { keepaliveInterval: 200, deadTime: 1_000 }

interface End {
  readonly ns: Netns
  readonly family: Family
  readonly ifindex: number
}

let hub: End
let spoke: End

beforeEach(() => {
  const [a, b] = [new Netns('hub'), new Netns('spoke')]
  connect(
    { ns: a, dev: 'h1', addresses: ['192.0.2.1/24'] },
    { ns: b, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
  ;[hub, spoke] = [a, b].map((ns) => {
    const ifindex = addLink(ns, 'lvn0', { mode: 'fixed' })
    ns.run('ip', 'link', 'set', 'lvn0', 'up')
    return { ns, ifindex, family: openFamily(ns) }
  }) as [End, End]
})

afterEach(() => {
  for (const end of [hub, spoke]) {
    end.family.close()
    end.ns.dispose()
  }
})

function add(end: End, more: TunnelAttributes): void {
  const toSpoke = end === hub
  end.family.send(command.tunnelNew, (e) =>
    encodeTunnel(e, {
      ifindex: end.ifindex,
      id: 1,
      localAddress: (toSpoke ? '192.0.2.1' : '192.0.2.2') as Address,
      localPort: 50_000,
      ...times,
      ...more,
    }),
  )
}

const toHub = { remoteAddress: '192.0.2.1' as Address, remotePort: 50_000 }
const toSpoke = { remoteAddress: '192.0.2.2' as Address, remotePort: 50_000 }

function get(end: End): TunnelAttributes {
  const request = { ifindex: end.ifindex, id: 1 }
  const [reply] = end.family.send(command.tunnelGet, (e) => encodeTunnel(e, request))
  return decodeTunnel(decodeGeneric(reply as never).attributes)
}

/** What is told of the end's tunnels from now on. */
function listen(end: End): { readonly events: [Event, Reason | undefined][]; stop(): void } {
  const group = end.family.family.groups.get('events') as number
  const socket = withNetns(end.ns.path, () => new NetlinkSocket(NETLINK_GENERIC, [group]))
  const events: [Event, Reason | undefined][] = []
  const stop = socket.watch((message) => {
    if (message === null) return
    const { event, reason } = decodeTunnel(decodeGeneric(message).attributes)
    if (event !== undefined) events.push([event, reason])
  })
  return {
    events,
    stop() {
      stop()
      socket.close()
    },
  }
}

/** Packets that came in from the underlay. */
function receivedBy(end: { readonly ns: Netns }): number {
  return JSON.parse(end.ns.run('ip', '-s', '-j', 'link', 'show', 'eth0'))[0].stats64.rx.packets
}

test.each([
  ['with a key', { key }],
  ['without one', {}],
])('a peer that vanishes is dead, and back when it comes again: %s', async (_, keyed) => {
  const told = listen(hub)
  add(hub, { ...toSpoke, ...keyed })
  add(spoke, { ...toHub, ...keyed })
  // Requests and answers of both ends: as many as three dead times hold.
  const wanted = receivedBy(spoke) + 2 * Math.ceil((3 * times.deadTime) / times.keepaliveInterval)
  await until('keepalives have come for a while', () => receivedBy(spoke) >= wanted)
  expect(get(hub).state).toBe('up')
  expect(get(spoke).state).toBe('up')
  spoke.ns.run('ip', 'link', 'set', 'eth0', 'down')
  const gone = performance.now()
  await until('the hub finds the spoke dead', () => get(hub).state === 'dead')
  expect(performance.now() - gone).toBeLessThan(times.deadTime + 3 * times.keepaliveInterval)
  spoke.ns.run('ip', 'link', 'set', 'eth0', 'up')
  await until('the hub finds the spoke back', () => get(hub).state === 'up')
  await until('all was told', () => told.events.length >= 3)
  told.stop()
  expect(told.events.map(([event]) => event)).toEqual(['added', 'dead', 'back'])
})

test('a tunnel that is to go when its peer is dead goes, and says why', async () => {
  const told = listen(hub)
  add(hub, { ...toSpoke, key, onDead: 'remove' })
  await until('it is gone', () => told.events.some(([event]) => event === 'removed'))
  told.stop()
  expect(told.events).toEqual([
    ['added', undefined],
    ['dead', undefined],
    ['removed', 'dead'],
  ])
  expect(() => get(hub)).toThrow('there is no such tunnel')
})

test('a spoke that comes from elsewhere is followed after it has proved itself', async () => {
  const told = listen(hub)
  add(hub, { key })
  expect(get(hub).state).toBe('pending')
  add(spoke, { ...toHub, key })
  await until('the hub knows where the spoke is', () => get(hub).remotePort === 50_000)
  spoke.family.send(command.tunnelSet, (e) =>
    encodeTunnel(e, {
      ifindex: spoke.ifindex,
      id: 1,
      localAddress: toSpoke.remoteAddress,
      localPort: 50_009,
    }),
  )
  await until('the hub has followed', () => get(hub).remotePort === 50_009)
  await until('both are up', () => get(hub).state === 'up' && get(spoke).state === 'up')
  await until('all was told', () => told.events.length >= 3)
  told.stop()
  expect(told.events.map(([event]) => event)).toEqual(['added', 'moved', 'moved'])
})

test('a spoke with another key is not followed', async () => {
  add(hub, { key })
  add(spoke, { ...toHub, key: Buffer.alloc(16, 7) })
  await until('the spoke finds nobody', () => get(spoke).state === 'dead')
  expect(get(hub).state).toBe('pending')
})

const send = (hex: string, count: number) => `
  const socket = require('node:dgram').createSocket('udp4')
  let left = ${count}
  socket.bind(50000, () => {
    for (let i = 0; i < ${count}; i++)
      socket.send(Buffer.from('${hex}', 'hex'), 50000, '192.0.2.1', () => { if (--left === 0) socket.close() })
  })`

test('forged control packets are counted and change nothing', async () => {
  add(hub, { ...toSpoke, keepaliveInterval: 0, deadTime: 0 })
  const forged = `01020000${'00'.repeat(12)}${'11'.repeat(32)}`
  spoke.ns.run(process.execPath, '-e', send(forged, 5))
  await until('they were counted', () => get(hub).stats?.controlRejected === 5)
  expect(get(hub)).toMatchObject({ state: 'up', remotePort: 50_000 })
})
