// SPDX-License-Identifier: MIT
/**
 * Control packets that are not to be believed. The hub's peer is a UDP socket of this test's that knows the key,
 * so it can tell the truth first and lie afterwards.
 *
 *     hub eth0 ─── eth0 peer        192.0.2.1, 192.0.2.2; one tunnel
 *
 * The dead time is so short that the hub finds the peer dead as soon as it is silent. A packet that is believed
 * brings it back, with an event; one that is not leaves everything as it is.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TunnelAttributes } from '../../native/kmod/generated.ts'
import type { Address } from '../../src/model/address.ts'
import { type Control, controlType, decodeControl, encodeControl, UdpPeer } from '../support/control-peer.ts'
import { connect, Netns, until } from '../support/netns.ts'
import { type Told, TunnelEnd } from '../support/tunnel-end.ts'

const key = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')
const { request, answer } = controlType
const atHub = { address: '192.0.2.1', port: 50_000 }
const peerAddress = '192.0.2.2' as Address
const times = { keepaliveInterval: 0, deadTime: 200 }

let hub: TunnelEnd
let peerNs: Netns
/** The peer's own socket, and one of the same host that is nobody's. */
let peer: UdpPeer
let stranger: UdpPeer

beforeAll(() => {
  const ns = new Netns('hub')
  peerNs = new Netns('peer')
  connect(
    { ns, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: peerNs, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
  hub = new TunnelEnd(ns, atHub.address)
})

afterAll(() => {
  hub?.close()
  hub?.ns.dispose()
  peerNs?.dispose()
})

/** What the peer says of itself: the counter grows with each packet. */
let session: bigint
let counter: bigint
let told: readonly Told[]
/** As things were before the lies. */
let quiet: { readonly events: number; readonly rejected: number }
/** What the peer sent and got while it told the truth. */
let said: { readonly request: Buffer; readonly answer: Buffer; readonly heard: readonly Buffer[] }

// Sockets of their own for each test: nothing comes in late.
let lastPort = 51_000

beforeEach(() => {
  session = 0xfeed_0000_0000_0001n
  counter = 100n
  peer = new UdpPeer(peerNs, { address: peerAddress, port: ++lastPort })
  stranger = new UdpPeer(peerNs, { address: peerAddress, port: ++lastPort })
})

afterEach(() => {
  hub.clear()
  peer.close()
  stranger.close()
})

const addTunnel = (underKey: Buffer | null, more: TunnelAttributes = {}) => {
  told = hub.listen()
  hub.add({
    ...times,
    remoteAddress: peerAddress,
    remotePort: peer.place.port,
    ...(underKey === null ? {} : { key: underKey }),
    ...more,
  })
}

/** A packet of the peer's that is right in everything that `more` does not say. */
const packet = (type: number, more: Partial<Control> = {}, underKey: Buffer | null = key) =>
  encodeControl({ type, session, counter: ++counter, nonce: counter, ...more }, underKey)

const rejected = () => hub.get().stats?.controlRejected ?? 0

/** The peer introduces itself: it asks, is answered and asked, and answers until it is believed. */
async function introduce(underKey: Buffer | null): Promise<void> {
  await settle()
  said = await talk(underKey)
  await settle()
}

/** The peer tells the truth until the hub says that it is back, then asks once more and is answered. */
async function talk(underKey: Buffer | null): Promise<typeof said> {
  const [sent, heard]: [Record<number, Buffer>, Buffer[]] = [{}, []]
  const say = (type: number, nonce: bigint) => {
    const bytes = packet(type, nonce === 0n ? {} : { nonce }, underKey)
    sent[type] ??= bytes
    peer.send(bytes, atHub)
    return decodeControl(bytes).nonce
  }
  const isBack = () => told.slice(quiet.events).some(({ event }) => event === 'back')
  let asked = say(request, 0n)
  await until('the peer is believed and answered', () => {
    for (const each of peer.heard.splice(0)) {
      heard.push(each)
      const { type, nonce } = decodeControl(each)
      if (type === answer && nonce !== asked) continue
      if (type === answer && isBack()) return true
      if (type === request) say(answer, nonce)
      // What was sent last has the largest counter: no other can make a replay of it by overtaking.
      asked = say(request, 0n)
    }
    return false
  })
  return { request: sent[request] as Buffer, answer: sent[answer] as Buffer, heard }
}

/** The hub finds the peer dead, and everything that it had to tell of this was heard. */
async function settle(): Promise<void> {
  for (let settled = false; !settled; ) {
    await until('the hub finds the peer dead', () => hub.get().state === 'dead')
    const events = told.length
    // Is told at once, after all that was told before.
    hub.set({})
    await until('a change is told', () => told.slice(events).some(({ event }) => event === 'changed'))
    settled = told.findLast(({ event }) => event !== 'changed')?.event === 'dead'
  }
  quiet = { events: told.length, rejected: rejected() }
}

/** As `settle` left it but for rejected packets, and nobody was answered. */
function expectUnchanged(): void {
  expect(told.slice(quiet.events)).toEqual([])
  expect(hub.get()).toMatchObject({
    state: 'dead',
    remoteAddress: peerAddress,
    remotePort: peer.place.port,
  })
  expect([peer.heard, stranger.heard]).toEqual([[], []])
}

const isCounted = (what: string, number: number) =>
  until(`it is counted: ${what}`, () => rejected() === quiet.rejected + number)

/** For comparison: the truth is believed, and nothing was before. */
async function comesBack(underKey: Buffer | null): Promise<void> {
  expectUnchanged()
  await talk(underKey)
  expect(told[quiet.events]?.event).toBe('back')
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}

type Lies = Readonly<Record<string, () => readonly [Buffer, UdpPeer]>>

/** Each is rejected by the tunnel that it is meant for, and counted there. */
const lies: Lies = {
  'a wrong tag': () => [flipped(packet(request), 47), peer],
  'bytes changed under the tag': () => [flipped(packet(request), 31), peer],
  'the id of the key without the key': () => [
    Buffer.concat([packet(request).subarray(0, 16), packet(request, {}, Buffer.alloc(16, 7)).subarray(16)]),
    peer,
  ],
  'a type that there is not': () => [packet(3), peer],
  'no key where the tunnel has one': () => [packet(request, {}, null), peer],
  'no session': () => [packet(request, { session: 0n }), peer],
  'a request again': () => [said.request, peer],
  'an answer again': () => [said.answer, peer],
  'an answer again, with a counter that is new': () => [
    packet(answer, { nonce: decodeControl(said.answer).nonce }),
    peer,
  ],
  'an answer to nothing': () => [packet(answer), peer],
  'its own answer': () => [said.heard[0] as Buffer, peer],
  'its own request': () => [said.heard[1] as Buffer, peer],
  'a request again, from elsewhere': () => [said.request, stranger],
  'an answer again, from elsewhere': () => [said.answer, stranger],
  'an answer to nothing, from elsewhere': () => [packet(answer), stranger],
  'its own request, from elsewhere': () => [said.heard[1] as Buffer, stranger],
}

test('rejected and counted, and nothing changes', async () => {
  addTunnel(key)
  await introduce(key)
  let count = 0
  for (const [name, lie] of Object.entries(lies)) {
    const [bytes, from] = lie()
    from.send(bytes, atHub)
    await isCounted(name, ++count)
    expectUnchanged()
  }
  await comesBack(key)
  expect(rejected()).toBe(quiet.rejected + count)
})

/** None of them can be told to be of a tunnel: the device counts them. */
const strange: Lies = {
  'one byte less': () => [packet(request).subarray(0, 47), peer],
  'a version that there is not': () => [packet(request, { version: 2 }), peer],
  'the id of another key': () => [packet(request, {}, Buffer.alloc(16, 7)), peer],
}

const isUnknown = (what: string, number: number) =>
  until(`it is counted as of nobody known: ${what}`, () => hub.unknown() === number)

test('of nobody known, and nothing changes', async () => {
  addTunnel(key)
  await introduce(key)
  let count = hub.unknown()
  for (const [name, lie] of Object.entries(strange)) {
    const [bytes, from] = lie()
    from.send(bytes, atHub)
    await isUnknown(name, ++count)
    expectUnchanged()
  }
  // An empty packet keeps a NAT binding open and says nothing; what comes after it is counted alone.
  peer.send(Buffer.alloc(0), atHub)
  peer.send(packet(request).subarray(0, 47), atHub)
  await isUnknown('what came after nothing at all', ++count)
  expectUnchanged()
  await comesBack(key)
  expect([rejected(), hub.unknown()]).toEqual([quiet.rejected, count])
})

describe('from elsewhere', () => {
  test('a packet that never arrived is asked about, and not followed without an answer', async () => {
    addTunnel(key)
    await introduce(key)
    stranger.send(packet(request), atHub)
    const asked = await stranger.next()
    expect(decodeControl(asked).type).toBe(request)
    // Who has no key can only say again what was said.
    for (const [index, lie] of [asked, said.answer].entries()) {
      stranger.send(lie, atHub)
      await isCounted('what was said again', index + 1)
    }
    await comesBack(key)
  })

  test('a recorded request, said again and again, does not keep the peer from moving', async () => {
    addTunnel(key)
    await introduce(key)
    const recorded = said.request
    session += 1n
    await introduce(key)
    const isAsked = () => stranger.heard.length > 0
    stranger.send(recorded, atHub)
    await until('the hub asks the one who says it again', isAsked)
    // What the hub would have asked next, it has just asked: the peer comes at the worst of times.
    const moved = new UdpPeer(peerNs, { address: peerAddress, port: ++lastPort })
    try {
      moved.send(packet(request), atHub)
      const { type, nonce } = decodeControl(await moved.next())
      expect(type).toBe(request)
      moved.send(packet(answer, { nonce }), atHub)
      await until('the hub has followed', () => hub.get().remotePort === moved.place.port)
    } finally {
      moved.close()
    }
  })

  test('nor one that has started anew meanwhile', async () => {
    addTunnel(key)
    await introduce(key)
    const recorded = said.request
    session += 1n
    await introduce(key)
    const moved = new UdpPeer(peerNs, { address: peerAddress, port: ++lastPort })
    let next = performance.now()
    session += 1n
    try {
      await until('the hub has followed', () => {
        if (performance.now() >= next) {
          next += 100
          stranger.send(recorded, atHub)
          moved.send(packet(request), atHub)
        }
        for (const each of moved.heard.splice(0)) {
          const { type, nonce } = decodeControl(each)
          if (type === request) moved.send(packet(answer, { nonce }), atHub)
        }
        return hub.get().remotePort === moved.place.port
      })
    } finally {
      moved.close()
    }
  })

  test('an answer moves the tunnel once, and not again when it is recorded', async () => {
    addTunnel(key)
    await introduce(key)
    stranger.send(packet(request), atHub)
    const { nonce } = decodeControl(await stranger.next())
    const proof = packet(answer, { nonce })
    stranger.send(proof, atHub)
    await until('the hub has followed', () => hub.get().remotePort === stranger.place.port)
    // Back at its old place, in a session of its own.
    session += 1n
    await until('the hub has followed back', () => {
      peer.send(packet(request), atHub)
      for (const each of peer.heard.splice(0)) {
        const heard = decodeControl(each)
        if (heard.type === request) peer.send(packet(answer, { nonce: heard.nonce }), atHub)
      }
      return hub.get().remotePort === peer.place.port
    })
    const before = rejected()
    stranger.send(proof, atHub)
    await until('it is counted', () => rejected() > before)
    expect(hub.get().remotePort).toBe(peer.place.port)
  })

  test('without a key nobody is asked, answered or followed', async () => {
    addTunnel(null)
    await introduce(null)
    let count = hub.unknown()
    for (const lie of [packet(request, {}, null), packet(answer, {}, null), said.request]) {
      stranger.send(lie, atHub)
      await isUnknown('from elsewhere', ++count)
      expectUnchanged()
    }
    await comesBack(null)
    expect(rejected()).toBe(quiet.rejected)
  })
})

/** The peer introduces itself in two sessions, one after the other: what it said in the first. */
async function startedAnew(): Promise<typeof said> {
  addTunnel(key)
  await introduce(key)
  const earlier = said
  session += 1n
  await introduce(key)
  return earlier
}

/** Sends a recorded request until the hub has asked so many times; every one of its requests is answered. */
async function askedAgain(recorded: Buffer, times: number) {
  const types: number[] = []
  const asked: number[] = []
  await until(`the hub asks ${times} times`, () => {
    peer.send(recorded, atHub)
    for (const each of peer.heard.splice(0)) {
      const { type, nonce } = decodeControl(each)
      types.push(type)
      if (type !== request) continue
      asked.push(performance.now())
      if (times > 1) peer.send(packet(answer, { nonce }), atHub)
    }
    return asked.length >= times
  })
  return { types, asked }
}

test('a recorded request has the hub ask once a second and no more, answered or not', async () => {
  const earlier = await startedAnew()
  const { asked } = await askedAgain(earlier.request, 4)
  expect((asked.at(-1) as number) - (asked[0] as number)).toBeGreaterThan(2_500)
})

test('a packet of an earlier session is answered and proves nothing', async () => {
  const earlier = await startedAnew()
  const heard = await askedAgain(earlier.request, 1)
  expect(heard.types).toContain(answer)
  // An answer that is as old is none to what the hub asked now.
  peer.send(earlier.answer, atHub)
  await isCounted('the old answer', 1)
  expectUnchanged()
})

describe('a path that is slower than the interval', () => {
  const asked = () => peer.heard.map(decodeControl).filter(({ type }) => type === request)
  const askedAtLeast = (number: number) => until('the hub asks again', () => asked().length >= number)

  beforeEach(async () => {
    addTunnel(key, { keepaliveInterval: 100 })
    await until('the hub finds the peer dead', () => told.some(({ event }) => event === 'dead'))
    peer.heard.splice(0)
  })

  test('an answer counts, although more has been asked meanwhile', async () => {
    await askedAtLeast(3)
    peer.send(packet(answer, { nonce: asked().at(-3)?.nonce as bigint }), atHub)
    await until('the peer is back', () => told.some(({ event }) => event === 'back'))
  })

  test('but not for ever', async () => {
    const before = rejected()
    await askedAtLeast(20)
    peer.send(packet(answer, { nonce: asked().at(-20)?.nonce as bigint }), atHub)
    await until('it is counted', () => rejected() === before + 1)
    expect(told.some(({ event }) => event === 'back')).toBe(false)
  })
})

describe('the dead time', () => {
  test('counts from when it is set on a tunnel that had none', async () => {
    addTunnel(key, { deadTime: 0 })
    const deadTime = 1_000
    const made = performance.now()
    await until('the tunnel is older than that', () => performance.now() - made > 1.5 * deadTime)
    const set = performance.now()
    hub.set({ deadTime })
    await until('the peer is dead', () => told.some(({ event }) => event === 'dead'))
    expect((told.find(({ event }) => event === 'dead')?.at ?? 0) - set).toBeGreaterThan(0.8 * deadTime)
  })

  test('is forgotten with the remote endpoint', async () => {
    addTunnel(key)
    await settle()
    hub.set({ forgetRemote: true })
    expect(hub.get().state).toBe('pending')
    hub.set({ remoteAddress: peerAddress, remotePort: peer.place.port })
    const news = () => told.map(({ event }) => event).filter((event) => event !== 'changed')
    await until('it is dead anew', () => news().length > 2)
    expect(news()).toEqual(['added', 'dead', 'dead'])
  })
})

/** An IPv4 packet without payload, as the kernel takes it: protocol 59 is "no next header". */
const data = Buffer.from('4500001400000000403b0000' + '0a400002' + '0a400001', 'hex')

test.each([
  ['with a key', key],
  ['without one', null],
])('data proves nothing: a peer that sends nothing else is dead, and stays it: %s', async (_, underKey) => {
  const deadTime = 1_000
  addTunnel(underKey, { deadTime })
  const gone = performance.now()
  const packets = () => hub.get().stats?.rxPackets ?? 0
  await until('the hub finds the peer dead', () => {
    peer.send(data, atHub)
    return told.length === 2
  })
  expect(told[1]?.event).toBe('dead')
  expect(Math.abs((told[1]?.at ?? 0) - gone - deadTime)).toBeLessThan(deadTime / 2)
  const before = packets()
  expect(before).toBeGreaterThan(0)
  await until('more data came in', () => {
    peer.send(data, atHub)
    return packets() >= before + 20
  })
  expect(told.map(({ event }) => event)).toEqual(['added', 'dead'])
  expect(hub.get().state).toBe('dead')
})
