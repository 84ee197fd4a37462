// SPDX-License-Identifier: MIT
/**
 * The `expect` lines of a file, tried in a lab that is up: each passed, failed or skipped, and why. What needs an
 * endpoint that nobody has signalled yet is skipped, never passed. Prints nothing.
 */
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { least } from '../model/lists.ts'
import type { Expect, Node, Overlay } from '../model/topology.ts'
import { type Flow, flowsBetween, placeOf } from './ends.ts'
import type { LabNode } from './layout.ts'
import { silenceOf } from './no-ping.ts'
import { inParallel } from './parallel.ts'
import type { PendingHops } from './pending.ts'
import { pingOnce } from './ping.ts'
import { throughputOf } from './throughput.ts'

/** An overlay as it stands in a lab. */
export interface LabOverlay {
  readonly overlay: Overlay
  readonly members: readonly LabNode[]
  readonly pending: PendingHops
}

export type ExpectOutcome =
  /** `said`: what shows it. */
  | { readonly kind: 'passed'; readonly said: string }
  | { readonly kind: 'failed'; readonly said: string }
  | { readonly kind: 'skipped'; readonly reason: string }

export interface Measured {
  /** Round trip. */
  readonly ms?: number
  readonly bitsPerSecond?: number
}

export interface LabExpect {
  readonly expect: Expect
  readonly outcome: ExpectOutcome
  /** What was measured, whether it was enough or not. */
  readonly measured: Measured
  /** What the trial took. */
  readonly durationMs: number
}

type Tried = Pick<LabExpect, 'outcome' | 'measured'>

/** Without `within`. */
const patienceMs = 5000
/** An answer that takes longer is asked for again. */
const longestWaitMs = 1000
const pauseMs = 100
const atOnce = 4

/** In source order. Throughput is measured last and alone: it is the only one that others would disturb. */
export async function runExpects(
  expects: readonly Expect[],
  overlays: readonly LabOverlay[],
  onDone: () => void,
): Promise<LabExpect[]> {
  const one = async (expect: Expect): Promise<LabExpect> => {
    const begun = performance.now()
    const tried = await tryOut(expect, overlays)
    onDone()
    return { expect, ...tried, durationMs: Math.round(performance.now() - begun) }
  }
  const alone = (expect: Expect) => expect.kind === 'throughput'
  const done = new Map<Expect, LabExpect>()
  const pings = expects.filter((expect) => !alone(expect))
  for (const result of await inParallel(pings, atOnce, one)) done.set(result.expect, result)
  for (const expect of expects.filter(alone)) done.set(expect, await one(expect))
  return expects.map((expect) => done.get(expect) as LabExpect)
}

async function tryOut(expect: Expect, overlays: readonly LabOverlay[]): Promise<Tried> {
  const lab = overlays.find(({ overlay }) => overlay.name === expect.overlay)
  const from = lab && placeOf(lab.members, expect.from)
  const to = lab && placeOf(lab.members, expect.to)
  if (lab === undefined || from === undefined || to === undefined) return failed('the lab has no such node')
  const hop = lab.pending.between(from.labNode.node, to.labNode.node)
  const reason = hop && whyPending(hop)
  if (reason !== undefined) return { outcome: { kind: 'skipped', reason }, measured: {} }
  const flows = flowsBetween(from, to)
  if (flows.length === 0)
    return failed(`${expect.from.node} has no address of the family of ${expect.to.node}`)
  switch (expect.kind) {
    case 'ping':
      return tryPing(flows, expect.withinMs ?? patienceMs)
    case 'no-ping':
      return tryNoPing(lab, flows)
    case 'throughput':
      return tryThroughput(flows[0] as Flow, expect.leastBitsPerSecond)
  }
}

/** Undefined: an endpoint that the file gives is missing, which is no reason to let a trial off. */
function whyPending(hop: readonly [Node, Node]): string | undefined {
  for (const { name, endpoint } of hop) {
    if (endpoint?.kind === 'nat') return `${name} is behind a NAT, and its endpoint has not been signalled`
    if (endpoint?.kind === 'name') return `the endpoint of ${name}, ${endpoint.host}, has not been resolved`
  }
  return undefined
}

async function tryPing(flows: readonly Flow[], limitMs: number): Promise<Tried> {
  const deadline = performance.now() + limitMs
  let unsent: string | null = null
  for (let left = limitMs; left > 0; left = deadline - performance.now()) {
    const waitMs = Math.min(left, longestWaitMs)
    const pings = await Promise.all(
      flows.map(({ from, target }) => pingOnce(from.namespace, target, { source: from.source, waitMs })),
    )
    const times = pings.flatMap(({ ms }) => ms ?? [])
    if (times.length > 0) {
      const ms = least(times)
      return { outcome: { kind: 'passed', said: `${ms} ms` }, measured: { ms } }
    }
    unsent = pings.find((ping) => ping.unsent !== null)?.unsent ?? null
    // A ping that cannot be sent ends at once.
    if (unsent !== null) await sleep(Math.max(0, Math.min(pauseMs, deadline - performance.now())))
  }
  const targets = flows.map(({ target }) => target).join(' or ')
  const why = unsent === null ? '' : `: ${unsent}`
  return failed(`no answer from ${targets} within ${limitMs / 1000} s${why}`)
}

async function tryNoPing({ overlay, members }: LabOverlay, flows: readonly Flow[]): Promise<Tried> {
  let said = ''
  for (const flow of flows) {
    const silence = await silenceOf(overlay, members, flow)
    if (!silence.silent) return failed(silence.said)
    said = silence.said
  }
  return { outcome: { kind: 'passed', said: `no answer, while ${said}` }, measured: {} }
}

async function tryThroughput(flow: Flow, least: number): Promise<Tried> {
  const result = await throughputOf(flow)
  if ('failure' in result) return failed(result.failure)
  const said = `${(result.bitsPerSecond / 1e6).toFixed(1)} Mbit/s`
  const kind = result.bitsPerSecond >= least ? 'passed' : 'failed'
  return { outcome: { kind, said }, measured: result }
}

function failed(said: string): Tried {
  return { outcome: { kind: 'failed', said }, measured: {} }
}
