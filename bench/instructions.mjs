// SPDX-License-Identifier: MIT
/**
 * Instructions per forwarded packet, L-VN's planes beside FOU and vxlan: `node bench/instructions.mjs [--json]`.
 * Through one tunnel, both of its ends included; and through two, from spoke to spoke by their hub.
 *
 * Debian's kernel runs in an emulated machine in which one instruction is one virtual nanosecond, so that elapsed
 * time counts instructions, whatever else this machine is doing. Needs `sh scripts/vm/setup.sh` once. The path
 * that is measured stands in instructions/chain.ts.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findKernel } from '../scripts/vm/kernels.mjs'
import { runInGuest } from '../scripts/vm/machine.mjs'
import { buildModule } from '../scripts/vm/module.mjs'

const say = (text) => console.error(text)
const folder = mkdtempSync(join(tmpdir(), 'lvn-instructions-'))
try {
  const kernel = findKernel('6.1')
  const module = await buildModule(kernel, say)
  const script = `modprobe -a udp_tunnel ip6_udp_tunnel && insmod ${module} &&
    npx tsx bench/instructions/guest.ts >"$LVN_VM_RESULTS/report.json"`
  const result = await runInGuest({
    kernel,
    command: ['sh', '-c', script],
    folder: dirname(dirname(fileURLToPath(import.meta.url))),
    env: {},
    resultsTo: folder,
    timeoutMs: 1_200_000,
    memoryMb: 2048,
    cpus: 1,
    icount: true,
    say,
  })
  if (result.status !== 0) throw new Error(result.reason ?? `exit ${result.status}`)
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))
  if (process.argv.includes('--json')) console.log(JSON.stringify(report, null, 2))
  else for (const [through, paths] of Object.entries(report)) console.log(table(through, paths))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function table(through, paths) {
  const plain = paths['plain forwarding']
  const lines = Object.entries(paths).map(([path, instructions]) => {
    const added = instructions === null || path === 'plain forwarding' ? '' : `+${instructions - plain}`
    return `  ${path.padEnd(32)} ${String(instructions ?? 'lost').padStart(7)} ${added.padStart(7)}`
  })
  return [through, ...lines].join('\n')
}
