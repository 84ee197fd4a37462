// SPDX-License-Identifier: MIT
/**
 * Host names of the underlay where no name server answers.
 *
 *     host eth0 192.0.2.1, 2001:db8::1 ─── eth0 192.0.2.2, 2001:db8::2 sink: forwards nothing, and says so to nobody
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withNetns } from '../../native/netns.ts'
import { nameResolver } from '../../src/shell/cli/resolve-name.ts'
import { connect, Netns } from '../support/netns.ts'

let host: Netns
let sink: Netns

beforeEach(() => {
  host = new Netns('host')
  sink = new Netns('sink')
  connect(
    { ns: host, dev: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
    { ns: sink, dev: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
  )
  host.ip('route add default via 192.0.2.2', 'route add default via 2001:db8::2')
})

afterEach(() => {
  for (const ns of [host, sink]) ns.dispose()
})

test('names that nobody answers for take no other with them', async () => {
  const resolveName = nameResolver(3000, (work) => withNetns(host.path, work))
  const silent = Array.from({ length: 5 }, (_, i) => `nobody${i}.invalid`)
  const answers = await Promise.all([...silent, 'localhost'].map((name) => resolveName(name)))
  expect(answers.map((addresses) => addresses.length > 0)).toEqual([...silent.map(() => false), true])
})
