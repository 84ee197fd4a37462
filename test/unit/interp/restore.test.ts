// SPDX-License-Identifier: MIT
/**
 * The way back after an apply, for any two topologies on a kernel in memory: the state before is the state after,
 * whatever the apply had done, and whatever tunnels have learned meanwhile stays learned.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPlan, planRestore, prepareApply, type WayBack, wayBack } from '../../../src/interp/index.ts'
import type { Address } from '../../../src/model/address.ts'
import type { TunnelSpec } from '../../../src/model/state.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { anyTopology, at, hub, nat, overlay, spoke, topology } from '../../support/topologies.ts'

const addressesOf: Record<string, string[]> = {
  'up.example': ['203.0.113.9', '203.0.113.2'],
  'six.example': ['2001:db8:77::9', '203.0.113.8'],
}
const resolveName = async (host: string) => (addressesOf[host] ?? []) as Address[]

function host(): SimKernel {
  const kernel = new SimKernel([
    { name: 'lo', addresses: ['127.0.0.1/8'], mtu: 65536 },
    { name: 'eth0', addresses: ['198.51.100.10/24'] },
    { name: 'eth1', addresses: ['2001:db8:1::1/64'], mtu: 1400, forwarding: '1' },
  ])
  kernel.route('203.0.113.0/24', 'eth0')
  kernel.route('2001:db8:77::/64', 'eth1', 1024)
  kernel.write('net/ipv4/conf/all/accept_redirects', '0')
  return kernel
}

/** Applies the file on its hubs; the way back, as a process that takes over would have it. */
async function brought(kernel: SimKernel, file: Topology, prune: 'none' | 'all' = 'none'): Promise<WayBack> {
  const hubs = file.overlays.map((one) => one.hub)
  const { plan, live } = await prepareApply(kernel, file, hubs, { resolveName, prune })
  applyPlan(kernel, plan)
  return JSON.parse(JSON.stringify(wayBack(live, plan)))
}

function restored(kernel: SimKernel, back: WayBack): void {
  const report = applyPlan(kernel, planRestore(kernel, back))
  expect(report.steps.find((step) => step.error)?.error).toBeUndefined()
  expect(report).toMatchObject({ outcome: 'done', residue: [] })
  expect(planRestore(kernel, back).steps.map(({ change }) => change)).toEqual([])
}

const states = { a: anyTopology(), b: anyTopology() }

