// SPDX-License-Identifier: MIT
/**
 * The folder of all servers of a run (LVN_SERVED): one of each worker of vitest that has wanted one.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** For this process and those that it starts. What comes back ends all servers and takes the folder away. */
export function openServers(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'lvn-served-'))
  process.env.LVN_SERVED = folder
  process.env.LVN_SERVED_FOR = String(process.pid)
  return () => {
    for (const worker of readdirSync(folder)) endServer(join(folder, worker))
    rmSync(folder, { recursive: true })
  }
}

/** Kills the server, whatever it does, and takes its folder away. */
export function endServer(folder: string): void {
  try {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGKILL')
  } catch (error) {
    // It has ended by itself, or could not be started.
    if (!['ESRCH', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  rmSync(folder, { recursive: true })
}
