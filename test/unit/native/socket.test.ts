// SPDX-License-Identifier: MIT
/**
 * A netlink socket against a kernel that answers by a script: dumps that are torn, overrun, cut off or refused half
 * way; answers that are another's, out of order, lost or late. The system's side, a real kernel, is in
 * test/netns/host-netlink.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { NetlinkError } from '../../../native/netlink/error.ts'
import { encodeMessage, type NetlinkMessage, NLM_F } from '../../../native/netlink/message.ts'
import { NetlinkSocket, type Request } from '../../../native/netlink/socket.ts'
import { LvnError } from '../../../src/diag/error.ts'
import {
  end,
  overrun,
  part,
  type Script,
  ScriptedWire,
  systemError,
  verdict,
} from '../../support/scripted-wire.ts'

const EEXIST = 17
const EBUSY = 16
const request = (name: string, flags?: number): Request => ({
  what: `do ${name}`,
  type: 20,
  payload: Buffer.from(name),
  ...(flags === undefined ? {} : { flags }),
})
const all = request('all')
const names = (messages: readonly NetlinkMessage[]) => messages.map(({ payload }) => payload.toString())

function socketOf(script: Script): { readonly socket: NetlinkSocket; readonly wire: ScriptedWire } {
  const wire = new ScriptedWire(script)
  return { socket: new NetlinkSocket(0, [], wire.open), wire }
}

/** A kernel whose dumps are answered in turn; the last way of answering stays. */
function dumping(...turns: readonly ((to: NetlinkMessage) => ReturnType<Script>)[]) {
  return socketOf(([to], turn) => {
    const answer = turns[Math.min(turn, turns.length - 1)]
    return to === undefined || answer === undefined ? [] : answer(to)
  })
}

const whole = (to: NetlinkMessage) => [
  [part(to, 'a'), part(to, 'b')],
  [part(to, 'c'), end(to)],
]

function failureOf(call: () => unknown): NetlinkError {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(NetlinkError)
    return error as NetlinkError
  }
  throw new Error('nothing was thrown')
}

describe('a socket', () => {
  test('is opened for its protocol and groups, and closed once', () => {
    const wire = new ScriptedWire()
    const socket = new NetlinkSocket(16, [3, 4], wire.open)
    expect(wire.opened).toEqual([16, [3, 4]])
    void new NetlinkSocket(0, undefined, wire.open)
    expect(wire.opened).toEqual([0, []])
    socket.close()
    socket.close()
    expect(wire.closed).toBe(1)
  })

  test('that cannot be had says so', () => {
    const open = () => {
      throw systemError('EMFILE')
    }
    expect(() => new NetlinkSocket(0, [], open)).toThrow('cannot open a netlink socket: EMFILE')
  })

  test('that cannot be written to, or read, says what was tried', () => {
    const { socket, wire } = socketOf(() => [{ errno: 'EIO' }])
    expect(() => socket.request(all)).toThrow('cannot read from a netlink socket: EIO')
    wire.send = () => {
      throw systemError('ENOMEM')
    }
    expect(() => socket.request(all)).toThrow('cannot do all: ENOMEM')
    expect(() => socket.dump(all)).toThrow(LvnError)
  })
})

