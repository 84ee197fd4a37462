// SPDX-License-Identifier: MIT
/**
 * The netlink family as spec/lvn.yaml describes it: what a running module says of itself, what it takes, what
 * it gives back, and what it refuses, with a sentence each time.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  command,
  decodeLocal,
  decodeRule,
  decodeTunnel,
  encodeLocal,
  encodeRule,
  encodeTunnel,
  familyVersion,
  maxTime,
  maxTunnels,
  multicastGroup,
  type TunnelAttributes,
} from '../../native/kmod/generated.ts'
import { NetlinkError } from '../../native/netlink/error.ts'
import { decodeGeneric, genericRequest, NETLINK_GENERIC } from '../../native/netlink/genetlink.ts'
import { encodeMessage, NLM_F } from '../../native/netlink/message.ts'
import type { Address } from '../../src/model/address.ts'
import { addLink, type Family, openFamily } from '../support/lvn-link.ts'
import { makePair } from '../support/lvn-pair.ts'
import { Netns } from '../support/netns.ts'
import { reaches } from '../support/plane-world.ts'
import { RawNetlink } from '../support/raw-netlink.ts'

let ns: Netns
let family: Family
let ifindex: number

beforeAll(() => {
  ns = new Netns('family')
  ns.run('ip', 'addr', 'add', '192.0.2.1/32', 'dev', 'lo')
  ns.run('ip', 'addr', 'add', '2001:db8::1/128', 'dev', 'lo', 'nodad')
  ifindex = addLink(ns, 'lvn0', { mode: 'multi', capacity: 16 })
  family = openFamily(ns)
})

afterEach(() => {
  for (const message of family.dump(command.tunnelGet, (e) => encodeTunnel(e, { ifindex }))) {
    const { id } = decodeTunnel(decodeGeneric(message).attributes)
    if (id !== undefined) family.send(command.tunnelDel, (e) => encodeTunnel(e, { ifindex, id }))
  }
})

afterAll(() => {
  family?.close()
  ns.dispose()
})

const tunnel = (more: TunnelAttributes): TunnelAttributes => ({
  ifindex,
  id: 1,
  name: 'a',
  localAddress: '192.0.2.1' as Address,
  localPort: 50_000,
  remoteAddress: '192.0.2.2' as Address,
  remotePort: 50_001,
  keepaliveInterval: 0,
  deadTime: 0,
  onDead: 'keep',
  ...more,
})

const addTunnel = (more: TunnelAttributes = {}) =>
  family.send(command.tunnelNew, (e) => encodeTunnel(e, tunnel(more)))

/** The error that `run` throws. */
function refusal(run: () => unknown): NetlinkError {
  try {
    run()
  } catch (error) {
    if (error instanceof NetlinkError) return error
    throw error
  }
  throw new Error('the kernel refused nothing')
}

test('name, version and groups are those of the description', () => {
  expect(family.family.version).toBe(familyVersion)
  expect([...family.family.groups.keys()]).toEqual(Object.values(multicastGroup))
})

test('events are for who may read tunnels', () => {
  const group = family.family.groups.get(multicastGroup.events)
  // AF_NETLINK, SOCK_RAW, NETLINK_GENERIC; SOL_NETLINK, NETLINK_ADD_MEMBERSHIP.
  const join = `socket(my $s, 16, 3, 16); print setsockopt($s, 270, 1, pack("i", ${group})) ? "joined" : "$!"`
  const nobody = ['--reuid=65534', '--clear-groups', '--inh-caps=-all', '--bounding-set=-all']
  expect(ns.run('perl', '-e', join)).toBe('joined')
  expect(ns.run('setpriv', ...nobody, 'perl', '-e', join)).toBe('Operation not permitted')
})

test('a tunnel is read back as it was written, alone and in a dump', () => {
  addTunnel()
  addTunnel({
    id: 7,
    name: 'b ü',
    localAddress: '2001:db8::1' as Address,
    remoteAddress: '2001:db8::2' as Address,
    keepaliveInterval: 20_000,
    deadTime: 90_000,
    onDead: 'remove',
  })
  const [one] = family.send(command.tunnelGet, (e) => encodeTunnel(e, { ifindex, name: 'b ü' }))
  const all = family.dump(command.tunnelGet, (e) => encodeTunnel(e, { ifindex }))
  const decoded = all.map((message) => decodeTunnel(decodeGeneric(message).attributes))
  expect(decoded.map(({ id }) => id).sort()).toEqual([1, 7])
  expect(decoded.find(({ id }) => id === 1)).toMatchObject(tunnel({}))
  expect(decodeTunnel(decodeGeneric(one as never).attributes)).toMatchObject({
    ...tunnel({ id: 7, name: 'b ü', keepaliveInterval: 20_000, deadTime: 90_000, onDead: 'remove' }),
    localAddress: '2001:db8::1',
    remoteAddress: '2001:db8::2',
    state: 'up',
  })
})

test('rules and local endpoints are read back', () => {
  addTunnel()
  const rule = { ifindex, prefix: '10.64.0.0' as Address, prefixLen: 16, tunnel: 1 }
  family.send(command.ruleNew, (e) => encodeRule(e, rule))
  const rules = family.dump(command.ruleGet, (e) => encodeRule(e, { ifindex }))
  expect(rules.map((message) => decodeRule(decodeGeneric(message).attributes))).toEqual([rule])
  const locals = family.dump(command.localGet, (e) => encodeLocal(e, { ifindex }))
  expect(locals.map((message) => decodeLocal(decodeGeneric(message).attributes))).toEqual([
    { ifindex, address: '192.0.2.1', port: 50_000, tunnels: 1 },
  ])
  family.send(command.tunnelDel, (e) => encodeTunnel(e, { ifindex, id: 1 }))
  expect(family.dump(command.ruleGet, (e) => encodeRule(e, { ifindex }))).toEqual([])
  expect(family.dump(command.localGet, (e) => encodeLocal(e, { ifindex }))).toEqual([])
})

