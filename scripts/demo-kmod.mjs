// SPDX-License-Identifier: MIT
/**
 * Where the demo finds lvn.ko: in this kernel, or in an emulated machine with one of Debian's.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { release } from 'node:os'
import { findKernel } from './vm/kernels.mjs'
import { isLoaded, loadModule } from './vm/load.mjs'
import { runInGuest } from './vm/machine.mjs'
import { buildModule } from './vm/module.mjs'

const say = (text) => console.log(`demo: ${text}`)
const timeoutMs = 1_800_000

/** Loads the module into the running kernel. null: it is there; else a sentence that says why it cannot be. */
export async function loadHere() {
  if (isLoaded()) return null
  const given = process.env.LVN_VM_MODULE
  if (given === undefined && spawnSync('modprobe', ['-q', 'lvn']).status === 0 && isLoaded()) return null
  const version = release()
  const headers = `/lib/modules/${version}/build`
  if (!existsSync('/proc/modules')) return `Linux ${version} loads no modules`
  if (given === undefined && !existsSync(`${headers}/Makefile`))
    return `no headers of Linux ${version} are here`
  try {
    loadModule(given ?? (await buildModule({ version, system: '/', headers }, say)))
    return null
  } catch (error) {
    return `Linux ${version} does not take lvn.ko: ${(error.stderr ?? error.message).trim()}`
  }
}

/**
 * Runs the demo on Debian's kernel 6.1, its output passing through; its exit code. The topology of the file goes
 * along: to read it takes the sources, and to compile those takes an emulated processor a minute.
 */
export async function demoInGuest(topology) {
  execFileSync('sh', ['scripts/vm/setup.sh'], { stdio: 'inherit' })
  const kernel = findKernel('6.1')
  const module = await buildModule(kernel, say)
  say('what follows happens in an emulated machine, which is ten times slower than this one')
  const result = await runInGuest({
    kernel,
    command: [process.execPath, 'scripts/demo.mjs', '--plane', 'kmod'],
    folder: process.cwd(),
    env: {
      LVN_VM_MODULE: module,
      LVN_DEMO_TOPOLOGY: JSON.stringify(topology),
      ...(colours() ? { FORCE_COLOR: '1' } : {}),
    },
    timeoutMs,
    memoryMb: 2048,
    cpus: 2,
    icount: false,
    say,
  })
  for (const splat of result.splats) say(`the kernel complains:\n${splat}`)
  if (result.status === null) say(result.reason)
  say(`the machine is gone after ${result.seconds.toFixed(0)} s`)
  return result.splats.length > 0 ? 1 : (result.status ?? 1)
}

/** As `lvn` decides it. */
export function colours() {
  const force = process.env.FORCE_COLOR
  if (force !== undefined) return force !== '0' && force !== 'false'
  return process.stdout.isTTY === true && !process.env.NO_COLOR
}
