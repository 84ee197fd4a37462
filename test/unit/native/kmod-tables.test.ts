// SPDX-License-Identifier: MIT
/**
 * What the kmod plane sends for a batch, and what it takes back when the kernel refuses a part: on a client that
 * only notes requests.
 */
import { constants } from 'node:os'
import { describe, expect, test } from 'vitest'
import type { KmodClient } from '../../../native/kmod/client.ts'
import type { FoundDevice } from '../../../native/kmod/device.ts'
import { command, type RuleAttributes, type TunnelAttributes } from '../../../native/kmod/generated.ts'
import { DeviceTables } from '../../../native/kmod/tables.ts'
import { refused } from '../../../native/netlink/error.ts'
import type { BatchOptions, Outcome, Request } from '../../../native/netlink/socket.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import type { RuleSpec, TunnelSpec } from '../../../src/model/state.ts'

interface Noted extends Request {
  readonly number: number
  readonly attributes: TunnelAttributes & RuleAttributes
}

const verbs = Object.fromEntries(Object.entries(command).map(([name, number]) => [number, name]))

interface World {
  readonly tunnels?: readonly TunnelAttributes[]
  readonly rules?: readonly RuleAttributes[]
  /** The number of the error that the kernel refuses a request with; null: it does what is asked. */
  readonly refuse?: (request: Noted) => number | null
}

/** As the kernel's socket takes them: so many requests in a datagram, each tried, whatever became of the others. */
const perDatagram = 5

/** `sent` are the requests that were not refused, as "verb name-or-id-or-prefix", `all` those in full. */
function fake({ tunnels = [], rules = [], refuse = () => null }: World) {
  const sent: string[] = []
  const all: Noted[] = []
  const note = (what: string, number: number, attributes: object) =>
    ({ what, type: 0, payload: Buffer.alloc(0), number, attributes }) as Noted
  const label = ({ number, attributes }: Noted) =>
    `${verbs[number]} ${attributes.prefix ?? attributes.id}${attributes.forgetRemote ? ' pending' : ''}`
  const answer = (request: Noted): Outcome => {
    const errno = refuse(request)
    if (errno !== null) return { error: refused(request.what, errno, null, null), replies: [] }
    sent.push(label(request))
    all.push(request)
    return { error: null, replies: [] }
  }
  const client = {
    tunnels: (ifindex: number) => (ifindex === 3 ? tunnels : []),
    rules: (ifindex: number) => (ifindex === 3 ? rules : []),
    tunnelRequest: note,
    ruleRequest: note,
    send(requests: readonly Noted[], { until, stop = false }: BatchOptions) {
      expect(until).toBe('last')
      expect(requests).not.toEqual([])
      const outcomes: Outcome[] = []
      while (outcomes.length < requests.length) {
        const datagram = requests.slice(outcomes.length, outcomes.length + perDatagram).map(answer)
        outcomes.push(...datagram)
        if (stop && datagram.some(({ error }) => error !== null)) break
      }
      return outcomes
    },
  }
  const device = { link: { name: 'lvn0', ifindex: 3 }, lvn: { capacity: 4 } } as FoundDevice
  const tables = new DeviceTables(client as unknown as KmodClient, device, new Map([['eth0', 2]]))
  return { tables, sent, all }
}

const { ENOENT, ENOMEM, EADDRINUSE } = constants.errno
const refusing =
  (which: (attributes: Noted['attributes']) => boolean, errno = ENOMEM) =>
  ({ attributes }: Noted) =>
    which(attributes) ? errno : null

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
  const { tables, sent } = fake({ tunnels: [row(2, 'b', 2)] })
  const specs = [spec('a', 1), spec('b', 3), spec('c', null)]
  expect(put(tables, specs)).toEqual({ done: 3, error: null })
  expect(sent).toEqual(['tunnelNew 1', 'tunnelSet 2', 'tunnelNew 3'])
})

test('an id that is asked for is had, or refused with the reason', () => {
  const { tables, sent } = fake({ tunnels: [row(2, 'b', 2)] })
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
  const { tables, sent } = fake({ tunnels: [row(1, 'a', 1), row(2, 'b', 2)] })
  expect(put(tables, [spec('a', 2), spec('b', 1)])).toEqual({ done: 2, error: null })
  expect(sent).toEqual(['tunnelSet 2 pending', 'tunnelSet 1', 'tunnelSet 2'])
})

test('a remote endpoint that another tunnel keeps is refused, and what came before is done', () => {
  const { tables, sent } = fake({ tunnels: [row(1, 'a', 1)] })
  const { done, error } = put(tables, [spec('b', 2), spec('c', 1), spec('d', 4)])
  expect([done, error?.message]).toEqual([
    1,
    'device lvn0: tunnels a and c have the same remote endpoint 192.0.2.2:1 on local port 50000',
  ])
  expect(sent).toEqual(['tunnelNew 2'])
})

