// SPDX-License-Identifier: MIT
/**
 * A whole example on the module: brought up in a lab by the command, tried out, taken away. It takes two minutes on the
 * slower of two machines that run side by side, so the quicker one does it. The other examples come up there, too,
 * which takes minutes: `scripts/vm/test.mjs -- test/netns/examples`.
 */
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { LabRun } from '../support/lab.ts'

const lab = new LabRun(fileURLToPath(new URL('../../examples/dual-stack.lvn', import.meta.url)), 'kmod')

afterAll(() => lab.down())

test('an example comes up on kmod, and every node reaches every other', ({ skip }) => {
  skip(process.env.LVN_VM === '6.1', 'what the command does on the module is tried out on Linux 6.12')
  const { nodes } = lab.up('--plane', 'kmod')
  expect(nodes.map(({ node, exitCode, error }) => ({ node, exitCode, error }))).toEqual(
    ['core', 'north', 'south'].map((node) => ({ node, exitCode: 0, error: null })),
  )
  const pings = lab.test()
  expect(pings.filter(({ ok }) => !ok)).toEqual([])
  // Three nodes to two others each, and two subnets from two nodes each; all of it in both families.
  expect(pings).toHaveLength((3 * 2 + 2 * 2) * 2)
  lab.down()
  expect(lab.namespaces()).toEqual([])
})
