// SPDX-License-Identifier: MIT
/**
 * The package's example of a network, run by its own name in a network namespace.
 *
 *     hub eth0 192.0.2.1 ─── eth0 192.0.2.2 peer
 */
import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Examples } from '../support/library-examples.ts'
import { connect, Netns } from '../support/netns.ts'
import { planeKinds } from '../support/planes.ts'

let hub: Netns
let peer: Netns
beforeEach(() => {
  hub = new Netns('hub')
  peer = new Netns('peer')
  connect(
    { ns: hub, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: peer, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
})
afterEach(() => {
  hub.dispose()
  peer.dispose()
})

test.each(planeKinds.map(([name]) => name.replace(/-.*/, '')))('makes and deletes by hand on %s', (plane) => {
  const before = hub.run('ip', '-d', 'link')
  const examples = new Examples((text) =>
    text.replace("netns: 'hub'", `netns: '${hub.name}', plane: '${plane}'`),
  )
  try {
    const ran = examples.files
      .filter((file) => examples.needsKernel(file))
      .map((file) =>
        spawnSync(process.execPath, ['--import', 'tsx', file], { cwd: examples.folder, encoding: 'utf8' }),
      )
    expect(ran.map(({ status, stdout, stderr }) => [status, stdout, stderr])).toEqual([
      [0, '1 eth0 0\nberlin 50001\n', ''],
    ])
  } finally {
    examples.dispose()
  }
  expect(hub.run('ip', '-d', 'link')).toBe(before)
})
