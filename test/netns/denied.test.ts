// SPDX-License-Identifier: MIT
/**
 * `expect no ping` in a lab that denies nearly everything: no third node sees both ends.
 *
 *     a ──┐
 *     b ─ hub        a may open flows to b, c to the hub, and nobody else to anybody
 *     c ──┘
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LabRun, sourceFile } from '../support/lab.ts'

const source = `lvn 1
overlay strict {
  net 10.70.0.0/16, fd70::/48
  hub gw { listen 198.51.100.10; address 10.70.0.1, fd70::1 }
  spoke a { endpoint 203.0.113.1; address 10.70.0.2, fd70::2 }
  spoke b { endpoint 203.0.113.2; address 10.70.0.3, fd70::3 }
  spoke c { endpoint 203.0.113.3; address 10.70.0.4, fd70::4 }
  deny any -> any
  allow a -> b
  allow c -> gw
}
expect no ping a -> gw
expect no ping b -> c
`

let file: ReturnType<typeof sourceFile>
let lab: LabRun

beforeAll(() => {
  file = sourceFile(source)
  lab = new LabRun(file.path, 'strict')
  lab.up()
})
afterAll(() => {
  lab?.down()
  file?.remove()
})

test('silence counts where one node reaches one end and another is joined to the other, or where it is said to be prohibited', () => {
  const { expects } = lab.json<{ expects: unknown[] }>(0, 'lab', 'test', file.path, '--name', lab.name)
  expect(expects).toMatchObject([
    {
      outcome: 'passed',
      detail: expect.stringMatching(/^no answer, while c reaches \S+, and packets pass between a and b$/),
    },
    {
      // Nobody may reach c.
      outcome: 'passed',
      detail: expect.stringMatching(/^no answer, while (10\.70\.0\.1|fd70::1) says that it is prohibited$/),
    },
  ])
})