describe('a dump', () => {
  test('is what is to be kept of it, torn or not', () => {
    const keep = (bytes: Buffer, start: number, end: number) => bytes.toString('utf8', start, end) !== 'b'
    const { socket, wire } = dumping(whole)
    expect(names(socket.dump(all, keep))).toEqual(['a', 'c'])
    expect(wire.sent).toHaveLength(1)
    // A message that would be left out calls the dump inconsistent: it counts.
    const torn = dumping((to) => [[part(to, 'b', NLM_F.dumpInterrupted), end(to)]], whole)
    expect(names(torn.socket.dump(all, keep))).toEqual(['a', 'c'])
    expect(torn.wire.sent).toHaveLength(2)
    const none = dumping(whole)
    expect(none.socket.dump(all, () => false)).toEqual([])
  })

  test('is all its datagrams up to the end, asked for as a dump', () => {
    const { socket, wire } = dumping(whole)
    expect(names(socket.dump(request('all', 0x40)))).toEqual(['a', 'b', 'c'])
    expect(wire.sent).toHaveLength(1)
    const [asked] = wire.sent[0] as [NetlinkMessage]
    expect(asked).toMatchObject({
      type: 20,
      flags: NLM_F.request | NLM_F.dump | 0x40,
      payload: Buffer.from('all'),
    })
  })

  test('may be empty, and its end may have no code', () => {
    expect(dumping((to) => [[end(to)]]).socket.dump(all)).toEqual([])
    const bare = dumping((to) => [[part(to, 'a'), { ...end(to), payload: Buffer.alloc(0) }]])
    expect(names(bare.socket.dump(all))).toEqual(['a'])
  })

  test.each([
    [
      'on a message',
      (to: NetlinkMessage) => [[part(to, 'old', NLM_F.dumpInterrupted)], [part(to, 'b'), end(to)]],
    ],
    ['on its end', (to: NetlinkMessage) => [[part(to, 'old'), end(to, 0, NLM_F.dumpInterrupted)]]],
    ['by an overrun', (to: NetlinkMessage) => [[part(to, 'old')], overrun, [end(to)]]],
    ['by an overrun at once', (to: NetlinkMessage) => [overrun, [part(to, 'old'), end(to)]]],
  ])('that is torn %s is read again, from the beginning', (_, torn) => {
    const { socket, wire } = dumping(torn, torn, whole)
    expect(names(socket.dump(all))).toEqual(['a', 'b', 'c'])
    expect(wire.sent).toHaveLength(3)
    expect(new Set(wire.sent.flat().map(({ sequence }) => sequence)).size).toBe(3)
  })

  test('that is torn every time fails, and says why', () => {
    const changing = dumping((to) => [[part(to, 'a', NLM_F.dumpInterrupted), end(to)]])
    const error = failureOf(() => changing.socket.dump(all))
    expect(error).toMatchObject({ code: 'LVN7023', errno: 'EINTR' })
    expect(error.message).toBe('cannot do all: the kernel kept changing while it was read (EINTR)')
    expect(changing.wire.sent).toHaveLength(10)
    const small = dumping((to) => [overrun, [end(to)]])
    expect(failureOf(() => small.socket.dump(all))).toMatchObject({ code: 'LVN7023', errno: 'ENOBUFS' })
  })

  test('that ends without a word fails', () => {
    const { socket, wire } = dumping((to) => [[part(to, 'a')]])
    expect(failureOf(() => socket.dump(all)).message).toBe(
      'cannot do all: the kernel did not answer (ETIMEDOUT)',
    )
    expect(wire.waited.every((ms) => ms >= 1000)).toBe(true)
    const lost = dumping((to) => [[part(to, 'a')], overrun])
    expect(failureOf(() => lost.socket.dump(all)).errno).toBe('ENOBUFS')
  })

  test.each([
    [
      'an error in the middle',
      (to: NetlinkMessage) => [[part(to, 'a')], [verdict(to, EBUSY)], [part(to, 'b'), end(to)]],
    ],
    ['an end with an error', (to: NetlinkMessage) => [[part(to, 'a'), end(to, EBUSY)]]],
    [
      'an error after it was torn',
      (to: NetlinkMessage) => [[part(to, 'a', NLM_F.dumpInterrupted), end(to, EBUSY)]],
    ],
  ])('with %s fails with it, and gives no part', (_, broken) => {
    const { socket, wire } = dumping(broken, whole)
    expect(failureOf(() => socket.dump(all))).toMatchObject({ code: 'LVN7021', errno: 'EBUSY' })
    expect(wire.sent).toHaveLength(1)
    // What is still in the queue is the old dump's, and no part of the next.
    expect(names(socket.dump(all))).toEqual(['a', 'b', 'c'])
  })

  test('leaves out what is for another request', () => {
    const { socket } = dumping((to) => {
      const other = { ...to, sequence: to.sequence + 7 }
      return [
        [part(other, 'theirs', NLM_F.dumpInterrupted), part(to, 'a')],
        [verdict(other, EBUSY), end(other, EBUSY)],
        [part({ ...to, sequence: 0 }, 'event'), part(to, 'b'), end(to)],
      ]
    })
    expect(names(socket.dump(all))).toEqual(['a', 'b'])
  })

  test.each([
    ['in a header', 10],
    ['in a payload', 19],
    ['after a whole message', 20 + 8],
  ])('whose datagram is cut off %s fails, and the socket goes on', (_, length) => {
    const { socket } = dumping(
      (to) => [Buffer.concat([part(to, 'four'), end(to)].map(encodeMessage)).subarray(0, length)],
      whole,
    )
    expect(failureOf(() => socket.dump(all))).toMatchObject({ code: 'LVN7022', errno: 'EBADMSG' })
    expect(names(socket.dump(all))).toEqual(['a', 'b', 'c'])
  })

  test('whose message claims to be shorter than a header fails', () => {
    const { socket } = dumping((to) => {
      const bytes = encodeMessage(part(to, 'a'))
      bytes.writeUInt32LE(8, 0)
      return [bytes]
    })
    expect(failureOf(() => socket.dump(all)).errno).toBe('EBADMSG')
  })
})

