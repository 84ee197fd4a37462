// SPDX-License-Identifier: MIT
/**
 * What the kmod plane sends for a batch, and what it takes back when the kernel refuses a part: on a client that
 * only notes requests.
 */
import { expect, test } from 'vitest'
import type { KmodClient } from '../../../native/kmod/client.ts'
import type { FoundDevice } from '../../../native/kmod/device.ts'
import { command, type RuleAttributes, type TunnelAttributes } from '../../../native/kmod/generated.ts'
import { DeviceTables } from '../../../native/kmod/tables.ts'
import { decodeUserData, encodeUserData } from '../../../native/kmod/userdata.ts'
import { refused } from '../../../native/netlink/error.ts'
import type { Request } from '../../../native/netlink/socket.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import type { RuleSpec, TunnelSpec } from '../../../src/model/state.ts'

interface Noted extends Request {
  readonly number: number
  readonly attributes: TunnelAttributes & RuleAttributes
}

const verbs = Object.fromEntries(Object.entries(command).map(([name, number]) => [number, name]))

/** Refuses the requests of which `refuse` says so; `sent` are the others as "verb name-or-id-or-prefix", `all` in full. */
function fake(tunnels: readonly TunnelAttributes[], refuse: (request: Noted) => boolean = () => false) {
  const sent: string[] = []
  const all: Noted[] = []
  const note = (what: string, number: number, attributes: object) =>
    ({ what, type: 0, payload: Buffer.alloc(0), number, attributes }) as Noted
  const label = ({ number, attributes }: Noted) =>
    `${verbs[number]} ${attributes.prefix ?? attributes.id}${attributes.forgetRemote ? ' pending' : ''}`
  const client = {
    tunnels: () => tunnels,
    rules: () => [],
    tunnelRequest: note,
    ruleRequest: note,
    send: (requests: readonly Noted[]) =>
      requests.map((request) => {
        if (refuse(request)) return { error: refused(request.what, 12, 'no memory', null), replies: [] }
        sent.push(label(request))
        all.push(request)
        return { error: null, replies: [] }
      }),
  }
  const device = { link: { name: 'lvn0', ifindex: 3 }, lvn: { capacity: 4 } } as FoundDevice
  const tables = new DeviceTables(client as unknown as KmodClient, device, new Map([['eth0', 2]]))
  return { tables, sent, all }
}

const spec = (name: string, port: number | null): TunnelSpec => ({
  device: 'lvn0',
  name,
  local: { address: '192.0.2.1' as Address, port: 50_000 },
  remote: port === null ? null : { address: '192.0.2.2' as Address, port },
  underlay: port === null ? null : 'eth0',
  keepalive: { intervalMs: 0, deadMs: 0 },
})

const row = (id: number, name: string, port: number): TunnelAttributes => ({
  id,
  name,
  localAddress: '192.0.2.1' as Address,
  localPort: 50_000,
  remoteAddress: '192.0.2.2' as Address,
  remotePort: port,
  underlay: 2,
})

const rule = (prefix: string, tunnel: string): RuleSpec => ({
  device: 'lvn0',
  prefix: prefix as Prefix,
  tunnel,
})

const put = (tables: DeviceTables, specs: readonly TunnelSpec[]) =>
  tables.writeTunnels(specs.map((each) => ({ op: 'add', spec: each })))

const remove = (name: string) => [{ op: 'delete', name } as const]

test('new tunnels get the lowest free ids, those that are there are changed in place', () => {
  const { tables, sent } = fake([row(2, 'b', 2)])
  const specs = [spec('a', 1), spec('b', 3), spec('c', null)]
  expect(put(tables, specs)).toEqual({ done: 3, error: null })
  expect(sent).toEqual(['tunnelNew 1', 'tunnelSet 2', 'tunnelNew 3'])
})

test('an id that is asked for is had, or refused with the reason', () => {
  const { tables, sent } = fake([row(2, 'b', 2)])
  const putOne = (name: string, port: number, id: number) =>
    put(tables, [{ ...spec(name, port), id }]).error?.message
  expect([putOne('c', 3, 4), putOne('b', 5, 2)]).toEqual([undefined, undefined])
  expect(sent).toEqual(['tunnelNew 4', 'tunnelSet 2'])
  expect([putOne('d', 6, 4), putOne('d', 6, 5), putOne('b', 5, 3)]).toEqual([
    'device lvn0: tunnel id 4 is taken',
    'device lvn0: there is no tunnel id 5: it was made for 4 tunnels',
    'device lvn0: tunnel b has the id 2, which cannot be changed',
  ])
})

test('a remote endpoint that changes hands is free in between', () => {
  const { tables, sent } = fake([row(1, 'a', 1), row(2, 'b', 2)])
  expect(put(tables, [spec('a', 2), spec('b', 1)])).toEqual({ done: 2, error: null })
  expect(sent).toEqual(['tunnelSet 2 pending', 'tunnelSet 1', 'tunnelSet 2'])
})

