// SPDX-License-Identifier: MIT
/** What a kernel is asked before planning, and after an apply; and what becomes of the answers. */
import { describe, expect, it } from 'vitest'
import { observe, wantsOf } from '../../../src/interp/2-observe.ts'
import { verify } from '../../../src/interp/6-verify.ts'
import { lookUpNames } from '../../../src/interp/index.ts'
import type { Address } from '../../../src/model/address.ts'
import type { Kernel } from '../../../src/model/kernel.ts'
import type { HostState, LiveState, PlaneState, WayQuestion } from '../../../src/model/state.ts'
import {
  device,
  endpoint,
  link,
  live,
  liveDevice,
  liveIpRule,
  liveRoute,
  liveTunnel,
  tunnel,
  us,
  wanted,
} from '../../support/states.ts'
import { at, hub, named, nat, overlay, spoke, topology } from '../../support/topologies.ts'

/** Says `state` to every question, and remembers what was asked. */
class Asked {
  readonly asked: Record<string, unknown> = {}
  readonly kernel: Kernel

  constructor(state: Partial<LiveState>) {
    const { asked } = this
    const told = live(state)
    const { devices, tunnels, rules, saved, plane, maxTunnels, sysctls, paths, ways, ...host } = told
    const held: PlaneState = { devices, tunnels, rules, saved }
    this.kernel = {
      host: {
        snapshot: (nets?: unknown, exact?: unknown): HostState => {
          Object.assign(asked, { nets, exact })
          return host
        },
        sysctls: (of: readonly string[]) => {
          asked.sysctls = of
          return new Map(sysctls.map(({ path, value }) => [path, value]))
        },
        paths: (of: readonly Address[]) => {
          asked.paths = of
          return paths
        },
        ways: (of: readonly WayQuestion[]) => {
          asked.ways = of
          return ways ?? []
        },
      },
      plane: { name: plane, maxTunnels, snapshot: () => held },
    } as unknown as Kernel
  }
}

const nothing = { remotes: [], sysctls: [], nets: [] }

describe('an observation', () => {
  it('is all that a kernel tells, with the values and paths that it was asked for', () => {
    const path = { remote: '203.0.113.1' as Address, via: null }
    const state = {
      links: [link('eth0')],
      sysctls: [{ path: 'a', value: '1' }],
      paths: [path],
      maxTunnels: 77,
    }
    const { kernel } = new Asked({ ...state, plane: 'kmod' })
    expect(observe(kernel, nothing)).toEqual(live({ ...state, plane: 'kmod' }))
  })

  it('knows a device of ours although somebody has given it another alias', () => {
    const stranger = link('lvn0', null, { ifindex: 7 })
    const seen = (more: object) =>
      observe(new Asked({ links: [stranger], devices: [liveDevice(more)] }).kernel, nothing)
    expect(seen({ ifindex: 7 }).links[0]?.owner).toEqual(us)
    expect(seen({ ifindex: 8 }).links[0]?.owner).toBeNull()
    const { kernel } = new Asked({ links: [link('lvn0', us, { ifindex: 7 })] })
    expect(observe(kernel, nothing).links[0]?.owner).toEqual(us)
  })

  it('asks for the paths that are wanted, and for those of tunnels that are there, each once', () => {
    const tunnels = [
      liveTunnel('a', '203.0.113.1:1'),
      liveTunnel('b', '203.0.113.2:1'),
      liveTunnel('c', null),
    ]
    const { asked, kernel } = new Asked({ tunnels })
    observe(kernel, { ...nothing, remotes: ['203.0.113.9' as Address, '203.0.113.1' as Address] })
    expect(asked.paths).toEqual(['203.0.113.9', '203.0.113.1', '203.0.113.2'])
  })

  it('asks for the routes of the nets and the places that are wanted; of all where none are named', () => {
    const { asked, kernel } = new Asked({})
    observe(kernel, { ...nothing, nets: ['10.64.0.0/16' as never], exact: ['0.0.0.0/0' as never] })
    expect(asked).toMatchObject({ nets: ['10.64.0.0/16'], exact: ['0.0.0.0/0'] })
    observe(kernel)
    expect(asked).toMatchObject({ nets: undefined, exact: undefined, paths: [] })
  })

  const reverse = ['net/ipv4/conf/all/rp_filter', 'net/ipv4/conf/eth0/rp_filter']

  it('asks for the values that are wanted, kept, or of devices of ours, and for what each of them turns', () => {
    const { asked, kernel } = new Asked({
      links: [link('eth0')],
      devices: [liveDevice()],
      saved: [{ device: 'lvn0', path: 'net/core/x', value: '' }],
    })
    observe(kernel, { ...nothing, sysctls: ['net/ipv4/conf/all/forwarding'] })
    expect(new Set(asked.sysctls as string[])).toEqual(
      new Set([
        ...['net/ipv4/conf/all/forwarding', ...reverse, 'net/core/x', 'net/ipv4/conf/lvn0/forwarding'],
        ...['net/ipv4/conf/lvn0/send_redirects', 'net/ipv6/conf/lvn0/disable_ipv6'],
        ...['net/ipv4/conf/all/accept_redirects', 'net/ipv4/conf/default/forwarding'],
        'net/ipv4/conf/eth0/forwarding',
      ]),
    )
    expect((asked.sysctls as string[]).length).toBe(new Set(asked.sysctls as string[]).size)
  })

  it('asks which interfaces take advertisements where IPv6 is forwarded', () => {
    const { asked, kernel } = new Asked({ links: [link('eth0')] })
    const six = 'net/ipv6/conf/all/forwarding'
    observe(kernel, { ...nothing, sysctls: [six] })
    expect(asked.sysctls).toEqual([
      ...[six, ...reverse, 'net/ipv6/conf/eth0/accept_ra'],
      ...['net/ipv6/conf/default/forwarding', 'net/ipv6/conf/eth0/forwarding'],
    ])
    observe(kernel, nothing)
    expect(asked.sysctls).toEqual(reverse)
  })

  it('without a file asks for all that some file could make relevant', () => {
    const { asked, kernel } = new Asked({})
    observe(kernel)
    expect(asked.sysctls).toEqual(
      expect.arrayContaining([
        ...[
          'net/ipv4/conf/all/forwarding',
          'net/ipv4/conf/all/send_redirects',
          'net/ipv6/conf/all/forwarding',
        ],
        ...['net/ipv4/conf/all/ignore_routes_with_linkdown', 'net/ipv6/conf/default/disable_ipv6'],
        'net/ipv4/ip_local_reserved_ports',
      ]),
    )
  })

  it('asks for the way to what is behind a device where others have rules of routing, and only there', () => {
    const behind = [{ device: 'lvn0', destinations: ['10.64.1.1' as Address] }]
    const question = { device: 'lvn0', destination: '10.64.1.1', source: null }
    const answer = { question, device: 'eth0', type: 'unicast', table: 7, route: null } as never
    const ruled = new Asked({
      devices: [liveDevice()],
      ipRules: [liveIpRule(100, 7, { owned: false })],
      ways: [answer],
    })
    expect(observe(ruled.kernel, { ...nothing, behind }).ways).toEqual([answer])
    expect(ruled.asked.ways).toEqual([question])
    const plain = new Asked({ devices: [liveDevice()], ways: [answer] })
    expect(observe(plain.kernel, { ...nothing, behind })).not.toHaveProperty('ways')
    expect(plain.asked.ways).toBeUndefined()
    expect(observe(ruled.kernel, nothing)).not.toHaveProperty('ways')
  })
})

