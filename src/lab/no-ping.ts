// SPDX-License-Identifier: MIT
/**
 * That a ping is not answered. Silence proves something only where both ends are up and joined: the other way is
 * answered, others reach the one and are joined to the other, or it is said that the ping is prohibited. Only then
 * packets are sent, and really have to be.
 */
import { performance } from 'node:perf_hooks'
import { type Address, familyOf } from '../model/address.ts'
import { pathBetween } from '../model/hubs.ts'
import { append, least } from '../model/lists.ts'
import type { Overlay } from '../model/topology.ts'
import type { Flow } from './ends.ts'
import type { LabNode } from './layout.ts'
import { pingOnce } from './ping.ts'

const packets = 3
const waitMs = 1000
/** How long a proof that the ends are up is waited for. */
const proofMs = 5000
/** Witnesses that are asked at the same time. */
const witnessesAtOnce = 3

export interface Silence {
  readonly silent: boolean
  /** Why it counts, or why it does not. */
  readonly said: string
}

export async function silenceOf(overlay: Overlay, members: readonly LabNode[], flow: Flow): Promise<Silence> {
  const proof = await prove(overlay, members, flow)
  if ('lacking' in proof) return { silent: false, said: `${proof.lacking}, so silence proves nothing` }
  const { from, target } = flow
  const options = { source: from.source, waitMs }
  const sent = await Promise.all(
    Array.from({ length: packets }, () => pingOnce(from.namespace, target, options)),
  )
  const answered = sent.flatMap(({ ms }) => ms ?? [])
  if (answered.length > 0) {
    return { silent: false, said: `${target} answered in ${least(answered)} ms` }
  }
  const unsent = sent.find((each) => each.unsent !== null)
  return unsent === undefined
    ? { silent: true, said: proof.shown }
    : { silent: false, said: `the ping could not be sent to ${target}: ${unsent.unsent}` }
}

/** What shows that both ends are up; or what would have had to be seen. */
type Proof = { readonly shown: string } | { readonly lacking: string }

/** Asks everybody in turn, a few at a time, until the time is out. */
async function prove(overlay: Overlay, members: readonly LabNode[], flow: Flow): Promise<Proof> {
  const missing = await missingSource(flow)
  if (missing !== null) return { lacking: missing }
  const witnesses = witnessesOf(overlay, members, flow)
  const seen: Sight[] = []
  const deadline = performance.now() + proofMs
  for (let next = 0; ; next += witnessesAtOnce) {
    if (next >= witnesses.length) next = 0
    if (await answersBack(flow)) return { shown: 'the other way is answered' }
    const asked = witnesses.slice(next, next + witnessesAtOnce)
    append(seen, await Promise.all(asked.map((witness) => sightOf(witness, flow))))
    const proof = proofFrom(seen, flow)
    if ('shown' in proof) return proof
    const by = await prohibitedBy(flow)
    if (by !== null) return { shown: `${by} says that it is prohibited` }
    if (performance.now() >= deadline) return proof
  }
}

/** The ping has to come from where the file says; null: it can. */
async function missingSource({ from, target }: Flow): Promise<string | null> {
  const own = sameFamily(from.addresses, target)
  if (await answered(own.map((address) => pingOnce(from.namespace, address, { waitMs })))) return null
  return `${from.labNode.node.name} does not have ${own.join(' or ')} in this lab`
}

/** What a third node sees of the two ends. */
interface Sight {
  readonly name: string
  readonly reachesTarget: boolean
  /** One of the two is answered by the other. */
  readonly joinedToSource: boolean
}

async function sightOf({ namespace, node }: LabNode, { from, target }: Flow): Promise<Sight> {
  const there = sameFamily(from.addresses, target).map((address) => pingOnce(namespace, address, { waitMs }))
  const back = sameFamily(node.device.addresses, target).map((address) =>
    pingOnce(from.namespace, address, { source: from.source, waitMs }),
  )
  const [reachesTarget, joinedToSource] = await Promise.all([
    answered([pingOnce(namespace, target, { waitMs })]),
    answered([...there, ...back]),
  ])
  return { name: node.name, reachesTarget, joinedToSource }
}

/** One who sees both ends is the better proof; two who see one each will do. */
function proofFrom(seen: readonly Sight[], { from, target }: Flow): Proof {
  const source = from.labNode.node.name
  const both = seen.find(({ reachesTarget, joinedToSource }) => reachesTarget && joinedToSource)
  if (both !== undefined) return { shown: `${both.name} reaches both ends` }
  const reaches = seen.find(({ reachesTarget }) => reachesTarget)
  const joined = seen.find(({ joinedToSource }) => joinedToSource)
  if (reaches !== undefined && joined !== undefined)
    return {
      shown: `${reaches.name} reaches ${target}, and packets pass between ${source} and ${joined.name}`,
    }
  return {
    lacking: [
      ...(reaches === undefined ? [`nobody else reaches ${target}`] : []),
      ...(joined === undefined ? [`nobody else is joined to ${source}`] : []),
    ].join(' and '),
  }
}

/** Who on the way answers that such a ping is not allowed; null: nobody. */
async function prohibitedBy({ from, target }: Flow): Promise<string | null> {
  const { prohibitedBy: by } = await pingOnce(from.namespace, target, { source: from.source, waitMs })
  return by === null || from.labNode.node.device.addresses.some((own) => own === by) ? null : by
}

async function answersBack({ from, to, target }: Flow): Promise<boolean> {
  const back = sameFamily(from.addresses, target)
  return answered(back.map((address) => pingOnce(to.namespace, address, { source: target, waitMs })))
}

/** Those on the way first: what reaches both ends from there has passed every tunnel between them. */
function witnessesOf(overlay: Overlay, members: readonly LabNode[], { from, to, target }: Flow): LabNode[] {
  const ends = [from.labNode.node, to.labNode.node] as const
  const onTheWay = new Set(pathBetween(overlay, ...ends).map(({ name }) => name))
  const others = members.filter(
    ({ node }) =>
      ends.every(({ name }) => name !== node.name) && sameFamily(node.device.addresses, target).length > 0,
  )
  return [
    ...others.filter(({ node }) => onTheWay.has(node.name)),
    ...others.filter(({ node }) => !onTheWay.has(node.name)),
  ]
}

function sameFamily(addresses: readonly Address[], as: Address): Address[] {
  return addresses.filter((address) => familyOf(address) === familyOf(as))
}

async function answered(pings: readonly Promise<{ readonly ms: number | null }>[]): Promise<boolean> {
  return (await Promise.all(pings)).some(({ ms }) => ms !== null)
}
