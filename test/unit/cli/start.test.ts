// SPDX-License-Identifier: MIT
/**
 * Commands run from V8's cache of their code; one that is damaged, or cannot be read, costs time and nothing else.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lvnPath } from '../../support/cli.ts'

const programs = join(dirname(lvnPath), 'programs')
const cachesIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.cache'))

describe('the cache of each script', () => {
  it('is there for all', () => {
    const names = readdirSync(programs).map((name) => name.replace(/-.*[.]/, '.'))
    expect(names.sort()).toEqual(
      ['languageserver', 'lvn', 'lvnsh', 'parser'].flatMap((name) => [`${name}.cache`, `${name}.cjs`]),
    )
  })

  it.each(cachesIn(programs))('%s fits', (name) => {
    const bytes = readFileSync(join(programs, name))
    const cachedData = bytes.subarray(0, -4)
    expect(bytes.readUInt32LE(cachedData.length)).toBe(crc32(cachedData))
    const text = readFileSync(join(programs, name.replace(/cache$/, 'cjs')), 'latin1')
    expect(new Script(text, { cachedData }).cachedDataRejected).toBe(false)
  })
})

describe('a command starts', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lvn-start-'))
    chmodSync(folder, 0o755)
    for (const part of ['lvn.js', 'programs'])
      cpSync(join(dirname(lvnPath), part), join(folder, 'dist', part), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const file = new URL('../../../examples/first.lvn', import.meta.url).pathname
  const unprivileged = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  function expectToStart() {
    const source = readFileSync(file, 'utf8')
    const ran = spawnSync(process.execPath, [join(folder, 'dist/lvn.js'), 'check', '-'], {
      input: source,
      encoding: 'utf8',
      cwd: folder,
      ...unprivileged,
    })
    expect([ran.status, ran.signal, ran.stderr]).toEqual([0, null, ''])
  }
  function eachCache(change: (path: string) => void) {
    for (const name of cachesIn(join(folder, 'dist/programs'))) change(join(folder, 'dist/programs', name))
  }

  it.each<[string, (path: string) => void]>([
    ['with caches', () => {}],
    ['without a cache', (path) => rmSync(path)],
    ['with an empty cache', (path) => writeFileSync(path, '')],
    ['with half a cache', (path) => writeFileSync(path, readFileSync(path).subarray(0, 100_000))],
    ['where a block of the cache got lost', (path) => writeFileSync(path, withZeros(readFileSync(path)))],
    ['where the cache is somebody else’s', (path) => chmodSync(path, 0o600)],
  ])('%s', (_, change) => {
    eachCache(change)
    expectToStart()
  })
})

/** As after a power cut. */
function withZeros(bytes: Buffer): Buffer {
  for (let at = 40_960; at < bytes.length; at += 40_960) bytes.fill(0, at, Math.min(at + 4096, bytes.length))
  return bytes
}
