// SPDX-License-Identifier: MIT
/**
 * Carries out operations on addresses, routes, rules of routing, sysctls and filters, in order.
 *
 * Neighbouring additions, changes or deletions of addresses, routes and rules go to the kernel many in a datagram, and it
 * works through a whole datagram whatever it refuses in between. What it still did after the first refusal is
 * taken back at once, so that the caller's view holds: after a failed operation nothing was tried. Only if that
 * fails too is such an operation reported as `done`. Additions, changes and deletions never share a datagram: nothing
 * old is lost for a moment because something new was refused.
 *
 * What is put in carries our protocol mark, and only what carries it is taken out: after a `delete` no such
 * object of ours is there. One that was not there to begin with, or is foreign, is left as it is.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import { bitsOf, familyOf } from '../../src/model/address.ts'
import {
  type HostOperation,
  type OnProgress,
  type OperationResult,
  ownedProtocol,
} from '../../src/model/kernel.ts'
import { mainTable } from '../../src/model/own-tables.ts'
import type { AddressSpec, IpRuleSpec, RouteSpec } from '../../src/model/state.ts'
import { interfaceOf } from '../../src/model/sysctl-path.ts'
import { isErrno, systemFailure } from '../errors.ts'
import { addAddress, deleteAddress } from '../netlink/address.ts'
import { addIpRule, deleteIpRule } from '../netlink/ip-rule.ts'
import { addRoute, deleteRoute, type RouteChange, RTN, replaceRoute } from '../netlink/route.ts'
import type { Rtnetlink } from '../netlink/rtnetlink.ts'
import type { Outcome, Request } from '../netlink/socket.ts'
import { applyFilter } from './filter/index.ts'
import { liveLink, noInterface } from './links.ts'
import { writeSysctl } from './proc-sys.ts'
import { readAddresses } from './snapshot.ts'

type SingleOperation = Extract<HostOperation, { kind: 'sysctl' | 'filter' }>
type SysctlOperation = Extract<HostOperation, { kind: 'sysctl' }>
type NetlinkOperation = Exclude<HostOperation, SingleOperation>
type RouteOperation = Extract<HostOperation, { kind: 'route' }>

/** A request to send, or a result that needs none. */
type Step = Sendable | OperationResult
interface Sendable {
  readonly request: Request
  /** Errnos that are no failure of it: there was nothing to do. */
  readonly harmless: readonly string[]
  readonly inverse: Request
}

const done: OperationResult = { status: 'done' }
/** Done as well, but the kernel did not change: there is nothing to take back. */
const unchanged: OperationResult = { status: 'done' }
const notTried: OperationResult = { status: 'not-tried' }

/** Indexes of the interfaces, by the names that they had when the plan was made; empty: not known. */
export type Seen = ReadonlyMap<string, number>

export function applyOperations(
  rtnetlink: Rtnetlink,
  operations: readonly HostOperation[],
  onProgress?: OnProgress,
  seen: Seen = new Map(),
): readonly OperationResult[] {
  const results: OperationResult[] = []
  while (results.length < operations.length && !results.some(isFailed)) {
    const offset = results.length
    const first = operations[offset] as HostOperation
    if (isSingle(first)) {
      results.push(carryOutOne(rtnetlink, first, seen))
      onProgress?.(results.length)
    } else {
      const run = netlinkRun(operations, offset)
      const answers = overNetlink(rtnetlink, run, (answered) => onProgress?.(offset + answered))
      for (const answer of answers) results.push(answer)
    }
  }
  return [...results, ...operations.slice(results.length).map(() => notTried)]
}

function isSingle(operation: HostOperation): operation is SingleOperation {
  return operation.kind === 'sysctl' || operation.kind === 'filter'
}

/** From `start` up to the next that goes alone or the next change between additions, changes and deletions. */
function netlinkRun(operations: readonly HostOperation[], start: number): readonly NetlinkOperation[] {
  const op = operations[start]?.op
  const end = operations.findIndex(
    (operation, i) => i >= start && (operation.op !== op || isSingle(operation)),
  )
  return operations.slice(start, end < 0 ? undefined : end) as readonly NetlinkOperation[]
}

function carryOutOne(rtnetlink: Rtnetlink, operation: SingleOperation, seen: Seen): OperationResult {
  try {
    if (operation.kind === 'filter') applyFilter(operation)
    else writeUnlessGone(rtnetlink, operation, seen)
    return done
  } catch (error) {
    return failed(error)
  }
}

/**
 * An interface that has gone since the plan was made has taken its values along: nothing is left to write. One that was
 * only renamed has them still.
 */
function writeUnlessGone(rtnetlink: Rtnetlink, { path, value }: SysctlOperation, seen: Seen): void {
  try {
    writeSysctl(path, value)
  } catch (error) {
    const on = interfaceOf(path)
    if (on === undefined || !isErrno(error, 'ENOENT')) throw error
    const links = rtnetlink.links()
    if (links.some(({ name }) => name === on)) throw error
    const renamed = links.find(({ ifindex }) => ifindex === seen.get(on))
    if (renamed !== undefined) {
      const reason = `the interface ${on} is not there: it is named ${renamed.name} by now`
      throw new LvnError('LVN5004', ExitCode.rolledBack, reason, { cause: error, hint: 'plan again' })
    }
  }
}

/** Results of the operations tried, in order; fewer than operations after a failure. */
function overNetlink(
  rtnetlink: Rtnetlink,
  operations: readonly NetlinkOperation[],
  onProgress: OnProgress,
): readonly OperationResult[] {
  try {
    const steps = prepare(rtnetlink, operations)
    const requests = steps.flatMap((step) => ('request' in step ? [step.request] : []))
    const outcomes = rtnetlink.batch(requests, { until: 'ack', stop: true, onProgress })
    return takeBackAfterFailure(rtnetlink, steps, resultsOf(steps, outcomes))
  } catch (error) {
    return [failed(error)]
  }
}

