// SPDX-License-Identifier: MIT
/**
 * `lvn dev`, `lvn tun` and `lvn rule` on every data plane: tunnels made by hand, beside overlays of files.
 *
 *     host eth0 198.51.100.10 ─── router ─── eth0 203.0.113.6 a
 *          lvn5 10.99.0.1                ─── eth0 203.0.113.10 b      lvn5 10.99.1.1 and 10.99.2.1
 */
import { chmodSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { acquireLock } from '../../native/lock.ts'
import { withNetns } from '../../native/netns.ts'
import { Host, type Machine, type SpokeMachine } from '../support/host.ts'
import { reaches } from '../support/plane-world.ts'
import { planeKinds } from '../support/planes.ts'

const overlay = `lvn 1
overlay first {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10; address 10.64.0.1 }
  spoke a { endpoint 203.0.113.6; address 10.64.1.1 }
}
`

describe.each(planeKinds.map(([name]) => name.replace(/-.*/, '')))('by hand on %s', (plane) => {
  let host: Host
  let a: SpokeMachine
  let b: SpokeMachine

  beforeEach(() => {
    host = new Host()
    a = host.addSpoke('a')
    b = host.addSpoke('b')
  })

  afterEach(() => host.dispose())

  const lvn = (on: Machine, ...args: string[]) => on.expectLvn(0, '--plane', plane, ...args).stdout
  const json = (on: Machine, ...args: string[]) => JSON.parse(lvn(on, '--json', ...args))
  const refused = (status: number, ...args: string[]) =>
    host.expectLvn(status, '--plane', plane, ...args).stderr

  /** A fixed device with a tunnel to the host. */
  function spoke(on: SpokeMachine, address: string): void {
    lvn(on, 'dev', 'add', 'lvn5', '--mode', 'fixed')
    lvn(on, 'tun', 'add', 'lvn5', 'hub', '--remote', '198.51.100.10')
    on.ns.ip(`addr add ${address}/32 dev lvn5`, 'route add 10.99.0.0/16 dev lvn5')
  }

  function hub(): void {
    lvn(host, 'dev', 'add', 'lvn5', '--mode', 'multi', '--capacity', '8')
    host.ns.ip('addr add 10.99.0.1/32 dev lvn5', 'route add 10.99.0.0/16 dev lvn5')
  }

  test('tunnels carry packets, and deleting the devices leaves nothing behind', async () => {
    const before = [host, a, b].map((each) => each.facts())
    hub()
    spoke(a, '10.99.1.1')
    spoke(b, '10.99.2.1')
    lvn(host, 'tun', 'add', 'lvn5', 'a', '--remote', a.v4)
    lvn(host, 'tun', 'add', 'lvn5', 'b', '--local', '198.51.100.10:50000', '--remote', b.v4, '--id', '7')
    lvn(host, 'rule', 'add', 'lvn5', '10.99.1.0/24', 'a')
    lvn(host, 'rule', 'add', 'lvn5', '10.99.2.1', '--id', '7')
    await reaches(host.ns, '10.99.1.1')
    await reaches(host.ns, '10.99.2.1')
    await reaches(a.ns, '10.99.0.1')
    expect(lvn(host, 'rule', 'list', 'lvn5')).toMatch(/10\.99\.1\.0\/24 +a\n.*10\.99\.2\.1\/32 +b\n/)
    for (const each of [host, a, b]) lvn(each, 'dev', 'del', 'lvn5')
    expect([host, a, b].map((each) => each.facts())).toEqual(before)
  })

  test('a tunnel over IPv6 with ports of its own is changed in place', async () => {
    lvn(a, 'dev', 'add', 'lvn5', '--mode', 'fixed', '--mtu', '1300', '--underlay', 'eth0')
    lvn(a, 'tun', 'add', 'lvn5', '--remote', '[2001:db8:1::10]:4001', '--local-port', '4002', '--family', '6')
    a.ns.ip('addr add 10.99.1.1/32 dev lvn5', 'route add 10.99.0.0/16 dev lvn5')
    hub()
    const made = json(host, 'tun', 'add', 'lvn5', 'a', '--local', '[2001:db8:1::10]:4001', '--remote', a.v6)
    expect(made).toMatchObject({
      name: 'a',
      id: 1,
      local: { address: '2001:db8:1::10', port: 4001 },
      remote: { address: a.v6, port: 50_000 },
      underlay: 'eth0',
      keepalive: { intervalMs: 20_000, deadMs: 90_000 },
    })
    lvn(host, 'rule', 'add', 'lvn5', '10.99.1.1', 'a')
    const change = ['--remote-port', '4002', '--keepalive', '5s', '--dead', '1m30s']
    expect(json(host, 'tun', 'set', 'lvn5', 'a', ...change)).toMatchObject({
      id: 1,
      remote: { address: a.v6, port: 4002 },
      keepalive: { intervalMs: 5000, deadMs: 90_000 },
    })
    await reaches(host.ns, '10.99.1.1')
    expect(json(a, 'tun', 'list', 'lvn5')).toMatchObject([{ name: 'tun1', local: { port: 4002 } }])
    expect(json(a, 'dev', 'set', 'lvn5', '--mtu', '1280')).toMatchObject({ mtu: 1280, underlays: ['eth0'] })
    expect(json(host, 'tun', 'set', 'lvn5', '--id', '1', '--remote', 'none')).toMatchObject({ remote: null })
  })

  test('a rule changes its tunnel, and a tunnel takes its rules with it', () => {
    hub()
    lvn(host, 'tun', 'add', 'lvn5', 'a', '--remote', a.v4)
    lvn(host, 'tun', 'add', 'lvn5', 'b', '--remote', b.v4)
    lvn(host, 'rule', 'add', 'lvn5', '10.99.1.0/24', 'a')
    lvn(host, 'rule', 'add', 'lvn5', 'fd42:99::/64', 'a')
    expect(lvn(host, 'rule', 'set', 'lvn5', '10.99.1.0/24', 'b')).toBe(
      'changed: rule lvn5 10.99.1.0/24 → b\n',
    )
    expect(lvn(host, 'tun', 'del', 'lvn5', 'a')).toBe('deleted: tunnel lvn5/a with 1 rule\n')
    expect(json(host, 'rule', 'list')).toEqual([{ device: 'lvn5', prefix: '10.99.1.0/24', tunnel: 'b' }])
    // The id of the deleted tunnel is given out again, without the rules of its former holder.
    expect(json(host, 'tun', 'add', 'lvn5', 'c', '--remote', a.v4)).toMatchObject({ id: 1 })
    expect(json(host, 'rule', 'list')).toHaveLength(1)
    lvn(host, 'rule', 'del', 'lvn5', '10.99.1.0/24')
    expect(json(host, 'rule', 'list')).toEqual([])
  })

  test('plans show a device made by hand as foreign; apply and destroy leave it alone', () => {
    const file = host.file('first.lvn', overlay)
    hub()
    lvn(host, 'tun', 'add', 'lvn5', 'b', '--remote', b.v4, '--local-port', '4000')
    const byHand = () => [json(host, 'dev', 'list'), json(host, 'tun', 'list'), json(host, 'rule', 'list')]
    const before = byHand()
    expect(lvn(host, 'dev', 'list')).toMatch(/lvn5 +by hand/)
    expect(host.expectLvn(2, '--plane', plane, 'plan', file).stdout).toMatch(
      /foreign.*\n +device lvn5: made by hand/,
    )
    const facts = host.facts()
    lvn(host, 'apply', file, '--yes')
    expect(json(host, 'tun', 'list', 'lvn5')).toEqual(before[1])
    lvn(host, 'destroy', file, '--yes')
    expect(byHand()).toEqual(before)
    expect(host.facts()).toBe(facts)
    const taken = host.file(
      'taken.lvn',
      overlay.replace('address 10.64.0.1', 'device lvn5 { address 10.64.0.1 }'),
    )
    expect(refused(4, 'apply', taken, '--yes')).toMatch(
      /LVN4001.*lvn5 is taken.*by hand[\s\S]*lvn dev del lvn5/,
    )
    expect(byHand()).toEqual(before)
  })

  test("what an overlay's file owns is touched by force only, and put right by the next apply", () => {
    const file = host.file('first.lvn', overlay)
    const before = host.facts()
    lvn(host, 'apply', file, '--yes')
    for (const args of [
      ['dev', 'del', 'lvn0'],
      ['dev', 'set', 'lvn0', '--mtu', '1400'],
      ['tun', 'add', 'lvn0', 'x', '--remote', b.v4],
      ['tun', 'set', 'lvn0', 'a', '--keepalive', '1s'],
      ['tun', 'del', 'lvn0', 'a'],
      ['rule', 'add', 'lvn0', '10.64.9.0/24', 'a'],
      ['rule', 'del', 'lvn0', '10.64.1.1/32'],
    ]) {
      expect(refused(4, ...args), args.join(' ')).toMatch(/LVN4503.*lvn0 belongs to first\/gw[\s\S]*--force/)
    }
    host.expectLvn(0, '--plane', plane, 'plan', file)
    lvn(host, 'tun', 'del', 'lvn0', 'a', '--force')
    host.expectLvn(2, '--plane', plane, 'plan', file)
    lvn(host, 'apply', file, '--yes')
    host.expectLvn(0, '--plane', plane, 'plan', file)
    lvn(host, 'dev', 'del', 'lvn0', '--force')
    expect(host.facts()).toBe(before)
  })

  test('mistakes are refused with a sentence, and change nothing', () => {
    hub()
    lvn(host, 'tun', 'add', 'lvn5', 'a', '--remote', a.v4)
    lvn(host, 'rule', 'add', 'lvn5', '10.99.1.0/24', 'a')
    const before = host.facts()
    const mistakes: [number, RegExp, ...string[]][] = [
      [4, /there is an interface lvn5 already/, 'dev', 'add', 'lvn5'],
      [4, /there is no interface eht0[\s\S]*did you mean `eth0`/, 'dev', 'add', 'lvn6', '--underlay', 'eht0'],
      [4, /there is no device lvn6[\s\S]*did you mean `lvn5`/, 'dev', 'del', 'lvn6'],
      [4, /eth0 is no device of this data plane/, 'dev', 'del', 'eth0'],
      [64, /the MTU is a whole number from 576/, 'dev', 'add', 'lvn6', '--mtu', '12'],
      [64, /cannot name an interface/, 'dev', 'add', 'lvn-of-the-longest-kind'],
      [
        64,
        /the capacity is a whole number from 1 to 1/,
        'dev',
        'add',
        'lvn6',
        '--mode',
        'fixed',
        '--capacity',
        '2',
      ],
      [4, /has a tunnel a already/, 'tun', 'add', 'lvn5', 'a', '--remote', b.v4],
      [4, /same remote endpoint/, 'tun', 'add', 'lvn5', 'c', '--remote', a.v4],
      [4, /tunnel id 1 is taken/, 'tun', 'add', 'lvn5', 'c', '--remote', b.v4, '--id', '1'],
      [4, /there is no tunnel id 9/, 'tun', 'add', 'lvn5', 'c', '--remote', b.v4, '--id', '9'],
      [4, /192\.0\.2\.77 is no address of this host/, 'tun', 'add', 'lvn5', 'c', '--local', '192.0.2.77'],
      [
        64,
        /remote address .* is not of IPv6/,
        'tun',
        'add',
        'lvn5',
        'c',
        '--local',
        '2001:db8:1::10',
        '--remote',
        b.v4,
      ],
      [64, /is not of IPv6/, 'tun', 'add', 'lvn5', 'c', '--remote', b.v4, '--family', '6'],
      [64, /needs a local address/, 'tun', 'add', 'lvn5', 'c'],
      [64, /--remote takes an IP address/, 'tun', 'add', 'lvn5', 'c', '--remote', 'berlin'],
      [64, /--keepalive takes a duration/, 'tun', 'add', 'lvn5', 'c', '--remote', b.v4, '--keepalive', '20'],
      [64, /dead time is not longer/, 'tun', 'add', 'lvn5', 'c', '--remote', b.v4, '--dead', '10s'],
      [4, /reached through lvn5/, 'tun', 'add', 'lvn5', 'c', '--remote', '10.99.3.3'],
      [4, /has no tunnel aa[\s\S]*did you mean `a`/, 'tun', 'del', 'lvn5', 'aa'],
      [64, /which tunnel/, 'tun', 'del', 'lvn5'],
      [4, /rule for 10\.99\.1\.0\/24 already: it leads to a/, 'rule', 'add', 'lvn5', '10.99.1.0/24', 'a'],
      [64, /has host bits[\s\S]*did you mean `10\.99\.1\.0\/24`/, 'rule', 'add', 'lvn5', '10.99.1.7/24', 'a'],
      [4, /has no tunnel x/, 'rule', 'add', 'lvn5', '10.99.2.0/24', 'x'],
      [4, /no rule for 10\.99\.2\.0\/24/, 'rule', 'del', 'lvn5', '10.99.2.0/24'],
    ]
    for (const [status, sentence, ...args] of mistakes) {
      expect(refused(status, ...args), args.join(' ')).toMatch(sentence)
    }
    expect(host.facts()).toBe(before)
    expect(json(host, 'tun', 'list')).toHaveLength(1)
  })

  test('a fixed device has one tunnel and no rules', () => {
    spoke(a, '10.99.1.1')
    const on = (...args: string[]) => a.expectLvn(4, '--plane', plane, ...args).stderr
    expect(on('tun', 'add', 'lvn5', 'x', '--remote', b.v4)).toMatch(/LVN4514.*has its one tunnel, hub/)
    expect(on('rule', 'add', 'lvn5', '10.99.0.0/16', 'hub')).toMatch(/LVN4508.*without rules/)
  })

  test('a key comes from a file that is nobody else’s', () => {
    hub()
    const key = host.file('key', '000102030405060708090a0b0c0d0e0f\n')
    const add = (file: string) =>
      host.lvn('--plane', plane, 'tun', 'add', 'lvn5', 'a', '--remote', a.v4, '--key-file', file)
    chmodSync(key, 0o644)
    expect(add(key)).toMatchObject({
      status: 64,
      stderr: expect.stringMatching(/others may read[\s\S]*chmod 600/),
    })
    chmodSync(key, 0o600)
    if (plane === 'kmod') expect(add(key).status).toBe(0)
    else
      expect(add(key)).toMatchObject({
        status: 4,
        stderr: expect.stringMatching(/LVN5015.*cannot hold a key/),
      })
    const short = host.file('short', 'abc')
    chmodSync(short, 0o600)
    expect(add(short)).toMatchObject({ status: 64, stderr: expect.stringMatching(/holds no key/) })
  })

  test('waits for nobody: a lock that is held is refused with its holder', () => {
    withNetns(host.ns.path, () => {
      const lock = acquireLock()
      try {
        expect(refused(6, 'dev', 'add', 'lvn5')).toContain(`process ${process.pid}`)
      } finally {
        lock.release()
      }
    })
    expect(json(host, 'dev', 'list')).toEqual([])
  })
})
