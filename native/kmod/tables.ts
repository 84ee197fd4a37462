// SPDX-License-Identifier: MIT
/**
 * One device's tunnels and rules open for writing: their rows mirrored, so that a batch is a few datagrams.
 *
 * The kernel works through all messages of a datagram, also after it refused one. What it still did after the
 * first refusal is taken back, so that the caller's view holds: after a failed operation nothing was tried.
 */
import { type Prefix, prefixAddress, prefixLength } from '../../src/model/address.ts'
import type { RuleSpec, TunnelSpec } from '../../src/model/state.ts'
import {
  Admission,
  type Admitted,
  type RuleWrite,
  type TunnelOperation,
  type TunnelRow,
  type TunnelWrite,
} from '../admission/index.ts'
import { portTaken } from '../admission/refusals.ts'
import { isErrno } from '../errors.ts'
import type { Request } from '../netlink/socket.ts'
import type { Written } from '../runs.ts'
import { takenBySocket, takenBySomebody } from '../taken-port.ts'
import type { KmodClient } from './client.ts'
import type { FoundDevice } from './device.ts'
import { command, type TunnelAttributes } from './generated.ts'
import { ruleSpec, tunnelRow } from './snapshot.ts'

/** A request on account of the item `item`, and what takes it back (seldom needed, so only then made). */
interface Step {
  readonly item: number
  readonly request: Request
  readonly inverse: () => readonly Request[]
  /** What is not there any more is deleted, too. */
  readonly goes: boolean
}

export class DeviceTables {
  private readonly client: KmodClient
  private readonly device: string
  private readonly ifindex: number
  private readonly ifindexes: ReadonlyMap<string, number>
  private readonly admission: Admission

  /** Reads the rows. `ifindexes`: of all interfaces, by name. */
  constructor(client: KmodClient, { link, lvn }: FoundDevice, ifindexes: ReadonlyMap<string, number>) {
    this.client = client
    this.device = link.name
    this.ifindex = link.ifindex
    this.ifindexes = ifindexes
    const names = new Map([...ifindexes].map(([name, ifindex]) => [ifindex, name]))
    const rows = client.tunnels(link.ifindex).map((tunnel) => tunnelRow(link.name, tunnel, names))
    const byId = new Map(rows.map(({ id, spec }) => [id, spec.name]))
    const rules = client
      .rules(link.ifindex)
      .map((rule) => ruleSpec(link.name, rule, byId.get(rule.tunnel ?? 0) ?? ''))
    const none = Number.POSITIVE_INFINITY
    this.admission = new Admission(
      {
        ...{ device: link.name, capacity: lvn.capacity ?? 0, rules: none, locals: none, ports: none },
        // The kernel looks for peers by socket.
        ...{ peersBy: 'local endpoint', control: true, isUnderlay: (name) => ifindexes.has(name) },
      },
      rows,
      rules,
    )
  }

  writeTunnels(operations: readonly TunnelOperation[]): Written {
    const admitted = this.admission.tunnels(operations)
    const written = this.write(
      admitted.writes.map((write) => this.tunnelStep(write)),
      admitted,
    )
    return { ...written, error: this.explained(written.error, operations[written.done]) }
  }

  /** The module cannot tell whose socket has the port. */
  private explained(error: Error | null, operation: TunnelOperation | undefined): Error | null {
    if (operation === undefined || operation.op === 'delete' || !isErrno(error, 'EADDRINUSE')) return error
    const { local } = operation.spec
    return portTaken(this.device, takenBySocket(local) ?? takenBySomebody(local))
  }

  /** Adds rules or points those of the same prefix to another tunnel. */
  putRules(specs: readonly RuleSpec[]): Written {
    const admitted = this.admission.rules(specs)
    return this.write(
      admitted.writes.map((write) => this.ruleStep(write)),
      admitted,
    )
  }

  removeRules(specs: readonly RuleSpec[]): Written {
    const prefixes = specs.map(({ prefix }) => prefix)
    this.admission.removeRules(prefixes)
    const steps = prefixes.map(
      (prefix, item): Step => ({ item, request: this.deleteRule(prefix), inverse: () => [], goes: true }),
    )
    return this.write(steps, { done: steps.length, error: null, stands: (count) => count })
  }

  // ---- tunnels

