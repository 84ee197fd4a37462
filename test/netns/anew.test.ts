// SPDX-License-Identifier: MIT
/**
 * A device of the eBPF plane whose tables have another version's layout gets new ones. Whatever ends that halfway, the
 * values from before us are in one of the two.
 *
 *     hub eth0 ─── peer p0
 *         lvn0
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Attacher, hasTcx, tcxAttacher } from '../../native/ebpf/attach.ts'
import { Batch } from '../../native/ebpf/batch.ts'
import { clsactAttacher } from '../../native/ebpf/clsact.ts'
import { findDevices, releaseDevice } from '../../native/ebpf/device.ts'
import { openEbpfPlane } from '../../native/ebpf/plane.ts'
import { readConfig, writeConfig } from '../../native/ebpf/tables.ts'
import { openLinks } from '../../native/host/links.ts'
import { Rtnetlink } from '../../native/netlink/rtnetlink.ts'
import { withNetns } from '../../native/netns.ts'
import type { PlaneOperation } from '../../src/model/kernel.ts'
import { hubAndPeer, type Netns } from '../support/netns.ts'
import { add, applyAll, device, snapshot } from '../support/plane-world.ts'

const spec = device('lvn0', 'multi', 1400, 'eth0')
const set: PlaneOperation = { op: 'set', kind: 'device', spec, capacity: 16 }
const value = { device: 'lvn0', path: 'net/ipv6/conf/eth0/accept_ra', value: '1' }
const kinds = hasTcx() ? (['tcx', 'clsact'] as const) : (['clsact'] as const)

describe.each(kinds)('with %s', (attach) => {
  const open = () => openEbpfPlane({ attach })
  let hub: Netns
  let peer: Netns

  beforeEach(() => {
    ;({ hub, peer } = hubAndPeer())
    applyAll(hub, open, [add.device(spec, 16), { op: 'save', kind: 'saved', saved: value }])
    age()
  })
  afterEach(() => {
    for (const ns of [hub, peer]) ns.dispose()
  })

  function withKernel(use: (links: ReturnType<typeof openLinks>, attacher: Attacher) => void): void {
    withNetns(hub.path, () => {
      const [links, rtnetlink] = [openLinks(), new Rtnetlink()]
      use(links, attach === 'tcx' ? tcxAttacher : clsactAttacher(rtnetlink))
      links.close()
      rtnetlink.close()
    })
  }

  /** Sets the device, and fails at the step that is counted down to. False: it came to the end before. */
  function failAt(step: number): boolean {
    let left = step
    const counted = <T extends unknown[]>(call: (...args: T) => void) => {
      return (...args: T) => {
        if (left-- === 0) throw new Error('the test ends it here')
        call(...args)
      }
    }
    withKernel((links, attacher) => {
      const failing = {
        ...attacher,
        attach: counted(attacher.attach.bind(attacher)),
        detach: counted(attacher.detach.bind(attacher)),
      }
      const [result] = new Batch(links, failing).run([set])
      expect(result?.status).toBe(left < 0 ? 'failed' : 'done')
    })
    return left < 0
  }

  const programs = () => {
    const names: string[] = []
    withKernel((links, attacher) => {
      for (const { ifindex, name } of links.all()) {
        for (const side of ['ingress', 'egress'] as const) {
          names.push(...attacher.list(ifindex, side).map((program) => `${name} ${program.name}`))
        }
      }
    })
    return names.sort()
  }

  test('whatever fails, the next one finds the values and leaves nothing behind', () => {
    const whole = programs()
    expect(whole).toEqual(['eth0 lvn_decap', 'lo lvn_decap_lo', 'lvn0 lvn_encap'])
    let step = 0
    while (failAt(step)) {
      const wholeAlready = [{ intact: true, underlays: ['eth0'] }]
      expect(snapshot(hub, open).devices, `step ${step}`).not.toMatchObject(wholeAlready)
      applyAll(hub, open, [set])
      const { devices, saved } = snapshot(hub, open)
      expect(devices).toMatchObject([{ name: 'lvn0', underlays: ['eth0'], intact: true }])
      expect(saved, `step ${step}`).toEqual([value])
      expect(programs()).toEqual(whole)
      age()
      step++
    }
    expect(step).toBeGreaterThan(4)
  })

  /** Has the tables be of another version. */
  function age(): void {
    withKernel((links, attacher) => {
      for (const found of findDevices(links.all(), attacher)) {
        if (found.maps !== null) writeConfig(found.maps, { ...readConfig(found.maps), abi: 0 })
        releaseDevice(found)
      }
    })
  }
})
