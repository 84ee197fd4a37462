// SPDX-License-Identifier: MIT
/**
 * Adds tunnels and rules to a device and deletes them again, for each line of standard input one burst:
 * `node --import tsx churn.ts IFINDEX FIRST-ID ROUNDS`. Prints "ready", then "begun" and "done" for each burst.
 */
import { createInterface } from 'node:readline'
import { openClient } from '../../native/kmod/client.ts'
import { command } from '../../native/kmod/generated.ts'
import type { Address } from '../../src/model/address.ts'

const [ifindex, first, rounds] = process.argv.slice(2).map(Number) as [number, number, number]
const client = openClient()
if (client === null) throw new Error('the family lvn is not there')
const ids = Array.from({ length: 16 }, (_, i) => first + i)
const prefix = (id: number) => `172.16.${id % 256}.0` as Address

function round(): void {
  const requests = [
    ...ids.map((id) =>
      (client as NonNullable<typeof client>).tunnelRequest('add', command.tunnelNew, {
        ifindex,
        id,
        localAddress: '192.0.2.1' as Address,
        localPort: 50_000,
        remoteAddress: '192.0.2.3' as Address,
        remotePort: id,
      }),
    ),
    ...ids.map((id) =>
      (client as NonNullable<typeof client>).ruleRequest('add', command.ruleNew, {
        ifindex,
        prefix: prefix(id),
        prefixLen: 24,
        tunnel: id,
      }),
    ),
    ...ids.map((id) =>
      (client as NonNullable<typeof client>).tunnelRequest('delete', command.tunnelDel, { ifindex, id }),
    ),
  ]
  for (const { error } of client?.send(requests, { until: 'ack' }) ?? []) if (error !== null) throw error
}

createInterface({ input: process.stdin }).on('line', () => {
  round()
  process.stdout.write('begun\n', () => {
    for (let left = rounds; left > 0; left--) round()
    process.stdout.write('done\n')
  })
})
process.stdout.write('ready\n')
