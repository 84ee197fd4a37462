// SPDX-License-Identifier: MIT
/**
 * `expect no ping` in a lab: silence is what was expected only where something proves that both ends are there.
 *
 *     s1 ─── hub ─── s2
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LabNodeReport } from '../../src/lab/index.ts'
import { dropEchoRequests, shutting } from '../support/firewall.ts'
import { LabRun, sourceFile } from '../support/lab.ts'

const [s1, s2] = ['10.64.1.1', '10.64.2.1']
const source = `lvn 1
overlay quiet {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10; address 10.64.0.1 }
  spoke s1 { endpoint 203.0.113.1; address ${s1} }
  spoke s2 { endpoint 203.0.113.2; address ${s2} }
}
expect no ping s1 -> ${s2}
`

let file: ReturnType<typeof sourceFile>
let lab: LabRun
let nodes: readonly LabNodeReport[]
const namespaceOf = (name: string) => nodes.find(({ node }) => node === name)?.namespace as string

beforeAll(() => {
  file = sourceFile(source)
  lab = new LabRun(file.path, 'quiet')
  nodes = lab.up().nodes
})
afterAll(() => {
  lab?.down()
  file?.remove()
})

/** The outcome of the one expectation, by an exit code of `lvn lab test`. */
const silence = (status: number) => () =>
  lab.json<{ expects: unknown[] }>(status, 'lab', 'test', file.path, '--name', lab.name).expects

test('an answer is a failure', () => {
  expect(silence(1)()).toMatchObject([
    { outcome: 'failed', detail: expect.stringMatching(/^10\.64\.2\.1 answered in /) },
  ])
})

test('silence counts where the other way is answered', () => {
  expect(shutting(namespaceOf('gw'), [dropEchoRequests(s1, s2)], silence(0))).toMatchObject([
    { outcome: 'passed', detail: 'no answer, while the other way is answered' },
  ])
})

test('silence counts where another node reaches both ends', () => {
  const bothWays = [dropEchoRequests(s1, s2), dropEchoRequests(s2, s1)]
  // The way back is nowhere said to be shut.
  expect(shutting(namespaceOf('gw'), bothWays, silence(1))).toMatchObject([
    { outcome: 'passed', detail: 'no answer, while gw reaches both ends' },
  ])
})

test('silence proves nothing where the sender has another address than in the file', () => {
  const later = sourceFile(source.replace(s1, '10.64.9.1'))
  try {
    const { expects } = lab.json<{ expects: unknown[] }>(1, 'lab', 'test', later.path, '--name', lab.name)
    expect(expects).toMatchObject([
      { outcome: 'failed', detail: 's1 does not have 10.64.9.1 in this lab, so silence proves nothing' },
    ])
  } finally {
    later.remove()
  }
})

test('silence proves nothing where nobody reaches both ends', () => {
  expect(shutting(namespaceOf('s2'), ['ip protocol icmp drop'], silence(1), 'input')).toMatchObject([
    {
      outcome: 'failed',
      detail: 'nobody else reaches 10.64.2.1, so silence proves nothing',
    },
  ])
})
