// SPDX-License-Identifier: MIT
/**
 * Programs and filters of others on our device and on the underlay: ours run first, a plan tells of those that have got
 * before them, and an apply puts ours before them again.
 *
 *     host eth0 ─── router ─── eth0 spoke
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addon } from '../../native/addon/index.ts'
import { hasTcx } from '../../native/ebpf/attach.ts'
import { openEbpfPlane } from '../../native/ebpf/plane.ts'
import { withNetns } from '../../native/netns.ts'
import { compileBpf } from '../support/compile-bpf.ts'
import { sendFlow } from '../support/datagram-flow.ts'
import { Host, type SpokeMachine } from '../support/host.ts'
import { add, applyAll, device, endpoint, ping, reaches, snapshot, tunnel } from '../support/plane-world.ts'

/** <linux/bpf.h>: BPF_TCX_INGRESS, BPF_TCX_EGRESS, BPF_F_BEFORE. */
const tcx = { ingress: 46, egress: 47 } as const
const before = 1 << 3

let folder: string
let object: string
let host: Host
let spoke: SpokeMachine

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lvnt-'))
  object = compileBpf(folder)
})

afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(() => {
  host = new Host()
  spoke = host.addSpoke('spoke')
})

afterEach(() => host.dispose())

/** Attaches a program that takes every packet before all others. */
function attachTaker(interfaceName: string, side: keyof typeof tcx): void {
  const [{ ifindex }] = JSON.parse(host.ns.run('ip', '-j', 'link', 'show', interfaceName)) as [
    { ifindex: number },
  ]
  const { programs, maps } = addon().bpfLoad(object, { programs: ['takes'] })
  try {
    withNetns(host.ns.path, () =>
      addon().bpfAttach(programs.takes as number, ifindex, tcx[side], before, null),
    )
  } finally {
    for (const fd of [...Object.values(programs), ...Object.values(maps)]) addon().close(fd)
  }
}

/** A hub on the host and a spoke, joined; the file. */
async function joined(): Promise<string> {
  const file = host.file(
    'mitte.lvn',
    `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10; device lvn0 { address 10.64.0.1 } }
  spoke a { endpoint ${spoke.v4}; address 10.64.1.1 }
}
`,
  )
  host.expectLvn(0, ...onEbpf, 'apply', file, '--yes')
  spoke.expectLvn(0, ...onEbpf, 'apply', file, '--yes')
  await reaches(host.ns, '10.64.1.1')
  return file
}

const onEbpf = ['--plane', 'ebpf'] as const

/** The plan tells of the program, and an apply makes it good. */
function overtake(file: string, where: string): void {
  const { stdout } = host.expectLvn(2, ...onEbpf, 'plan', file)
  expect(stdout).toContain('~ device lvn0 overtaken → first')
  expect(stdout).toMatch(
    new RegExp(`program takes \\(id \\d+\\): runs before lvn0 on ${where}, and may take`),
  )
  expect(host.expectLvn(0, ...onEbpf, 'show', 'devices').stdout).toContain('overtaken')
  host.expectLvn(0, ...onEbpf, 'apply', file, '--yes')
  host.expectLvn(0, ...onEbpf, 'plan', file)
}

describe.runIf(hasTcx())('where programs are attached by tcx', () => {
  test.each([
    ['the ingress of eth0', 'eth0', 'ingress'],
    ['the egress of lvn0', 'lvn0', 'egress'],
  ] as const)(
    'who has got before ours on %s is told of, and ours go first again',
    async (where, name, side) => {
      const file = await joined()
      attachTaker(name, side)
      expect(ping(host.ns, '10.64.1.1', '-W1')).toBe(false)
      overtake(file, where)
      await reaches(host.ns, '10.64.1.1')
      // What is another's is still there.
      expect(host.ns.run('bpftool', 'prog', 'list')).toContain('name takes')
      host.expectLvn(0, ...onEbpf, 'destroy', file, '--yes')
    },
  )

  test('so on the loopback interface, which cuts what arrives in one piece', async () => {
    const file = await joined()
    attachTaker('lo', 'ingress')
    expect(ping(host.ns, '10.64.1.1')).toBe(true)
    overtake(file, 'the ingress of lo')
    const flow = { from: spoke.ns, to: host.ns, address: '10.64.0.1', count: 128, perWrite: 8, joined: false }
    expect(await sendFlow(flow)).toBe(128)
    host.expectLvn(0, ...onEbpf, 'destroy', file, '--yes')
    expect(host.ns.run('bpftool', 'net')).not.toContain('lvn_')
  })
})

