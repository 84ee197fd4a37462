// SPDX-License-Identifier: MIT
/**
 * Runs a command on one of Debian's kernels: `node scripts/vm/run.mjs --kernel 6.1 -- COMMAND…`. It runs in this
 * repository's folder as root, sees the host's files, and may change none of them; what it puts into
 * $LVN_VM_RESULTS comes back with `--results`. Exit code: the command's; 1 where the kernel complained, 124 where
 * time ran out or the machine died. Progress goes to standard error.
 */
import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findKernel } from './kernels.mjs'
import { runInGuest } from './machine.mjs'

const usage = `usage: node scripts/vm/run.mjs --kernel 6.1|6.12|newest [OPTION]... -- COMMAND...
  --timeout S      give up after so many seconds; 480
  --results DIR    copy what the guest leaves in $LVN_VM_RESULTS there
  --env NAME=VALUE add to the environment; any number of times
  --log FILE       write the kernel log there
  --memory MB      2048
  --cpus N         2
  --icount         one CPU, one instruction a virtual nanosecond`

const { values, positionals: command } = parseArgs({
  allowPositionals: true,
  options: {
    kernel: { type: 'string', default: '6.1' },
    timeout: { type: 'string', default: '480' },
    results: { type: 'string' },
    env: { type: 'string', multiple: true, default: [] },
    log: { type: 'string' },
    memory: { type: 'string', default: '2048' },
    cpus: { type: 'string', default: '2' },
    icount: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help || command.length === 0) {
  console.error(usage)
  process.exit(values.help ? 0 : 64)
}
const say = (text) => console.error(`vm ${values.kernel}: ${text}`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
try {
  const result = await runInGuest({
    kernel: findKernel(values.kernel),
    command,
    folder: dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
    env: Object.fromEntries(values.env.map((each) => each.split(/=(.*)/s).slice(0, 2))),
    ...(values.results === undefined ? {} : { resultsTo: values.results }),
    timeoutMs: Number(values.timeout) * 1000,
    memoryMb: Number(values.memory),
    cpus: Number(values.cpus),
    icount: values.icount,
    say,
  })
  if (values.log !== undefined) writeFileSync(values.log, result.log)
  say(result.reason ?? `exit ${result.status} after ${result.seconds} s`)
  for (const splat of result.splats) say(`the kernel complains:\n${splat}`)
  process.exitCode = result.status === null ? 124 : result.splats.length > 0 ? 1 : result.status
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
