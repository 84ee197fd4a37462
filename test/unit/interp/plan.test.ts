// SPDX-License-Identifier: MIT
/** Plans: their order, what they refuse, what they leave to others, their JSON, and reports of failed applies. */
import { describe, expect, it } from 'vitest'
import { LvnError } from '../../../src/diag/error.ts'
import { verify } from '../../../src/interp/6-verify.ts'
import {
  applyPlan,
  observe,
  planApply,
  planDestroy,
  planFromState,
  planToJson,
} from '../../../src/interp/index.ts'
import type { ApplyProgress, Plan } from '../../../src/interp/types.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import type { LiveAddress, LiveState, TunnelSpec } from '../../../src/model/state.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { changeLine } from '../../../src/shell/cli/format-change.ts'
import { plain } from '../../../src/shell/cli/output.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, lineOf, overlay, spoke, topology } from '../../support/topologies.ts'

const host = () => {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }])
  kernel.route('0.0.0.0/0', 'eth0')
  return kernel
}
const spokes = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    spoke(`s${i}`, at(`203.0.${(i >> 8) + 1}.${i & 255}`), {
      addresses: [`10.64.${i >> 8}.${i & 255}`, `fd42:64::${(i + 16).toString(16)}`],
    }),
  )
const file = (count = 2, options = {}): Topology =>
  topology(
    overlay(
      ['10.64.0.0/16', 'fd42:64::/48'],
      hub('gw1', ['198.51.100.10'], {
        addresses: ['10.64.255.1', 'fd42:64::1'],
        routes: ['10.64.254.0/24'],
        ...options,
      }),
      spokes(count),
    ),
  )
const resolveName = async () => []
const nodesOf = (made: Topology) => made.overlays.map((over) => over.hub)
const planned = (kernel: SimKernel, made: Topology): Promise<Plan> =>
  planApply(kernel, made, nodesOf(made), { resolveName })

async function refusal(kernel: SimKernel, made: Topology): Promise<LvnError> {
  const before = kernel.dump()
  const error = await planned(kernel, made).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(kernel.dump()).toEqual(before)
  if (!(error instanceof LvnError)) throw new Error('was not refused', { cause: error })
  return error
}

