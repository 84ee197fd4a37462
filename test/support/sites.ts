// SPDX-License-Identifier: MIT
/**
 * Machines around a router on which overlay files are applied in this process, on a data plane of the test's choice.
 *
 *     site 1  eth0 10.9.1.1 to .4 ─── e1 router e2 ─── eth0 10.9.2.1 to .4  site 2
 *             default via 10.9.1.254      .254
 */
import { expect } from 'vitest'
import { addAddress } from '../../native/host/build.ts'
import { hostNetwork } from '../../native/host/index.ts'
import { withNetns } from '../../native/netns.ts'
import { Source } from '../../src/diag/source.ts'
import {
  applyPlan,
  prepareDestroy,
  prepareDestroyOwned,
  prepareWith,
  selectNodes,
  whoamiOf,
} from '../../src/interp/index.ts'
import { ownersHere } from '../../src/interp/owned.ts'
import type { Plan } from '../../src/interp/types.ts'
import type { Kernel } from '../../src/model/kernel.ts'
import type { LiveState } from '../../src/model/state.ts'
import type { Topology } from '../../src/model/topology.ts'
import { compile } from '../../src/shell/cli/compile.ts'
import { changeLine } from '../../src/shell/cli/format-change.ts'
import { plain } from '../../src/shell/cli/output.ts'
import { connect, Netns } from './netns.ts'
import type { OpenPlane } from './plane-world.ts'

/** The underlay address of a site; `which` is 1 to 4. */
export const siteAddress = (site: number, which = 1) => `10.9.${site}.${which}`

/** A file without a mistake, as all nodes see it. */
export function topologyOf(text: string): Topology {
  const { topology, diagnostics } = compile(new Source('test.lvn', text))
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(`${errors.map(({ message }) => message).join('\n')}\n${text}`)
  return topology
}

/** Changes as a plan prints them. */
export const linesOf = (plan: Pick<Plan, 'steps'>) =>
  plan.steps.map(({ change }) => changeLine(change, plain))

/** The plan for the nodes that the kernel's host is, or that `node` names as --node does. */
function planHere(kernel: Kernel, topology: Topology, node?: string): Plan {
  const nodes = selectNodes(topology, whoamiOf(kernel.host.snapshot(), node))
  return prepareWith(kernel, topology, nodes, new Map()).plan
}

function carryOut(kernel: Kernel, plan: Plan): void {
  const report = applyPlan(kernel, plan)
  const failed = report.steps.find(({ error }) => error !== undefined)
  if (failed !== undefined) {
    const what = `${changeLine(failed.step.change, plain)}: ${failed.error?.message}`
    throw new Error(`${what}\n${linesOf(plan).join('\n')}`)
  }
  expect(report).toMatchObject({ outcome: 'done', residue: [] })
}

/** Brings a kernel to the file: all is done, verified, and a second plan is empty. The plan that did it. */
export function bring(kernel: Kernel, topology: Topology, node?: string): Plan {
  const plan = planHere(kernel, topology, node)
  carryOut(kernel, plan)
  expect(linesOf(planHere(kernel, topology, node))).toEqual([])
  return plan
}

/** Takes away by name what is here of any overlay, as where a machine is no node of the file any more. */
export function leave(kernel: Kernel): void {
  for (const { overlay, node } of ownersHere({ ...kernel.host.snapshot(), ...kernel.plane.snapshot() }))
    carryOut(kernel, prepareDestroyOwned(kernel, `${overlay}/${node}`).plan)
}

export class Site {
  readonly ns: Netns
  private readonly kernel: Kernel

  constructor(ns: Netns, open: OpenPlane) {
    this.ns = ns
    this.kernel = this.inside(() => ({ host: hostNetwork(), plane: open() }))
  }

  /** What the file would change here. `node`: as with --node; absent: the one that this site is by its address. */
  plan(text: string, node?: string): Plan {
    return this.in((kernel) => planHere(kernel, topologyOf(text), node))
  }

  /** Brings the site to the file, see `bring`. */
  apply(text: string, node?: string): Plan {
    return this.in((kernel) => bring(kernel, topologyOf(text), node))
  }

  destroy(text: string, node?: string): Plan {
    const topology = topologyOf(text)
    return this.in((kernel) => {
      const nodes = selectNodes(topology, whoamiOf(kernel.host.snapshot(), node))
      const { plan } = prepareDestroy(kernel, topology, nodes)
      carryOut(kernel, plan)
      return plan
    })
  }

  state(): LiveState {
    return this.inside(() => ({
      ...{ ...this.kernel.host.snapshot(), ...this.kernel.plane.snapshot(), plane: this.kernel.plane.name },
      ...{ maxTunnels: this.kernel.plane.maxTunnels, sysctls: [], paths: [] },
    }))
  }

  /** The kernel, within this namespace. */
  in<T>(use: (kernel: Kernel) => T): T {
    return this.inside(() => use(this.kernel))
  }

  close(): void {
    this.in((kernel) => {
      kernel.plane.close()
      kernel.host.close()
    })
  }

  private inside<T>(work: () => T): T {
    return withNetns(this.ns.path, work)
  }
}

export class Sites {
  readonly router: Netns
  readonly sites: readonly Site[]

  /** Sites 1 to `count`. */
  constructor(count: number, open: OpenPlane) {
    this.router = new Netns('router')
    this.router.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
    this.sites = Array.from({ length: count }, (_, i) => {
      const ns = new Netns(`site${i + 1}`)
      connect(
        { ns, dev: 'eth0', addresses: [`${siteAddress(i + 1)}/24`] },
        { ns: this.router, dev: `e${i + 1}`, addresses: [`10.9.${i + 1}.254/24`] },
      )
      withNetns(ns.path, () => {
        for (const which of [2, 3, 4]) addAddress('eth0', `${siteAddress(i + 1, which)}/24`)
      })
      ns.ip(`route add default via 10.9.${i + 1}.254`)
      return new Site(ns, open)
    })
  }

  site(number: number): Site {
    const site = this.sites[number - 1]
    if (site === undefined) throw new RangeError(`there is no site ${number}`)
    return site
  }

  dispose(): void {
    for (const site of this.sites) site.close()
    for (const ns of [...this.sites.map((site) => site.ns), this.router]) ns.dispose()
  }
}
