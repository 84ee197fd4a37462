// SPDX-License-Identifier: MIT
/**
 * That a ping is not answered. Silence proves something only where both ends are up and joined: first the other way
 * must be answered, or a third node must reach both ends. Only then packets are sent, and really have to be.
 */
import { performance } from 'node:perf_hooks'
import { type Address, familyOf } from '../model/address.ts'
import { pathBetween } from '../model/hubs.ts'
import type { Overlay } from '../model/topology.ts'
import type { Flow } from './ends.ts'
import type { LabNode } from './layout.ts'
import { pingOnce } from './ping.ts'

const packets = 3
const waitMs = 1000
/** How long a proof that the ends are up is waited for. */
const proofMs = 5000
/** More witnesses than this tell nothing new. */
const mostWitnesses = 6

export interface Silence {
  readonly silent: boolean
  /** Why it counts, or why it does not. */
  readonly said: string
}

export async function silenceOf(overlay: Overlay, members: readonly LabNode[], flow: Flow): Promise<Silence> {
  const proof = await prove(overlay, members, flow)
  if (proof === undefined) {
    const said = `nothing else reaches ${flow.target} or comes from ${flow.from.labNode.node.name}, so silence proves nothing`
    return { silent: false, said }
  }
  const { from, target } = flow
  const options = { source: from.source, waitMs }
  const sent = await Promise.all(
    Array.from({ length: packets }, () => pingOnce(from.namespace, target, options)),
  )
  const answered = sent.flatMap(({ ms }) => ms ?? [])
  if (answered.length > 0) {
    return { silent: false, said: `${target} answered in ${Math.min(...answered)} ms` }
  }
  const unsent = sent.find((each) => each.unsent !== null)
  return unsent === undefined
    ? { silent: true, said: proof }
    : { silent: false, said: `the ping could not be sent to ${target}: ${unsent.unsent}` }
}

/** What shows that both ends are up; undefined: nothing does. */
async function prove(overlay: Overlay, members: readonly LabNode[], flow: Flow): Promise<string | undefined> {
  const witnesses = witnessesOf(overlay, members, flow).slice(0, mostWitnesses)
  const deadline = performance.now() + proofMs
  do {
    if (await answersBack(flow)) return 'the other way is answered'
    for (const witness of witnesses) {
      if (await seesBoth(witness, flow)) return `${witness.node.name} reaches both ends`
    }
  } while (performance.now() < deadline)
  return undefined
}

async function answersBack({ from, to, target }: Flow): Promise<boolean> {
  const back = sameFamily(from.addresses, target)
  return answered(back.map((address) => pingOnce(to.namespace, address, { source: target, waitMs })))
}

async function seesBoth({ namespace, node }: LabNode, { from, target }: Flow): Promise<boolean> {
  const { ms } = await pingOnce(namespace, target, { waitMs })
  if (ms === null) return false
  const there = sameFamily(from.addresses, target).map((address) => pingOnce(namespace, address, { waitMs }))
  const back = sameFamily(node.device.addresses, target).map((address) =>
    pingOnce(from.namespace, address, { source: from.source, waitMs }),
  )
  return answered([...there, ...back])
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
