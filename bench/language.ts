// SPDX-License-Identifier: MIT
/**
 * CPU seconds of the built command on sources: start, check, plan and format, small and large.
 *
 *     npx tsx bench/language.ts [--runs 5] [--json]
 *
 * Each figure is the median of whole processes; kernel and user time together.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
})
const lvn = fileURLToPath(new URL('../dist/lvn.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lvn-bench-'))

/** An overlay with every spoke written out. */
function source(spokes: number): string {
  const lines = [
    'lvn 1',
    'overlay big {',
    '  net 10.0.0.0/8',
    '  hub gw { listen 192.0.2.1; address 10.0.0.1 }',
  ]
  for (let i = 0; i < spokes; i++) {
    const host = `${(i >> 8) & 255}.${i & 255}`
    lines.push(`  spoke s${i} { endpoint 198.18.${host}; address 10.1.${host} }`)
  }
  return `${lines.join('\n')}\n}\n`
}

function file(spokes: number): string {
  const path = join(folder, `${spokes}.lvn`)
  writeFileSync(path, source(spokes))
  return path
}

interface Figures {
  readonly cpuS: number
  readonly wallS: number
  readonly peakMb: number
}

/** The run of median CPU seconds: these, seconds by the clock, and peak memory in MB. A plan with changes exits 2. */
function measure(...args: string[]): Figures {
  const runs = Array.from({ length: Number(values.runs) }, () => {
    const report = join(folder, 'time')
    const ran = spawnSync('/usr/bin/time', [
      '-f',
      '%U %S %e %M',
      '-o',
      report,
      process.execPath,
      lvn,
      ...args,
    ])
    if (ran.status !== 0 && !(args[0] === 'plan' && ran.status === 2))
      throw new Error(`lvn ${args.join(' ')} exited ${ran.status}\n${ran.stderr}`)
    // GNU time says before its figures that a command exited with another status than 0.
    const figures = readFileSync(report, 'utf8').trim().split('\n').at(-1) as string
    const [user, system, wallS, kilobytes] = figures.split(' ').map(Number) as [
      number,
      number,
      number,
      number,
    ]
    return { cpuS: user + system, wallS, peakMb: kilobytes / 1024 }
  })
  runs.sort((a, b) => a.cpuS - b.cpuS)
  return runs[runs.length >> 1] as Figures
}

try {
  const report = {
    'lvn --version': measure('--version'),
    'lvn check, 200 spokes': measure('check', file(200)),
    'lvn check, 10,000 spokes': measure('check', file(10_000)),
    'lvn plan --against none, 10,000 spokes': measure(
      ...['plan', file(10_000), '--against', 'none', '--node', 'gw'],
    ),
    'lvn fmt --check, 10,000 spokes': measure('fmt', '--check', file(10_000)),
  }
  if (values.json) console.log(JSON.stringify(report, null, 2))
  else {
    for (const [name, { cpuS, wallS, peakMb }] of Object.entries(report)) {
      const seconds = `${cpuS.toFixed(2)} s CPU  ${wallS.toFixed(2)} s wall`
      console.log(`${name.padEnd(40)} ${seconds}  ${peakMb.toFixed(0)} MB`)
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
