// SPDX-License-Identifier: MIT
/**
 * Wall time of whole commands on a hub with many spokes, none of which answers, in a namespace of its own.
 *
 *     npx tsx bench/apply.ts [--spokes 1000,10000] [--rounds 3] [--plane ebpf] [--json]
 *
 * The best of the rounds is the figure to quote; every spoke is written out, with an address of each family, and gets
 * a tunnel and two rules.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Host } from '../test/support/host.ts'

const { values } = parseArgs({
  options: {
    spokes: { type: 'string', default: '1000,10000' },
    rounds: { type: 'string', default: '3' },
    plane: { type: 'string', default: 'ebpf' },
    json: { type: 'boolean', default: false },
  },
})

const phases = ['plan', 'apply', 'second plan', 'show', 'destroy'] as const
type Phase = (typeof phases)[number]

function source(count: number): string {
  const spokes = Array.from({ length: count }, (_, i) => {
    const n = i + 1
    const endpoint = `203.0.113.${1 + (n % 250)}:${40_000 + Math.floor(n / 250)}`
    return `  spoke s${n} { endpoint ${endpoint}; address 10.64.${n >> 8}.${n & 255}, fd42:64:0:${n.toString(16)}::1 }`
  })
  return `lvn 1
overlay farm {
  net 10.64.0.0/16, fd42:64::/48
  hub gw { listen 198.51.100.10; address 10.64.0.0, fd42:64::1 }
${spokes.join('\n')}
}
`
}

/** Seconds of each command, in order. */
function round(host: Host, file: string): Record<Phase, number> {
  const seconds = (status: number, ...args: string[]) => {
    const begun = performance.now()
    host.expectLvn(status, '--plane', values.plane, ...args)
    return (performance.now() - begun) / 1000
  }
  return {
    plan: seconds(2, 'plan', file),
    apply: seconds(0, 'apply', file, '--yes'),
    'second plan': seconds(0, 'plan', file),
    show: seconds(0, 'show', 'tunnels'),
    destroy: seconds(0, 'destroy', file, '--yes'),
  }
}

function best(rounds: readonly Record<Phase, number>[]): Record<Phase, number> {
  const least = (phase: Phase) => Math.min(...rounds.map((each) => each[phase]))
  return Object.fromEntries(phases.map((phase) => [phase, least(phase)])) as Record<Phase, number>
}

const report: { spokes: number; best: Record<Phase, number>; rounds: Record<Phase, number>[] }[] = []
const host = new Host('bench')
// The history is written, as ever, and goes with the host.
process.env.LVN_STATE_DIR = join(host.folder, 'state')
try {
  for (const spokes of values.spokes.split(',').map(Number)) {
    const file = host.file(`farm-${spokes}.lvn`, source(spokes))
    const rounds = Array.from({ length: Number(values.rounds) }, () => round(host, file))
    report.push({ spokes, best: best(rounds), rounds })
  }
} finally {
  host.dispose()
}

if (values.json) console.log(JSON.stringify(report, null, 2))
else {
  const row = (cells: readonly string[]) => console.log(cells.map((cell) => cell.padStart(12)).join(''))
  row(['spokes', ...phases])
  for (const line of report)
    row([String(line.spokes), ...phases.map((phase) => `${line.best[phase].toFixed(2)} s`)])
}