describe('what planning a node needs to know', () => {
  const gateway = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] })
  const spokes = [
    spoke('given', at('203.0.113.1'), { addresses: ['10.64.1.1'], routes: ['198.18.0.0/15'] }),
    spoke('named', named('a.example'), { addresses: ['10.64.2.1'] }),
    spoke('unknown', named('b.example'), { addresses: ['10.64.3.1'] }),
    spoke('roams', nat, { addresses: ['10.64.4.1'] }),
  ]
  const file = topology(overlay(['10.64.0.0/16'], gateway, spokes))
  const names = new Map([['a.example', ['203.0.113.2', '127.0.0.1', '2001:db8::2'] as Address[]]])

  it('are for a hub the endpoints of its spokes, those of host names as far as they can be any', () => {
    expect(wantsOf(file, [gateway], names)).toEqual({
      remotes: ['203.0.113.1', '203.0.113.2', '2001:db8::2'],
      sysctls: [
        ...['net/ipv4/conf/all/ignore_routes_with_linkdown', 'net/ipv6/conf/default/disable_ipv6'],
        ...['net/ipv4/conf/all/send_redirects', 'net/ipv4/conf/lvn0/forwarding'],
        ...['net/ipv4/conf/lvn0/send_redirects', 'net/ipv4/ip_local_reserved_ports/50000'],
      ],
      nets: ['10.64.0.0/16'],
      exact: ['198.18.0.0/15'],
      behind: [
        { device: 'lvn0', destinations: ['10.64.1.1', '198.18.0.0', '10.64.2.1', '10.64.3.1', '10.64.4.1'] },
      ],
    })
  })

  it('are for a spoke the listens of its hub', () => {
    expect(wantsOf(file, [spokes[3] as never], names)).toMatchObject({ remotes: ['198.51.100.10'] })
  })

  it('are host names that its tunnels need, looked up once, all at a time', async () => {
    const asked: string[] = []
    const again = [...spokes, spoke('twin', named('a.example')), spoke('lost', named('c.example'))]
    const many = topology(overlay(['10.64.0.0/16'], gateway, again))
    const answer = async (host: string) => {
      asked.push(host)
      if (host === 'c.example') throw new Error('no such host')
      return host === 'a.example' ? ['203.0.113.2' as Address] : []
    }
    expect(await lookUpNames(many, [gateway], answer)).toEqual(
      new Map([
        ['a.example', ['203.0.113.2']],
        ['b.example', []],
        ['c.example', []],
      ]),
    )
    expect(asked).toEqual(['a.example', 'b.example', 'c.example'])
    expect(await lookUpNames(many, [spokes[1] as never], answer)).toEqual(new Map())
  })
})

