// SPDX-License-Identifier: MIT
/**
 * Which socket of somebody else is bound to a local endpoint, in words; for the refusal of a plane.
 */
import { type Endpoint, formatEndpoint } from '../src/model/address.ts'
import { holderOf, socketsAt } from './host/udp-sockets.ts'

/**
 * A socket that takes packets from anybody; null: there is none but this process's own. A client that is connected to a
 * peer of its own takes nothing of a tunnel's.
 */
export function takenBySocket(local: Endpoint): string | null {
  for (const socket of socketsAt(local)) {
    const holder = holderOf(socket)
    if (holder?.pid === process.pid) continue
    const whose = holder === null ? '' : ` of process ${holder.pid} (${holder.name})`
    return `${takenBySomebody(local, whose)}, to ${formatEndpoint(socket.local)}`
  }
  return null
}

export function takenBySomebody(local: Endpoint, whose = ''): string {
  return `${formatEndpoint(local)}: another socket${whose} is bound to that port`
}