test('what the kernel did after a refusal is taken back, the last first', () => {
  const { tables, sent } = fake({ tunnels: [row(1, 'a', 1)], refuse: refusing(({ id }) => id === 3) })
  const specs = [spec('b', 2), spec('c', 3), spec('a', 5), spec('d', 4)]
  const { done, error } = put(tables, specs)
  expect([done, error?.message]).toEqual([1, 'cannot add the tunnel c of lvn0: not enough memory (ENOMEM)'])
  expect(sent).toEqual(['tunnelNew 2', 'tunnelSet 1', 'tunnelNew 4', 'tunnelDel 4', 'tunnelSet 1'])
})

test('what relies on a later operation that the kernel refuses is taken back with it', () => {
  const { tables, sent } = fake({
    tunnels: [row(1, 'a', 1), row(2, 'b', 2)],
    refuse: refusing(({ remotePort }) => remotePort === 9),
  })
  const { done, error } = put(tables, [spec('c', 3), spec('d', 1), spec('b', 9), spec('a', 4)])
  expect([done, error?.message]).toEqual([
    1,
    'cannot change the tunnel b of lvn0: not enough memory (ENOMEM)',
  ])
  expect(sent).toEqual([
    ...['tunnelNew 3', 'tunnelSet 1 pending', 'tunnelNew 4', 'tunnelSet 1'],
    ...['tunnelSet 1 pending', 'tunnelDel 4', 'tunnelSet 1'],
  ])
})

test('a tunnel that went for another comes back with its rules', () => {
  const { tables, sent } = fake({
    tunnels: [1, 2, 3, 4].map((id) => row(id, `t${id}`, id)),
    rules: [{ prefix: '10.1.0.0' as Address, prefixLen: 16, tunnel: 2 }],
    refuse: refusing(({ remotePort }) => remotePort === 9),
  })
  const full = [spec('x', 5), spec('y', 9)].map((each) => ({ op: 'add', spec: each }) as const)
  const { done, error } = tables.writeTunnels([...full, ...remove('t2'), ...remove('t3')])
  expect([done, error?.message]).toEqual([0, 'cannot add the tunnel y of lvn0: not enough memory (ENOMEM)'])
  expect(sent.slice(-4)).toEqual(['tunnelNew 3', 'tunnelDel 2', 'tunnelNew 2', 'ruleNew 10.1.0.0'])
})

describe('what the kernel does not have any more', () => {
  const gone = refusing(({ id, prefix }) => id === 1 || prefix === '10.1.0.0', ENOENT)

  test('is deleted, be it a tunnel', () => {
    const tunnels = [1, 2, 3, 4].map((id) => row(id, `t${id}`, id))
    const { tables, sent } = fake({ tunnels, refuse: gone })
    const all = tunnels.flatMap(({ name }) => remove(name as string))
    expect(tables.writeTunnels(all)).toEqual({ done: 4, error: null })
    expect(sent).toEqual(['tunnelDel 2', 'tunnelDel 3', 'tunnelDel 4'])
  })

  test('or a rule, and the datagrams after it are sent all the same', () => {
    const { tables, sent, all } = fake({ refuse: gone })
    const prefixes = [1, 2, 3, 4, 5, 6].map((i) => `10.${i}.0.0/16`)
    expect(tables.removeRules(prefixes.map((prefix) => rule(prefix, 'a')))).toEqual({ done: 6, error: null })
    expect(sent).toEqual([2, 3, 4, 5, 6].map((i) => `ruleDel 10.${i}.0.0`))
    expect(all[0]?.attributes).toStrictEqual({ ifindex: 3, prefix: '10.2.0.0', prefixLen: 16 })
  })

  test('is not added', () => {
    const { error } = put(fake({ refuse: gone }).tables, [spec('a', 7)])
    expect(error?.message).toBe('cannot add the tunnel a of lvn0: no such file or directory (ENOENT)')
  })

  test('is not pointed elsewhere, nor made', () => {
    const rules = [{ prefix: '10.1.0.0' as Address, prefixLen: 16, tunnel: 1 }]
    const tunnels = [row(1, 'a', 1), row(2, 'b', 2)]
    for (const before of [rules, []]) {
      const { tables } = fake({ tunnels, rules: before, refuse: gone })
      expect(tables.putRules([rule('10.1.0.0/16', 'b')])).toMatchObject({
        done: 0,
        error: { errno: 'ENOENT' },
      })
    }
  })

  test('is not changed', () => {
    const { tables, sent } = fake({ tunnels: [row(1, 'a', 1)], refuse: gone })
    const { done, error } = put(tables, [spec('a', 7)])
    expect([done, error?.message]).toEqual([
      0,
      'cannot change the tunnel a of lvn0: no such file or directory (ENOENT)',
    ])
    expect(sent).toEqual([])
  })
})

