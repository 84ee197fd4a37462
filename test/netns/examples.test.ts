// SPDX-License-Identifier: MIT
/**
 * Every file in examples/ whose endpoints are all given is brought up in a lab, node by node, meets what it expects,
 * and is taken away again. The others are checked, and planned for every hub on a host that has nothing yet: their
 * spokes have to sign on first.
 *
 *     underlay ─┬─ hub
 *               ├─ spoke
 *               └─ spoke ── a host in the subnet behind it
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Source } from '../../src/diag/source.ts'
import type { Overlay } from '../../src/model/topology.ts'
import { compile } from '../../src/shell/cli/compile.ts'
import { Host } from '../support/host.ts'
import { LabRun, lvn } from '../support/lab.ts'

const folder = fileURLToPath(new URL('../../examples/', import.meta.url))
const examples = readdirSync(folder).filter((name) => name.endsWith('.lvn'))

function overlaysOf(example: string): readonly Overlay[] {
  const path = join(folder, example)
  return compile(new Source(path, readFileSync(path, 'utf8'))).topology.overlays
}

function comesUp(example: string): boolean {
  return overlaysOf(example).every(({ spokes }) => spokes.every(({ endpoint }) => endpoint?.kind !== 'nat'))
}

describe.each(examples.filter((example) => !comesUp(example)))('examples/%s', (example) => {
  let host: Host
  beforeEach(() => {
    host = new Host('examples')
  })
  afterEach(() => host.dispose())

  test('is valid and has a plan for each of its hubs', () => {
    const file = join(folder, example)
    expect(lvn('check', file)).toMatchObject({ status: 0, stderr: '' })
    for (const { name, hubs } of overlaysOf(example)) {
      for (const hub of hubs) host.expectLvn(2, 'plan', file, '--node', `${name}/${hub.name}`)
    }
  })
})

describe.each(examples.filter(comesUp))('examples/%s', (example) => {
  const lab = new LabRun(join(folder, example), example.replace(/\W/g, '_'))
  afterEach(() => lab.down())

  test('comes up, every node reaches every other, a second plan is empty, nothing stays behind', () => {
    const report = lab.up()
    expect(report.nodes.map(({ exitCode, error, pending }) => ({ exitCode, error, pending }))).toEqual(
      report.nodes.map(() => ({ exitCode: 0, error: null, pending: [] })),
    )
    const pings = lab.test()
    expect(pings.filter((ping) => !ping.ok && !ping.denied)).toEqual([])
    expect(new Set(pings.map(({ overlay, from }) => `${overlay}/${from}`)).size).toBe(report.nodes.length)
    for (const { overlay, node, namespace } of report.nodes) {
      const plan = lvn('--netns', namespace, 'plan', lab.file, '--node', `${overlay}/${node}`)
      expect(plan.status, plan.stdout + plan.stderr).toBe(0)
    }
    expect(lab.down().removed).toContain(report.underlay)
    expect(lab.namespaces()).toEqual([])
  })
})
