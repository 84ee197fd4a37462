// SPDX-License-Identifier: MIT
/**
 * Ends that we did not write: the kernel's own tunnels over UDP, in a namespace without anything of ours.
 *
 *     ours eth0 ─── eth0 theirs         192.0.2.1, 192.0.2.2; port 50000 on both
 *     lvn0 fixed ══ ipip1, sit1         10.64.0.1 ══ 10.64.0.2, fd42::1 ══ fd42::2
 *
 * What the kernel (net/ipv4/fou.c) does, and what follows from it:
 *
 *   - FOU receives bare IP of one protocol for each port: 4 and `ipip`, or 41 and `sit`. It sends bare IP.
 *   - GUE receives variant 1, which is bare IP of both versions in one port, told apart by their first nibble:
 *     what L-VN sends. It takes variant 0 as well.
 *   - GUE sends variant 0 alone, whose header starts with a zero nibble: control to L-VN, which drops it. A GUE
 *     port therefore answers L-VN with devices that have `encap fou`.
 */
import { execFileSync } from 'node:child_process'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { received } from '../support/lvn-pair.ts'
import { connect, Netns } from '../support/netns.ts'
import {
  add,
  applyAll,
  device,
  endpoint,
  type OpenPlane,
  ping,
  reaches,
  tunnel,
} from '../support/plane-world.ts'
import { planeKinds } from '../support/planes.ts'
import { transferTcp } from '../support/transfer.ts'

const port = 50_000
/** 1500 bytes less IPv4 and UDP. */
const mtu = 1_472
const tcpBytes = 2_000_000

let ours: Netns
let theirs: Netns

beforeAll(() => execFileSync('modprobe', ['-a', 'fou', 'ipip', 'sit']))

beforeEach(() => {
  ours = new Netns('ours')
  theirs = new Netns('theirs')
  connect(
    { ns: ours, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: theirs, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
})

afterEach(() => {
  ours.dispose()
  theirs.dispose()
})

function setUpOurs(open: OpenPlane): void {
  applyAll(ours, open, [
    add.device(device('lvn0', 'fixed', mtu, 'eth0'), 1),
    add.tunnel(tunnel('peer', endpoint('192.0.2.1', port), endpoint('192.0.2.2', port))),
  ])
  ours.ip('addr add 10.64.0.1/24 dev lvn0', 'addr add fd42::1/64 dev lvn0 nodad')
}

type Kind = 'ipip' | 'sit'

const inner = {
  ipip: { mine: '10.64.0.1', address: '10.64.0.2', length: 24, header: 20 },
  sit: { mine: 'fd42::1', address: 'fd42::2', length: 64, header: 40 },
} as const

/** How their side receives, then a device for each kind. `options`: as `ip link` has them. */
function setUpTheirs(receive: string, kinds: readonly Kind[], encap: string): void {
  theirs.run('ip', 'fou', 'add', 'port', String(port), ...receive.split(' '))
  for (const kind of kinds) {
    const { address, length } = inner[kind]
    theirs.ip(
      `link add ${kind}1 type ${kind} local 192.0.2.2 remote 192.0.2.1 ttl 64 ${encap} encap-sport ${port} encap-dport ${port}`,
      `addr add ${address}/${length} dev ${kind}1 ${kind === 'sit' ? 'nodad' : ''}`,
      `link set ${kind}1 mtu ${mtu} up`,
    )
  }
}

/** Both ways: packets of every size that matters, the largest that fits among them, and none that does not. */
function pings(kind: Kind): void {
  const { mine, address, header } = inner[kind]
  const most = mtu - header - 8
  for (const [from, to] of [
    [ours, address],
    [theirs, mine],
  ] as const) {
    for (const size of [0, 56, 1_000, most])
      expect([size, from.name, ping(from, to, '-Mdo', `-s${size}`)]).toEqual([size, from.name, true])
    expect(ping(from, to, '-Mdo', '-W1', `-s${most + 1}`)).toBe(false)
  }
}

async function transfers(kind: Kind): Promise<void> {
  const { mine, address } = inner[kind]
  for (const tcp of [
    await transferTcp(ours, theirs, address, tcpBytes),
    await transferTcp(theirs, ours, mine, tcpBytes),
  ])
    expect(tcp.arrived).toEqual(tcp.sent)
}

const cases: readonly (readonly [string, string, readonly Kind[], string])[] = [
  ['ipip and sit over FOU, into one port that takes GUE variant 1', 'gue', ['ipip', 'sit'], 'encap fou'],
  ['ipip over FOU', 'ipproto 4', ['ipip'], 'encap fou'],
  ['ipip over FOU with UDP checksums', 'ipproto 4', ['ipip'], 'encap fou encap-csum'],
  ['sit over FOU', 'ipproto 41', ['sit'], 'encap fou'],
]

describe.each(planeKinds)('%s', (name, open) => {
  // The first says it all; the rest is about the module.
  test.each(name === 'kmod' ? cases : cases.slice(0, 1))('%s', async (_name, receive, kinds, encap) => {
    setUpOurs(open)
    setUpTheirs(receive, kinds, encap)
    for (const kind of kinds) {
      await reaches(ours, inner[kind].address)
      pings(kind)
      await transfers(kind)
    }
  })

  test('GUE variant 0 is no data: requests go out, and no answer comes in', () => {
    setUpOurs(open)
    setUpTheirs('gue', ['ipip'], 'encap gue')
    expect(ping(ours, inner.ipip.address)).toBe(false)
    expect(received(theirs, 'ipip1')).toBeGreaterThan(0)
    expect(received(ours, 'lvn0')).toBe(0)
  })
})
