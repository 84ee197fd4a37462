// SPDX-License-Identifier: MIT
/**
 * A device whose alias somebody has overwritten is told as damaged, and can be mended and deleted, on each plane.
 *
 *     hub eth0 ─── peer p0
 *         lvn0
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hubAndPeer, type Netns } from '../../support/netns.ts'
import { add, applyAll, device, snapshot } from '../../support/plane-world.ts'
import { planeKinds } from '../../support/planes.ts'

const spec = device('lvn0', 'multi', 1400, 'eth0')
const aliases = ['office', 'lvn:', 'lvn:no-node', '']

describe.each(planeKinds)('plane %s', (name, open) => {
  let hub: Netns
  let peer: Netns

  beforeEach(() => {
    ;({ hub, peer } = hubAndPeer())
    applyAll(hub, open, [add.device(spec, 16)])
  })
  afterEach(() => {
    for (const ns of [hub, peer]) ns.dispose()
  })

  const setAlias = (alias: string, on = 'lvn0') => hub.run('ip', 'link', 'set', on, 'alias', alias)

  test.each(aliases)('alias `%s`: a change writes the right one again', (alias) => {
    const whole = snapshot(hub, open)
    expect(whole.devices).toMatchObject([{ owner: spec.owner, intact: true }])
    setAlias(alias)
    const damaged = whole.devices.map((each) => ({ ...each, intact: false }))
    expect(snapshot(hub, open)).toEqual({ ...whole, devices: damaged })
    applyAll(hub, open, [{ op: 'set', kind: 'device', spec, capacity: 16 }])
    expect(hub.run('ip', 'link', 'show', 'lvn0')).toContain(`alias lvn:${spec.owner.overlay}/lvn0`)
    expect(snapshot(hub, open)).toEqual(whole)
  })

  test('a deletion takes the interface away', () => {
    setAlias('office')
    applyAll(hub, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
    expect(hub.run('ip', '-o', 'link', 'show')).not.toContain('lvn0')
    expect(snapshot(hub, open).devices).toEqual([])
  })

  test("an interface of the plane's kind that somebody else has made is none of ours", () => {
    if (name === 'kmod') hub.run('ip', 'link', 'add', 'else0', 'type', 'lvn')
    else hub.run('ip', 'tuntap', 'add', 'else0', 'mode', 'tun')
    for (const alias of aliases) {
      setAlias(alias, 'else0')
      expect(snapshot(hub, open).devices.map((each) => each.name)).toEqual(['lvn0'])
    }
  })
})
