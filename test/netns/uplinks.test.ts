// SPDX-License-Identifier: MIT
/**
 * Two uplinks, and a way back that is not the way there, on each plane: what the spoke sends comes in by eth1 of the hub,
 * and the answer leaves by eth0.
 *
 *     hub eth0 198.51.100.10 ←──── router ─── eth0 spoke
 *         eth1 192.0.2.10    ────→
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Host, type SpokeMachine } from '../support/host.ts'
import { connect, until } from '../support/netns.ts'
import { ping, reaches } from '../support/plane-world.ts'
import { planeKinds } from '../support/planes.ts'

let hub: Host
let spoke: SpokeMachine
let plane: string

const source = (underlay = '') => `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10, [2001:db8:1::10]; address 10.64.0.1; ${underlay} }
  spoke four { endpoint ${spoke.v4}; address 10.64.1.1 }
}
`

/** A second line to the router, by which it sends what is for the hub's first address. */
function addUplink(): void {
  connect(
    { ns: hub.ns, dev: 'eth1', addresses: ['192.0.2.10/24'] },
    { ns: hub.router, dev: 'u1', addresses: ['192.0.2.1/24'] },
  )
  // Neither end takes the other way for a mistake.
  for (const name of ['all', 'eth0', 'eth1']) hub.ns.sysctl(`net/ipv4/conf/${name}/rp_filter`, 0)
  hub.router.ip('route add 198.51.100.10/32 via 192.0.2.10')
}

function apply(text: string): void {
  const file = hub.file('mitte.lvn', text)
  hub.expectLvn(0, '--plane', plane, 'apply', file, '--yes', '--node', 'gw')
  spoke.expectLvn(0, '--plane', plane, 'apply', file, '--yes', '--node', 'four')
}

const plan = (status: number) =>
  hub.expectLvn(status, '--plane', plane, 'plan', `${hub.folder}/mitte.lvn`, '--node', 'gw').stdout

/** Packets that an interface has received and sent. */
function packets(dev: string): { rx: number; tx: number } {
  const [{ stats64 }] = JSON.parse(hub.ns.run('ip', '-s', '-j', 'link', 'show', dev))
  return { rx: stats64.rx.packets, tx: stats64.tx.packets }
}

describe.each(planeKinds)('plane %s', (name) => {
  beforeEach(() => {
    plane = name.startsWith('ebpf') ? 'ebpf' : name
    hub = new Host('gw')
    spoke = hub.addSpoke('four')
  })

  afterEach(() => hub.dispose())

  test('what comes in by another interface than the answer leaves by is taken', async () => {
    addUplink()
    apply(source())
    await reaches(spoke.ns, '10.64.0.1')
    const [in0, in1] = [packets('eth0'), packets('eth1')]
    spoke.ns.run('ping', '-n', '-q', '-c20', '-i0.02', '-W2', '10.64.0.1')
    expect(packets('eth1').rx - in1.rx).toBeGreaterThanOrEqual(20)
    expect(packets('eth0').tx - in0.tx).toBeGreaterThanOrEqual(20)
    expect(packets('eth0').rx - in0.rx).toBeLessThan(10)
    plan(0)
  })

  test('an interface that comes later is taken in by the next apply', async () => {
    apply(source())
    await reaches(spoke.ns, '10.64.0.1')
    addUplink()
    if (plane === 'ebpf') {
      expect(plan(2)).toContain('~ device lvn0 underlays eth0 → eth0+eth1')
      expect(ping(spoke.ns, '10.64.0.1')).toBe(false)
      apply(source())
    }
    // The module's sockets hear it at once.
    await reaches(spoke.ns, '10.64.0.1')
    plan(0)
  })

  test('a file that names its underlay is kept to, or refused', async () => {
    addUplink()
    if (plane !== 'ebpf') {
      const file = hub.file('narrow.lvn', source('underlay eth0'))
      const { stderr } = hub.expectLvn(4, '--plane', plane, 'plan', file, '--node', 'gw')
      expect(stderr).toContain('LVN4021')
      return
    }
    apply(source('underlay eth0, ppp0'))
    expect(plan(0)).toContain('there is no interface ppp0 to receive on')
    expect(ping(spoke.ns, '10.64.0.1')).toBe(false)
    hub.router.ip('route del 198.51.100.10/32 via 192.0.2.10')
    await reaches(spoke.ns, '10.64.0.1')
    hub.router.ip('route add 198.51.100.10/32 via 192.0.2.10')
    await until('packets come in by eth1 again', () => !ping(spoke.ns, '10.64.0.1'))
    apply(source('underlay eth0; underlay eth1'))
    await reaches(spoke.ns, '10.64.0.1')
  })
})
