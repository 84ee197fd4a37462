// SPDX-License-Identifier: MIT
/**
 * Values from before us go with their interface, whatever it is named by now, on each plane.
 *
 *     hub eth0, eth1 ─── peer p0, p1
 *         lvn0
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PlaneOperation } from '../../../src/model/kernel.ts'
import { connect, Netns } from '../../support/netns.ts'
import { add, applyAll, device, endpoint, snapshot, tunnel } from '../../support/plane-world.ts'
import { planes } from '../../support/planes.ts'

const pathOf = (name: string) => `net/ipv6/conf/${name}/accept_ra`
const saved = (op: 'save' | 'forget', name: string, value: string): PlaneOperation => ({
  op,
  kind: 'saved',
  saved: { device: 'lvn0', path: pathOf(name), value },
})

describe.each(planes)('plane %s', (name, open) => {
  let hub: Netns
  let peer: Netns

  beforeEach(() => {
    hub = new Netns('hub')
    peer = new Netns('peer')
    for (const i of [0, 1]) plugIn(i)
    applyAll(hub, open, [add.device(device('lvn0', 'multi', 1400, 'eth0'), 16)])
  })
  afterEach(() => {
    for (const ns of [hub, peer]) ns.dispose()
  })

  function plugIn(i: number, port = `p${i}`): void {
    connect(
      { ns: hub, dev: `eth${i}`, addresses: [`192.0.${i}.1/24`] },
      { ns: peer, dev: port, addresses: [`192.0.${i}.2/24`] },
    )
  }

  /** Down meanwhile: older kernels rename no interface that is up. */
  function rename(from: string, to: string): void {
    hub.ip(`link set ${from} down`, `link set ${from} name ${to}`, `link set ${to} up`)
  }

  const held = () =>
    Object.fromEntries(snapshot(hub, open).saved.map(({ path, value }) => [path.split('/')[3], value]))

  test('a renamed interface has its value, and one that takes its name has another', () => {
    applyAll(hub, open, [saved('save', 'eth0', '1'), saved('save', 'all', '3')])
    rename('eth0', 'wan0')
    expect(held()).toEqual({ wan0: '1', all: '3' })
    plugIn(0, 'p2')
    applyAll(hub, open, [saved('save', 'eth0', '2'), saved('save', 'wan0', '9')])
    expect(held()).toEqual({ wan0: '1', eth0: '2', all: '3' })
    applyAll(hub, open, [saved('forget', 'wan0', '1')])
    expect(held()).toEqual({ eth0: '2', all: '3' })
  })

  test('two that swap their names keep what is theirs', () => {
    applyAll(hub, open, [saved('save', 'eth0', '1'), saved('save', 'eth1', '2')])
    rename('eth0', 'was0')
    rename('eth1', 'eth0')
    rename('was0', 'eth1')
    expect(held()).toEqual({ eth1: '1', eth0: '2' })
    applyAll(hub, open, [saved('save', 'all', '3')])
    expect(held()).toEqual({ eth1: '1', eth0: '2', all: '3' })
  })

  test('a forwarding value that is not that of `all` goes with its interface', () => {
    const of = (name: string, value: string): PlaneOperation => ({
      op: 'save',
      kind: 'saved',
      saved: { device: 'lvn0', path: `net/ipv4/conf/${name}/forwarding`, value },
    })
    applyAll(hub, open, [of('all', '0'), of('eth0', '1')])
    rename('eth0', 'lan0')
    expect(held()).toEqual({ all: '0', lan0: '1' })
  })

  test('the value of an interface that is taken away stays for one of its name', () => {
    applyAll(hub, open, [saved('save', 'eth1', '1')])
    hub.ip('link del eth1')
    expect(held()).toEqual({ eth1: '1' })
    plugIn(1, 'p3')
    applyAll(hub, open, [saved('save', 'eth1', '2')])
    expect(held()).toEqual({ eth1: '1' })
  })

  test('one that was made anew has the value of its name, wherever that goes', () => {
    applyAll(hub, open, [saved('save', 'eth1', '1')])
    hub.ip('link del eth1')
    applyAll(hub, open, [saved('save', 'all', '3')])
    plugIn(1, 'p3')
    applyAll(hub, open, [saved('save', 'default', '4')])
    rename('eth1', 'wan1')
    expect(held()).toEqual({ wan1: '1', all: '3', default: '4' })
  })

  test('one that gets the index of another that has gone has no value of that', () => {
    applyAll(hub, open, [saved('save', 'eth1', '1')])
    const [{ ifindex }] = JSON.parse(hub.run('ip', '-j', 'link', 'show', 'eth1'))
    hub.ip('link del eth1')
    applyAll(hub, open, [saved('save', 'all', '3')])
    hub.ip(`link add new0 index ${ifindex} type veth peer name new1`)
    expect(held()).toEqual({ eth1: '1', all: '3' })
  })

  test('of a device on an underlay that was renamed a deletion leaves no queueing discipline', () => {
    rename('eth0', 'wan0')
    applyAll(hub, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
    expect(hub.run('tc', 'qdisc', 'show')).not.toContain('clsact')
  })

  // Of an interface that is moved the kernel takes away the queueing disciplines, and the programs on them.
  if (name === 'ebpf-clsact') return

  test('what was saved in one namespace counts in no other that the device is moved to', () => {
    applyAll(hub, open, [saved('save', 'eth0', '1'), saved('save', 'all', '3')])
    hub.ip(`link set lvn0 netns ${peer.name}`)
    expect(snapshot(peer, open)).toMatchObject({ devices: [{ name: 'lvn0' }], saved: [] })
    applyAll(peer, open, [saved('save', 'all', '7')])
    expect(snapshot(peer, open).saved).toMatchObject([{ path: pathOf('all'), value: '7' }])
    peer.ip(`link set lvn0 netns ${hub.name}`)
    expect(held()).toEqual({})
  })

  test('what was saved at home is there when the device comes back', () => {
    applyAll(hub, open, [saved('save', 'eth0', '1')])
    hub.ip(`link set lvn0 netns ${peer.name}`)
    applyAll(peer, open, [add.tunnel(tunnel('far', endpoint('192.0.0.2'), endpoint('192.0.0.1'), 'p0'))])
    peer.ip(`link set lvn0 netns ${hub.name}`)
    expect(held()).toEqual({ eth0: '1' })
  })
})