describe('the way back', () => {
  it('leads from any file to the one before it', async () => {
    await fc.assert(
      fc.asyncProperty(states.a, states.b, async (a, b) => {
        const kernel = host()
        await brought(kernel, a)
        const before = kernel.dump()
        restored(kernel, await brought(kernel, b))
        expect(kernel.dump()).toEqual(before)
      }),
      { numRuns: 200 },
    )
  })

  it('leads to nothing where nothing was', async () => {
    await fc.assert(
      fc.asyncProperty(states.a, async (a) => {
        const kernel = host()
        restored(kernel, await brought(kernel, a))
        expect(kernel.dump()).toEqual(host().dump())
      }),
      { numRuns: 100 },
    )
  })

  it('leads back from an apply that died before any of its operations', async () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
    await fc.assert(
      fc.asyncProperty(states.a, states.b, part, async (a, b, when) => {
        const kernel = host()
        await brought(kernel, a)
        const before = kernel.dump()
        kernel.dieAt = kernel.operations + Math.floor(when * 40)
        const back = await brought(kernel, b)
        kernel.dieAt = null
        restored(kernel, back)
        expect(kernel.dump()).toEqual(before)
      }),
      { numRuns: 200 },
    )
  })

  it('brings back what was pruned', async () => {
    const [a, b] = [
      anyTopology('mitte', 64, fc.constant('lvn0')),
      anyTopology('city', 65, fc.constant('lvn5')),
    ]
    await fc.assert(
      fc.asyncProperty(a, b, async (one, other) => {
        const kernel = host()
        await brought(kernel, one)
        const before = kernel.dump()
        const back = await brought(kernel, other, 'all')
        expect([...kernel.devices.keys()]).toEqual(['lvn5'])
        restored(kernel, back)
        expect(kernel.dump()).toEqual(before)
      }),
      { numRuns: 100 },
    )
  })

  it('leaves a tunnel what it has learned since', async () => {
    const kernel = host()
    const file = (every: number, ...more: ReturnType<typeof spoke>[]) =>
      topology(
        overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10']), [
          spoke('s1', nat, { addresses: ['10.64.1.1'], intervalMs: every }),
          ...more,
        ]),
      )
    await brought(kernel, file(5000))
    const back = await brought(
      kernel,
      file(7000, spoke('s2', at('203.0.113.2'), { addresses: ['10.64.2.1'] })),
    )
    const learned = { address: '203.0.113.77' as Address, port: 40_001 }
    const tunnel = kernel.tunnels.get('lvn0/s1') as TunnelSpec
    kernel.tunnels.set('lvn0/s1', { ...tunnel, remote: learned, underlay: 'eth0' })
    restored(kernel, back)
    expect(kernel.tunnels.get('lvn0/s1')).toMatchObject({ remote: learned, keepalive: { intervalMs: 5000 } })
    expect([...kernel.tunnels.keys()]).toEqual(['lvn0/s1'])
  })

  it('leaves out the values and the path of an interface that has gone', async () => {
    const kernel = new SimKernel([
      { name: 'eth0', addresses: ['198.51.100.10/24', '2001:db8:1::10/64'], acceptRa: '1' },
      { name: 'usb0', addresses: ['198.51.101.1/24'], acceptRa: '1' },
    ])
    kernel.route('0.0.0.0/0', 'eth0')
    kernel.route('203.0.113.0/24', 'usb0')
    const file = (every: number) =>
      topology(
        overlay(['10.64.0.0/16', 'fd42:64::/48'], hub('gw1', ['198.51.100.10']), [
          spoke('s1', at('203.0.113.2'), { addresses: ['10.64.1.1'], intervalMs: every }),
        ]),
      )
    await brought(kernel, file(5000))
    const back = await brought(kernel, file(7000))
    expect(kernel.tunnels.get('lvn0/s1')).toMatchObject({ underlay: 'usb0' })
    unplug(kernel, 'usb0')
    for (const touched of [[], ['tunnel lvn0/s1']]) {
      const plan = planRestore(kernel, { ...back, touched })
      expect(plan.steps.filter(({ change }) => JSON.stringify(change.after ?? {}).includes('usb0'))).toEqual(
        [],
      )
    }
    restored(kernel, back)
    expect(kernel.tunnels.get('lvn0/s1')).toMatchObject({ underlay: null, keepalive: { intervalMs: 5000 } })
  })

  it('leads back under the names that interfaces have by now', async () => {
    const file = (every: number) =>
      topology(
        overlay(['10.64.0.0/16', 'fd42:64::/48'], hub('gw1', ['198.51.100.10']), [
          spoke('s1', at('203.0.113.2'), { addresses: ['10.64.1.1'], intervalMs: every }),
        ]),
      )
    const first = async () => {
      const kernel = new SimKernel([
        { name: 'eth0', addresses: ['198.51.100.10/24', '2001:db8:1::10/64'], acceptRa: '1' },
        { name: 'eth1', addresses: ['198.51.101.1/24'], acceptRa: '0', forwarding: '1' },
      ])
      kernel.route('0.0.0.0/0', 'eth0')
      await brought(kernel, file(5000))
      return kernel
    }
    const renamings: Record<string, (kernel: SimKernel) => void> = {
      renamed: (kernel) => rename(kernel, 'eth0', 'lan0'),
      swapped: (kernel) => {
        rename(kernel, 'eth0', 'was0')
        rename(kernel, 'eth1', 'eth0')
        rename(kernel, 'was0', 'eth1')
      },
      'of the name of one that has gone': (kernel) => {
        unplug(kernel, 'eth1')
        kernel.addresses = kernel.addresses.filter(({ device }) => device !== 'eth1')
        kernel.routes = kernel.routes.filter(({ device }) => device !== 'eth1')
        rename(kernel, 'eth0', 'eth1')
      },
    }
    for (const [how, change] of Object.entries(renamings)) {
      const expected = await first()
      change(expected)
      const kernel = await first()
      const back = await brought(kernel, file(7000))
      change(kernel)
      restored(kernel, { ...back, touched: ['tunnel lvn0/s1'] })
      expect(kernel.dump(), how).toEqual(expected.dump())
    }
    const kernel = await first()
    const dark = topology(overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10']), []))
    const back = await brought(kernel, dark)
    expect(kernel.values.get('net/ipv6/conf/eth0/accept_ra')).toBe('1')
    rename(kernel, 'eth0', 'lan0')
    restored(kernel, back)
    expect(kernel.values.get('net/ipv6/conf/lan0/accept_ra')).toBe('2')
    expect(kernel.tunnels.get('lvn0/s1')).toMatchObject({ underlay: 'lan0' })
    expect(kernel.devices.get('lvn0')?.spec.underlays).toContain('lan0')
  })

  it('sets accept_ra before forwarding, and takes it back after it, in whatever order the kernel lists them', async () => {
    const ra = 'net/ipv6/conf/eth0/accept_ra'
    const all = 'net/ipv6/conf/all/forwarding'
    for (const turned of [false, true]) {
      const kernel = new SimKernel([
        { name: 'eth0', addresses: ['198.51.100.10/24', '2001:db8:1::10/64'], acceptRa: '1' },
      ])
      kernel.route('0.0.0.0/0', 'eth0')
      const file = topology(overlay(['10.64.0.0/16', 'fd42:64::/48'], hub('gw1', ['198.51.100.10']), []))
      const order = (back: WayBack) => {
        const { saved } = back.before
        const before = { ...back.before, saved: turned ? saved.toReversed() : saved }
        return planRestore(kernel, { ...back, before }).steps.flatMap(({ change }) =>
          change.kind === 'sysctl' && [ra, all].includes((change.after ?? change.before)?.path ?? '')
            ? [(change.after ?? change.before)?.path]
            : [],
        )
      }
      await brought(kernel, file)
      const again = await brought(kernel, file)
      kernel.values.set(ra, '1')
      kernel.write(all, '0')
      expect(order(again)).toEqual([ra, all])
    }
  })
})

