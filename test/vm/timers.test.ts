// SPDX-License-Identifier: MIT
/**
 * More keepalives than a machine can send: whoever has a user namespace of his own may ask for them.
 *
 *     hub eth0 ─── eth0 peer         192.0.2.1, 192.0.2.2; lvn0 multi on the hub, the peer answers nobody
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type KmodClient, openClient } from '../../native/kmod/client.ts'
import { command } from '../../native/kmod/generated.ts'
import { withNetns } from '../../native/netns.ts'
import type { Address } from '../../src/model/address.ts'
import { addLink } from '../support/lvn-link.ts'
import { received } from '../support/lvn-pair.ts'
import { connect, Netns, until } from '../support/netns.ts'

const count = 5_000

let hub: Netns
let peer: Netns
let client: KmodClient

beforeEach(() => {
  hub = new Netns('hub')
  peer = new Netns('peer')
  connect(
    { ns: hub, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: peer, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
  client = withNetns(hub.path, openClient) as KmodClient
})

afterEach(() => {
  client.close()
  for (const ns of [hub, peer]) ns.dispose()
})

test('thousands of timers that are always due leave the machine its time', async () => {
  const ifindex = addLink(hub, 'lvn0', { mode: 'multi', capacity: count })
  const add = (id: number) =>
    client.tunnelRequest('add', command.tunnelNew, {
      ifindex,
      id,
      localAddress: '192.0.2.1' as Address,
      localPort: 50_000,
      remoteAddress: '192.0.2.2' as Address,
      remotePort: id,
      keepaliveInterval: 1,
    })
  const requests = Array.from({ length: count }, (_, i) => add(i + 1))
  for (const { error } of client.send(requests, { until: 'last' })) expect(error).toBeNull()
  const start = received(peer, 'eth0')
  await until('keepalives are sent', () => received(peer, 'eth0') >= start + count)
  expect(client.tunnels(ifindex)).toHaveLength(count)
})
