// SPDX-License-Identifier: MIT
/**
 * Two namespaces with a fixed device of lvn.ko each and a tunnel between them, without the plane:
 *
 *     a eth0 ─── eth0 b          192.0.2.1, 192.0.2.2; lvn0 on both: 10.64.0.1, 10.64.0.2
 */
import { readFileSync } from 'node:fs'
import { command, encodeTunnel } from '../../native/kmod/generated.ts'
import { withNetns } from '../../native/netns.ts'
import type { Address } from '../../src/model/address.ts'
import { addLink, openFamily } from './lvn-link.ts'
import { connect, Netns } from './netns.ts'

export interface Pair {
  readonly a: Netns
  readonly b: Netns
  dispose(): void
}

export function makePair(): Pair {
  const [a, b] = [new Netns('a'), new Netns('b')]
  connect(
    { ns: a, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: b, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
  for (const [ns, mine, theirs] of [
    [a, 1, 2],
    [b, 2, 1],
  ] as const) {
    const ifindex = addLink(ns, 'lvn0', { mode: 'fixed' })
    const family = openFamily(ns)
    family.send(command.tunnelNew, (e) =>
      encodeTunnel(e, {
        ifindex,
        localAddress: `192.0.2.${mine}` as Address,
        localPort: 50_000,
        remoteAddress: `192.0.2.${theirs}` as Address,
        remotePort: 50_000,
      }),
    )
    family.close()
    ns.ip(`addr add 10.64.0.${mine}/24 dev lvn0`, 'link set lvn0 up')
  }
  return {
    a,
    b,
    dispose() {
      a.dispose()
      b.dispose()
    },
  }
}

/** Packets that an interface has received; -1 where there is none of that name. */
export function received(ns: Netns, dev: string): number {
  const table = withNetns(ns.path, () => readFileSync('/proc/thread-self/net/dev', 'utf8'))
  const row = table.split('\n').find((line) => line.trim().startsWith(`${dev}:`))
  return row === undefined ? -1 : Number(row.split(':')[1]?.trim().split(/\s+/)[1])
}
