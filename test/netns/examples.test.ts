// SPDX-License-Identifier: MIT
/**
 * Every file in examples/ is brought up in a lab, node by node, and taken away again.
 *
 *     underlay ─┬─ hub
 *               ├─ spoke
 *               └─ spoke ── a host in the subnet behind it
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { LabRun, lvn } from '../support/lab.ts'

const folder = fileURLToPath(new URL('../../examples/', import.meta.url))
const examples = readdirSync(folder).filter((name) => name.endsWith('.lvn'))

describe.each(examples)('examples/%s', (example) => {
  const lab = new LabRun(join(folder, example), example.replace(/\W/g, '_'))
  afterEach(() => lab.down())

  test('comes up, every node reaches every other, a second plan is empty, nothing stays behind', () => {
    const report = lab.up()
    expect(report.nodes.map(({ exitCode, error, pending }) => ({ exitCode, error, pending }))).toEqual(
      report.nodes.map(() => ({ exitCode: 0, error: null, pending: [] })),
    )
    const pings = lab.test()
    expect(pings.filter((ping) => !ping.ok)).toEqual([])
    expect(new Set(pings.map(({ overlay, from }) => `${overlay}/${from}`)).size).toBe(report.nodes.length)
    for (const { overlay, node, namespace } of report.nodes) {
      const plan = lvn('--netns', namespace, 'plan', lab.file, '--node', `${overlay}/${node}`)
      expect(plan.status, plan.stdout + plan.stderr).toBe(0)
    }
    expect(lab.down().removed).toContain(report.underlay)
    expect(lab.namespaces()).toEqual([])
  })
})
