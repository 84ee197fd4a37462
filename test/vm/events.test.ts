// SPDX-License-Identifier: MIT
/**
 * What the module tells of its tunnels reaches whoever listens: through the plane, and in `lvn monitor`.
 *
 *     hub eth0 192.0.2.1 ─── eth0 peer
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openKmodPlane } from '../../native/kmod/plane.ts'
import { withNetns } from '../../native/netns.ts'
import type { PlaneEvent } from '../../src/model/kernel.ts'
import { monitorIn } from '../support/monitor.ts'
import { connect, Netns, until } from '../support/netns.ts'
import { add, applyAll, device, endpoint, tunnel } from '../support/plane-world.ts'

let hub: Netns
let peer: Netns

beforeEach(() => {
  hub = new Netns('hub')
  peer = new Netns('peer')
  connect(
    { ns: hub, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: peer, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
  applyAll(hub, openKmodPlane, [add.device(device('lvn0', 'multi', 1400, 'eth0'), 8)])
})

afterEach(() => {
  hub.dispose()
  peer.dispose()
})

const make = (name: string, port: number) =>
  applyAll(hub, openKmodPlane, [add.tunnel(tunnel(name, endpoint('192.0.2.1'), endpoint('192.0.2.2', port)))])

test('a plane tells what becomes of tunnels, and why, until it is to stop', async () => {
  const plane = withNetns(hub.path, openKmodPlane)
  try {
    const told: PlaneEvent[] = []
    const stop = withNetns(hub.path, () => plane.watch((event) => told.push(event)))
    const hears = (...expected: readonly (readonly [string, string | null, number])[]) =>
      until('it hears of it', () => told.length >= expected.length).then(() =>
        expect(told.splice(0)).toMatchObject(
          expected.map(([event, reason, id]) => ({ kind: 'tunnel', event, reason, id })),
        ),
      )
    make('a', 50_001)
    make('b', 50_002)
    await hears(['added', null, 1], ['added', null, 2])
    applyAll(hub, openKmodPlane, [{ op: 'delete', kind: 'tunnel', device: 'lvn0', name: 'a' }])
    await hears(['removed', 'deleted', 1])
    hub.run('ip', 'link', 'del', 'lvn0')
    await hears(['removed', 'device', 2])
    stop()
    applyAll(hub, openKmodPlane, [add.device(device('lvn0', 'multi', 1400, 'eth0'), 8)])
    make('a', 50_001)
    const listening = withNetns(hub.path, () => plane.watch((event) => told.push(event)))
    make('b', 50_002)
    await hears(['added', null, 2])
    listening()
  } finally {
    plane.close()
  }
})

test('lvn monitor tells of tunnels when it is told, not when it looks', async () => {
  const lines = await monitorIn(hub, 'tunnels', '--json', '--interval', '1h')
  make('a', 50_001)
  await until('it tells of the tunnel', () => lines.length > 1)
  expect(JSON.parse(lines[1] as string)).toMatchObject({ op: 'add', id: 'tunnel lvn0/a' })
  hub.run('ip', 'link', 'del', 'lvn0')
  await until('it tells that it is gone', () => lines.length > 2)
  expect(JSON.parse(lines[2] as string)).toMatchObject({ op: 'remove', id: 'tunnel lvn0/a' })
})
