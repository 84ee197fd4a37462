// SPDX-License-Identifier: MIT
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPlan, observe, planApply } from '../../../src/interp/index.ts'
import { ShapeError } from '../../../src/model/shape.ts'
import { readSnapshot, snapshotToJson } from '../../../src/model/snapshot.ts'
import type { LiveState } from '../../../src/model/state.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { anyTopology, at, hub, overlay, spoke, topology } from '../../support/topologies.ts'

async function stateWith(file = someFile()): Promise<LiveState> {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24', '2001:db8:1::1/64'] }])
  kernel.route('203.0.113.0/24', 'eth0')
  const plan = await planApply(kernel, file, [file.overlays[0]?.hub as never], {
    resolveName: async () => [],
  })
  applyPlan(kernel, plan)
  return observe(kernel)
}
const someFile = () =>
  topology(
    overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] }), [
      spoke('s1', at('203.0.113.1'), { addresses: ['10.64.1.1'] }),
    ]),
  )

const whole = async () => JSON.parse(JSON.stringify(snapshotToJson(await stateWith())))

function complaint(json: unknown): string {
  try {
    readSnapshot(json)
  } catch (error) {
    if (error instanceof ShapeError) return error.message
    throw error
  }
  return 'none'
}

describe('a snapshot', () => {
  it('is read back as what was observed', async () => {
    await fc.assert(
      fc.asyncProperty(anyTopology(), async (file) => {
        const state = await stateWith(file)
        expect(readSnapshot(JSON.parse(JSON.stringify(snapshotToJson(state))))).toEqual(state)
      }),
      { numRuns: 50 },
    )
  })

  it.each<[change: (json: Record<string, unknown>) => void, says: string]>([
    [
      (json) => delete json.formatVersion,
      'formatVersion: expected 1, as `lvn snapshot` writes it, found nothing',
    ],
    [
      (json) => (json.formatVersion = 2),
      'formatVersion: this lvn reads snapshots of version 1, this one is 2',
    ],
    [(json) => delete json.tunnels, 'tunnels: expected a list, found nothing'],
    [(json) => (json.maxTunnels = -1), 'maxTunnels: expected a whole number, 0 or more, found -1'],
    [(json) => (json.plane = 'tun'), 'plane: expected "ebpf" or "kmod", found "tun"'],
    [
      (json) =>
        ((
          (json.tunnels as { remote: { port: unknown } }[])[0] as never as { remote: { port: unknown } }
        ).remote.port = 70_000),
      'tunnels[0].remote.port: expected a port from 1 to 65535, found 70000',
    ],
    [
      (json) =>
        (((json.addresses as { address: string }[])[0] as { address: string }).address = '10.64.0.300'),
      'addresses[0].address: expected an IP address, found "10.64.0.300"',
    ],
    [(json) => ((json.links as unknown[])[0] = null), 'links[0]: expected an object, found null'],
  ])('says by its path what is wrong with it (%#)', async (change, says) => {
    const json = await whole()
    change(json)
    expect(complaint(json)).toBe(says)
  })

  it.each([[null], [[]], ['text'], [{}], [7]])('is not %j', (json) => {
    expect(complaint(json)).toMatch(/expected (an object|1, as)/)
  })

  it('may hold more than this version knows', async () => {
    const json = await whole()
    json.links[0].altnames = ['wan']
    expect(readSnapshot(json).links[0]).not.toHaveProperty('altnames')
  })
})