describe('a plan', () => {
  it('has a hub forward again at once where it puts back the switch of all interfaces', async () => {
    const kernel = host()
    applyPlan(kernel, await planned(kernel, file()))
    const plan = await planned(kernel, file(2, { routes: [] }))
    const writes = plan.steps.flatMap(({ operations }) =>
      operations.map(({ operation }) =>
        operation.kind === 'sysctl' ? `${operation.path} ${operation.value}` : operation.kind,
      ),
    )
    const put = writes.indexOf('net/ipv4/conf/all/forwarding 0')
    expect(writes[put + 1]).toBe('net/ipv4/conf/lvn0/forwarding 1')
    applyPlan(kernel, plan)
    const direct = host()
    applyPlan(direct, await planned(direct, file(2, { routes: [] })))
    expect(kernel.dump()).toEqual(direct.dump())
  })

  it('builds from device to route and destroys the other way round', async () => {
    const kernel = host()
    const kinds = (plan: Plan) => [...new Set(plan.steps.map((step) => step.change.kind))]
    const plan = await planned(kernel, file())
    expect(kinds(plan)).toEqual(['device', 'address', 'tunnel', 'rule', 'sysctl', 'route'])
    expect(plan.summary).toEqual({ add: 1 + 2 + 2 + 4 + 2 + 3, change: 3, remove: 0 })
    applyPlan(kernel, plan)
    const back = planDestroy(kernel, file(), nodesOf(file()))
    expect(kinds(back)).toEqual(['route', 'sysctl', 'rule', 'tunnel', 'address', 'device'])
    expect(back.steps.filter((step) => step.operations.length === 0).map((step) => step.change.kind)).toEqual(
      Array.from({ length: 6 }, (_, i) => (i < 4 ? 'rule' : 'tunnel')),
    )
  })

  it('removes only after it has added', async () => {
    const kernel = host()
    applyPlan(kernel, await planned(kernel, file(3)))
    const base = file(2)
    const added = spoke('new', at('203.0.9.9'), { addresses: ['10.64.9.9'] })
    const changed = topology({
      ...(base.overlays[0] as Topology['overlays'][0]),
      spokes: [...spokes(2), added],
    })
    const plan = await planned(kernel, changed)
    expect(plan.steps.map(({ change }) => `${change.op} ${change.id}`)).toEqual([
      'add tunnel lvn0/new',
      'add rule lvn0 10.64.9.9/32',
      'remove rule lvn0 10.64.0.2/32',
      'remove rule lvn0 fd42:64::12/128',
      'remove tunnel lvn0/s2',
    ])
  })

  it('can be made from a snapshot that was taken without the file', async () => {
    const kernel = host()
    applyPlan(kernel, await planned(kernel, file()))
    const snapshot = JSON.parse(JSON.stringify(observe(kernel))) as LiveState
    expect(planFromState(snapshot, file(), nodesOf(file()), new Map()).steps).toEqual([])
    const plan = planFromState(snapshot, file(3), nodesOf(file()), new Map())
    expect(plan.steps[0]?.change).toMatchObject({ id: 'tunnel lvn0/s2', after: { underlay: 'eth0' } })
  })

  it('as JSON gives every operation with the line that asks for it', async () => {
    const source = lineOf(1).source
    const json = planToJson(await planned(host(), file()), [source])
    expect(json).toMatchObject({
      formatVersion: 1,
      plane: 'ebpf',
      nodes: [{ overlay: 'mitte', name: 'gw1' }],
    })
    expect(json.sourceHash).toMatch(/^[0-9a-f]{64}$/)
    expect(json.operations[0]).toMatchObject({
      ...{ op: 'add', kind: 'device', id: 'device lvn0', before: null, fields: [] },
      span: { file: 'test.lvn', line: 20, column: 1 },
    })
    expect(JSON.parse(JSON.stringify(json))).toEqual(json)
  })
})

describe('a great many', () => {
  it('spokes are destroyed in one plan', () => {
    const kernel = host()
    const [device, name] = ['lvn0', (i: number) => `s${i}`]
    const made = file(1)
    const owner = { overlay: 'mitte', node: 'gw1' }
    kernel.plane.apply([
      {
        ...{ op: 'add', kind: 'device', capacity: 1 << 18 },
        spec: { name: device, mode: 'multi', owner, mtu: 1400, destinations: [], underlays: ['eth0'] },
      },
    ])
    const local = { address: '198.51.100.10' as Address, port: 50_000 }
    for (let i = 0; i < 150_000; i++) {
      const spec = { device, name: name(i), local, remote: null, underlay: null }
      kernel.tunnels.set(`${device}/${name(i)}`, { ...spec, keepalive: { intervalMs: 0, deadMs: 0 } })
    }
    const plan = planDestroy(kernel, made, nodesOf(made))
    expect(plan.summary.remove).toBe(150_001)
  })
})

describe('what becomes of a dead tunnel', () => {
  it('is compared by plan and by verify, and said in a line', async () => {
    const kernel = host()
    const plan = await planned(kernel, file())
    applyPlan(kernel, plan)
    const key = 'lvn0/s0'
    const tunnel = kernel.tunnels.get(key) as TunnelSpec
    kernel.tunnels.set(key, { ...tunnel, onDead: 'remove' })
    expect(verify(kernel, plan).residue.map(({ id, fields }) => [id, fields])).toEqual([
      ['tunnel lvn0/s0', ['onDead']],
    ])
    const again = await planned(kernel, file())
    expect(again.steps.map(({ change }) => changeLine(change, plain))).toEqual([
      '~ tunnel lvn0/s0 onDead remove → keep',
    ])
    kernel.refuseAt = kernel.operations + 1
    applyPlan(kernel, await planned(kernel, file(3)))
    expect(kernel.tunnels.get(key)?.onDead).toBe('remove')
    applyPlan(kernel, await planned(kernel, file()))
    expect(verify(kernel, plan).residue).toEqual([])
  })
})