test('a root qdisc that somebody has set on the device is told of: no packet passes it', async () => {
  const file = await joined()
  const plan = () => host.expectLvn(0, ...onEbpf, 'plan', file).stdout
  const tc = (words: string) => host.ns.run('tc', 'qdisc', ...words.split(' '))
  expect(plan()).not.toContain('qdisc')
  tc('add dev lvn0 root handle 1: tbf rate 1mbit burst 4k latency 50ms')
  expect(plan()).toContain('qdisc tbf: without effect on lvn0')
  tc('del dev lvn0 root')
  expect(plan()).not.toContain('qdisc')
})

test('an XDP program where packets come in is told of: it runs before all others', async () => {
  const file = await joined()
  const xdp = () => host.expectLvn(0, ...onEbpf, 'plan', file).stdout
  expect(xdp()).not.toContain('XDP')
  host.ns.run('ip', 'link', 'set', 'dev', 'eth0', 'xdpgeneric', 'obj', object, 'sec', 'xdp')
  const told = /XDP program \(id \d+\): runs on eth0 before lvn0 receives there, and may take its packets/
  expect(xdp()).toMatch(told)
  expect(host.expectLvn(0, ...onEbpf, 'show', 'devices').stdout).toMatch(told)
  await reaches(host.ns, '10.64.1.1')
  host.ns.run('ip', 'link', 'set', 'dev', 'eth0', 'xdpgeneric', 'off')
  expect(xdp()).not.toContain('XDP')
})

describe('where programs are filters', () => {
  const open = () => openEbpfPlane({ attach: 'clsact' })
  const own = device('lvn0', 'fixed', 1400, 'eth0')
  const takeAll = (preference: number, dev = 'eth0') =>
    host.ns.run(
      ...(['tc', 'filter', 'add', 'dev', dev, 'ingress', 'pref', String(preference)] as const),
      // Of the old kind, and it matches everything.
      ...['protocol', 'all', 'bpf', 'bytecode', '1,6 0 0 4294967295'],
    )
  const ahead = () => snapshot(host.ns, open).devices[0]?.ahead

  function join(): void {
    for (const [ns, mine, theirs, address] of [
      [host.ns, '198.51.100.10', spoke.v4, '10.64.0.1'],
      [spoke.ns, spoke.v4, '198.51.100.10', '10.64.1.1'],
    ] as const) {
      applyAll(ns, open, [add.device(own, 1), add.tunnel(tunnel('peer', endpoint(mine), endpoint(theirs)))])
      ns.ip(`addr add ${address}/32 dev lvn0`, 'route add 10.64.0.0/16 dev lvn0')
    }
  }

  test('ours go before those that are there', async () => {
    host.ns.run('tc', 'qdisc', 'add', 'dev', 'eth0', 'clsact')
    takeAll(7)
    join()
    await reaches(host.ns, '10.64.1.1')
    expect(ahead()).toBeUndefined()
  })

  test.each(['eth0', 'lo'])(
    'who cannot be overtaken on %s is told of, and is overtaken when there is room',
    async (dev) => {
      host.ns.run('tc', 'qdisc', 'add', 'dev', dev, 'clsact')
      takeAll(1, dev)
      takeAll(2, dev)
      join()
      const filter = (preference: number, stays: boolean) => ({
        ...{ interface: dev, side: 'ingress', stays },
        who: `bpf filter (preference ${preference})`,
      })
      expect(ahead()).toEqual([filter(1, true), filter(2, true)])
      applyAll(host.ns, open, [{ op: 'set', kind: 'device', spec: own, capacity: 1 }])
      expect(ahead()).toEqual([filter(1, true), filter(2, true)])
      if (dev === 'eth0') expect(ping(host.ns, '10.64.1.1', '-W1')).toBe(false)
      host.ns.run('tc', 'filter', 'del', 'dev', dev, 'ingress', 'pref', '1')
      expect(ahead()).toEqual([filter(2, false)])
      applyAll(host.ns, open, [{ op: 'set', kind: 'device', spec: own, capacity: 1 }])
      expect(ahead()).toBeUndefined()
      await reaches(host.ns, '10.64.1.1')
      applyAll(host.ns, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
      expect(host.ns.run('tc', 'filter', 'show', 'dev', dev, 'ingress')).not.toContain('lvn_')
    },
  )
})
