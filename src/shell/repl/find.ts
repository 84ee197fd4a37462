// SPDX-License-Identifier: MIT
/**
 * Things of this machine that complete a word of the interactive shell: files, nodes of a file, namespaces, interfaces.
 * What cannot be read offers nothing.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Find } from './completion.ts'

/** `lvn`: path of the program that is asked for the nodes of a file. */
export function finder(lvn: string): Find {
  return ({ kind }, start, file) => {
    switch (kind) {
      case 'source':
        return pathsStarting(start).filter((path) => /(?:\/|\.lvn)$/.test(path))
      case 'file':
        return pathsStarting(start)
      case 'folder':
        return pathsStarting(start).filter((path) => path.endsWith('/'))
      case 'node':
        return file === undefined ? [] : nodesOf(lvn, file).filter((name) => name.startsWith(start))
      case 'netns':
        return namesIn('/run/netns').filter((name) => name.startsWith(start))
      case 'interface':
        return interfacesStarting(start)
      default:
        return []
    }
  }
}

/** Folders end with a slash. */
function pathsStarting(start: string): readonly string[] {
  const folder = start.endsWith('/') ? start : dirname(start)
  const name = start.endsWith('/') ? '' : basename(start)
  const head = start.slice(0, start.length - name.length)
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.name.startsWith(name) && !(name === '' && entry.name.startsWith('.')))
      .map((entry) => `${head}${entry.name}${entry.isDirectory() ? '/' : ''}`)
  } catch {
    return []
  }
}

/** A list goes on after its last comma. */
function interfacesStarting(start: string): readonly string[] {
  const head = start.slice(0, start.lastIndexOf(',') + 1)
  return namesIn('/sys/class/net')
    .map((name) => `${head}${name}`)
    .filter((name) => name.startsWith(start))
}

function nodesOf(lvn: string, file: string): readonly string[] {
  const { stdout } = spawnSync(process.execPath, [lvn, 'complete-nodes', file], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line !== '')
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
