// SPDX-License-Identifier: MIT
/**
 * Keys out of files and pipes: what is read, what is refused, and that nothing is waited for in vain.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readKeyFile } from '../../../src/shell/cli/key-file.ts'
import { lvnPath } from '../../support/cli.ts'
import { until } from '../../support/netns.ts'

const folder = mkdtempSync(join(tmpdir(), 'lvn-key-'))
afterAll(() => rmSync(folder, { recursive: true }))
const hex = '000102030405060708090a0b0c0d0e0f'

function file(name: string, content: string | Buffer, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, content, { mode })
  return path
}

describe('a key file', () => {
  it('holds 32 hex digits, or 16 bytes', async () => {
    expect(await readKeyFile(file('hex', `${hex.toUpperCase()}\n`))).toBe(hex)
    expect(await readKeyFile(file('raw', Buffer.from(hex, 'hex')))).toBe(hex)
  })

  it.each([
    ['nobody', () => join(folder, 'none'), /none cannot be read: .*ENOENT/],
    ['others', () => file('open', hex, 0o644), /^others may read the key file/],
    ['a device', () => '/dev/zero', /^the key file \/dev\/zero cannot be read: \/dev\/zero is a device$/],
    ['a folder', () => folder, /cannot be read: .*EISDIR/],
  ])('of %s is refused', async (_, path, message) => {
    await expect(readKeyFile(path())).rejects.toMatchObject({
      exitCode: 64,
      message: expect.stringMatching(message),
    })
  })

  it('may be a pipe, which is not waited for where nobody writes to it, and can be called off', async () => {
    const pipe = join(folder, 'pipe')
    spawnSync('mkfifo', ['-m', '600', pipe])
    await expect(readKeyFile(pipe)).rejects.toThrow(/is a pipe that nobody writes to$/)
    const writer = openSync(pipe, 'r+')
    const words = [lvnPath, 'tun', 'add', 'lvn5', 'a', '--remote', '192.0.2.1', '--key-file', pipe]
    const reading = spawn(process.execPath, words, { stdio: 'ignore' })
    const ended = once(reading, 'exit')
    await until('it has opened the pipe', () =>
      readdirSync(`/proc/${reading.pid}/fd`).some((fd) => {
        try {
          return readlinkSync(`/proc/${reading.pid}/fd/${fd}`) === pipe
        } catch {
          return false
        }
      }),
    )
    reading.kill('SIGTERM')
    expect(await ended).toEqual([null, 'SIGTERM'])
    closeSync(writer)
  })
})