  private tunnelStep({ item, before, after, rules }: TunnelWrite): Step {
    if (before === null) {
      const [make, unmake] = [
        () => this.newTunnel(after as TunnelRow),
        () => [this.deleteTunnel(after as TunnelRow)],
      ]
      return { item, request: make(), inverse: unmake, goes: false }
    }
    if (after === null) {
      const led = () => rules.map((prefix) => this.ruleRequest('add', command.ruleNew, prefix, before.id))
      const inverse = () => [this.newTunnel(before), ...led()]
      return { item, request: this.deleteTunnel(before), inverse, goes: true }
    }
    return { item, request: this.setTunnel(after), inverse: () => [this.setTunnel(before)], goes: false }
  }

  private newTunnel({ id, spec }: TunnelRow): Request {
    const what = `add the tunnel ${spec.name} of ${this.device}`
    return this.client.tunnelRequest(what, command.tunnelNew, { ...this.wishOf(spec, id), name: spec.name })
  }

  private setTunnel({ id, spec }: TunnelRow): Request {
    const forget = spec.remote === null ? { forgetRemote: true as const } : {}
    const what = `change the tunnel ${spec.name} of ${this.device}`
    return this.client.tunnelRequest(what, command.tunnelSet, { ...this.wishOf(spec, id), ...forget })
  }

  private deleteTunnel({ id, spec }: TunnelRow): Request {
    const what = `delete the tunnel ${spec.name} of ${this.device}`
    return this.client.tunnelRequest(what, command.tunnelDel, { ifindex: this.ifindex, id })
  }

  private wishOf(spec: TunnelSpec, id: number): TunnelAttributes {
    const remote =
      spec.remote === null ? {} : { remoteAddress: spec.remote.address, remotePort: spec.remote.port }
    return {
      ifindex: this.ifindex,
      id,
      localAddress: spec.local.address,
      localPort: spec.local.port,
      ...remote,
      underlay: this.ifindexes.get(spec.underlay ?? '') ?? 0,
      keepaliveInterval: spec.keepalive.intervalMs,
      deadTime: spec.keepalive.deadMs,
      ...(spec.key === undefined ? {} : { key: Buffer.from(spec.key, 'hex') }),
      // Said in any case: to the kernel an attribute that is left out means that it stays.
      onDead: spec.onDead ?? 'keep',
    }
  }

  // ---- rules

  private ruleStep({ item, prefix, tunnel, before }: RuleWrite): Step {
    const set = (id: number) => this.ruleRequest('change', command.ruleSet, prefix, id)
    return before === null
      ? {
          ...{ item, request: this.ruleRequest('add', command.ruleNew, prefix, tunnel), goes: false },
          inverse: () => [this.deleteRule(prefix)],
        }
      : { item, request: set(tunnel), inverse: () => [set(before)], goes: false }
  }

  private ruleRequest(verb: string, number: number, prefix: Prefix, tunnel?: number): Request {
    return this.client.ruleRequest(`${verb} the rule ${prefix} of ${this.device}`, number, {
      ifindex: this.ifindex,
      prefix: prefixAddress(prefix),
      prefixLen: prefixLength(prefix),
      ...(tunnel === undefined ? {} : { tunnel }),
    })
  }

  private deleteRule(prefix: Prefix): Request {
    return this.ruleRequest('delete', command.ruleDel, prefix)
  }

  // ---- common

  /** Sends the steps of what was admitted, and takes back what came after a refusal of the kernel. */
  private write(
    steps: readonly Step[],
    { done, error, stands }: Pick<Admitted<unknown>, 'done' | 'error' | 'stands'>,
  ): Written {
    const made: Step[] = []
    for (let next = 0; next < steps.length; ) {
      const outcomes = this.client.send(
        steps.slice(next).map(({ request }) => request),
        { until: 'last', stop: true },
      )
      const tried = outcomes.map((outcome, i) => ({ step: steps[next + i] as Step, refusal: outcome.error }))
      for (const { step, refusal } of tried) if (refusal === null) made.push(step)
      const failed = tried.find(
        ({ step, refusal }) => refusal !== null && !(step.goes && refusal.errno === 'ENOENT'),
      )
      if (failed !== undefined) {
        const standing = stands(failed.step.item)
        this.takeBack(made.filter(({ item }) => item >= standing))
        return { done: standing, error: failed.refusal }
      }
      next += outcomes.length
    }
    return { done, error }
  }

  private takeBack(steps: readonly Step[]): void {
    const requests = steps.toReversed().flatMap(({ inverse }) => inverse())
    if (requests.length > 0) this.client.send(requests, { until: 'last' })
  }
}