describe('refused', () => {
  const cases: Record<string, () => unknown> = {
    'an attribute that can only be read': () => addTunnel({ state: 'up' }),
    'a number beyond its range': () => addTunnel({ deadTime: maxTime + 1 }),
    'an id of zero': () => addTunnel({ id: 0 }),
    'an id beyond the most': () => addTunnel({ id: maxTunnels + 1 }),
    'port zero': () => addTunnel({ remotePort: 0 }),
    'a name that is too long': () => addTunnel({ name: 'x'.repeat(64) }),
    'a key of another length': () => addTunnel({ key: new Uint8Array(15) }),
    'an address of another length': () =>
      family.send(command.tunnelNew, (e) => encodeTunnel(e, tunnel({})).attributeBytes(4, Buffer.alloc(5))),
    'an unknown attribute': () =>
      family.send(command.tunnelNew, (e) => encodeTunnel(e, tunnel({})).attributeU32(1000, 1)),
    'addresses of two families': () => addTunnel({ remoteAddress: '2001:db8::2' as Address }),
    'a remote address without port': () =>
      family.send(command.tunnelNew, (e) => {
        const { remotePort: _, ...rest } = tunnel({})
        encodeTunnel(e, rest)
      }),
    'a device that is none': () => addTunnel({ ifindex: 0x7fffffff }),
    'a device of another type': () => addTunnel({ ifindex: 1 }),
    'a tunnel that is not there': () =>
      family.send(command.tunnelDel, (e) => encodeTunnel(e, { ifindex, id: 9 })),
    'a rule with host bits': () =>
      family.send(command.ruleNew, (e) =>
        encodeRule(e, { ifindex, prefix: '10.64.0.1' as Address, prefixLen: 16, tunnel: 1 }),
      ),
    'an IPv4 prefix of 33 bits': () =>
      family.send(command.ruleNew, (e) =>
        encodeRule(e, { ifindex, prefix: '10.64.0.0' as Address, prefixLen: 33, tunnel: 1 }),
      ),
    'a rule to a tunnel that is not there': () =>
      family.send(command.ruleNew, (e) =>
        encodeRule(e, { ifindex, prefix: '10.64.0.0' as Address, prefixLen: 16, tunnel: 9 }),
      ),
    'a device with more room than there can be': () =>
      addLink(ns, 'lvn1', { mode: 'multi', capacity: maxTunnels + 1 }),
    'a device without room': () => addLink(ns, 'lvn1', { mode: 'multi', capacity: 0 }),
    'a link attribute that can only be read': () => addLink(ns, 'lvn1', { tunnels: 3 }),
  }

  test.each(Object.entries(cases))('%s, with a sentence', (_, run) => {
    expect(refusal(run).kernelMessage).toMatch(/\w{3,}/)
    expect(family.dump(command.tunnelGet, (e) => encodeTunnel(e, { ifindex }))).toEqual([])
  })

  test('a name or an id that another tunnel has', () => {
    addTunnel()
    expect(refusal(() => addTunnel({ id: 2 })).errno).toBe('EEXIST')
    expect(refusal(() => addTunnel({ name: 'b' })).errno).toBe('EEXIST')
  })

  test('every command without CAP_NET_ADMIN', () => {
    const commands = Object.entries(command).filter(([name]) => !name.endsWith('Event'))
    const messages = commands.map(([name, number], index) => {
      const { type, payload } = genericRequest(name, family.family, number, () => {})
      const flags = NLM_F.request | (name.endsWith('Get') ? NLM_F.dump : NLM_F.ack)
      return encodeMessage({ type, flags, sequence: index + 1, payload })
    })
    const raw = new RawNetlink(ns, NETLINK_GENERIC)
    try {
      const errnos = (...writer: string[]) => raw.writtenBy(writer, Buffer.concat(messages))
      const withoutNetAdmin = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin']
      expect(errnos(...withoutNetAdmin, 'cat')).toEqual(commands.map(() => 'EPERM'))
      // With it, each is told what it lacks.
      expect(errnos('cat')).toEqual(commands.map(() => 'EINVAL'))
    } finally {
      raw.close()
    }
  })
})

test('root of a user namespace may make devices in its own network namespace', () => {
  const script = 'ip link add lvn0 type lvn && ip -o link show lvn0'
  const { stdout, stderr } = ns.try('unshare', '--map-root-user', '--net', 'sh', '-c', script)
  expect(stderr).toBe('')
  expect(stdout).toContain('lvn0')
})

test('a device counts what it sends and receives', async () => {
  const pair = makePair()
  try {
    await reaches(pair.a, '10.64.0.2')
    for (const ns of [pair.a, pair.b]) {
      const [{ stats64 }] = JSON.parse(ns.run('ip', '-s', '-j', 'link', 'show', 'lvn0'))
      for (const { packets, bytes } of [stats64.tx, stats64.rx]) {
        expect(packets).toBeGreaterThan(0)
        expect(bytes).toBeGreaterThanOrEqual(packets * 20)
      }
    }
  } finally {
    pair.dispose()
  }
})
