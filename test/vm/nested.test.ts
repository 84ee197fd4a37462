// SPDX-License-Identifier: MIT
/**
 * Tunnels in tunnels: what one device sends is the inner packet of the next.
 *
 *     a eth0 ─── eth0 b       192.0.2.1, 192.0.2.2
 *     lvn0 over eth0, lvn1 over lvn0, and so on: 10.64.N.1 and 10.64.N.2 on lvnN
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openKmodPlane } from '../../native/kmod/plane.ts'
import { connect, Netns } from '../support/netns.ts'
import { add, applyAll, device, endpoint, ping, reaches, snapshot, tunnel } from '../support/plane-world.ts'

let a: Netns
let b: Netns

beforeEach(() => {
  ;[a, b] = [new Netns('a'), new Netns('b')]
  connect(
    { ns: a, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: b, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
})

afterEach(() => {
  for (const ns of [a, b]) ns.dispose()
})

function addLevel(level: number): void {
  const [below, network] = level === 0 ? ['eth0', '192.0.2'] : [`lvn${level - 1}`, `10.64.${level - 1}`]
  const dev = `lvn${level}`
  for (const [ns, mine, theirs] of [
    [a, 1, 2],
    [b, 2, 1],
  ] as const) {
    const [local, remote] = [endpoint(`${network}.${mine}`), endpoint(`${network}.${theirs}`)]
    applyAll(ns, openKmodPlane, [
      add.device(device(dev, 'fixed', 1_400 - 28 * level, below), 1),
      add.tunnel({ ...tunnel('peer', local, remote, below), device: dev }),
    ])
    ns.ip(`addr add 10.64.${level}.${mine}/24 dev ${dev}`)
  }
}

const tooDeep = () =>
  snapshot(a, openKmodPlane).devices.find(({ name }) => name === 'lvn0')?.drops.unsupported ?? 0

test('four of them carry packets both ways; a fifth is taken for a loop, and the rest go on', async () => {
  for (let level = 0; level < 4; level++) addLevel(level)
  for (const [ns, last] of [
    [a, 2],
    [b, 1],
  ] as const) {
    await reaches(ns, `10.64.3.${last}`)
  }
  expect(ping(a, '10.64.3.2', '-s1200')).toBe(true)
  expect(tooDeep()).toBe(0)
  addLevel(4)
  expect(ping(a, '10.64.4.2', '-W1')).toBe(false)
  expect(tooDeep()).toBeGreaterThan(0)
  // As deep as before, and no count has been left behind.
  for (let round = 0; round < 20; round++) expect(ping(a, '10.64.3.2')).toBe(true)
})
