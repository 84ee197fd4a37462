// SPDX-License-Identifier: MIT
/**
 * The built command on sources: start, check, plan and format; small and large, written out and by `for`.
 *
 *     npx tsx bench/language.ts [--runs 7] [--only TEXT] [--lvn dist/lvn.js] [--json]
 *
 * Of whole processes: CPU seconds (user and system), seconds by the clock, peak memory. The cases take turns, so that
 * what else the machine does meets all of them alike. The median is the figure to quote, of a machine that does
 * nothing else; the least is the one to compare with where it does. Each plan is made against a node with nothing on
 * it: no kernel is asked, no privilege is needed.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    only: { type: 'string', default: '' },
    lvn: { type: 'string', default: fileURLToPath(new URL('../dist/lvn.js', import.meta.url)) },
    json: { type: 'boolean', default: false },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'lvn-bench-'))

/** An overlay with every spoke written out. */
function writtenOut(spokes: number): string {
  const lines = Array.from({ length: spokes }, (_, i) => {
    const host = `${(i >> 8) & 255}.${i & 255}`
    return `  spoke s${i} { endpoint 198.18.${host}; address 10.1.${host} }`
  })
  return overlay(lines.join('\n'))
}

/** The same overlay by `for`. */
function generated(spokes: number): string {
  const endpoint = 'host(198.18.0.0/16, i)'
  const address = 'host(10.1.0.0/16, i)'
  return overlay(`  for i in 0..${spokes - 1} { spoke "s{i}" { endpoint ${endpoint}; address ${address} } }`)
}

/** As the reference shows it: a template, a subnet for each spoke, an assertion. */
function fromTemplate(spokes: number): string {
  return `lvn 1
let pool = 10.0.0.0/8
template ap(lan) { endpoint nat; address host(lan, 1); routes lan }
overlay big {
  net pool
  hub gw { listen 192.0.2.1; address host(pool, 1) }
  for i in 1..${spokes} { spoke "ap{i:05}" from ap(subnet(pool, /24, i)) }
  assert count(spokes) == ${spokes}
}
`
}

function overlay(spokes: string): string {
  return `lvn 1
overlay big {
  net 10.0.0.0/8
  hub gw { listen 192.0.2.1; address 10.0.0.1 }
${spokes}
}
`
}

function file(name: string, text: string): string {
  const path = join(folder, `${name}.lvn`)
  writeFileSync(path, text)
  return path
}

const [small, large] = [200, 10_000]
const plan = (path: string, node = 'gw') => ['plan', path, '--against', 'none', '--node', node]

/** What is run, by its name. */
function cases(): Record<string, string[]> {
  const out = file('written-out', writtenOut(large))
  const loop = file('for', generated(large))
  const template = file('template', fromTemplate(large))
  return {
    'lvn --version': ['--version'],
    'lvn check, 200 spokes': ['check', file('small', writtenOut(small))],
    'lvn check, 10,000 spokes': ['check', out],
    'lvn check, 10,000 by `for`': ['check', loop],
    'lvn plan, 10,000 spokes': plan(out),
    'lvn plan, 10,000 by `for`': plan(loop),
    'lvn plan, 10,000 from a template': plan(template),
    'lvn plan, one spoke of 10,000': plan(out, 's5000'),
    'lvn fmt --check, 10,000 spokes': ['fmt', '--check', out],
  }
}

interface Run {
  readonly cpuS: number
  readonly wallS: number
  readonly peakMb: number
}

/** A plan with changes exits 2. */
function run(args: readonly string[]): Run {
  const report = join(folder, 'time')
  const command = ['-f', '%U %S %e %M', '-o', report, process.execPath, values.lvn, ...args]
  const ran = spawnSync('/usr/bin/time', command)
  if (ran.status !== 0 && !(args[0] === 'plan' && ran.status === 2))
    throw new Error(`lvn ${args.join(' ')} exited ${ran.status}\n${ran.stderr}`)
  // GNU time says before its figures that a command exited with another status than 0.
  const figures = readFileSync(report, 'utf8').trim().split('\n').at(-1) as string
  const [user, system, wallS, kilobytes] = figures.split(' ').map(Number) as [number, number, number, number]
  return { cpuS: user + system, wallS, peakMb: kilobytes / 1024 }
}

/** Median and least of one quantity. */
function spread(runs: readonly Run[], of: keyof Run): { median: number; least: number } {
  const sorted = runs.map((each) => each[of]).sort((a, b) => a - b)
  return { median: sorted[sorted.length >> 1] as number, least: sorted[0] as number }
}

try {
  const wanted = Object.entries(cases()).filter(([name]) => name.includes(values.only))
  const runs = new Map<string, Run[]>(wanted.map(([name]) => [name, []]))
  for (let i = 0; i < Number(values.runs); i++) {
    for (const [name, args] of wanted) runs.get(name)?.push(run(args))
  }
  const report = [...runs].map(([name, all]) => ({
    ...{ name, cpuS: spread(all, 'cpuS'), wallS: spread(all, 'wallS'), peakMb: spread(all, 'peakMb') },
  }))
  if (values.json) console.log(JSON.stringify(report, null, 2))
  else {
    console.log(`${'median (least)'.padEnd(36)} ${'CPU'.padEnd(16)} ${'wall'.padEnd(16)} peak`)
    const seconds = ({ median, least }: { median: number; least: number }) =>
      `${median.toFixed(2)} s (${least.toFixed(2)})`.padEnd(16)
    for (const { name, cpuS, wallS, peakMb } of report)
      console.log(`${name.padEnd(36)} ${seconds(cpuS)} ${seconds(wallS)} ${peakMb.median.toFixed(0)} MB`)
  }
} finally {
  rmSync(folder, { recursive: true })
}
