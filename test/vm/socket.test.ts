// SPDX-License-Identifier: MIT
/**
 * A socket of user space's as a tunnel's local endpoint.
 *
 *     a eth0 ─── eth0 b          192.0.2.0/24 and 2001:db8::/64; lvn0 fixed on both: 10.64.0.1, 10.64.0.2
 *     socket handed over on a, the module's own on b
 */
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  command,
  decodeLocal,
  encodeLocal,
  encodeTunnel,
  type LocalAttributes,
} from '../../native/kmod/generated.ts'
import { decodeGeneric } from '../../native/netlink/genetlink.ts'
import type { Address } from '../../src/model/address.ts'
import { addLink, type Family, openFamily } from '../support/lvn-link.ts'
import { connect, Netns, until } from '../support/netns.ts'
import { ping, reaches } from '../support/plane-world.ts'

const script = fileURLToPath(new URL('../support/hand-over.ts', import.meta.url))

let a: Netns
let b: Netns
let family: Family
let ifindex: number

beforeEach(() => {
  a = new Netns('a')
  b = new Netns('b')
  connect(
    { ns: a, dev: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
    { ns: b, dev: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
  )
  for (const [i, ns] of [a, b].entries()) {
    const index = addLink(ns, 'lvn0', { mode: 'fixed' })
    if (ns === a) ifindex = index
    ns.run('ip', 'addr', 'add', `10.64.0.${i + 1}/24`, 'dev', 'lvn0')
    ns.run('ip', 'link', 'set', 'lvn0', 'up')
  }
  family = openFamily(a)
})

afterEach(() => {
  family.close()
  a.dispose()
  b.dispose()
})

function locals(): LocalAttributes[] {
  return family
    .dump(command.localGet, (e) => encodeLocal(e, { ifindex }))
    .map((message) => decodeLocal(decodeGeneric(message).attributes))
}

const sendFrom = (to: string, port: number) => `
  const socket = require('node:dgram').createSocket('${to.includes(':') ? 'udp6' : 'udp4'}')
  socket.bind(${port}, () => socket.send(Buffer.from('00abcd', 'hex'), 50000, '${to}', () => socket.close()))`

test.each([
  ['192.0.2.1', '192.0.2.2'],
  ['2001:db8::1', '2001:db8::2'],
] as [Address, Address][])(
  '%s: data goes through the kernel, the rest to its owner',
  async (mine, theirs) => {
    const owner = a.start(process.execPath, ['--import', 'tsx', script, mine, theirs], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: owner.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
    expect((await lines.next()).value).toBe('ready')
    const other = openFamily(b)
    const index = (JSON.parse(b.run('ip', '-json', 'link', 'show', 'lvn0')) as { ifindex: number }[])[0]
      ?.ifindex
    other.send(command.tunnelNew, (e) =>
      encodeTunnel(e, {
        ifindex: index ?? 0,
        localAddress: theirs,
        localPort: 50_000,
        remoteAddress: mine,
        remotePort: 50_000,
      }),
    )
    other.close()
    await reaches(a, '10.64.0.2')
    await reaches(b, '10.64.0.1')
    b.run(process.execPath, '-e', sendFrom(mine, 50_001))
    expect((await lines.next()).value).toBe('50001 00abcd')
    expect(locals()).toMatchObject([{ address: mine, handedOver: true, tunnels: 1 }])
    owner.stdin?.end()
    await until('its tunnel and local endpoint are gone', () => locals().length === 0)
    expect(ping(a, '10.64.0.2')).toBe(false)
  },
)

test('what is no UDP socket is refused', () => {
  const local = { ifindex, address: '192.0.2.1' as Address, port: 50_000 }
  const tryFd = (socket: number) => () =>
    family.send(command.localNew, (e) => encodeLocal(e, { ...local, socket }))
  expect(tryFd(0)).toThrow(/no (UDP )?socket/)
  expect(tryFd(0x7fffffff)).toThrow(/no (UDP )?socket/)
  expect(tryFd(0xffffffff)).toThrow(/no (UDP )?socket/)
})