/** Ends early where the outcomes do. */
function resultsOf(steps: readonly Step[], outcomes: readonly Outcome[]): readonly OperationResult[] {
  const results: OperationResult[] = []
  let next = 0
  for (const step of steps) {
    if ('request' in step) {
      const outcome = outcomes[next++]
      if (outcome === undefined) break
      const { error } = outcome
      results.push(
        error === null || step.harmless.includes(error.errno)
          ? error === null
            ? done
            : unchanged
          : failed(error),
      )
    } else results.push(step)
  }
  return results
}

function takeBackAfterFailure(
  rtnetlink: Rtnetlink,
  steps: readonly Step[],
  results: readonly OperationResult[],
): readonly OperationResult[] {
  const failure = results.findIndex(isFailed)
  if (failure < 0) return results
  // Newest first, as everything that is taken back.
  const tail = [...results.keys()].filter((i) => i > failure && results[i] === done).reverse()
  const inverses = tail.map((i) => (steps[i] as Sendable).inverse)
  const outcomes = rtnetlink.batch(inverses, { until: 'ack' })
  const stuck = new Set(tail.filter((_, i) => outcomes[i]?.error !== null))
  return results
    .slice(0, failure + 1)
    .concat(results.slice(failure + 1).map((_, i) => (stuck.has(failure + 1 + i) ? done : notTried)))
}

/** A step for each operation, up to and with the first that cannot be sent at all. */
function prepare(rtnetlink: Rtnetlink, operations: readonly NetlinkOperation[]): readonly Step[] {
  const scene = readScene(rtnetlink, operations)
  const steps: Step[] = []
  for (const operation of operations) {
    const step = stepOf(operation, scene)
    steps.push(step)
    if ('status' in step && isFailed(step)) break
  }
  return steps
}

function stepOf(operation: NetlinkOperation, scene: Scene): Step {
  switch (operation.kind) {
    case 'address':
      return addressStep(operation, scene)
    case 'route':
      return routeStep(operation, scene)
    case 'ip-rule':
      return ipRuleStep(operation)
  }
}

interface Scene {
  readonly indexes: ReadonlyMap<string, number>
  /** Our addresses, as `DEVICE ADDRESS`; read only where some are to be deleted. */
  readonly owned: ReadonlySet<string>
}

function readScene(rtnetlink: Rtnetlink, operations: readonly NetlinkOperation[]): Scene {
  const links = rtnetlink.links().map(liveLink)
  const deletes = operations.some(({ op, kind }) => op === 'delete' && kind === 'address')
  const names = new Map(links.map(({ ifindex, name }) => [ifindex, name]))
  const addresses = deletes ? readAddresses(rtnetlink, names) : []
  return {
    indexes: new Map(links.map(({ ifindex, name }) => [name, ifindex])),
    owned: new Set(addresses.filter(({ owned }) => owned).map(addressKey)),
  }
}

function addressKey({ device, address }: AddressSpec): string {
  return `${device} ${address}`
}

function addressStep({ op, spec }: { op: 'add' | 'delete'; spec: AddressSpec }, scene: Scene): Step {
  const { device, address } = spec
  const ifindex = scene.indexes.get(device)
  // The kernel does not compare the protocol of an address that it deletes.
  if (op === 'delete' && (ifindex === undefined || !scene.owned.has(addressKey(spec)))) return unchanged
  if (ifindex === undefined) return failed(noInterface(device))
  const prefixLength = bitsOf(familyOf(address))
  const marked = { ifindex, address, prefixLength, protocol: ownedProtocol, noPrefixRoute: true }
  const [add, remove] = [addAddress(marked, device), deleteAddress(marked, device)]
  if (op === 'add') return { request: add, harmless: [], inverse: remove }
  return { request: remove, harmless: ['EADDRNOTAVAIL', 'ENODEV'], inverse: add }
}

function routeStep(operation: RouteOperation, scene: Scene): Step {
  const { op, spec } = operation
  const route = routeChange(spec, scene)
  if (route === null) return op === 'delete' ? unchanged : failed(noInterface(spec.device as string))
  const [add, remove] = [addRoute(route), deleteRoute(route)]
  if (operation.op === 'set') {
    const before = routeChange(operation.before, scene)
    const inverse = before === null ? remove : replaceRoute(before)
    return { request: replaceRoute(route), harmless: [], inverse }
  }
  if (op === 'add') return { request: add, harmless: [], inverse: remove }
  return { request: remove, harmless: ['ESRCH', 'ENODEV'], inverse: add }
}

/** Null: its interface is not there. */
function routeChange(
  { device, type, table = mainTable, gateway, ...route }: RouteSpec,
  scene: Scene,
): RouteChange | null {
  const ifindex = device === null ? null : scene.indexes.get(device)
  if (ifindex === undefined) return null
  return {
    ...route,
    ...{ protocol: ownedProtocol, table, type: RTN[type], ifindex },
    ...{ gateway: gateway ?? null, onlink: gateway !== undefined },
  }
}

function ipRuleStep({ op, spec }: { op: 'add' | 'delete'; spec: IpRuleSpec }): Step {
  const rule = { ...spec, protocol: ownedProtocol }
  const [add, remove] = [addIpRule(rule), deleteIpRule(rule)]
  if (op === 'add') return { request: add, harmless: [], inverse: remove }
  return { request: remove, harmless: ['ENOENT'], inverse: add }
}

function failed(error: unknown): OperationResult {
  return { status: 'failed', error: systemFailure('change the network', error) }
}

function isFailed(result: OperationResult): boolean {
  return result.status === 'failed'
}