describe('what is not ours', () => {
  it('keeps its name: a foreign device is refused by name and kind', async () => {
    const kernel = host()
    kernel.addLink('lvn0', 1500, 'veth', null)
    const error = await refusal(kernel, file())
    expect(error).toMatchObject({ code: 'LVN4001', exitCode: 4 })
    expect(error.message).toBe('the device name lvn0 is taken by a foreign device (kind veth)')
  })

  it('keeps its name: so does the device of another overlay', async () => {
    const kernel = host()
    applyPlan(
      kernel,
      await planned(
        kernel,
        topology(overlay(['10.9.0.0/16'], hub('x', ['198.51.100.10'], { overlay: 'other' }), [])),
      ),
    )
    expect((await refusal(kernel, file())).message).toContain('it belongs to other/x')
  })

  it('keeps its route: another in the place of ours is refused, one that serves is left', async () => {
    const kernel = host()
    kernel.route('10.64.0.0/16', 'eth0')
    expect(await refusal(kernel, file())).toMatchObject({ code: 'LVN4002', exitCode: 4 })
    kernel.routes.pop()
    applyPlan(kernel, await planned(kernel, file()))
    kernel.routes = kernel.routes.map((route) =>
      route.destination === '10.64.0.0/16' ? { ...route, owned: false } : route,
    )
    kernel.route('10.77.0.0/16', 'lvn0')
    const plan = await planned(kernel, file())
    expect(plan.steps).toEqual([])
    expect(plan.foreign.map(({ id }) => id)).toEqual(['route 10.64.0.0/16', 'route 10.77.0.0/16'])
  })

  it('is told of when it is the same address elsewhere', async () => {
    const kernel = host()
    kernel.addresses.push({
      device: 'eth0',
      address: '10.64.255.1' as Address,
      prefixLength: 24,
      owned: false,
    })
    const plan = await planned(kernel, file())
    expect(plan.foreign).toEqual([
      { id: 'address eth0 10.64.255.1', note: 'the overlay device has the same address' },
    ])
  })

  it('what a death left is made anew: an interface with our mark that the plane does not know', async () => {
    const kernel = host()
    applyPlan(kernel, await planned(kernel, file()))
    const whole = kernel.dump()
    kernel.devices.clear()
    kernel.tunnels.clear()
    kernel.rules.clear()
    const report = applyPlan(kernel, await planned(kernel, file()))
    expect(report).toMatchObject({ outcome: 'done', residue: [] })
    expect({ ...(kernel.dump() as object), saved: [] }).toEqual({ ...(whole as object), saved: [] })
  })

  it('a device whose interface somebody deleted is made anew', async () => {
    const kernel = host()
    applyPlan(kernel, await planned(kernel, file()))
    kernel.deleteLink('lvn0')
    const { steps } = await planned(kernel, file())
    const ids = steps.map(({ change: { op, id } }) => `${op} ${id}`)
    const removed = ids.indexOf('remove device lvn0')
    expect(removed).toBeGreaterThanOrEqual(0)
    expect(ids.indexOf('add device lvn0')).toBeGreaterThan(removed)
    // There is nothing to make again that was not there.
    expect(steps[removed]?.undo.flat()).toEqual([])
  })

  it('a device that lost its tables gets new ones of a size for the file', async () => {
    const kernel = host()
    applyPlan(kernel, await planned(kernel, file()))
    const device = kernel.devices.get('lvn0')
    if (device !== undefined) kernel.devices.set('lvn0', { ...device, capacity: 0, intact: false })
    kernel.tunnels.clear()
    kernel.rules.clear()
    const { steps } = await planned(kernel, file(600))
    expect(steps[0]).toMatchObject({
      change: { op: 'change', id: 'device lvn0', fields: ['intact'] },
      operations: [{ operation: { op: 'set', capacity: 2048 } }],
    })
  })
})

