// SPDX-License-Identifier: MIT
/**
 * What commands in a guest start again and again. The guest copies these files into its memory: over 9p each start
 * waits for the host dozens of times, which an emulated processor feels.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

const names = [
  'sh',
  'ip',
  'tc',
  'nft',
  'ping',
  'sysctl',
  'ethtool',
  'bpftool',
  'modprobe',
  'nsenter',
  'iperf3',
]
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Paths of the programs that this machine has, Node.js among them, and of the libraries that they load. */
export function programFiles() {
  const programs = [process.execPath, ...names.flatMap((name) => find(name) ?? [])]
  const { stdout } = spawnSync('ldd', programs, { encoding: 'utf8' })
  const libraries = Array.from(stdout.matchAll(/(\/\S+) \(0x/g), ([, path]) => path)
  return [...new Set([...programs, ...libraries, '/etc/ld.so.cache'])]
}

function find(name) {
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
