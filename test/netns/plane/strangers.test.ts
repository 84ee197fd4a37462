// SPDX-License-Identifier: MIT
/**
 * What somebody else sends to the port of a tunnel is somebody else's: it goes on to the stack.
 *
 *     lan eth0 ─── lan0 hub eth0 ─── eth0 far        192.168.7.0/24; 192.0.2.1 and 192.0.2.9
 *                       lvn0: a peer 192.0.2.2 that is not there, on port 50000
 */
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect, Netns, until } from '../../support/netns.ts'
import { add, applyAll, device, endpoint, snapshot, tryAll, tunnel } from '../../support/plane-world.ts'
import { planesOfOwnLogic } from '../../support/planes.ts'

const family = (address: string) => (address.includes(':') ? 'udp6' : 'udp4')

/** Sends every datagram back, with what begins like an inner packet. Prints `ready` first. */
const echo = (address: string, port: number) => `
  const socket = require('node:dgram').createSocket('${family(address)}')
  socket.on('message', (data, from) => socket.send(data, from.port, from.address))
  socket.bind(${port}, '${address}', () => console.log('ready'))`

/** Sends one datagram from the tunnel's port; prints the length of the answer, or the error. */
const ask = (own: string, address: string, port: number, size: number) => `
  const socket = require('node:dgram').createSocket('${family(address)}')
  const end = (text) => { console.log(text); socket.close() }
  socket.on('message', (data) => end(data.length))
  socket.on('error', (error) => end(error.code))
  const patience = setTimeout(() => end('no answer'), 10_000)
  socket.on('close', () => clearTimeout(patience))
  socket.bind({ port: 50000, address: '${own}', exclusive: true }, () =>
    socket.connect(${port}, '${address}', () => socket.send(Buffer.alloc(${size}, 0x45))))`

describe.each(planesOfOwnLogic)('plane %s', (name, open) => {
  let lan: Netns
  let hub: Netns
  let far: Netns

  beforeEach(() => {
    lan = new Netns('lan')
    hub = new Netns('hub')
    far = new Netns('far')
    connect(
      { ns: lan, dev: 'eth0', addresses: ['192.168.7.2/24', 'fd07::2/64'] },
      { ns: hub, dev: 'lan0', addresses: ['192.168.7.1/24', 'fd07::1/64'] },
    )
    connect(
      { ns: hub, dev: 'eth0', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'] },
      { ns: far, dev: 'eth0', addresses: ['192.0.2.9/24', '2001:db8:1::9/64'] },
    )
    hub.forward()
    lan.ip('route add default via 192.168.7.1', 'route add default via fd07::1')
    hub.run(
      'nft',
      'add table inet n; add chain inet n out { type nat hook postrouting priority 100 ; }; add rule inet n out oifname eth0 masquerade',
    )
  })

  afterEach(() => {
    for (const ns of [lan, hub, far]) ns.dispose()
  })

  const make = [
    add.device(device('lvn0', 'multi', 1400, 'eth0'), 4),
    add.tunnel(tunnel('four', endpoint('192.0.2.1'), endpoint('192.0.2.2'))),
    add.tunnel(tunnel('six', endpoint('2001:db8:1::1'), endpoint('2001:db8:1::2'))),
  ]
  const unknown = () => snapshot(hub, open).devices[0]?.drops['unknown-peer'] ?? 0

  /** Starts a script that prints lines; the function gives the next one. */
  function start(ns: Netns, script: string): () => Promise<string> {
    const child = ns.start(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
    return async () => (await lines.next()).value as string
  }

  const ends = [
    ['IPv4', '192.168.7.2', '192.0.2.1', '192.0.2.9'],
    ['IPv6', 'fd07::2', '2001:db8:1::1', '2001:db8:1::9'],
  ] as const

  describe.each(ends)('%s', (_, behind, own, there) => {
    test.each([100, 3000])(
      'a masqueraded client on the tunnel’s port gets its answer of %d bytes',
      async (size) => {
        applyAll(hub, open, make)
        const server = start(far, echo(there, 7777))
        expect(await server()).toBe('ready')
        expect(await start(lan, ask(behind, there, 7777, size))()).toBe(String(size))
      },
    )

    // The kernel module has a socket there: nobody else can have the port.
    if (name.startsWith('ebpf')) {
      test('a client of the hub’s own on the tunnel’s port gets its answer', async () => {
        applyAll(hub, open, make)
        const server = start(far, echo(there, 7777))
        expect(await server()).toBe('ready')
        expect(await start(hub, ask(own, there, 7777, 100))()).toBe('100')
      })

      test('a stranger is told that no program is on the port, and counted', async () => {
        applyAll(hub, open, make)
        expect(await start(far, ask(there, own, 50000, 100))()).toBe('ECONNREFUSED')
        expect(unknown()).toBe(1)
      })
    } else {
      test('a stranger is dropped by the socket that has the port, and counted', async () => {
        applyAll(hub, open, make)
        start(far, ask(there, own, 50000, 100))
        await until('it was counted', () => unknown() === 1)
      })
    }
  })

  test.each([
    ['the tunnel’s address', '192.0.2.1', 'udp4', '192.0.2.1:50000'],
    ['every IPv4 address', '0.0.0.0', 'udp4', '0.0.0.0:50000'],
    ['every address of both families', '::', 'udp6', '[::]:50000'],
  ])(
    'a socket on %s is a refusal that names port and process, and nothing is left',
    async (_, address, kind, shown) => {
      const before = hub.run('ip', '-d', '-j', 'link')
      const script = `
      const socket = require('node:dgram').createSocket('${kind}')
      socket.bind(50000, '${address}', () => console.log('bound'))`
      expect(await start(hub, script)()).toBe('bound')
      const results = tryAll(hub, open, make)
      expect(results.map(({ status }) => status)).toEqual(['done', 'failed', 'not-tried'])
      expect(results[1]).toMatchObject({
        error: {
          code: 'LVN5020',
          message: expect.stringMatching(
            new RegExp(
              `^device lvn0: it cannot receive on 192.0.2.1:50000: another socket of process \\d+ \\(.+\\) is bound to that port, to ${shown.replace(/[[\]]/g, '\\$&')}$`,
            ),
          ),
        },
      })
      applyAll(hub, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
      expect(hub.run('ip', '-d', '-j', 'link')).toBe(before)
    },
  )

  if (name.startsWith('ebpf')) {
    test('a client that is connected to a peer of its own is no hindrance', async () => {
      const server = start(far, echo('192.0.2.9', 7777))
      expect(await server()).toBe('ready')
      const script = `
        const socket = require('node:dgram').createSocket('udp4')
        socket.on('message', (data) => console.log(data.length))
        socket.bind(50000, '192.0.2.1', () => socket.connect(7777, '192.0.2.9', () => {
          console.log('connected')
          setInterval(() => socket.send(Buffer.alloc(100, 0x45)), 50)
        }))`
      const client = start(hub, script)
      expect(await client()).toBe('connected')
      applyAll(hub, open, make)
      expect(await client()).toBe('100')
    })
  }
})