describe('an underlay that falters', () => {
  it('takes nothing from tunnels that are right already; they are told as pending', async () => {
    const kernel = host()
    applyPlan(kernel, await planned(kernel, file()))
    kernel.routes = kernel.routes.filter((route) => route.destination !== '0.0.0.0/0')
    const plan = await planned(kernel, file())
    expect(plan.steps).toEqual([])
    expect(plan.pending.map(({ tunnel, reason }) => `${tunnel}: ${reason}`)).toEqual([
      's0: no route to 203.0.1.0 in the underlay',
      's1: no route to 203.0.1.1 in the underlay',
    ])
  })

  it('that vanishes is let go of, the rest stays', async () => {
    const kernel = host()
    applyPlan(kernel, await planned(kernel, file()))
    kernel.deleteLink('eth0')
    const plan = await planned(kernel, file())
    expect(plan.steps.map(({ change }) => [change.id, change.fields])).toEqual([
      ['device lvn0', ['underlays']],
    ])
    expect(plan.pending).toHaveLength(2)
  })

  it('that lacks the listen address leaves the tunnels pending and is told so, until the address comes', async () => {
    const kernel = new SimKernel([{ name: 'eth0', addresses: ['10.1.1.5/24'] }])
    kernel.route('0.0.0.0/0', 'eth0')
    const plan = await planned(kernel, file())
    expect(plan.desired.tunnels[0]).toMatchObject({
      local: { address: '198.51.100.10', port: 50000 },
      remote: null,
    })
    expect(plan.pending[0]?.reason).toBe('198.51.100.10 cannot be used: no interface of this host has it')
    expect(plan.absent).toEqual([
      { device: 'lvn0', listen: '198.51.100.10:50000', reason: 'no interface of this host has it' },
    ])
    applyPlan(kernel, plan)
    expect((await planned(kernel, file())).steps).toEqual([])
    kernel.addresses.push({ ...(kernel.addresses[0] as LiveAddress), address: '198.51.100.10' as Address })
    const later = await planned(kernel, file())
    expect(later.absent).toEqual([])
    expect(later.desired.tunnels[0]).toMatchObject({
      local: { address: '198.51.100.10', port: 50000 },
      underlay: 'eth0',
    })
  })
})

describe('a full map', () => {
  it('is refused before anything is changed, for the plane as for a device', async () => {
    const kernel = host()
    kernel.maxTunnels = 3
    expect(await refusal(kernel, file(4))).toMatchObject({ code: 'LVN4005', exitCode: 4 })
    applyPlan(kernel, await planned(kernel, file(3)))
    kernel.maxTunnels = 100
    const error = await refusal(kernel, file(4))
    expect(error.message).toBe('map full: lvn0 has room for 3 tunnels, the file asks for 4')
    expect(error.hint).toContain('lvn destroy')
  })

  it('gives way in place: old tunnels go before new ones come', async () => {
    const kernel = host()
    kernel.maxTunnels = 3
    applyPlan(kernel, await planned(kernel, file(3)))
    const renamed = file(3)
    const over = renamed.overlays[0] as Topology['overlays'][0]
    const other = topology({ ...over, spokes: over.spokes.map((s) => ({ ...s, name: `${s.name}x` })) })
    expect(applyPlan(kernel, await planned(kernel, other))).toMatchObject({ outcome: 'done', residue: [] })
    const before = kernel.dump()
    const plan = await planned(kernel, renamed)
    const count = plan.steps.flatMap((step) => step.operations).length
    for (let refuse = 0; refuse < count; refuse++) {
      kernel.refuseAt = kernel.operations + refuse
      expect(applyPlan(kernel, plan).outcome).toBe('rolled-back')
      expect(kernel.dump()).toEqual(before)
    }
  })
})

