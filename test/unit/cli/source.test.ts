// SPDX-License-Identifier: MIT
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Source } from '../../../src/diag/source.ts'
import { importsOf } from '../../../src/shell/cli/imports.ts'
import { readSource } from '../../../src/shell/cli/source.ts'
import { lvnPath } from '../../support/cli.ts'
import { until } from '../../support/netns.ts'

const folder = mkdtempSync(join(tmpdir(), 'lvn-source-'))
afterAll(() => rmSync(folder, { recursive: true }))

function isOpenIn(pid: number, path: string): boolean {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).some((fd) => {
    try {
      return readlinkSync(join(folder, fd)) === path
    } catch {
      return false
    }
  })
}

describe('readSource', () => {
  it('reads UTF-8 and keeps the name as given', async () => {
    const path = join(folder, 'a.lvn')
    writeFileSync(path, '\ufefflvn 1 # größer\n')
    expect(await readSource(path)).toMatchObject({ name: path, text: 'lvn 1 # größer\n' })
  })

  it.each([
    [
      'latin1',
      Buffer.from('lvn 1\n# gr\xf6\xdfer\n', 'latin1'),
      ': line 2',
      ' Another encoding can be converted: `iconv -f latin1 -t utf-8`',
    ],
    [
      'UTF-16',
      Buffer.from('\ufefflvn 1\n', 'utf16le'),
      '',
      ' Another encoding can be converted: `iconv -f utf-16 -t utf-8`',
    ],
    ['no text at all', Buffer.from([0x7f, 0x45, 0, 0xff]), '', ''],
  ])('says what can be done about %s', async (_, bytes, where, hint) => {
    const path = join(folder, 'other.lvn')
    writeFileSync(path, bytes)
    await expect(readSource(path)).rejects.toMatchObject({
      message: `${path} is not UTF-8 text${where}`,
      hint: `is it the right file?${hint}`,
    })
  })

  it('waits for a pipe so that signals end it', async () => {
    const pipe = join(folder, 'pipe')
    spawnSync('mkfifo', [pipe])
    await expect(readSource(pipe)).rejects.toThrow(/is a pipe that nobody writes to$/)
    const writer = openSync(pipe, 'r+')
    const reading = spawn(process.execPath, [lvnPath, 'check', pipe], { stdio: 'ignore' })
    const ended = once(reading, 'exit')
    // Nothing is written: it would wait for ever.
    await until('it has opened the pipe', () => isOpenIn(reading.pid as number, pipe))
    reading.kill('SIGTERM')
    expect(await ended).toEqual([null, 'SIGTERM'])
    closeSync(writer)
  })

  it('reads what comes out of a pipe', () => {
    const words = `'${process.execPath}' '${lvnPath}' check <(cat examples/first.lvn)`
    expect(spawnSync('bash', ['-c', words], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })

  it('refuses a pipe as an import', () => {
    const pipe = join(folder, 'imported')
    spawnSync('mkfifo', [pipe])
    expect(() => importsOf(new Source('x.lvn', ''), [folder])(pipe, new Source('x.lvn', ''))).toThrow(
      /imported is a pipe$/,
    )
  })

  it.each(['/dev/zero', '/dev/null', '/dev/tty'])('does not open the device %s', async (path) => {
    const refused = { exitCode: 3, code: 'LVN0104', message: `${path} is a device` }
    await expect(readSource(path)).rejects.toMatchObject(refused)
    const from = new Source('x.lvn', '')
    expect(() => importsOf(from, ['/dev'])(path, from)).toThrow(expect.objectContaining(refused))
  })

  it('refuses a socket', async () => {
    const path = join(folder, 'socket')
    const server = createServer().listen(path)
    await once(server, 'listening')
    try {
      await expect(readSource(path)).rejects.toThrow(/socket is a socket$/)
    } finally {
      server.close()
    }
  })

  it('reads standard input by both of its names, be it a file or a pipe', () => {
    for (const name of ['-', '/dev/stdin']) {
      const words = (how: string) => how.replace('LVN', `'${process.execPath}' '${lvnPath}' check ${name}`)
      for (const how of ['LVN < examples/first.lvn', 'cat examples/first.lvn | LVN']) {
        const ran = spawnSync('bash', ['-c', words(how)], { encoding: 'utf8' })
        expect(ran).toMatchObject({ status: 0, stderr: '' })
      }
    }
  })

  it.each([
    ['a missing file', join(folder, 'none.lvn'), /none\.lvn: no such file$/],
    ['a folder', folder, /is a directory$/],
    ['a path through a file', join(folder, 'latin.lvn', 'x'), /not a directory$/],
    ['another encoding', join(folder, 'latin.lvn'), /is not UTF-8 text: line 1$/],
  ])('refuses %s in a sentence, exit code 3', async (_name, path, message) => {
    writeFileSync(join(folder, 'latin.lvn'), Buffer.from([0x67, 0xf6]))
    await expect(readSource(path)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(message),
    })
  })
})