test('a remote endpoint that another tunnel keeps is refused, and what came before is done', () => {
  const { tables, sent } = fake([row(1, 'a', 1)])
  const { done, error } = put(tables, [spec('b', 2), spec('c', 1), spec('d', 4)])
  expect([done, error?.message]).toEqual([
    1,
    'device lvn0: tunnels a and c have the same remote endpoint 192.0.2.2:1 on local port 50000',
  ])
  expect(sent).toEqual(['tunnelNew 2'])
})

test('what the kernel did after a refusal is taken back, the last first', () => {
  const { tables, sent } = fake([row(1, 'a', 1)], ({ attributes }) => attributes.id === 3)
  const specs = [spec('b', 2), spec('c', 3), spec('a', 5), spec('d', 4)]
  const { done, error } = put(tables, specs)
  expect([done, error?.message]).toEqual([1, 'cannot add the tunnel c of lvn0: no memory (ENOMEM)'])
  expect(sent).toEqual(['tunnelNew 2', 'tunnelSet 1', 'tunnelNew 4', 'tunnelDel 4', 'tunnelSet 1'])
})

test('what relies on a later operation that the kernel refuses is taken back with it', () => {
  const { tables, sent } = fake(
    [row(1, 'a', 1), row(2, 'b', 2)],
    ({ attributes }) => attributes.remotePort === 9,
  )
  const { done, error } = put(tables, [spec('c', 3), spec('d', 1), spec('b', 9), spec('a', 4)])
  expect([done, error?.message]).toEqual([1, 'cannot change the tunnel b of lvn0: no memory (ENOMEM)'])
  expect(sent).toEqual([
    ...['tunnelNew 3', 'tunnelSet 1 pending', 'tunnelNew 4', 'tunnelSet 1'],
    ...['tunnelSet 1 pending', 'tunnelDel 4', 'tunnelSet 1'],
  ])
})

test('a tunnel that is gone already is deleted, and one that went for another comes back with its rules', () => {
  const gone = fake([row(1, 'a', 1), row(2, 'b', 2)], ({ number }) => number === command.tunnelDel)
  expect(gone.tables.writeTunnels([...remove('a')]).error?.message).toContain('delete the tunnel a')
  const { tables, sent } = fake(
    [1, 2, 3, 4].map((id) => row(id, `t${id}`, id)),
    ({ attributes }) => attributes.remotePort === 9,
  )
  tables.putRules([rule('10.1.0.0/16', 't2')])
  sent.length = 0
  const full = [spec('x', 5), spec('y', 9)].map((each) => ({ op: 'add', spec: each }) as const)
  const { done, error } = tables.writeTunnels([...full, ...remove('t2'), ...remove('t3')])
  expect([done, error?.message]).toEqual([0, 'cannot add the tunnel y of lvn0: no memory (ENOMEM)'])
  expect(sent.slice(-3)).toEqual(['tunnelDel 2', 'tunnelNew 2', 'ruleNew 10.1.0.0'])
})

test('what becomes of a dead tunnel is set with it, and taken back with it', () => {
  const { tables, all } = fake([row(1, 'a', 1)], ({ attributes }) => attributes.id === 2)
  const { error } = put(tables, [spec('b', 2), { ...spec('a', 1), onDead: 'remove' }])
  expect(error?.message).toContain('add the tunnel b')
  expect(all.map(({ attributes }) => attributes.onDead)).toEqual(['remove', 'keep'])
})

test('rules are added or pointed elsewhere; their tunnels must be there', () => {
  const { tables, sent } = fake([row(1, 'a', 1), row(2, 'b', 2)])
  const rules = [rule('10.1.0.0/16', 'a'), rule('10.1.0.0/16', 'b'), rule('fd00::/8', 'x')]
  const { done, error } = tables.putRules(rules)
  expect([done, error?.message]).toEqual([2, 'device lvn0: rule fd00::/8: no tunnel x'])
  expect(sent).toEqual(['ruleNew 10.1.0.0', 'ruleSet 10.1.0.0'])
})

test('deleting a tunnel forgets its rules', () => {
  const { tables, sent } = fake([row(1, 'a', 1), row(2, 'b', 2)])
  tables.putRules([rule('10.1.0.0/16', 'a')])
  expect(tables.writeTunnels([...remove('a'), ...remove('gone')])).toEqual({ done: 2, error: null })
  tables.putRules([rule('10.1.0.0/16', 'b')])
  expect(sent).toEqual(['ruleNew 10.1.0.0', 'tunnelDel 1', 'ruleNew 10.1.0.0'])
})

test('user data are read as they were written, others not at all', () => {
  const data = {
    owner: { overlay: 'mitte', node: 'gw1' },
    underlays: ['eth0', 'eth1'],
    saved: [['net/ipv4/ip_forward', '0']] as const,
  }
  expect(decodeUserData(encodeUserData(data))).toMatchObject(data)
  for (const other of [
    '',
    '{',
    '[]',
    'null',
    '{"version":2}',
    '{"version":1,"owner":{},"underlays":[],"saved":[]}',
  ])
    expect(decodeUserData(Buffer.from(other)), other).toBeNull()
  expect(decodeUserData(undefined)).toBeNull()
})
