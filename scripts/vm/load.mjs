// SPDX-License-Identifier: MIT
/**
 * Loads a built lvn.ko into the running kernel, and takes it out again.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Loads the file and what it depends on. Throws with what insmod says. */
export function loadModule(path) {
  const depends = execFileSync('modinfo', ['-F', 'depends', path], { encoding: 'utf8' }).trim()
  for (const name of depends.split(',').filter((each) => each !== '')) execFileSync('modprobe', [name])
  execFileSync('insmod', [path], { stdio: ['ignore', 'inherit', 'pipe'], encoding: 'utf8' })
}

export function isLoaded() {
  return existsSync('/sys/module/lvn')
}

/** Whether it is out. One that cannot go holds something that it should have let go of. */
export function unloadModule() {
  return !isLoaded() || spawnSync('rmmod', ['lvn'], { stdio: 'inherit' }).status === 0
}
