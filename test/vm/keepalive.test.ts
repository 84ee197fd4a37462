// SPDX-License-Identifier: MIT
/**
 * Keepalives between two ends of the module: who is there, who is gone, who has moved.
 *
 *     hub eth0 ─── eth0 spoke        192.0.2.1, 192.0.2.2; one tunnel, port 50000 on both
 */
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Address } from '../../src/model/address.ts'
import { controlType, decodeControl, encodeControl, UdpPeer } from '../support/control-peer.ts'
import { received } from '../support/lvn-pair.ts'
import { connect, Netns, until } from '../support/netns.ts'
import { type Told, TunnelEnd } from '../support/tunnel-end.ts'

const key = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')
const times = { keepaliveInterval: 500, deadTime: 1_500 }

let hub: TunnelEnd
let spoke: TunnelEnd

beforeAll(() => {
  const [a, b] = [new Netns('hub'), new Netns('spoke')]
  connect(
    { ns: a, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: b, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
  hub = new TunnelEnd(a, '192.0.2.1')
  spoke = new TunnelEnd(b, '192.0.2.2')
})

afterEach(() => {
  for (const end of [hub, spoke]) {
    end.clear()
    end.ns.ip('link set eth0 up')
  }
})

afterAll(() => {
  for (const end of [hub, spoke]) {
    end?.close()
    end?.ns.dispose()
  }
})

const toHub = { ...times, remoteAddress: '192.0.2.1' as Address, remotePort: 50_000 }
const toPeer = { remoteAddress: '192.0.2.2' as Address, remotePort: 50_100 }
const atHub = { address: '192.0.2.1', port: 50_000 }
const toSpoke = { ...times, remoteAddress: '192.0.2.2' as Address, remotePort: 50_000 }

/** Keepalives go to and fro for longer than the dead time: each interval has two requests and two answers. */
async function keptAlive(): Promise<void> {
  const packets = 2 * Math.ceil((1.5 * times.deadTime) / times.keepaliveInterval)
  const wanted = received(spoke.ns, 'eth0') + packets
  await until('keepalives have come for a while', () => received(spoke.ns, 'eth0') >= wanted)
}

/** The spoke vanishes, and the hub finds it dead. */
async function foundDead(told: readonly Told[]): Promise<void> {
  const start = told.length
  spoke.ns.ip('link set eth0 down')
  await until('the hub finds the spoke dead', () => told.length > start)
  expect(told[start]?.event).toBe('dead')
  expect(hub.get().state).toBe('dead')
}

async function foundAgain(told: readonly Told[]): Promise<void> {
  const start = told.length
  spoke.ns.ip('link set eth0 up')
  await until('the hub finds the spoke back', () => told.length > start)
  expect(told[start]?.event).toBe('back')
  await until('the spoke finds the hub back', () => spoke.get().state === 'up')
}

test.each([
  ['with a key', { key }],
  ['without one', {}],
])('a peer that vanishes is dead after the dead time, and back when it comes again: %s', async (_, keyed) => {
  const told = hub.listen()
  hub.add({ ...toSpoke, ...keyed })
  spoke.add({ ...toHub, ...keyed })
  await keptAlive()
  expect([hub.get().state, spoke.get().state]).toEqual(['up', 'up'])
  await foundDead(told)
  await foundAgain(told)
  // A machine that has much else to do may miss its word once more afterwards.
  expect(told.slice(0, 3).map(({ event }) => event)).toEqual(['added', 'dead', 'back'])
})

test('a peer that falls silent is dead after the dead time: not sooner, and not later', async () => {
  // Time enough for this process to answer while the machine has much else to do.
  const slow = { keepaliveInterval: 1_000, deadTime: 4_000 }
  const peer = new UdpPeer(spoke.ns, { address: '192.0.2.2', port: 50_100 })
  try {
    const told = hub.listen()
    hub.add({ ...slow, ...toPeer, onDead: 'remove' })
    let lastWord = 0
    for (let counter = 1n; counter <= 3n; counter++) {
      const { type, nonce } = decodeControl(await peer.next())
      expect(type).toBe(controlType.request)
      lastWord = performance.now()
      peer.send(encodeControl({ type: controlType.answer, session: 1n, counter, nonce }, null), atHub)
    }
    await until('it is gone', () => told.some(({ event }) => event === 'removed'))
    expect(told.map(({ event }) => event)).toEqual(['added', 'dead', 'removed'])
    expect((told[1]?.at ?? 0) - lastWord).toBeGreaterThanOrEqual(slow.deadTime)
    // One timer asks and finds it dead. Where the machine is late, it has been asked less often, never more often: in the
    // dead time, once at its end, and once more before the tunnel is gone.
    expect(peer.heard.length).toBeGreaterThan(0)
    expect(peer.heard.length).toBeLessThanOrEqual(slow.deadTime / slow.keepaliveInterval + 2)
  } finally {
    peer.close()
  }
})

test('clock jumps of an hour, either way, change nothing', async () => {
  const offset = Date.now() - performance.now()
  const jump = async (hours: number) => {
    await promisify(execFile)('date', ['-s', `${hours} hour`])
    return performance.now()
  }
  // Time enough for a process to start while the peer is silent.
  const slow = { keepaliveInterval: 1_000, deadTime: 4_000 }
  const told = hub.listen()
  const toldSpoke = spoke.listen()
  hub.add({ ...toSpoke, key })
  spoke.add({ ...toHub, key })
  try {
    for (const hours of [1, -1]) {
      await jump(hours)
      await keptAlive()
    }
    expect([...told, ...toldSpoke].map(({ event }) => event)).toEqual(['added', 'added'])
    expect([hub.get().state, spoke.get().state]).toEqual(['up', 'up'])
    hub.set(slow)
    await until('that was told', () => told.length === 2)
    const found = foundDead(told)
    const jumped = await jump(-1)
    await found
    expect(jumped).toBeLessThan(told.at(-1)?.at ?? 0)
    await foundAgain(told)
  } finally {
    execFileSync('date', ['-s', `@${((offset + performance.now()) / 1000).toFixed(3)}`])
  }
})

test('a tunnel that is to go when its peer is dead goes, and says why', async () => {
  const told = hub.listen()
  hub.add({ ...toSpoke, key, keepaliveInterval: 50, deadTime: 100, onDead: 'remove' })
  await until('it is gone', () => told.some(({ event }) => event === 'removed'))
  expect(told.map(({ event, reason }) => [event, reason])).toEqual([
    ['added', undefined],
    ['dead', undefined],
    ['removed', 'dead'],
  ])
  expect(() => hub.get()).toThrow('there is no such tunnel')
})

test('a spoke that comes from elsewhere is followed after it has proved itself', async () => {
  const told = hub.listen()
  hub.add({ ...times, key })
  expect(hub.get().state).toBe('pending')
  spoke.add({ ...toHub, key })
  await until('the hub knows where the spoke is', () => hub.get().remotePort === 50_000)
  spoke.set({ localAddress: '192.0.2.2' as Address, localPort: 50_009 })
  await until('the hub has followed', () => hub.get().remotePort === 50_009)
  await until('both are up', () => hub.get().state === 'up' && spoke.get().state === 'up')
  await until('all was told', () => told.length >= 3)
  expect(told.map(({ event }) => event)).toEqual(['added', 'moved', 'moved'])
})

test('a spoke with another key is not followed', async () => {
  hub.add({ ...times, key })
  spoke.add({ ...toHub, keepaliveInterval: 50, deadTime: 200, key: Buffer.alloc(16, 7) })
  const start = received(hub.ns, 'eth0')
  await until('the spoke has asked', () => received(hub.ns, 'eth0') >= start + 3)
  await until('the spoke finds nobody', () => spoke.get().state === 'dead')
  expect(hub.get().state).toBe('pending')
})
