// SPDX-License-Identifier: MIT
/**
 * The example workflow does what it says: the steps of its unprivileged job run as they are written, by nobody.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { lvnPath } from '../../support/cli.ts'
import { elementsOf, parseXml } from '../../support/xml.ts'

interface Step {
  readonly name?: string
  readonly run?: string
}

const root = new URL('../../../', import.meta.url).pathname
const workflow = parse(readFileSync(join(root, 'examples/ci/github-workflow.yml'), 'utf8'))
const steps = (workflow.jobs.check.steps as Step[]).filter(({ run }) => run?.includes('lvn ') === true)
const privileged = process.getuid?.() === 0

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lvn-workflow-'))
  for (const part of ['lvn.js', 'programs']) {
    cpSync(join(dirname(lvnPath), part), join(folder, '.lvn', part), { recursive: true })
  }
  mkdirSync(join(folder, 'bin'))
  symlinkSync(join(folder, '.lvn/lvn.js'), join(folder, 'bin/lvn'))
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  cpSync(join(root, 'examples/first.lvn'), join(folder, 'overlay.lvn'))
  chmodSync(folder, 0o755)
  if (privileged) chownSync(folder, 65534, 65534)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** As the runner does it. */
function run(script: string) {
  return spawnSync('bash', ['-eo', 'pipefail', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${dirname(process.execPath)}:${process.env.PATH}`,
      HOME: folder,
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
    },
    ...(privileged ? { uid: 65534, gid: 65534 } : {}),
  })
}

describe('the unprivileged job of the example workflow', () => {
  it('checks, lays out, plans and draws', () => {
    const all = steps.map((step) => step.run).join('\n')
    for (const command of ['check', 'fmt', 'plan', 'graph']) expect(all).toContain(`lvn ${command} `)
  })

  it.for(steps.map(({ name = '', run: script = '' }) => ({ name, script })))('$name', ({ script }) => {
    const ran = run(script)
    expect([ran.status, ran.stderr.replace(/^written: .*\n/, '')]).toEqual([0, ''])
  })

  it('leaves a picture, a summary and findings', () => {
    const read = (name: string) => readFileSync(join(folder, name), 'utf8')
    expect(elementsOf(parseXml(read('overlay.svg'))).length).toBeGreaterThan(10)
    expect(read('summary.md')).toMatch(/^```mermaid\nflowchart LR\n[\s\S]*\n```\n$/)
    expect(JSON.parse(read('overlay.sarif')).version).toBe('2.1.0')
  })
})