describe('a request', () => {
  test('has the replies before its ack', () => {
    const { socket, wire } = socketOf(([to]) => (to ? [[part(to, 'a')], [part(to, 'b'), verdict(to)]] : []))
    expect(names(socket.request(request('one', 0x400)))).toEqual(['a', 'b'])
    expect(wire.sent[0]?.[0]?.flags).toBe(NLM_F.request | NLM_F.ack | 0x400)
  })

  test('may be answered in parts with an end, which speaks for it as an ack does', () => {
    const answered = (errno: number) =>
      socketOf(([to]) => (to ? [[part(to, 'a')], [part(to, 'b'), end(to, errno)]] : [])).socket
    expect(names(answered(0).request(all))).toEqual(['a', 'b'])
    expect(failureOf(() => answered(EBUSY).request(all)).errno).toBe('EBUSY')
  })

  test('that is refused throws the refusal', () => {
    const { socket } = socketOf(([to]) => (to ? [[part(to, 'a'), verdict(to, EEXIST)]] : []))
    expect(failureOf(() => socket.request(all))).toMatchObject({
      code: 'LVN7021',
      message: 'cannot do all: file already exists (EEXIST)',
    })
  })

  test('that is never answered fails, after a while', () => {
    const { socket, wire } = socketOf(() => [])
    expect(failureOf(() => socket.request(all)).errno).toBe('ETIMEDOUT')
    expect(wire.waited.every((ms) => ms >= 1000)).toBe(true)
  })

  test('whose answer was lost does not wait for it', () => {
    const { socket, wire } = socketOf(() => [overrun])
    expect(failureOf(() => socket.request(all)).errno).toBe('ENOBUFS')
    expect(wire.waited.at(-1)).toBe(0)
  })

  test('takes no answer of an earlier one', () => {
    const late: NetlinkMessage[] = []
    const { socket } = socketOf(([to], turn) => {
      if (to === undefined) return []
      if (turn > 0) return [[...late.map((old) => verdict(old, EBUSY)), part(to, 'new'), verdict(to)]]
      late.push(to)
      return []
    })
    expect(failureOf(() => socket.request(request('slow'))).errno).toBe('ETIMEDOUT')
    expect(names(socket.request(request('next')))).toEqual(['new'])
  })
})

