// SPDX-License-Identifier: MIT
/**
 * The file of a lock goes with the lock, and yet no two processes ever hold it: several take it and let it go at once,
 * each with a mark of its own while it has it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { addon } from '../../native/addon/index.ts'
import { addonPath } from '../../native/paths.ts'

let folder: string
let children: ChildProcess[]
beforeEach(() => {
  children = []
  folder = mkdtempSync(join(tmpdir(), 'lvn-lock-'))
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

it('leaves no file behind, and takes away none but its own', () => {
  const path = join(folder, '1.change')
  const take = () => {
    const taken = addon().lockFile(path)
    if (!('fd' in taken)) throw new Error('another holds it')
    return taken.fd
  }
  const fd = take()
  expect(readdirSync(folder)).toEqual(['1.change'])
  addon().unlockFile(path, fd)
  expect(readdirSync(folder)).toEqual([])
  expect(addon().fileHolder(path)).toBeNull()
  addon().unlockFile(path, take())
  expect(readdirSync(folder)).toEqual([])
})

it('has one holder at a time, however many take it and let it go', async () => {
  const script = `
    const { closeSync, openSync, rmSync } = require('node:fs')
    const addon = require(${JSON.stringify(addonPath())})
    const [path, mark] = ${JSON.stringify([join(folder, '1.change'), join(folder, 'held')])}
    for (let times = 0; times < 3000; ) {
      const { fd } = addon.lockFile(path)
      if (fd === undefined) continue
      closeSync(openSync(mark, 'wx'))
      rmSync(mark)
      addon.unlockFile(path, fd)
      times++
    }`
  const takers = [1, 2, 3, 4].map(() =>
    spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe'] }),
  )
  children.push(...takers)
  const ended = await Promise.all(
    takers.map(async (child) => {
      let said = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
      const [code] = await once(child, 'close')
      return { code, said }
    }),
  )
  expect(ended).toEqual(takers.map(() => ({ code: 0, said: '' })))
  expect(readdirSync(folder)).toEqual([])
})
