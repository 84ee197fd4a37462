// SPDX-License-Identifier: MIT
/**
 * Machines that come from file to file of a walk, with packets on the ways between them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { applyPlan } from '../../src/interp/index.ts'
import type { Kernel } from '../../src/model/kernel.ts'
import type { TunnelSpec } from '../../src/model/state.ts'
import { lvnPath } from './cli.ts'
import { Draw } from './draw.ts'
import { Machine } from './host.ts'
import type { OpenPlane } from './plane-world.ts'
import { refusingAt } from './refusing.ts'
import { leave, linesOf, type Site, Sites } from './sites.ts'
import { StreamOfPings } from './stream-of-pings.ts'
import { type Draft, firstDraft, sitesOfWalk, textOf } from './walk.ts'
import { moved } from './walk-moves.ts'
import { innerAddresses, isUntouched, type Way } from './ways.ts'

export interface WalkerOptions {
  /** As --plane has it. */
  readonly plane: string
  readonly open: OpenPlane
  readonly ways: readonly Way[]
  readonly everyMs: number
  /** One in so many machines is brought to a file by the command. */
  readonly oneByCommandIn: number
  /** One in so many has an operation refused before. */
  readonly oneRefusedIn: number
}

export class Walker {
  private readonly options: WalkerOptions
  private readonly sites: Sites
  private readonly streams = new Map<Way, StreamOfPings>()
  private readonly folder = mkdtempSync(join(tmpdir(), 'lvn-walk-'))
  private readonly before: readonly string[]
  private readonly done: string[] = []
  private draft = firstDraft()

  constructor(options: WalkerOptions) {
    this.options = options
    this.sites = new Sites(sitesOfWalk, options.open)
    this.before = this.facts()
  }

  async begin(): Promise<void> {
    await this.bringAll(this.draft, new Draw(0))
  }

  /** The transition that the number stands for. Throws with the way here when anything is not as it should be. */
  async go(number: number): Promise<void> {
    const { draft, move } = moved(this.draft, number)
    this.done.push(move)
    try {
      for (const way of this.streams.keys()) if (!isUntouched(this.draft, draft, way)) this.stop(way)
      await this.bringAll(draft, new Draw(number ^ 0x5bd1e995))
      this.draft = draft
    } catch (cause) {
      const files = [this.draft, draft].map(textOf).join('\n')
      const way = `transition ${this.done.length}: ${this.done.slice(-4).join('; ')}`
      throw new Error(`${way}\n${(cause as Error).message}\n${files}`, { cause })
    }
  }

  /** What is here now is what the last file alone would have made; without it, everything is as it was at first. */
  end(): void {
    for (const way of this.streams.keys()) this.stop(way)
    const text = textOf(this.draft)
    for (const site of this.sites.sites) {
      const walked = this.state(site)
      site.in(leave)
      if (this.isThere(this.draft, site)) site.apply(text)
      expect(walked).toEqual(this.state(site))
      site.in(leave)
    }
    expect(this.facts()).toEqual(this.before)
  }

  dispose(): void {
    for (const stream of this.streams.values()) stream.stop()
    this.sites.dispose()
    rmSync(this.folder, { recursive: true })
  }

  private async bringAll(draft: Draft, draw: Draw): Promise<void> {
    for (const site of draw.some(this.sites.sites, sitesOfWalk)) {
      if (!this.isThere(draft, site)) site.in(leave)
      else this.bring(site, textOf(draft), draw)
    }
    for (const way of this.options.ways) await this.flows(draft, way)
  }

  private bring(site: Site, text: string, draw: Draw): void {
    if (draw.below(this.options.oneRefusedIn) === 0) this.refuse(site, text, draw)
    if (draw.below(this.options.oneByCommandIn) !== 0) {
      site.apply(text)
      return
    }
    const file = join(this.folder, 'walk.lvn')
    writeFileSync(file, text)
    const { plane } = this.options
    for (const words of [['apply', '--yes'], ['plan']]) {
      site.ns.run(process.execPath, lvnPath, '--plane', plane, ...words, file)
    }
    expect(linesOf(site.plan(text))).toEqual([])
  }

  /** One operation of the plan fails: what was done before it is taken back. */
  private refuse(site: Site, text: string, draw: Draw): void {
    const plan = site.plan(text)
    const count = plan.steps.reduce((sum, { operations }) => sum + operations.length, 0)
    if (count === 0) return
    const at = draw.below(count)
    const paths = plan.desired.sysctls.map(({ path }) => path)
    const sysctls = () => site.in(({ host }) => [...host.sysctls(paths)])
    const before = { state: this.state(site), sysctls: sysctls() }
    const report = site.in((kernel: Kernel) => applyPlan(refusingAt(kernel, at), plan))
    const what = `operation ${at} of ${count} is refused:\n${linesOf(plan).join('\n')}`
    expect(report.outcome, what).toBe('rolled-back')
    expect({ state: this.state(site), sysctls: sysctls() }, what).toEqual(before)
  }

  /** Packets flow now, and where they flowed before, none was lost. */
  private async flows(draft: Draft, way: Way): Promise<void> {
    const [from, to, family] = way
    const address = innerAddresses(draft, to)?.[family]
    if (innerAddresses(draft, from) === undefined || address === undefined) return
    const stream = this.streams.get(way)
    if (stream !== undefined) {
      await stream.answers(3)
      expect(stream.lost(), `pings from site ${from} to site ${to} that were lost`).toEqual([])
      return
    }
    const { ns } = this.sites.site(from)
    this.streams.set(way, await StreamOfPings.start(ns.path, address, this.options.everyMs))
  }

  private stop(way: Way): void {
    this.streams.get(way)?.stop()
    this.streams.delete(way)
  }

  private isThere(draft: Draft, site: Site): boolean {
    return innerAddresses(draft, this.sites.sites.indexOf(site) + 1) !== undefined
  }

  /**
   * Everything of ours, without what two equal machines differ in: among that, where the peer of a tunnel is of which the
   * file does not tell that. It stays where it was before.
   */
  private state(site: Site): unknown {
    const moving = new Set(this.draft.spokes.filter((spoke) => spoke.site === null).map(({ name }) => name))
    const unlearned = (tunnel: TunnelSpec) =>
      moving.has(tunnel.name) ? { ...tunnel, remote: null, underlay: null } : tunnel
    const { devices, tunnels, rules, addresses, routes, filters, saved, links } = site.state()
    const own = links.filter(({ owner }) => owner !== null)
    const sorted = (list: readonly unknown[]) => list.map((each) => JSON.stringify(each)).sort()
    return {
      devices: sorted(devices.map(({ ifindex: _, drops: __, capacity: ___, ...rest }) => rest)),
      tunnels: sorted(tunnels.map(({ id: _, counters: __, ...rest }) => unlearned(rest))),
      links: sorted(own.map(({ ifindex: _, ...rest }) => rest)),
      ...{ rules: sorted(rules), addresses: sorted(addresses), routes: sorted(routes) },
      ...{ filters: sorted(filters), saved: sorted(saved) },
    }
  }

  private facts(): readonly string[] {
    return this.sites.sites.map(({ ns }) => new Machine(ns).facts())
  }
}