test('a tunnel or a rule that the kernel keeps is not deleted', () => {
  const { tables } = fake({ tunnels: [row(1, 'a', 1)], refuse: () => ENOMEM })
  const [tunnel, led] = [
    tables.writeTunnels([...remove('a')]),
    tables.removeRules([rule('10.1.0.0/16', 'a')]),
  ]
  expect([tunnel.done, tunnel.error?.message, led.done, led.error?.message]).toEqual([
    ...[0, 'cannot delete the tunnel a of lvn0: not enough memory (ENOMEM)'],
    ...[0, 'cannot delete the rule 10.1.0.0/16 of lvn0: not enough memory (ENOMEM)'],
  ])
})

describe('a port that somebody else has', () => {
  const refuse = refusing(() => true, EADDRINUSE)

  test('is said in words where a tunnel is added or changed', () => {
    const taken = 'device lvn0: it cannot receive on 192.0.2.1:50000: another socket is bound to that port'
    expect(put(fake({ refuse }).tables, [spec('a', 1)]).error?.message).toBe(taken)
    expect(put(fake({ tunnels: [row(1, 'a', 1)], refuse }).tables, [spec('a', 2)]).error?.message).toBe(taken)
  })

  test('is no reason of a tunnel that goes, nor of anything else', () => {
    const going = fake({ tunnels: [row(1, 'a', 1)], refuse }).tables.writeTunnels([...remove('a')])
    expect(going.error?.message).toContain('cannot delete the tunnel a of lvn0')
    const other = put(fake({ refuse: () => ENOMEM }).tables, [spec('a', 1)])
    expect(other.error?.message).toContain('cannot add the tunnel a of lvn0')
  })
})

describe('a tunnel is sent whole', () => {
  const whole: TunnelAttributes = {
    ...{ ifindex: 3, id: 1, localAddress: '192.0.2.1' as Address, localPort: 50_000, underlay: 2 },
    ...{ remoteAddress: '192.0.2.2' as Address, remotePort: 7, onDead: 'remove' },
    ...{
      keepaliveInterval: 5000,
      deadTime: 16_000,
      key: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
    },
  }
  const wish: TunnelSpec = {
    ...spec('a', 7),
    keepalive: { intervalMs: 5000, deadMs: 16_000 },
    key: '00112233445566778899aabbccddeeff',
    onDead: 'remove',
  }

  test('a new one with its name', () => {
    const { tables, all } = fake({})
    put(tables, [wish])
    expect(all.map(({ attributes }) => attributes)).toEqual([{ ...whole, name: 'a' }])
  })

  test('one that is changed without it', () => {
    const { tables, all } = fake({ tunnels: [row(1, 'a', 1)] })
    put(tables, [wish])
    expect(all.map(({ attributes }) => attributes)).toEqual([whole])
  })

  test('one without a remote, key or removal says so', () => {
    const { tables, all } = fake({ tunnels: [row(1, 'a', 1)] })
    put(tables, [spec('a', null), spec('b', null)])
    const { remoteAddress, remotePort, key, ...rest } = whole
    const none = { ...rest, underlay: 0, keepaliveInterval: 0, deadTime: 0, onDead: 'keep' }
    expect(all.map(({ attributes }) => attributes)).toEqual([
      { ...none, forgetRemote: true },
      { ...none, id: 2, name: 'b' },
    ])
  })

  test('one that goes is named by its number alone', () => {
    const { tables, all } = fake({ tunnels: [row(2, 'b', 2)] })
    tables.writeTunnels([...remove('b')])
    expect(all.map(({ attributes }) => attributes)).toEqual([{ ifindex: 3, id: 2 }])
  })
})

test('nothing is sent after the datagram with a refusal', () => {
  const prefixes = [1, 2, 3, 4, 5, 6].map((i) => `10.${i}.0.0/16`)
  const { tables, sent } = fake({
    tunnels: [row(1, 'a', 1)],
    refuse: refusing(({ prefix }) => prefix === '10.5.0.0'),
  })
  expect(tables.putRules(prefixes.map((prefix) => rule(prefix, 'a'))).done).toBe(4)
  expect(sent).toEqual([1, 2, 3, 4].map((i) => `ruleNew 10.${i}.0.0`))
})

test('a tunnel comes back with the underlay and the local endpoint that it had', () => {
  const { tables, all } = fake({
    tunnels: [row(1, 'a', 1)],
    refuse: refusing(({ id }) => id === 2),
  })
  put(tables, [spec('b', 2), { ...spec('a', 1), underlay: null, remote: null }])
  expect(all.at(-1)?.attributes).toMatchObject({ id: 1, underlay: 2, remotePort: 1, localPort: 50_000 })
})

