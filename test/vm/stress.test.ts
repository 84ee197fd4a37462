// SPDX-License-Identifier: MIT
/**
 * The module under what it will meet one day: taken out under traffic, namespaces that end, devices that move,
 * timers of tunnels that go, nonsense over netlink, ten thousand of everything. Each ends with what the kernel
 * holds back where it was; that its log stays clean is seen by whoever runs the machine.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type KmodClient, openClient } from '../../native/kmod/client.ts'
import {
  command,
  decodeRule,
  decodeTunnel,
  encodeLink,
  encodeLocal,
  encodeRule,
  encodeTunnel,
  type LocalAttributes,
  type RuleAttributes,
  type TunnelAttributes,
} from '../../native/kmod/generated.ts'
import { Encoder } from '../../native/netlink/bytes.ts'
import { decodeGeneric, genericRequest, NETLINK_GENERIC } from '../../native/netlink/genetlink.ts'
import { addLink as linkRequest } from '../../native/netlink/link.ts'
import { encodeMessage, NLM_F } from '../../native/netlink/message.ts'
import { NETLINK_ROUTE } from '../../native/netlink/rtnetlink.ts'
import type { Outcome, Request } from '../../native/netlink/socket.ts'
import { withNetns } from '../../native/netns.ts'
import type { Address } from '../../src/model/address.ts'
import { backTo, lvnModule, namespacesGone, type Resources, resources } from '../support/kernel-resources.ts'
import { addLink, type Family, openFamily, readLink } from '../support/lvn-link.ts'
import { makePair, type Pair, received } from '../support/lvn-pair.ts'
import { mutate, type Random, randomFrom } from '../support/mutate.ts'
import { connect, Netns, until } from '../support/netns.ts'
import { reaches } from '../support/plane-world.ts'
import { RawNetlink } from '../support/raw-netlink.ts'

let before: Resources
let made: { dispose(): void }[]

/** Disposed after the test, whatever its outcome. */
function mine<T extends { dispose(): void }>(thing: T): T {
  made.push(thing)
  return thing
}

// What is only allocated once is there before anything is counted.
beforeAll(async () => {
  makePair().dispose()
  await namespacesGone()
  before = resources()
})

beforeEach(() => {
  made = []
})

afterEach(async () => {
  for (const each of made) each.dispose()
  if (!lvnModule.present()) lvnModule.insert()
  await backTo(before)
})

function closeAll(...all: { close(): void }[]): void {
  for (const each of all) each.close()
}

const flood = (from: Netns): ChildProcess =>
  from.start('ping', ['-q', '-f', '10.64.0.2'], { stdio: 'ignore' })

const flows = async (to: Netns, dev = 'lvn0', packets = 200): Promise<void> => {
  const start = received(to, dev)
  await until(`${to.name} receives over ${dev}`, () => received(to, dev) >= start + packets)
}

async function underTraffic(): Promise<Pair> {
  const pair = mine(makePair())
  await reaches(pair.a, '10.64.0.2')
  flood(pair.a)
  await flows(pair.b)
  return pair
}

test('devices are deleted under traffic, then the module goes', async () => {
  const { a, b } = await underTraffic()
  for (const ns of [b, a]) ns.run('ip', 'link', 'del', 'lvn0')
  lvnModule.remove()
  expect(lvnModule.present()).toBe(false)
})

test('the module goes under traffic and takes its devices along', async () => {
  const { a, b } = await underTraffic()
  lvnModule.remove()
  expect([received(a, 'lvn0'), received(b, 'lvn0')]).toEqual([-1, -1])
  lvnModule.insert()
  const again = mine(makePair())
  await reaches(again.a, '10.64.0.2')
})

test('namespaces are deleted with devices in them under traffic', async () => {
  for (let round = 0; round < 2; round++) {
    const { a, b } = await underTraffic()
    // The receiving end with all its devices, then the sending one, which ends with its last process.
    const [first, second] = round % 2 === 0 ? [b, a] : [a, b]
    first.dispose()
    second.dispose()
    await backTo(before)
  }
})

test('a device that receives moves to another namespace; its sockets stay, and it ends with them', async () => {
  const { a, b } = await underTraffic()
  const c = mine(new Netns('c'))
  for (const [from, to] of [
    [b, c],
    [c, b],
    [b, c],
  ] as const) {
    from.run('ip', 'link', 'set', 'lvn0', 'netns', to.name)
    to.ip('addr replace 10.64.0.2/24 dev lvn0', 'link set lvn0 up')
    await flows(to)
  }
  expect(c.run('ss', '-Huan')).not.toContain(':50000')
  expect(b.run('ss', '-Huan') + b.run('ip', '-json', 'link', 'show')).not.toContain('lvn0')
  await reaches(a, '10.64.0.2')
  b.dispose()
  await until('the device is gone with the namespace of its sockets', () => received(c, 'lvn0') < 0)
})

