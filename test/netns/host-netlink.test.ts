// SPDX-License-Identifier: MIT
/**
 * Netlink sockets on a real kernel: refusals with the kernel's words, batches, dumps, traffic control, generic
 * netlink, lost events.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NetlinkError } from '../../native/netlink/error.ts'
import { NETLINK_GENERIC, resolveFamily } from '../../native/netlink/genetlink.ts'
import { changeLink, decodeLink, deleteLink, getLink, listLinks } from '../../native/netlink/link.ts'
import { addRoute, lookUpRoute, RTN } from '../../native/netlink/route.ts'
import { NETLINK_ROUTE, Rtnetlink } from '../../native/netlink/rtnetlink.ts'
import { NetlinkSocket } from '../../native/netlink/socket.ts'
import { addClsact, deleteClsact } from '../../native/netlink/traffic.ts'
import { withNetns } from '../../native/netns.ts'
import type { Address, Prefix } from '../../src/model/address.ts'
import { Netns, until } from '../support/netns.ts'

let ns: Netns
let rtnetlink: Rtnetlink

beforeEach(() => {
  ns = new Netns('nl')
  ns.run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1')
  rtnetlink = withNetns(ns.path, () => new Rtnetlink())
})

afterEach(() => {
  rtnetlink.close()
  ns.dispose()
})

function errorOf(call: () => unknown): NetlinkError {
  try {
    call()
  } catch (error) {
    if (error instanceof NetlinkError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function link(name: string) {
  const found = rtnetlink.link(name)
  if (found === null) throw new Error(`no link ${name}`)
  return found
}

const nowhere = (gateway: string) =>
  addRoute({
    destination: '10.1.0.0/16' as Prefix,
    table: 254,
    type: RTN.unicast,
    protocol: 76,
    ifindex: link('v0').ifindex,
    gateway: gateway as Address,
    onlink: false,
    metric: 0,
    mtu: null,
  })

describe('requests', () => {
  test("are refused in the kernel's words", () => {
    rtnetlink.request(changeLink(link('v0'), { up: true }))
    const error = errorOf(() => rtnetlink.request(nowhere('172.16.0.1')))
    expect(error).toMatchObject({ errno: 'ENETUNREACH', kernelMessage: 'Nexthop has invalid gateway' })
    expect(error.message).toBe('cannot add the route 10.1.0.0/16: Nexthop has invalid gateway (ENETUNREACH)')
  })

  test('change a link: mtu, alias, up, no address of its own', () => {
    const { ifindex } = link('v0')
    const change = { mtu: 1280, alias: 'lvn:mitte/gw1', addrGenMode: 'none', up: true } as const
    rtnetlink.request(changeLink({ ifindex, name: 'v0' }, change))
    expect(link('v0')).toMatchObject({ mtu: 1280, alias: 'lvn:mitte/gw1', up: true })
    expect(ns.run('ip', '-d', 'link', 'show', 'v0')).toContain('addrgenmode none')
    expect(ns.run('ip', '-6', 'addr', 'show', 'dev', 'v0')).not.toContain('fe80')
    rtnetlink.request(changeLink({ ifindex, name: 'v0' }, { alias: null, up: false }))
    expect(link('v0')).toMatchObject({ mtu: 1280, alias: null, up: false })
    rtnetlink.request(deleteLink({ ifindex, name: 'v0' }))
    expect(rtnetlink.link('v0')).toBeNull()
  })

  test('in a batch are each answered for', () => {
    const socket = withNetns(ns.path, () => new NetlinkSocket(NETLINK_ROUTE))
    const names = Array.from({ length: 500 }, (_, i) => (i % 3 === 0 ? 'v0' : i % 3 === 1 ? 'v1' : 'nix'))
    const outcomes = socket.batch(names.map(getLink), { until: 'ack' })
    const found = outcomes.map(({ error, replies }) =>
      error === null && replies[0] !== undefined ? decodeLink(replies[0]).name : error?.errno,
    )
    expect(found).toEqual(names.map((name) => (name === 'nix' ? 'ENODEV' : name)))
    const stopped = socket.batch(names.map(getLink), { until: 'ack', stop: true })
    expect(stopped.length).toBeLessThan(names.length)
    socket.close()
  })

  test('without permission say so', () => {
    // The look-up needs no privilege, the change does.
    const script = `
      import { Rtnetlink } from './native/netlink/rtnetlink.ts'
      import { changeLink } from './native/netlink/link.ts'
      const rtnetlink = new Rtnetlink()
      try { rtnetlink.request(changeLink(rtnetlink.link('v0'), { up: true })) }
      catch (error) { console.log(error.code, error.exitCode, error.message) }`
    const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script]
    const said = ns.run('setpriv', '--bounding-set=-all', '--inh-caps=-all', ...node)
    expect(said.trim()).toBe(
      'LVN7002 7 no permission to read or change the network: run as root (CAP_NET_ADMIN)',
    )
  })
})

describe('dumps', () => {
  test('of many links are whole', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `link add p${i} type veth peer name q${i}`)
    ns.run('sh', '-c', `ip -batch - <<'END'\n${lines.join('\n')}\nEND`)
    const names = rtnetlink.links().map(({ name }) => name)
    expect(names).toHaveLength(603)
    expect(new Set(names).size).toBe(603)
  })

  test('that are refused say why', () => {
    const socket = withNetns(ns.path, () => new NetlinkSocket(NETLINK_ROUTE))
    const { what, type } = listLinks()
    // A header too short for strict checking.
    const error = errorOf(() => socket.dump({ what, type, payload: Buffer.alloc(4) }))
    expect(error.errno).toBe('EINVAL')
    expect(error.kernelMessage).not.toBeNull()
    expect(socket.dump(listLinks()).map(decodeLink)).toHaveLength(3)
    socket.close()
  })
})

describe('traffic control', () => {
  test('clsact qdiscs come and go', () => {
    const { ifindex } = link('v0')
    expect(rtnetlink.bpfFilters(ifindex, 'ingress')).toEqual([])
    rtnetlink.request(addClsact(ifindex, 'v0'))
    expect(rtnetlink.qdiscs(ifindex).map(({ kind }) => kind)).toContain('clsact')
    expect(errorOf(() => rtnetlink.request(addClsact(ifindex, 'v0'))).errno).toBe('EEXIST')
    expect(rtnetlink.hasFilters(ifindex, 'egress')).toBe(false)
    rtnetlink.request(deleteClsact(ifindex, 'v0'))
    expect(rtnetlink.qdiscs(ifindex).map(({ kind }) => kind)).not.toContain('clsact')
  })
})

describe('generic netlink', () => {
  test('families are found by name', () => {
    const socket = withNetns(ns.path, () => new NetlinkSocket(NETLINK_GENERIC))
    expect(resolveFamily(socket, 'nlctrl')).toMatchObject({
      id: 16,
      name: 'nlctrl',
      groups: new Map([['notify', 16]]),
    })
    expect(resolveFamily(socket, 'lvn-is-not')).toBeNull()
    socket.close()
  })
})

test('lost events are told as lost', async () => {
  const socket = withNetns(ns.path, () => new NetlinkSocket(NETLINK_ROUTE, [1]))
  let lost = 0
  let events = 0
  const stop = socket.watch((message) => {
    if (message === null) lost++
    else events++
  })
  // 40,000 events, about 100 MB, while nobody reads: the event loop does not turn during a batch.
  const { ifindex } = link('v0')
  const flip = Array.from({ length: 40_000 }, (_, i) =>
    changeLink({ ifindex, name: 'v0' }, { mtu: 1300 + (i % 2) }),
  )
  rtnetlink.batch(flip, { until: 'ack' })
  await until('the loss was told', () => lost > 0)
  stop()
  socket.close()
  expect(events).toBeGreaterThan(0)
  expect(() => rtnetlink.request(lookUpRoute('127.0.0.1' as Address))).not.toThrow()
})
