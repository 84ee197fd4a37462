// SPDX-License-Identifier: MIT
/**
 * A hub behind a NAT that says so: spokes reach it at the address of the NAT, it has another one and another port.
 *
 *                                        ┌── a  203.0.113.7
 *   gw 10.0.0.5 ── NAT 198.51.100.10 ── router
 *                                        └── b  behind a NAT of its own that forwards a port
 */
import { afterAll, expect, test } from 'vitest'
import { LabRun, sourceFile } from '../support/lab.ts'

const file = sourceFile(`lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10:443 at 10.0.0.5:50001; address 10.64.0.1 }
  spoke a { endpoint 203.0.113.7; address 10.64.1.1 }
  spoke b { endpoint 203.0.113.8:50007; port 50000; address 10.64.2.1 }
}
`)
const lab = new LabRun(file.path, 'nat_hub')

afterAll(() => {
  lab.down()
  file.remove()
})

test('a hub behind a NAT listens at its own address, and all nodes reach each other', () => {
  const { nodes, nats } = lab.up()
  expect(nodes.map(({ node, exitCode, error }) => ({ node, exitCode, error }))).toEqual(
    ['gw', 'a', 'b'].map((node) => ({ node, exitCode: 0, error: null })),
  )
  expect(nats).toHaveLength(2)
  expect(lab.test().filter(({ ok }) => !ok)).toEqual([])
})