/** A namespace with a peer at 192.0.2.2 and a multi device lvn0. */
function makeHub(capacity: number) {
  const [hub, peer] = [mine(new Netns('hub')), mine(new Netns('peer'))]
  connect(
    { ns: hub, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: peer, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
  const ifindex = addLink(hub, 'lvn0', { mode: 'multi', capacity })
  hub.run('ip', 'link', 'set', 'lvn0', 'up')
  const client = withNetns(hub.path, openClient) as KmodClient
  mine({ dispose: () => client.close() })
  return { hub, peer, ifindex, client }
}

const remotely = (ifindex: number, id: number): TunnelAttributes => ({
  ifindex,
  id,
  name: `t${id}`,
  localAddress: '192.0.2.1' as Address,
  localPort: 50_000,
  remoteAddress: '192.0.2.2' as Address,
  remotePort: id,
})

const range = (length: number, first = 1) => Array.from({ length }, (_, i) => first + i)

function allDone(outcomes: readonly Outcome[]): void {
  for (const { error } of outcomes) if (error !== null) throw error
}

/** As many timers as the machine can just serve: a kernel that checks itself is that much slower. */
const quickestMs = process.env.LVN_VM === 'debug' ? 30 : 1

test('tunnels are deleted while their keepalive timers fire', async () => {
  const ids = range(300)
  const { hub, peer, ifindex, client } = makeHub(ids.length)
  const sendAll = (what: string, number: number, more: (id: number) => TunnelAttributes) =>
    client.send(
      ids.map((id) => client.tunnelRequest(what, number, more(id))),
      { until: 'ack' },
    )
  const addAll = () =>
    allDone(
      sendAll('add', command.tunnelNew, (id) => ({
        ...remotely(ifindex, id),
        keepaliveInterval: quickestMs + (id % 100) * quickestMs,
        ...(id % 2 === 0 ? { key: Buffer.from(`key of ${id}`.padEnd(16)) } : {}),
      })),
    )
  /** The peer has nobody to answer: what it receives are requests. */
  const timersFire = async () => {
    const start = received(peer, 'eth0')
    await until('timers fire', () => received(peer, 'eth0') >= start + ids.length)
  }
  for (let round = 0; round < 4; round++) {
    addAll()
    await timersFire()
    // Every second one goes by itself once it is dead, before or after it is deleted.
    for (const { error } of sendAll('set', command.tunnelSet, (id) => ({
      ...{ ifindex, id, deadTime: 1 + id, onDead: id % 2 === 0 ? 'remove' : 'keep' },
    })))
      if (error !== null) expect(error.errno).toBe('ENOENT')
    for (const { error } of sendAll('delete', command.tunnelDel, (id) => ({ ifindex, id })))
      if (error !== null) expect(error.errno).toBe('ENOENT')
    expect(client.tunnels(ifindex)).toEqual([])
  }
  addAll()
  allDone(sendAll('set', command.tunnelSet, (id) => ({ ifindex, id, deadTime: 1_000, onDead: 'remove' })))
  await until('all have gone by themselves', () => client.tunnels(ifindex).length === 0)
  addAll()
  await timersFire()
  hub.run('ip', 'link', 'del', 'lvn0')
})

/** A valid message of every command: requests of the family. */
function validRequests(family: Family['family'], ifindex: number, random: Random): readonly Request[] {
  const id = 1 + random(64)
  const six = random(2) === 1
  const address = (last: number) => (six ? `2001:db8::${last}` : `192.0.2.${last}`) as Address
  const local: LocalAttributes = { ifindex, address: address(1), port: 50_000 + random(4) }
  const tunnel: TunnelAttributes = {
    ifindex,
    id,
    name: `t${id}`,
    localAddress: address(1),
    localPort: 50_000 + random(4),
    remoteAddress: address(2),
    remotePort: 1 + random(64),
    underlay: random(3),
    key: Buffer.alloc(16, id),
    keepaliveInterval: random(50),
    deadTime: random(200),
    onDead: random(2) === 0 ? 'keep' : 'remove',
  }
  const rule: RuleAttributes = {
    ifindex,
    prefix: (six ? `fd42:${id}::` : `10.64.${id}.0`) as Address,
    prefixLen: six ? 48 : 24,
    tunnel: id,
  }
  const { port, ...wholeDevice } = local
  const { address: _, ...device } = wholeDevice
  const dump = NLM_F.dump
  const made = (number: number, fill: (e: Encoder) => unknown, flags = 0): Request => ({
    ...genericRequest('mutated', family, number, (e) => void fill(e)),
    flags,
  })
  return [
    made(command.localNew, (e) =>
      encodeLocal(e, { ...local, ...(random(4) === 0 ? { socket: random(64) } : {}) }),
    ),
    made(command.localDel, (e) => encodeLocal(e, local)),
    made(command.localGet, (e) => encodeLocal(e, device), dump),
    made(command.tunnelNew, (e) => encodeTunnel(e, tunnel)),
    made(command.tunnelNew, (e) => encodeTunnel(e, tunnel)),
    made(command.tunnelSet, (e) => encodeTunnel(e, tunnel)),
    made(command.tunnelSet, (e) => encodeTunnel(e, { ifindex, id, forgetRemote: true })),
    made(command.tunnelDel, (e) => encodeTunnel(e, { ifindex, id })),
    made(command.tunnelGet, (e) => encodeTunnel(e, { ifindex, name: `t${id}` })),
    made(command.tunnelGet, (e) => encodeTunnel(e, { ifindex }), dump),
    made(command.ruleNew, (e) => encodeRule(e, rule)),
    made(command.ruleSet, (e) => encodeRule(e, rule)),
    made(command.ruleDel, (e) => encodeRule(e, rule)),
    made(command.ruleGet, (e) => encodeRule(e, { ifindex }), dump),
  ]
}

/** A whole message whose type stays: only the family itself is to be spoken to. */
function message(request: Request, random: Random): Buffer {
  const payload = mutate(request.payload, 4, random)
  const flags = (request.flags ?? 0) | NLM_F.request | (random(2) === 0 ? NLM_F.ack : 0)
  return encodeMessage({
    type: request.type,
    flags: random(16) === 0 ? flags ^ (1 << random(16)) : flags,
    sequence: random(1 << 30),
    payload,
  })
}

test('mutated messages of every command and of the link type', async () => {
  const messages = 60_000
  const links = 200
  const { hub, ifindex } = makeHub(64)
  hub.ip('addr add 2001:db8::1/64 dev eth0 nodad')
  const family = openFamily(hub)
  const raw = new RawNetlink(hub, NETLINK_GENERIC)
  const route = new RawNetlink(hub, NETLINK_ROUTE)
  mine({ dispose: () => closeAll(family, raw, route) })
  const random = randomFrom(20_240_229)
  const valid = range(100).map(() => validRequests(family.family, ifindex, random))
  const begun = performance.now()
  const sum = { answers: 0, accepted: 0 }
  for (let sent = 0; sent < messages; ) {
    const datagram: Buffer[] = []
    for (const request of valid[random(valid.length)] as readonly Request[])
      datagram.push(message(request, random))
    sent += datagram.length
    const { answers, accepted } = raw.send(Buffer.concat(datagram))
    sum.answers += answers
    sum.accepted += accepted
  }
  const seconds = (performance.now() - begun) / 1000
  console.log(`${messages} messages in ${seconds.toFixed(1)} s: ${(messages / seconds).toFixed(0)} a second`)
  console.log(`${sum.answers} answers, ${sum.accepted} acks of requests that were carried out`)
  // Neither all nonsense nor all sense.
  expect(sum.answers).toBeGreaterThan(messages / 4)
  expect(sum.accepted).toBeGreaterThan(messages / 50)
  for (let i = 0; i < links; i++) {
    const link = new Encoder()
    encodeLink(link, {
      mode: 'multi',
      capacity: 1 + random(100),
      df: 'set',
      userdata: Buffer.alloc(random(99)),
    })
    const data = mutate(link.done(), 0, random)
    const name = `lvn${1 + random(8)}`
    const request = linkRequest({ name, kind: 'lvn', mtu: 1400, up: true, data: (e) => e.bytes(data) })
    // Some are made; some change those that were made.
    const flags = NLM_F.request | NLM_F.ack | (random(2) === 0 ? NLM_F.create : 0)
    route.send(encodeMessage({ type: request.type, flags, sequence: i + 1, payload: request.payload }))
  }
  hub.run('ip', 'link', 'del', 'lvn0')
  const anew = addLink(hub, 'lvn0', { mode: 'multi', capacity: 4 })
  family.send(command.tunnelNew, (e) => encodeTunnel(e, remotely(anew, 3)))
  const [reply] = family.send(command.tunnelGet, (e) => encodeTunnel(e, { ifindex: anew, name: 't3' }))
  expect(decodeTunnel(decodeGeneric(reply as never).attributes)).toMatchObject(remotely(anew, 3))
  const pair = mine(makePair())
  await reaches(pair.a, '10.64.0.2')
})

const nonsense = fileURLToPath(new URL('../support/nonsense.pl', import.meta.url))

test('packets that are nearly right, out of the device, from the peer and from the path', async () => {
  const { a, b } = mine(makePair())
  await reaches(a, '10.64.0.2')
  const count = '10000'
  const [device] = JSON.parse(a.run('ip', '-json', 'link', 'show', 'lvn0')) as { ifindex: number }[]
  a.run('perl', nonsense, 'device', count, String(device?.ifindex))
  b.run('perl', nonsense, 'port', count, '192.0.2.1')
  b.run('perl', nonsense, 'errors', count, '192.0.2.1')
  // The interface joins packets, and the device packets within packets.
  for (const ns of [a, b]) ns.run('ethtool', '-K', 'eth0', 'gro', 'on')
  b.run('perl', nonsense, 'streams', count, '192.0.2.1')
  const { drops } = readLink(a, 'lvn0')
  expect([drops?.malformed, drops?.unsupported].map((packets) => (packets ?? 0) > 1_000)).toEqual([
    true,
    true,
  ])
  await reaches(a, '10.64.0.2')
})

const churner = fileURLToPath(new URL('../support/churn.ts', import.meta.url))

test('ten thousand tunnels and rules, dumped whole while others come and go', async () => {
  const count = 10_000
  const { hub, ifindex, client } = makeHub(2 * count)
  const family = openFamily(hub)
  const raw = new RawNetlink(hub, NETLINK_GENERIC)
  mine({ dispose: () => closeAll(family, raw) })
  const ids = range(count)
  const prefix = (id: number) => `10.${id >> 8}.${id & 255}.0` as Address
  const timed = <T>(what: string, run: () => T): T => {
    const [begun, used] = [performance.now(), process.cpuUsage()]
    const result = run()
    const [seconds, system] = [(performance.now() - begun) / 1e3, process.cpuUsage(used).system / 1e6]
    console.log(`${count} ${what}: ${seconds.toFixed(2)} s, ${system.toFixed(2)} s of it in the kernel`)
    return result
  }
  const send = (what: string, requests: readonly Request[]) =>
    timed(what, () => allDone(client.send(requests, { until: 'last' })))
  const rule = (id: number): RuleAttributes => ({ ifindex, prefix: prefix(id), prefixLen: 24, tunnel: id })
  send(
    'tunnels created',
    ids.map((id) => client.tunnelRequest('add', command.tunnelNew, remotely(ifindex, id))),
  )
  send(
    'rules created',
    ids.map((id) => client.ruleRequest('add', command.ruleNew, rule(id))),
  )
  const dumps = {
    tunnels: genericRequest(
      'dump',
      family.family,
      command.tunnelGet,
      (e) => void encodeTunnel(e, { ifindex }),
    ),
    rules: genericRequest('dump', family.family, command.ruleGet, (e) => void encodeRule(e, { ifindex })),
  }
  for (const [name, request] of Object.entries(dumps)) {
    const { torn, messages } = timed(`${name} dumped`, () => raw.dump(request))
    expect([torn, messages.length]).toEqual([false, count])
  }

  const args = ['--import', 'tsx', churner, String(ifindex), String(count + 1), '20']
  const child = hub.start(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  expect((await lines.next()).value).toBe('ready')
  const seen = { whole: 0, torn: 0 }
  for (const [name, request] of Object.entries(dumps)) {
    for (let burst = 0; burst < 2; burst++) {
      child.stdin?.write('\n')
      expect((await lines.next()).value).toBe('begun')
      for (let whole = false; !whole; ) {
        const { torn, messages } = raw.dump(request)
        seen[torn ? 'torn' : 'whole']++
        if (torn) continue
        whole = true
        const there = messages.map((each) => {
          const { attributes } = decodeGeneric(each)
          return name === 'tunnels' ? decodeTunnel(attributes).id : decodeRule(attributes).tunnel
        })
        expect(new Set(there).size).toBe(there.length)
        expect(there.filter((id) => (id ?? 0) <= count).length).toBe(count)
      }
      expect((await lines.next()).value).toBe('done')
    }
  }
  console.log(`dumps while others come and go: ${seen.whole} whole, ${seen.torn} torn and read again`)
  expect(seen.torn).toBeGreaterThan(0)
  child.stdin?.end()
  await once(child, 'exit')

  send(
    'rules deleted',
    ids.map((id) =>
      client.ruleRequest('delete', command.ruleDel, { ifindex, prefix: prefix(id), prefixLen: 24 }),
    ),
  )
  send(
    'tunnels deleted',
    ids.map((id) => client.tunnelRequest('delete', command.tunnelDel, { ifindex, id })),
  )
  expect([client.tunnels(ifindex), client.rules(ifindex)]).toEqual([[], []])
}, 600_000)
