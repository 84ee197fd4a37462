// SPDX-License-Identifier: MIT
/**
 * What goes wrong on a host says so in a sentence, has its exit code, and changes nothing.
 * (Questions on a terminal and what answers them: cli.test.ts.)
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { acquireLock } from '../../native/lock.ts'
import { withNetns } from '../../native/netns.ts'
import { lvnPath } from '../support/cli.ts'
import { Host, type SpokeMachine, stateOf } from '../support/host.ts'
import { until } from '../support/netns.ts'
import { allReach } from '../support/traffic.ts'

let host: Host
let a: SpokeMachine

const spokes = () => `  spoke a { endpoint ${a.v4}; address 10.64.1.1, fd42:64:0:1::1 }`
const source = (body = spokes()) => `lvn 1
overlay mitte {
  net 10.64.0.0/14, fd42:64::/48
  hub gw {
    listen 198.51.100.10, [2001:db8:1::10]
    device lvn0 { address 10.64.0.1, fd42:64::1 }
  }
${body}
}
`
const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => {
    const n = i + from
    const host = `${100 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`
    return `  spoke s${n} { endpoint 11.${host}; address 10.${65 + (n >> 16)}.${(n >> 8) & 255}.${n & 255} }`
  }).join('\n')

describe('on a host without an overlay', () => {
  let before: string

  beforeAll(() => {
    host = new Host('gw')
    a = host.addSpoke('a')
    before = host.facts()
  })
  afterEach(() => expect(host.facts()).toBe(before))
  afterAll(() => host.dispose())

  test.each([['plan'], ['apply', '--yes'], ['destroy', '--yes']])(
    '%s of an invalid source points at the place',
    (...args) => {
      const file = host.file('invalid.lvn', source().replace('10.64.0.1', '10.99.0.1'))
      const { stderr, stdout } = host.expectLvn(3, ...args, file)
      expect(stdout).toBe('')
      expect(stderr).toMatch(/^error\[LVN\d+\]: .*10\.99\.0\.1/)
      expect(stderr).toContain(`${file}:6:`)
      expect(stderr).toMatch(/^ +\| +\^+/m)
    },
  )

  test.each([['plan'], ['apply', '--yes'], ['destroy', '--yes']])('%s of a missing file', (...args) => {
    expect(host.expectLvn(3, ...args, '/nowhere/none.lvn').stderr).toContain(
      '/nowhere/none.lvn: no such file',
    )
  })

  test('a node that the file does not have', () => {
    const file = host.file('mitte.lvn', source())
    const { stderr } = host.expectLvn(64, 'apply', file, '--yes', '--node', 'gv')
    expect(stderr).toContain('the file has no node `gv`')
    expect(stderr).toContain('did you mean `gw`?')
  })

  test('a node after the name of a file', () => {
    const { stderr } = host.expectLvn(64, 'destroy', 'package.json/gw', '--yes')
    expect(stderr).toContain('package.json/gw')
  })

  test('a history that is not kept', () => {
    expect(host.expectLvn(0, 'history').stdout).toBe('no history is kept: LVN_STATE_DIR is none\n')
  })

  test.each([['plan'], ['apply', '--yes'], ['destroy', '--yes']])(
    '%s by a user without permission',
    (...args) => {
      const file = host.file('mitte.lvn', source())
      // It is root who has none: Node and this checkout may lie where only root can read.
      const none = ['--bounding-set=-all', '--inh-caps=-all']
      const ran = host.ns.try('setpriv', ...none, process.execPath, lvnPath, ...args, file)
      expect(ran).toMatchObject({ status: 7, stdout: '' })
      expect(ran.stderr).toMatch(/no permission .*run as root \(CAP_NET_ADMIN\)/)
    },
  )

  test('a host without a BPF file system needs none', () => {
    const file = host.file('mitte.lvn', source())
    const lvn = (...args: string[]) =>
      host.ns.run(
        ...(['unshare', '--mount', 'sh', '-c'] as const),
        'while umount -l /sys/fs/bpf 2>/dev/null; do :; done; ! mountpoint -q /sys/fs/bpf && exec "$@"',
        ...['sh', process.execPath, lvnPath, ...args],
      )
    lvn('apply', file, '--yes')
    host.expectLvn(0, 'plan', file)
    lvn('destroy', file, '--yes')
  })

  test('a device name that a foreign device has', () => {
    host.ns.run('ip', 'link', 'add', 'lvn0', 'type', 'veth', 'peer', 'name', 'lvn1')
    const taken = host.facts()
    const file = host.file('mitte.lvn', source())
    const { stderr } = host.expectLvn(4, 'apply', file, '--yes')
    expect(stderr).toContain('the device name lvn0 is taken by a foreign device (kind veth)')
    expect(stderr).toContain(`${file}:6:`)
    expect(host.facts()).toBe(taken)
    host.expectLvn(0, 'destroy', file, '--yes')
    expect(host.facts()).toBe(taken)
    host.ns.run('ip', 'link', 'del', 'lvn0')
  })

  test('more spokes than an overlay can have', () => {
    const file = host.file('many.lvn', source(many(65_537)))
    expect(host.expectLvn(3, 'check', file).stdout).toContain('an overlay has 65536 spokes at most')
    expect(host.expectLvn(3, 'apply', file, '--yes').stderr).toContain(`${file}:65544:9`)
  })

  test('another process at work is named', () => {
    const file = host.file('mitte.lvn', source())
    const lock = withNetns(host.ns.path, () => acquireLock())
    try {
      for (const command of ['apply', 'destroy']) {
        const { stderr } = host.expectLvn(6, command, file, '--yes')
        expect(stderr).toMatch(
          new RegExp(`process ${process.pid} \\(.*\\) is at work in this network namespace`),
        )
      }
      host.expectLvn(2, 'plan', file)
    } finally {
      lock.release()
    }
  })
})

describe('on a hub at work', () => {
  let file: string

  beforeEach(async () => {
    host = new Host('gw')
    a = host.addSpoke('a')
    file = host.file('mitte.lvn', source())
    host.expectLvn(0, 'apply', file, '--yes')
    // A device that no process has open loses its carrier, a moment later. It sends nevertheless.
    await until('the device has settled', () =>
      host.ns.run('ip', 'link', 'show', 'lvn0').includes('NO-CARRIER'),
    )
  })
  afterEach(() => host.dispose())

  test('more spokes than its device was made for', () => {
    const before = host.facts()
    const state = stateOf(host)
    const larger = host.file('larger.lvn', source(`${spokes()}\n${many(1024)}`))
    const { stderr } = host.expectLvn(4, 'apply', larger, '--yes')
    expect(stderr).toContain('map full: lvn0 has room for 1024 tunnels, the file asks for 1025')
    expect(stderr).toContain('`lvn destroy` and `lvn apply` make it anew, larger')
    expect(host.facts()).toBe(before)
    expect(stateOf(host)).toEqual(state)
  })

  test('what only the data plane finds to be too much is rolled back whole', () => {
    const state = stateOf(host)
    const before = host.facts()
    const prefixes = Array.from({ length: 8_200 }, (_, i) => `10.66.${i >> 8}.${i & 255}/32`)
    const body = `${spokes()}\n  spoke z { endpoint 203.0.113.99; address 10.65.0.1; routes ${prefixes.join(', ')} }`
    const { stderr } = host.expectLvn(4, 'apply', host.file('rules.lvn', source(body)), '--yes')
    expect(stderr).toContain('device lvn0: it is full: it was made for 8192 IPv4 rules')
    expect(stderr).toContain('rolled back')
    expect(host.facts()).toBe(before)
    expect(stateOf(host)).toEqual(state)
    host.expectLvn(0, 'plan', file)
  })

  test('an underlay device that vanishes takes only its tunnels down, until it is back', async () => {
    a.expectLvn(0, 'apply', file, '--yes')
    const peers = [
      { ns: host.ns, addresses: ['10.64.0.1', 'fd42:64::1'] },
      { ns: a.ns, addresses: ['10.64.1.1', 'fd42:64:0:1::1'] },
    ]
    await allReach(peers)
    host.ns.run('ip', 'link', 'del', 'eth0')
    const { stdout } = host.lvn('plan', file)
    expect(stdout).toContain(`tunnel lvn0/a: no route to ${a.v4} in the underlay`)
    // No packet reaches the hub where it listens: that is no success, and nothing to change either.
    host.expectLvn(5, 'apply', file, '--yes')
    const again = host.expectLvn(2, 'plan', file).stdout
    expect(again).toContain('absent: no packet can reach this host at')
    expect(again).not.toMatch(/^ *[-+~] /m)
    const slower = host.file('slower.lvn', source(`  keepalive every 9s\n${spokes()}`))
    host.expectLvn(5, 'apply', slower, '--yes')
    host.plugIn()
    host.expectLvn(2, 'plan', file)
    host.expectLvn(0, 'apply', file, '--yes')
    host.expectLvn(0, 'plan', file)
    await allReach(peers)
  })

  test('destroy needs no underlay', () => {
    host.ns.run('ip', 'link', 'del', 'eth0')
    host.expectLvn(0, 'destroy', file, '--yes')
    expect(host.ns.run('ip', '-br', 'link')).not.toContain('lvn0')
    expect(host.ns.run('sysctl', '-n', 'net.ipv6.conf.all.forwarding')).toBe('0\n')
  })
})
