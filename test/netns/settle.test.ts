// SPDX-License-Identifier: MIT
/**
 * Values from before us, moved in the eBPF plane's tables to the names that interfaces have now: whatever ends that
 * halfway, none is lost.
 *
 *     ns: lo, and devices of the eBPF plane
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addon } from '../../native/addon/index.ts'
import { tcxAttacher } from '../../native/ebpf/attach.ts'
import { findDevices, releaseDevice } from '../../native/ebpf/device.ts'
import { closeMaps, loadNew, type Maps } from '../../native/ebpf/maps.ts'
import { openEbpfPlane } from '../../native/ebpf/plane.ts'
import { readSaved, save, settleSaved } from '../../native/ebpf/tables.ts'
import { openLinks } from '../../native/host/links.ts'
import { withNetns } from '../../native/netns.ts'
import { underPresentNames } from '../../native/saved.ts'
import type { PlaneOperation } from '../../src/model/kernel.ts'
import { Netns } from '../support/netns.ts'
import { add, applyAll, device, tryAll } from '../support/plane-world.ts'

const pathOf = (name: string) => `net/ipv6/conf/${name}/accept_ra`
const named = (...names: string[]) => new Map(names.map((name, i) => [i + 2, name]))
const open = () => openEbpfPlane()

afterEach(() => {
  vi.restoreAllMocks()
})

/** From the step on that is counted down to, the table takes no change. */
function failAt(step: number): void {
  let left = step
  for (const name of ['bpfMapUpdate', 'bpfMapDelete'] as const) {
    const real = addon()[name] as (...args: unknown[]) => never
    vi.spyOn(addon(), name).mockImplementation((...args: unknown[]) => {
      if (left-- <= 0) throw new Error('the test ends it here')
      return real(...args)
    })
  }
}

const held = (maps: Maps, names: ReadonlyMap<number, string>) =>
  Object.fromEntries(underPresentNames(readSaved(maps), names).map(({ path, value }) => [path, value]))

test.each([
  ['swapped', ['eth0', 'eth1'], ['eth1', 'eth0']],
  ['moved on by one', ['eth0', 'eth1', 'eth2'], ['eth1', 'eth2', 'eth3']],
  ['moved round', ['eth0', 'eth1', 'eth2'], ['eth2', 'eth0', 'eth1']],
])('names that were %s', (_, before, after) => {
  const expected = Object.fromEntries(after.map((name, i) => [pathOf(name), `${i}`]))
  for (let step = 0, ended = false; !ended; step++) {
    const { program, maps } = loadNew('lvn_encap', 'multi', 4)
    before.forEach((name, i) => {
      save(maps, { path: pathOf(name), value: `${i}`, ifindex: i + 2 })
    })
    failAt(step)
    try {
      settleSaved(maps, named(...after))
      ended = true
      expect(step).toBeGreaterThan(before.length)
    } catch (error) {
      expect(error).toMatchObject({ message: 'the test ends it here' })
    }
    vi.restoreAllMocks()
    expect(held(maps, named(...after)), `step ${step}`).toEqual(expected)
    // Renamed once more before anything is settled.
    expect(held(maps, named(...before)), `step ${step}`).toEqual(
      Object.fromEntries(before.map((name, i) => [pathOf(name), `${i}`])),
    )
    settleSaved(maps, named(...after))
    expect(held(maps, new Map()), `step ${step}`).toEqual(expected)
    expect(readSaved(maps)).toHaveLength(before.length)
    closeMaps(maps)
    addon().close(program)
  }
})

describe('a batch', () => {
  let ns: Netns
  const saved = (name: string, path: string): PlaneOperation => ({
    op: 'save',
    kind: 'saved',
    saved: { device: name, path, value: '1' },
  })

  beforeEach(() => {
    ns = new Netns('settle')
    ns.ip('link set lo up', 'link add eth0 type veth peer name eth1')
    for (const name of ['lvn0', 'lvn1']) {
      applyAll(ns, open, [add.device(device(name, 'multi', 1400, 'lo'), 4), saved(name, pathOf('eth0'))])
    }
    ns.ip('link set eth0 name wan0')
  })
  afterEach(() => ns.dispose())

  const keysOf = (name: string) =>
    withNetns(ns.path, () => {
      const links = openLinks()
      const found = findDevices(links.all(), tcxAttacher)
      const maps = found.find(({ link }) => link.name === name)?.maps as Maps
      const paths = readSaved(maps).map(({ path }) => path)
      found.forEach(releaseDevice)
      links.close()
      return paths.filter((path) => path.startsWith('net/'))
    })

  test('moves what is saved on the devices that it is of, and no others', () => {
    applyAll(ns, open, [saved('lvn1', pathOf('all'))])
    expect(keysOf('lvn1').sort()).toEqual([pathOf('all'), pathOf('wan0')])
    expect(keysOf('lvn0')).toEqual([pathOf('eth0')])
  })

  test('tells what keeps it from that as the failure of an operation', () => {
    failAt(0)
    const results = tryAll(ns, open, [saved('lvn0', pathOf('all')), saved('lvn1', pathOf('all'))])
    expect(results.map(({ status }) => status)).toEqual(['failed', 'not-tried'])
  })
})