describe('verification', () => {
  const scope = { owners: [us], nets: [] }
  const there = { links: [link('lvn0', us), link('eth0')], devices: [liveDevice()] }
  const path = (name: string) => `net/ipv4/conf/${name}/send_redirects`
  const reach = { remotes: [], defaults: [] }
  const verified = (state: Partial<LiveState>, desired: Parameters<typeof wanted>[0], more: object = {}) => {
    const { asked, kernel } = new Asked({ ...there, ...state })
    const plan = { desired: wanted({ devices: [device()], ...desired }), reach, scope, ...more }
    const { residue, lost, diverted } = verify(kernel, plan)
    return { residue: residue.map(({ op, id }) => `${op} ${id}`), lost, diverted, asked }
  }

  it('asks for what was wanted and reached, and compares it', () => {
    const desired = {
      sysctls: [{ path: path('eth0'), value: '1', device: 'lvn0' }],
      routes: [
        { destination: '10.64.0.0/16', device: 'lvn0', type: 'unicast', metric: 0, mtu: null },
        { destination: '198.18.0.0/15', device: 'lvn0', type: 'unicast', metric: 0, mtu: null, table: 7600 },
      ] as never[],
    }
    const { residue, asked } = verified({ sysctls: [{ path: path('eth0'), value: '0' }] }, desired, {
      reach: { remotes: ['203.0.113.1'], defaults: [] },
    })
    expect(residue).toEqual([
      `change sysctl ${path('eth0')}`,
      'add route 10.64.0.0/16',
      'add route 198.18.0.0/15 table 7600',
    ])
    expect(asked).toMatchObject({ nets: ['10.64.0.0/16'], paths: ['203.0.113.1'] })
    expect(asked.sysctls).toContain(path('eth0'))
  })

  it('tells what was reached and is not any more', () => {
    const before = { remotes: ['203.0.113.1'], defaults: ['0.0.0.0/0'] }
    expect(verified({}, {}, { reach: before }).lost).toEqual(['203.0.113.1', '0.0.0.0/0'])
    const via = { interface: 'eth0', source: '198.51.100.10' as never, mtu: 1500 }
    const still = {
      paths: [{ remote: '203.0.113.1' as Address, via }],
      routes: [liveRoute('0.0.0.0/0', 'eth0', { owned: false })],
    }
    expect(verified(still, {}, { reach: before }).lost).toEqual([])
  })

  it('tells what leads packets past our devices', () => {
    const question = { device: 'lvn0', destination: '10.64.1.1' as never, source: null }
    const state = {
      ipRules: [liveIpRule(100, 7, { owned: false })],
      ways: [{ question, device: 'eth0', type: 'unicast' as const, table: 7, route: null }],
    }
    const behind = [{ device: 'lvn0', destinations: ['10.64.1.1'] }]
    expect(verified(state, {}, { behind }).diverted).toHaveLength(1)
    expect(verified(state, {}).diverted).toEqual([])
  })

  it('takes the values of an interface that has gone along; one of a device of ours must be there', () => {
    const value = (name: string) => ({ sysctls: [{ path: path(name), value: '1', device: 'lvn0' }] })
    expect(verified({}, value('usb0')).residue).toEqual([])
    expect(() => verified({}, value('eth0'))).toThrow(`this kernel has no ${path('eth0')}`)
    expect(() => verified({}, value('all'))).toThrow(`this kernel has no ${path('all')}`)
    expect(verified({ links: [], devices: [] }, value('lvn0')).residue).toEqual([
      'add device lvn0',
      `add sysctl ${path('lvn0')}`,
    ])
  })

  const pending = { tunnels: [tunnel('s', null)] }
  it.each<[string, object, string[]]>([
    ['an endpoint that was signalled', {}, []],
    ['with it another local address', { local: endpoint('192.0.2.7:7') }, []],
    ['and another interval', { keepalive: { intervalMs: 1, deadMs: 1 } }, ['change tunnel lvn0/s']],
  ])('leaves a pending tunnel %s', (_, more, residue) => {
    expect(verified({ tunnels: [liveTunnel('s', '203.0.113.1:1', more)] }, pending).residue).toEqual(residue)
  })

  it('reports another endpoint than the file gives, and a pending tunnel that lacks one, or is missing', () => {
    const given = { tunnels: [tunnel('s', '203.0.113.1:1')] }
    expect(verified({ tunnels: [liveTunnel('s', '203.0.113.2:1')] }, given).residue).toHaveLength(1)
    const local = { local: endpoint('192.0.2.7:7') }
    expect(verified({ tunnels: [liveTunnel('s', null, local)] }, pending).residue).toHaveLength(1)
    expect(verified({ tunnels: [liveTunnel('t', '203.0.113.1:1')] }, pending).residue).toEqual([
      'add tunnel lvn0/s',
      'remove tunnel lvn0/t',
    ])
  })
})
