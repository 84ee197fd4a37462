// SPDX-License-Identifier: MIT
/**
 * A change of a device that is refused halfway leaves the device as it was, on each plane.
 *
 *     hub eth0 ─── peer p0
 *         lvn0
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Prefix } from '../../../src/model/address.ts'
import type { PlaneOperation } from '../../../src/model/kernel.ts'
import type { DeviceSpec } from '../../../src/model/state.ts'
import { hubAndPeer, type Netns, until } from '../../support/netns.ts'
import { add, applyAll, device, snapshot, tryAll } from '../../support/plane-world.ts'
import { planeKinds } from '../../support/planes.ts'

const before = device('lvn0', 'multi', 1400, 'eth0')
const after: DeviceSpec = {
  ...before,
  owner: { overlay: 'other', node: 'gw' },
  mtu: 1300,
  destinations: ['10.0.0.0/8' as Prefix],
}
const set = (spec: DeviceSpec): PlaneOperation => ({ op: 'set', kind: 'device', spec, capacity: 16 })

describe.each(planeKinds)('plane %s', (name, open) => {
  let hub: Netns
  let peer: Netns

  beforeEach(() => {
    ;({ hub, peer } = hubAndPeer())
    applyAll(hub, open, [add.device(before, 16)])
  })
  afterEach(() => {
    for (const ns of [hub, peer]) ns.dispose()
  })

  const link = () => {
    const [{ mtu, ifalias, flags, inet6_addr_gen_mode }] = JSON.parse(
      hub.run('ip', '-j', '-d', 'link', 'show', 'lvn0'),
    )
    const advice = hub.run('cat', '/proc/sys/net/ipv6/conf/lvn0/accept_ra')
    return { mtu, ifalias, up: flags.includes('UP'), inet6_addr_gen_mode, advice }
  }

  /** Without the drops: where IPv6 comes back, the kernel sends something of its own. */
  const state = () => {
    const { devices, ...rest } = snapshot(hub, open)
    return { ...rest, devices: devices.map(({ drops, ...device }) => device) }
  }

  function expectRefused(spec: DeviceSpec): void {
    const [was, linkWas] = [state(), link()]
    expect(tryAll(hub, open, [set(spec)])).toMatchObject([{ status: 'failed' }])
    expect(state()).toEqual(was)
    expect(link()).toEqual(linkWas)
    // What the plane itself holds of the owner counts once the alias is another one.
    hub.run('ip', 'link', 'set', 'lvn0', 'alias', 'office')
    expect(snapshot(hub, open).devices[0]?.owner).toEqual(before.owner)
  }

  test('an MTU that no interface takes', () => expectRefused({ ...after, mtu: 2 ** 24 }))

  test('a device that is down is down again', () => {
    hub.run('ip', 'link', 'set', 'lvn0', 'down')
    expectRefused({ ...after, mtu: 2 ** 24 })
  })

  if (!name.startsWith('ebpf')) return

  test('an underlay that has gone', () => {
    expectRefused({ ...after, underlays: ['eth0', 'gone0'] })
  })

  test('a process that is attached to the TUN interface', async () => {
    // Without checksums the device is mended, which fails while somebody else is attached to it.
    const holder = hub.start('python3', ['-uc', attach], { stdio: ['pipe', 'pipe', 'inherit'] })
    let said = ''
    holder.stdout?.on('data', (text) => {
      said += text
    })
    await until('the process is attached', () => said.includes('attached'))
    expectRefused(after)
    // Without IPv6 for a moment: it comes back with what the kernel makes of it.
    expectRefused({ ...after, mtu: 1000 })
    holder.kill()
  })
})

/** TUNSETIFF with IFF_TUN and IFF_NO_PI, TUNSETOFFLOAD with nothing: <linux/if_tun.h>. */
const attach = `
import fcntl, struct, sys
tun = open('/dev/net/tun', 'r+b', buffering=0)
fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH22x', b'lvn0', 0x1001))
fcntl.ioctl(tun, 0x400454d0, 0)
print('attached')
sys.stdin.read()`