function unplug(kernel: SimKernel, name: string): void {
  kernel.links.delete(name)
  for (const path of [...kernel.values.keys()]) if (path.includes(`/${name}/`)) kernel.values.delete(path)
  for (const [id, tunnel] of kernel.tunnels) {
    if (tunnel.underlay === name) kernel.tunnels.set(id, { ...tunnel, remote: null, underlay: null })
  }
  for (const [id, device] of kernel.devices) {
    const underlays = device.spec.underlays.filter((underlay) => underlay !== name)
    kernel.devices.set(id, { ...device, spec: { ...device.spec, underlays } })
  }
}

/** As a plane tells what it keeps: under the name that the interface has now. */
function rename(kernel: SimKernel, from: string, to: string): void {
  const link = kernel.links.get(from)
  if (link === undefined) throw new Error(`no ${from}`)
  const nameOf = <T extends string | null>(name: T) => (name === from ? to : name)
  const pathOf = (path: string) => path.replace(`/conf/${from}/`, `/conf/${to}/`)
  kernel.links.delete(from)
  kernel.links.set(to, { ...link, name: to })
  for (const [path, value] of [...kernel.values]) {
    kernel.values.delete(path)
    kernel.values.set(pathOf(path), value)
  }
  kernel.saved = kernel.saved.map((saved) => ({ ...saved, path: pathOf(saved.path) }))
  kernel.addresses = kernel.addresses.map((each) => ({ ...each, device: nameOf(each.device) }))
  kernel.routes = kernel.routes.map((each) => ({ ...each, device: nameOf(each.device) }))
  for (const [id, tunnel] of kernel.tunnels) {
    kernel.tunnels.set(id, { ...tunnel, underlay: nameOf(tunnel.underlay) })
  }
  for (const [id, device] of kernel.devices) {
    const underlays = device.spec.underlays.map(nameOf).sort()
    kernel.devices.set(id, { ...device, spec: { ...device.spec, underlays } })
  }
}
