// SPDX-License-Identifier: MIT
/**
 * What the demo could leave behind: network namespaces, network devices, BPF pins, processes.
 */
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Lists by kind. `marker` is an environment entry that only the demo's processes have; `lab` is its lab's name.
 * Namespaces of others may come and go meanwhile: they are none of the demo's business.
 */
export function inventory(marker, lab) {
  return {
    namespaces: names('/run/netns').filter((name) => name.startsWith(`lvn-${lab}-`)),
    devices: names('/sys/class/net'),
    'BPF pins': names('/sys/fs/bpf', { recursive: true }),
    processes: processesMarked(marker).map(String),
  }
}

/** What the second inventory has and the first had not, by kind. */
export function leftovers(before, after) {
  return Object.fromEntries(
    Object.entries(after).map(([what, list]) => [what, list.filter((item) => !before[what].includes(item))]),
  )
}

/** Ids of the processes, zombies apart, that have the entry in their environment. */
export function processesMarked(marker) {
  return names('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(marker)
      } catch {
        return false
      }
    })
    .map(Number)
}

function names(folder, options) {
  try {
    return readdirSync(folder, options).sort()
  } catch {
    return []
  }
}
