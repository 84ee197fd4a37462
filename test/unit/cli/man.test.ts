// SPDX-License-Identifier: MIT
/**
 * Manual pages: written whole, the same each time, and without a complaint of mandoc or groff where they are.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { remarkParts } from '../../../src/shell/cli/man/remarks.ts'
import { text } from '../../../src/shell/cli/man/roff.ts'
import { BundledCli } from '../../support/cli.ts'

let cli: BundledCli
let folder: string
let pages: readonly string[]
beforeAll(() => {
  cli = new BundledCli()
  folder = join(cli.folder, 'man1')
  const ran = cli.run(['man', '--out', folder], { env: { SOURCE_DATE_EPOCH: '1767225600' } })
  pages = readdirSync(folder).sort()
  expect(ran).toEqual({ status: 0, stdout: `written: ${pages.length} pages into ${folder}\n`, stderr: '' })
})
afterAll(() => cli.dispose())

const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
const missing = (command: string) => (has(command) ? '' : ` (skipped: ${command} is not installed)`)
const page = (name: string) => readFileSync(join(folder, name), 'utf8')

it('has a page for every command that its help lists, and for their sub-commands', () => {
  const listed = (help: string) =>
    [...help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name)
  const commands = listed(cli.run(['--help']).stdout).filter((name) => name !== 'help')
  expect(commands.length).toBeGreaterThan(10)
  expect(pages).toEqual(expect.arrayContaining(['lvn.1', ...commands.map((name) => `lvn-${name}.1`)]))
  expect(pages).toEqual(expect.arrayContaining(['lvn-lab-up.1', 'lvn-tun-add.1']))
  expect(pages).not.toContain('lvn-complete-nodes.1')
})

it('writes what the help says', () => {
  const apply = page('lvn-apply.1')
  expect(apply).toMatch(
    /^\.TH LVN\\-APPLY 1 2026-01-01 "lvn [0-9.]+" "L-VN"\n\.SH NAME\nlvn\\-apply \\- bring/,
  )
  expect(apply).toMatch(/\.SH OPTIONS[\s\S]*\\fB\\-\\-node <node>\\fR\n.*be this node/)
  expect(apply).toContain('the options of every command, which are in \\fBlvn\\fR(1).')
  expect(page('lvn.1')).not.toContain('which are in')
  expect(apply).toMatch(/\.SH EXAMPLES\n\.EX\n\$ lvn apply overlay\.lvn\n/)
  expect(page('lvn.1')).toMatch(/\.SH EXIT STATUS\n\.EX\n0 {2}done/)
  expect(page('lvn-check.1')).toContain('form of the findings: human, json, github')
})

it('prints one page, also of a sub-command, and says what there is none of', () => {
  expect(cli.run(['man', 'lab', 'up']).stdout).toMatch(/^\.TH LVN\\-LAB\\-UP 1 /)
  const ran = cli.run(['man', 'lab', 'upp'])
  expect([ran.status, ran.stderr]).toEqual([64, expect.stringMatching(/no command `upp`[\s\S]*mean `up`/)])
})

it.skipIf(!has('mandoc'))(`pleases mandoc${missing('mandoc')}`, () => {
  const files = pages.map((name) => join(folder, name))
  const { status, stdout } = spawnSync('mandoc', ['-Tlint', '-Wwarning', ...files], { encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, ''])
})

it.skipIf(!has('groff'))(`pleases groff${missing('groff')}`, () => {
  for (const name of pages) {
    const file = join(folder, name)
    const { status, stderr } = spawnSync('groff', ['-man', '-ww', '-z', file], { encoding: 'utf8' })
    expect([name, status, stderr]).toEqual([name, 0, ''])
  }
})

it('keeps text from being taken for roff', () => {
  expect(text("'a' \\ --b\n.c `d-e` →")).toBe("\\&'a' \\e \\-\\-b\n\\&.c \\fBd\\-e\\fR \\[u2192]")
})

it('takes remarks apart into paragraphs and sections', () => {
  const remarks = 'One.\nStill one.\n\nExample:\n  $ lvn a\n\nTwo:\nno section.\n\nExit codes:\n  0  fine'
  expect(remarkParts(remarks)).toEqual({
    paragraphs: ['One.\nStill one.', 'Two:\nno section.'],
    sections: [
      { title: 'Examples', lines: ['$ lvn a'] },
      { title: 'Exit status', lines: ['0  fine'] },
    ],
  })
})
