// SPDX-License-Identifier: MIT
/**
 * Runs a command on one of Debian's kernels: QEMU without KVM, the host's root read-only below a tmpfs, no
 * network. What the command is for is not known here.
 *
 *     host                                             guest
 *     /                    ── 9p, read-only ──►        / (tmpfs over it)
 *     temporary folder     ◄─ 9p ─────────────►        /run/lvn-vm: command, exit status, kernel log, results
 *     kernel log           ◄─ first serial line ──     console
 *     standard output      ◄─ second serial line ──    the command's output
 */
import { spawn } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { initramfs } from './initramfs.mjs'
import { programFiles } from './programs.mjs'
import { splats } from './splats.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const pollMs = 200
/**
 * Without what costs an emulated processor most: a fifth level of page tables, copying by string instructions that
 * go byte by byte, and protection that is switched off and on around each access to user memory.
 */
const quickest = 'max,la57=off,erms=off,fsrm=off,smap=off,smep=off,umip=off,pku=off'

/**
 * Boots, runs, and waits until the machine is off.
 *
 * options: { kernel (of findKernel), command: [program, …arguments], folder (to run it in), env: { NAME: value },
 *   resultsTo (copies the guest's $LVN_VM_RESULTS there; may be absent), timeoutMs, memoryMb, cpus,
 *   icount (one guest instruction is one virtual nanosecond, with one CPU), say (a progress line),
 *   output (a line of the command's output; left out, it goes to standard output as it comes) }
 *
 * Result: { status (of the command; null: it did not end), reason (why not; null: it did), log (kernel log),
 *   splats (of the log), seconds }
 */
export async function runInGuest(options) {
  const shared = mkdtempSync(join(tmpdir(), 'lvn-vm-'))
  try {
    return await boot(shared, options)
  } finally {
    rmSync(shared, { recursive: true, force: true })
  }
}

async function boot(shared, options) {
  const { kernel, say } = options
  copyFileSync(join(here, 'guest.sh'), join(shared, 'guest.sh'))
  writeFileSync(join(shared, 'command.sh'), script(options))
  writeFileSync(join(shared, 'modules'), kernel.modules)
  writeFileSync(join(shared, 'programs'), programFiles().join('\0'))
  mkdirSync(join(shared, 'results'))
  const begun = performance.now()
  const elapsed = () => ((performance.now() - begun) / 1000).toFixed(1)
  say(`booting Linux ${kernel.version}`)
  const qemu = spawn('qemu-system-x86_64', machine(shared, options), {
    stdio: ['ignore', options.output === undefined ? 'inherit' : 'pipe', 'inherit'],
  })
  if (options.output !== undefined) createInterface({ input: qemu.stdout }).on('line', options.output)
  const kill = () => qemu.kill('SIGKILL')
  const abandon = () => {
    kill()
    rmSync(shared, { recursive: true, force: true })
  }
  process.once('exit', abandon)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    kill()
  }, options.timeoutMs)
  const watch = setInterval(() => {
    if (!existsSync(join(shared, 'up'))) return
    clearInterval(watch)
    say(`up after ${elapsed()} s`)
  }, pollMs)
  const failure = await new Promise((resolve) => {
    qemu.once('error', (error) => resolve(`cannot start QEMU: ${error.message}`))
    qemu.once('close', (code) => resolve(code === 0 || timedOut ? null : `QEMU exited ${code}`))
  })
  clearTimeout(timer)
  clearInterval(watch)
  process.off('exit', abandon)
  if (options.resultsTo !== undefined) cpSync(join(shared, 'results'), options.resultsTo, { recursive: true })
  const status = read(join(shared, 'status'))
  const log = read(join(shared, 'dmesg')) ?? read(join(shared, 'console')) ?? ''
  const late = timedOut ? `not done after ${options.timeoutMs / 1000} s` : null
  return {
    status: status === null ? null : Number(status),
    reason: status === null ? (failure ?? late ?? 'the machine went off before the command ended') : null,
    log,
    splats: splats(log),
    seconds: Number(elapsed()),
  }
}

function machine(shared, { kernel, memoryMb, cpus, icount }) {
  // One thread for all processors: with several, QEMU 7.2 sometimes goes on with code that another processor has
  // patched (Linux switches static branches all the time), and the guest dies of `Oops: int3` or hangs there.
  const processor = icount
    ? ['-accel', 'tcg', '-smp', '1', '-icount', 'shift=0,sleep=off']
    : ['-accel', 'tcg,thread=single', '-smp', String(cpus)]
  const share = (tag, path, more) => [
    '-virtfs',
    `local,path=${path},mount_tag=${tag},security_model=none,multidevs=remap${more}`,
  ]
  return [
    ...['-nodefaults', '-display', 'none', '-no-reboot', '-m', String(memoryMb)],
    ...['-cpu', icount ? 'max' : quickest, ...processor],
    ...['-serial', `file:${join(shared, 'console')}`, '-serial', 'stdio'],
    ...['-kernel', kernel.image, '-initrd', initramfs(kernel)],
    ...share('root', '/', ',readonly=on'),
    ...share('lvn-vm', shared, ''),
    // A watchdog of the guest's must not bark because the host is busy; an Oops ends the run at once; tests count
    // the objects of slab caches, so that none may be merged with others.
    ...[
      '-append',
      `console=ttyS0 loglevel=5 log_buf_len=16M panic=-1 oops=panic mitigations=off slab_nomerge watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120${icount ? ' tsc=reliable' : ' norandmaps'}${kernel.checks ? ' kasan_multi_shot workqueue.watchdog_thresh=600' : ''}`,
    ],
  ]
}

/** Runs the command with an environment of its own. */
function script({ command, folder, env, kernel }) {
  const all = {
    PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: '/root',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    NO_COLOR: '1',
    LVN_VM: kernel.series,
    LVN_VM_RESULTS: '/run/lvn-vm/results',
    ...env,
  }
  const words = ['env', '-i', ...Object.entries(all).map(([name, value]) => `${name}=${value}`), ...command]
  return `cd ${quote(folder)} || exit 126\nexec ${words.map(quote).join(' ')}\n`
}

const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\r', '') : null
}
