// SPDX-License-Identifier: MIT
/**
 * What one file's tunnels have and the next file gives to others, in one apply: on every data plane it succeeds, and a
 * second plan is empty. What traffic makes of it is in walk.test.ts.
 *
 *     site 1: hubs, by turns spokes ─── router ─── site 2
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Address } from '../../src/model/address.ts'
import { setTunnel } from '../../src/primitives/index.ts'
import { planeKinds } from '../support/planes.ts'
import { linesOf, Sites } from '../support/sites.ts'

const overlay = (...lines: readonly string[]) => `lvn 1
overlay mitte {
  net 10.64.0.0/16
  ${lines.join('\n  ')}
}
`
const hubFile = (...spokes: readonly string[]) =>
  overlay(
    'hub gw1 { listen 10.9.1.1, 10.9.1.2:50001; address 10.64.0.1 }',
    ...spokes.map((spoke) => `spoke ${spoke}`),
  )

const kirche = 'kirche { endpoint 10.9.2.1; address 10.64.1.1; routes 10.64.1.0/24 }'
const dach = 'dach { endpoint 10.9.2.2; address 10.64.2.1; routes 10.64.2.0/24 }'
const hafen = 'hafen { endpoint 10.9.2.3:50001; address 10.64.3.1 }'

describe.each(planeKinds)('plane %s', (_, open) => {
  let sites: Sites

  beforeAll(() => {
    sites = new Sites(2, open)
  })
  afterEach(() => {
    sites.site(1).in((kernel) => {
      for (const { name } of kernel.plane.snapshot().devices)
        kernel.plane.apply([{ op: 'delete', kind: 'device', name }])
      for (const { device, owner, ...rest } of kernel.host.filters())
        if (owner !== null)
          kernel.host.apply([{ op: 'delete', kind: 'filter', spec: { ...rest, device, owner } }])
    })
  })
  afterAll(() => sites?.dispose())

  const remotes = () =>
    Object.fromEntries(
      sites
        .site(1)
        .state()
        .tunnels.map(({ name, remote }) => [name, remote && `${remote.address}:${remote.port}`]),
    )

  const onHub: readonly [
    what: string,
    before: readonly string[],
    after: readonly string[],
    ends: Record<string, string>,
  ][] = [
    [
      'a spoke is renamed',
      [kirche, dach],
      [kirche.replace('kirche', 'dom'), dach],
      { dom: '10.9.2.1:50000', dach: '10.9.2.2:50000' },
    ],
    [
      'two spokes swap their endpoints',
      [kirche, dach],
      [kirche.replace('10.9.2.1', '10.9.2.2'), dach.replace('10.9.2.2', '10.9.2.1')],
      { kirche: '10.9.2.2:50000', dach: '10.9.2.1:50000' },
    ],
    [
      'two spokes swap their inner addresses',
      [kirche, dach],
      [kirche.replaceAll('10.64.1.', '10.64.2.'), dach.replaceAll('10.64.2.', '10.64.1.')],
      { kirche: '10.9.2.1:50000', dach: '10.9.2.2:50000' },
    ],
    [
      'two spokes behind one address swap their ports',
      [kirche, hafen.replace('10.9.2.3', '10.9.2.1')],
      [kirche.replace('10.9.2.1;', '10.9.2.1:50001;'), hafen.replace('10.9.2.3:50001', '10.9.2.1')],
      { kirche: '10.9.2.1:50001', hafen: '10.9.2.1:50000' },
    ],
    [
      'two spokes swap their names',
      [kirche, dach],
      [kirche.replace('kirche', 'dach'), dach.replace('dach', 'kirche')],
      { dach: '10.9.2.1:50000', kirche: '10.9.2.2:50000' },
    ],
    [
      'three spokes hand their names round',
      [kirche, dach, hafen],
      [kirche.replace('kirche', 'dach'), dach.replace('dach', 'hafen'), hafen.replace('hafen', 'kirche')],
      { dach: '10.9.2.1:50000', hafen: '10.9.2.2:50000', kirche: '10.9.2.3:50001' },
    ],
    [
      'each of a chain takes the endpoint of the next',
      [kirche, dach, hafen],
      [
        kirche.replace('10.9.2.1', '10.9.2.2'),
        dach.replace('10.9.2.2', '10.9.2.3:50001'),
        hafen.replace('10.9.2.3:50001', '10.9.2.4'),
      ],
      { kirche: '10.9.2.2:50000', dach: '10.9.2.3:50001', hafen: '10.9.2.4:50000' },
    ],
    [
      'one goes, and a new one of another name has its endpoint and its addresses',
      [kirche, dach],
      [kirche, dach.replace('dach', 'neu')],
      { kirche: '10.9.2.1:50000', neu: '10.9.2.2:50000' },
    ],
  ]
  test.each(onHub)('%s, and back', (_what, before, after, ends) => {
    const hub = sites.site(1)
    hub.apply(hubFile(...before))
    const first = remotes()
    hub.apply(hubFile(...after))
    expect(remotes()).toEqual(ends)
    hub.apply(hubFile(...before))
    expect(remotes()).toEqual(first)
  })

  test('a hub is renamed, at a spoke of several hubs and at a spoke of it alone', () => {
    const spoke = sites.site(1)
    const file = (first: string, via: string) =>
      overlay(
        `hub ${first} { listen 10.9.2.1; address 10.64.0.1 }`,
        'hub fra { listen 10.9.2.2; address 10.64.0.2 }',
        `spoke own { endpoint 10.9.1.1; address 10.64.1.1; via ${via} }`,
      )
    for (const via of ['ber, fra', 'fra, ber', 'ber']) {
      spoke.apply(file('ber', via))
      const renamed = via.replace('ber', 'bln')
      expect(spoke.apply(file('bln', renamed)).nodes).toMatchObject([{ name: 'own' }])
      expect(remotes()).toMatchObject({ bln: '10.9.2.1:50000' })
      expect(remotes()).not.toHaveProperty('ber')
      spoke.destroy(file('bln', renamed))
    }
  })

  test('a node and its overlay are renamed where they stand: the marks change, and tunnels keep their counters', () => {
    const [hub, spoke] = [sites.site(1), sites.site(2)]
    const named = (name: string, over = 'mitte') =>
      hubFile(kirche, dach).replace('hub gw1', `hub ${name}`).replace('overlay mitte', `overlay ${over}`)
    const denying = (text: string) => text.replace(/\n}\n$/, '\n  deny kirche -> dach\n}\n')
    try {
      hub.apply(denying(named('gw1')))
      spoke.apply(named('gw1'), 'kirche')
      spoke.ns.run('ping', '-c3', '-i0.2', '-W5', '10.64.0.1')
      const before = hub.state()
      const renamed = hub.apply(denying(named('core')))
      expect(linesOf(renamed).filter((line) => !line.includes('filter'))).toEqual([
        '~ device lvn0 node gw1 → core',
      ])
      const nord = hub.apply(denying(named('core', 'nord')))
      expect(linesOf(nord).filter((line) => !line.includes('filter'))).toEqual([
        '~ device lvn0 overlay mitte → nord',
      ])
      const after = hub.state()
      const owner = { overlay: 'nord', node: 'core' }
      expect(after.devices).toMatchObject([
        { name: 'lvn0', owner, intact: true, ifindex: before.devices[0]?.ifindex },
      ])
      expect(after.links.find(({ name }) => name === 'lvn0')?.alias).toBe('lvn:nord/core')
      expect(after.filters).toMatchObject([{ owner, intact: true }])
      expect(after.saved).toEqual(before.saved)
      const received = (state: typeof after) =>
        state.tunnels.find(({ name }) => name === 'kirche')?.counters.rxPackets
      expect(received(after)).toBe(received(before))
      expect(received(before)).toBeGreaterThanOrEqual(3)
      expect(linesOf(spoke.apply(named('core'), 'kirche'))).toEqual([
        '- tunnel lvn0/gw1',
        '+ tunnel lvn0/core local 10.9.2.1:50000 remote 10.9.1.1:50000',
      ])
      // Whose the tables are is known from themselves, too, where the interface is gone.
      hub.ns.ip('link del lvn0')
      hub.apply(denying(named('core', 'nord')))
    } finally {
      spoke.destroy(named('core'), 'kirche')
    }
  })

  test('a new spoke has the endpoint that another was told by hand', () => {
    const hub = sites.site(1)
    const behind = 'behind { endpoint nat; address 10.64.4.1 }'
    hub.apply(hubFile(kirche, behind))
    hub.in((kernel) =>
      setTunnel(
        kernel,
        'lvn0',
        'behind',
        { remote: { address: '10.9.2.2' as Address, port: 50_000 } },
        { force: true },
      ),
    )
    expect(linesOf(hub.plan(hubFile(kirche, behind)))).toEqual([])
    const plan = hub.apply(hubFile(kirche, behind, dach))
    expect(plan.pending).toMatchObject([{ tunnel: 'behind' }])
    expect(remotes()).toEqual({ kirche: '10.9.2.1:50000', behind: null, dach: '10.9.2.2:50000' })
  })
})