test('tunnels on two local endpoints may have one remote', () => {
  const other = { address: '192.0.2.9' as Address, port: 50_000 }
  const { tables } = fake({ tunnels: [row(1, 'a', 1)] })
  expect(put(tables, [{ ...spec('b', 1), local: other }])).toEqual({ done: 1, error: null })
})

test('a tunnel that cannot come is named', () => {
  const { error } = put(fake({ refuse: () => ENOMEM }).tables, [spec('a', 1)])
  expect(error?.message).toBe('cannot add the tunnel a of lvn0: not enough memory (ENOMEM)')
})

test('an underlay that is not there is refused', () => {
  const { error } = put(fake({}).tables, [{ ...spec('a', 1), underlay: 'eth7' }])
  expect(error?.message).toBe('device lvn0: the underlay interface eth7 of tunnel a is not there')
})

test('what becomes of a dead tunnel is set with it, and taken back with it', () => {
  const { tables, all } = fake({ tunnels: [row(1, 'a', 1)], refuse: refusing(({ id }) => id === 2) })
  const { error } = put(tables, [spec('b', 2), { ...spec('a', 1), onDead: 'remove' }])
  expect(error?.message).toContain('add the tunnel b')
  expect(all.map(({ attributes }) => attributes.onDead)).toEqual(['remove', 'keep'])
})

test('rules are added or pointed elsewhere; their tunnels must be there', () => {
  const { tables, sent, all } = fake({
    tunnels: [row(1, 'a', 1), row(2, 'b', 2)],
    rules: [{ prefix: '10.2.0.0' as Address, prefixLen: 16, tunnel: 1 }],
  })
  const rules = [
    ...[rule('10.1.0.0/16', 'a'), rule('10.1.0.0/16', 'b')],
    ...[rule('10.2.0.0/16', 'b'), rule('fd00::/8', 'x')],
  ]
  const { done, error } = tables.putRules(rules)
  expect([done, error?.message]).toEqual([3, 'device lvn0: rule fd00::/8: no tunnel x'])
  expect(sent).toEqual(['ruleNew 10.1.0.0', 'ruleSet 10.1.0.0', 'ruleSet 10.2.0.0'])
  expect(all[2]?.attributes).toEqual({ ifindex: 3, prefix: '10.2.0.0', prefixLen: 16, tunnel: 2 })
})

test('rules that the kernel took after a refusal are taken back', () => {
  const { tables, sent, all } = fake({
    tunnels: [row(1, 'a', 1), row(2, 'b', 2)],
    rules: [{ prefix: '10.2.0.0' as Address, prefixLen: 16, tunnel: 1 }],
    refuse: refusing(({ prefix }) => prefix === '10.9.0.0'),
  })
  const prefixes = ['10.1.0.0/16', '10.9.0.0/16', '10.2.0.0/16', '10.3.0.0/16']
  const { done, error } = tables.putRules(prefixes.map((prefix) => rule(prefix, 'b')))
  expect([done, error?.message]).toEqual([
    1,
    'cannot add the rule 10.9.0.0/16 of lvn0: not enough memory (ENOMEM)',
  ])
  expect(sent).toEqual([
    ...['ruleNew 10.1.0.0', 'ruleSet 10.2.0.0', 'ruleNew 10.3.0.0'],
    ...['ruleDel 10.3.0.0', 'ruleSet 10.2.0.0'],
  ])
  expect(all.at(-1)?.attributes.tunnel).toBe(1)
})

test('a rule that is changed is said to be', () => {
  const { tables } = fake({
    tunnels: [row(1, 'a', 1), row(2, 'b', 2)],
    rules: [{ prefix: '10.2.0.0' as Address, prefixLen: 16, tunnel: 1 }],
    refuse: () => ENOMEM,
  })
  const { error } = tables.putRules([rule('10.2.0.0/16', 'b')])
  expect(error?.message).toContain('cannot change the rule 10.2.0.0/16 of lvn0')
})

test('deleting a tunnel forgets its rules', () => {
  const { tables, sent } = fake({ tunnels: [row(1, 'a', 1), row(2, 'b', 2)] })
  tables.putRules([rule('10.1.0.0/16', 'a')])
  expect(tables.writeTunnels([...remove('a'), ...remove('gone')])).toEqual({ done: 2, error: null })
  tables.putRules([rule('10.1.0.0/16', 'b')])
  expect(sent).toEqual(['ruleNew 10.1.0.0', 'tunnelDel 1', 'ruleNew 10.1.0.0'])
})