describe('an apply', () => {
  it('reports progress for each operation and for verification', async () => {
    const kernel = host()
    const seen: ApplyProgress[] = []
    const plan = await planned(kernel, file())
    applyPlan(kernel, plan, (progress) => seen.push(progress))
    expect(seen.at(-1)).toEqual({ phase: 'verify', done: 1, total: 1 })
    expect(seen.some(({ phase, done }) => phase === 'apply' && done === 1)).toBe(true)
  })

  it('that fails tells what was undone, what failed and what was not tried', async () => {
    const kernel = host()
    const plan = await planned(kernel, file())
    kernel.refuseAt = kernel.operations + 4
    const report = applyPlan(kernel, plan)
    expect(report.outcome).toBe('rolled-back')
    const statuses = report.steps.map(({ status }) => status)
    expect(statuses.slice(0, 6)).toEqual(['undone', 'undone', 'undone', 'undone', 'failed', 'not-tried'])
    expect(report.steps[4]?.error?.message).toBe('refused')
  })

  it('whose rollback fails too is partly applied, and says where', async () => {
    const kernel = host()
    const plan = await planned(kernel, file())
    kernel.dieAt = kernel.operations + 4
    const report = applyPlan(kernel, plan)
    expect(report.outcome).toBe('partly-applied')
    expect(report.steps.slice(0, 5).map(({ status }) => status)).toEqual([
      ...['undo-failed', 'undo-failed', 'undo-failed', 'undo-failed', 'failed'],
    ])
    expect(report.residue).toEqual([])
  })

  it('finds in verification what the kernel did not keep', async () => {
    const kernel = host()
    const plan = await planned(kernel, file())
    const report = applyPlan(kernel, plan, ({ phase }) => {
      if (phase === 'verify') kernel.rules.delete('lvn0 10.64.0.1/32')
    })
    expect(report.residue.map(({ op, id }) => `${op} ${id}`)).toEqual(['add rule lvn0 10.64.0.1/32'])
  })
})

describe('a route of others into the net of the overlay', () => {
  const foreignOf = async (change: (kernel: SimKernel) => void) => {
    const kernel = host()
    change(kernel)
    return (await planned(kernel, file())).foreign.map(({ id, note }) => `${id}: ${note}`)
  }

  it('is named where it takes packets from our device, before and after an apply', async () => {
    const docker = (kernel: SimKernel) => {
      kernel.addLink('docker0', 1500, 'bridge', null)
      kernel.route('10.64.17.0/24', 'docker0')
    }
    const said = ['route 10.64.17.0/24: leads to docker0 what the overlay has behind lvn0']
    expect(await foreignOf(docker)).toEqual(said)
    const kernel = host()
    applyPlan(kernel, await planned(kernel, file()))
    docker(kernel)
    expect((await planned(kernel, file())).foreign.map(({ id, note }) => `${id}: ${note}`)).toEqual(said)
  })

  it('is not where ours is preferred, nor where it is for something else', async () => {
    expect(
      await foreignOf((kernel) => {
        kernel.route('10.64.0.0/16', 'eth0', 50)
        kernel.route('10.65.0.0/24', 'eth0')
        kernel.route('10.0.0.0/8', 'eth0')
      }),
    ).toEqual([])
  })

  it('that leads nowhere is named as well', async () => {
    expect(
      await foreignOf((kernel) => {
        const destination = '10.64.18.0/24' as Prefix
        kernel.routes.push({
          destination,
          device: null,
          type: 'unreachable',
          metric: 0,
          mtu: null,
          owned: false,
        })
      }),
    ).toEqual(['route unreachable 10.64.18.0/24: leads nowhere what the overlay has behind lvn0'])
  })
})