describe('a batch', () => {
  const three = ['x', 'y', 'z'].map((name) => request(name))
  const errnos = (outcomes: readonly { readonly error: NetlinkError | null }[]) =>
    outcomes.map(({ error }) => error?.errno ?? null)

  test('goes in one datagram, and each request has its own outcome in order, however answers come', () => {
    const { socket, wire } = socketOf(([x, y, z]) =>
      x && y && z
        ? [
            [verdict(z), part(x, '1')],
            [verdict(y, EEXIST), verdict(x), part(x, 'late')],
          ]
        : [],
    )
    const outcomes = socket.batch(three, { until: 'ack' })
    expect(wire.sent.map(names)).toEqual([['x', 'y', 'z']])
    expect(wire.sent[0]?.every(({ flags }) => (flags & NLM_F.ack) !== 0)).toBe(true)
    expect(errnos(outcomes)).toEqual([null, 'EEXIST', null])
    expect(outcomes.map(({ replies }) => names(replies))).toEqual([['1', 'late'], [], []])
    expect(outcomes[1]?.error?.message).toContain('do y')
  })

  test('until the reply is done with the replies, and asks for no acks', () => {
    const { socket, wire } = socketOf(([x, y, z]) =>
      x && y && z ? [[part(x, '1'), part(y, '2')], [verdict(z, EEXIST)]] : [],
    )
    const outcomes = socket.batch(three, { until: 'reply' })
    expect(wire.sent[0]?.some(({ flags }) => (flags & NLM_F.ack) !== 0)).toBe(false)
    expect(errnos(outcomes)).toEqual([null, null, 'EEXIST'])
    expect(wire.waited).toHaveLength(2)
  })

  test('until the last asks for one ack, which speaks for all that were not refused before', () => {
    const { socket, wire } = socketOf(([, y, z]) => (y && z ? [[verdict(y, EEXIST)], [verdict(z)]] : []))
    expect(errnos(socket.batch(three, { until: 'last' }))).toEqual([null, 'EEXIST', null])
    expect(wire.sent[0]?.map(({ flags }) => flags & NLM_F.ack)).toEqual([0, 0, NLM_F.ack])
  })

  test('until the last whose last is refused: the others are done', () => {
    const { socket } = socketOf(([, , z]) => (z ? [[verdict(z, EEXIST)]] : []))
    expect(errnos(socket.batch(three, { until: 'last' }))).toEqual([null, null, 'EEXIST'])
  })

  test('until the last takes nothing for done when refusals may have been lost', () => {
    const { socket } = socketOf(([, , z]) => (z ? [overrun, [verdict(z)]] : []))
    expect(errnos(socket.batch(three, { until: 'last' }))).toEqual(['ENOBUFS', 'ENOBUFS', null])
  })

  test('some of whose answers were lost has the others', () => {
    const { socket, wire } = socketOf(([x, , z]) =>
      x && z ? [[verdict(x)], overrun, [verdict(z, EEXIST)]] : [],
    )
    expect(errnos(socket.batch(three, { until: 'ack' }))).toEqual([null, 'ENOBUFS', 'EEXIST'])
    expect(wire.waited.slice(2)).toEqual([0, 0])
  })

  test('of many goes in datagrams of 128, tells its progress, and stops after the one with a refusal', () => {
    const many = Array.from({ length: 300 }, (_, i) => request(`${i}`))
    const script: Script = (requests) => [
      requests.map((to) => verdict(to, to.payload.toString() === '150' ? EEXIST : 0)),
    ]
    const progress: number[] = []
    const going = socketOf(script)
    expect(errnos(going.socket.batch(many, { until: 'ack', onProgress: (n) => progress.push(n) }))).toEqual(
      many.map((_, i) => (i === 150 ? 'EEXIST' : null)),
    )
    expect(progress).toEqual([128, 256, 300])
    const stopping = socketOf(script)
    const outcomes = stopping.socket.batch(many, { until: 'ack', stop: true })
    expect(outcomes).toHaveLength(256)
    expect(stopping.wire.sent.map((datagram) => datagram.length)).toEqual([128, 128])
  })

  test('of long requests keeps to 64 KiB a datagram, but for one that is longer', () => {
    const long = [30_000, 30_000, 30_000, 70_000, 10].map((length) => ({
      ...all,
      payload: Buffer.alloc(length),
    }))
    const { socket, wire } = socketOf((requests) => [requests.map((to) => verdict(to))])
    expect(errnos(socket.batch(long, { until: 'ack' }))).toEqual(long.map(() => null))
    expect(wire.sent.map((datagram) => datagram.map(({ payload }) => payload.length))).toEqual([
      [30_000, 30_000],
      [30_000],
      [70_000],
      [10],
    ])
  })

  test('of requests that are 64 KiB together goes in one datagram, and one byte more in two', () => {
    const sizes = (second: number) => {
      const requests = [30_000, second].map((length) => ({ ...all, payload: Buffer.alloc(length) }))
      const { socket, wire } = socketOf((sent) => [sent.map((to) => verdict(to))])
      socket.batch(requests, { until: 'ack' })
      return wire.sent.map((datagram) => datagram.length)
    }
    const rest = 0x10000 - 30_000 - 2 * 16
    expect([sizes(rest), sizes(rest + 1)]).toEqual([[2], [1, 1]])
  })

  test('numbers its requests from 1 on: 0 is for events', () => {
    const { socket, wire } = socketOf((sent) => [sent.map((to) => verdict(to))])
    socket.batch(three, { until: 'ack' })
    socket.request(all)
    expect(wire.sent.flat().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
  })

  test('of nothing sends nothing', () => {
    const { socket, wire } = socketOf(() => [])
    expect(socket.batch([], { until: 'last' })).toEqual([])
    expect(wire.sent).toEqual([])
  })
})

describe('events', () => {
  const event = (name: string): NetlinkMessage => ({
    type: 16,
    flags: 0,
    sequence: 0,
    payload: Buffer.from(name),
  })

  test('are told in order, and that some were lost', () => {
    const { socket, wire } = socketOf(() => [])
    const told: (string | null)[] = []
    socket.watch((message) => told.push(message === null ? null : message.payload.toString()))
    wire.arrive([event('a'), event('b')], overrun, [event('c')])
    wire.arrive([event('d')])
    expect(told).toEqual(['a', 'b', null, 'c', 'd'])
    expect(wire.waited.every((ms) => ms === 0)).toBe(true)
  })

  test('are told no longer once the watch has ended, also in the middle of a datagram', () => {
    const { socket, wire } = socketOf(() => [])
    const told: string[] = []
    const stop = socket.watch((message) => {
      told.push(message?.payload.toString() ?? '')
      if (told.length === 2) stop()
    })
    wire.arrive([event('a'), event('b'), event('c')], [event('d')])
    wire.arrive([event('e')])
    expect(told).toEqual(['a', 'b'])
  })
})
