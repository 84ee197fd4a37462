// SPDX-License-Identifier: MIT
/**
 * lvn.ko in /lib/modules: the kernel loads it by itself as soon as somebody wants it.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { lvnModule } from '../support/kernel-resources.ts'
import { openFamily } from '../support/lvn-link.ts'
import { Netns } from '../support/netns.ts'

const run = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' })

const version = run('uname', '-r').trim()
const place = `/lib/modules/${version}`
let root: string
let mounted = false

// A whole depmod reads thousands of modules: in the place of all of them are those that count here.
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'lvnt-install-'))
  const modules = join(root, place)
  mkdirSync(join(modules, 'updates'), { recursive: true })
  for (const index of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'])
    cpSync(join(place, index), join(modules, index))
  const module = process.env.LVN_VM_MODULE as string
  const needed = run('modinfo', '-F', 'depends', module).trim().split(',').filter(Boolean)
  const dependencies = needed.flatMap((name) => run('modprobe', '--show-depends', name).trim().split('\n'))
  for (const line of [...dependencies, `insmod ${module}`]) {
    const path = /^insmod (\S+)/.exec(line)?.[1]
    if (path !== undefined) cpSync(path, join(modules, 'updates', path.replace(/.*\//, '')))
  }
  run('depmod', '-b', root, version)
  run('mount', '--bind', modules, place)
  mounted = true
})

afterAll(() => {
  if (mounted) run('umount', place)
  rmSync(root, { recursive: true, force: true })
  if (!lvnModule.present()) lvnModule.insert()
})

beforeEach(() => {
  if (lvnModule.present()) lvnModule.remove()
})

test('modprobe loads it', () => {
  run('modprobe', 'lvn')
  expect(lvnModule.present()).toBe(true)
})

test('the first link of its type loads it', () => {
  const ns = new Netns('a')
  try {
    ns.run('ip', 'link', 'add', 'lvn0', 'type', 'lvn')
    expect(lvnModule.present()).toBe(true)
  } finally {
    ns.dispose()
  }
})

test('the first question for its netlink family loads it', () => {
  openFamily().close()
  expect(lvnModule.present()).toBe(true)
})
