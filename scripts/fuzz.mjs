// SPDX-License-Identifier: MIT
/**
 * Mutated files of the language, and what must hold of any text (test/support/fuzz/judge.ts).
 *
 *     node scripts/fuzz.mjs [--count 100000] [--seed 1] [--jobs 1] [--out FOLDER]
 *
 * File number k has the seed SEED + k; `--seed N --count 1` makes one of them again. Each kind of finding is written
 * to FOLDER once, as small as it gets. Exit code 1 when there is one.
 */
import { fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    out: { type: 'string', default: join(tmpdir(), 'lvn-fuzz') },
  },
})
const [count, seed, jobs] = [values.count, values.seed, values.jobs].map(Number)
if (![count, seed, jobs].every((number) => Number.isSafeInteger(number) && number >= 0) || jobs < 1) {
  console.error('fuzz: --count, --seed and --jobs are whole numbers')
  process.exit(2)
}

const worker = fileURLToPath(new URL('../test/support/fuzz/worker.ts', import.meta.url))
/** A file that takes this long by the clock never ends. */
const stuckMs = 120_000
const found = new Map()
const slowest = { ms: 0, seed }
let done = 0
let cpuS = 0

function report({ seed, problem, text }) {
  const before = found.get(problem)
  found.set(problem, (before ?? 0) + 1)
  if (before !== undefined) return
  console.log(`finding: ${problem} (seed ${seed})`)
  if (text === undefined) return
  mkdirSync(values.out, { recursive: true })
  const path = join(values.out, `${seed}.lvn`)
  writeFileSync(path, text)
  console.log(`  ${path}: ${JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}...` : text)}`)
}

function run(job) {
  const own = Math.floor((count - job + jobs - 1) / jobs)
  const child = fork(worker, [seed + job, own, jobs].map(String), { execArgv: ['--import', 'tsx'] })
  return new Promise((resolve) => {
    let at = seed + job
    let timer
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        report({ seed: at, problem: `is not done after ${stuckMs / 1000} s` })
        child.kill('SIGKILL')
      }, stuckMs)
    }
    wait()
    child.on('message', (message) => {
      wait()
      if (message.at !== undefined) {
        at = message.at
        if (++done % 5000 === 0) console.log(`fuzz: ${done} of ${count}, ${found.size} kinds of findings`)
      } else if (message.finding !== undefined) report(message.finding)
      else {
        cpuS += message.done.cpuS
        if (message.done.slowest.ms > slowest.ms) Object.assign(slowest, message.done.slowest)
      }
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      if (code !== 0) report({ seed: at, problem: `the process ended with ${code}` })
      resolve()
    })
  })
}

await Promise.all(Array.from({ length: jobs }, (_, job) => run(job)))
const slow = `slowest ${slowest.ms.toFixed(0)} ms (seed ${slowest.seed})`
console.log(`fuzz: ${done} files, ${cpuS.toFixed(0)} s CPU, ${slow}, seed ${seed}`)
for (const [problem, times] of found) console.log(`fuzz: ${times} x ${problem}`)
process.exit(found.size === 0 ? 0 : 1)
