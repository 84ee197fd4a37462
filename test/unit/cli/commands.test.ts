// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import packageJson from '../../../package.json' with { type: 'json' }
import { commandTable, runProgram } from '../../../src/shell/cli/program.ts'
import { allEntries } from '../../../src/shell/cli/table.ts'
import { BundledCli, type CliOptions, lvnshPath } from '../../support/cli.ts'

const valid = `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw1 {
    listen 198.51.100.10
    device lvn0 { address 10.64.0.1 }
  }
  spoke kirche {
    endpoint 203.0.113.7:50000
    address 10.64.1.1
    routes 10.64.1.0/24
  }
}
`
const untidy = valid.replace('  net ', '     net   ')
const broken = valid.replace('net 10.64.0.0/16', 'nett 10.64.0.0/16').replace('203.0.113.7', '203.0.113.700')

let cli: BundledCli
beforeAll(async () => {
  cli = new BundledCli()
})
afterAll(() => cli.dispose())

const run = (...args: string[]) => cli.run(args)
const runWith = (options: CliOptions, ...args: string[]) => cli.run(args, options)
function file(name: string, text: string): string {
  const path = join(cli.folder, name)
  writeFileSync(path, text)
  return path
}

async function helpOf(path: readonly string[]): Promise<string> {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    await expect(runProgram([...path, '--help'])).rejects.toMatchObject({ exitCode: 0 })
    return written.mock.calls.map(([text]) => text).join('')
  } finally {
    written.mockRestore()
  }
}

describe('arguments', () => {
  it('prints the version', () => {
    expect(run('--version')).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  })

  it.each([[['--help']], [['help']]])('prints help for %s', (args) => {
    const ran = run(...args)
    expect([ran.status, ran.stderr]).toEqual([0, ''])
    expect(ran.stdout).toMatch(/^Usage: lvn .*\n[\s\S]*lvn apply overlay\.lvn[\s\S]*Exit codes:/)
  })

  it('prints help for a command of a command, and refuses a word that is none', () => {
    expect(run('help', 'lab', 'up')).toEqual(run('lab', 'up', '--help'))
    expect(run('help', 'lab').stdout).toMatch(/^Usage: lvn lab /)
    for (const more of [['good.lvn'], ['--name', 'x', 'good.lvn'], ['--', 'good.lvn']])
      expect(run('help', 'lab', 'up', ...more)).toEqual(run('lab', 'up', '--help'))
    expect(run('help', '--', 'completion', 'bash').stdout).toMatch(/^Usage: lvn completion /)
    for (const [words, wrong] of [
      [['aply'], 'aply'],
      [['lab', 'upp'], 'upp'],
    ] as const) {
      const ran = run('help', ...words)
      expect([ran.status, ran.stdout]).toEqual([64, ''])
      expect(ran.stderr).toContain(wrong)
    }
  })

  const pages = [
    ...allEntries(commandTable()).map(({ path }) => [path.join(' '), () => helpOf(path.slice(1))] as const),
    ['lvnsh', async () => spawnSync(process.execPath, [lvnshPath, '--help'], { encoding: 'utf8' }).stdout],
  ] as const
  it.each(pages)('%s: no line of its help is wider than 80 columns', async (name, page) => {
    const text = await page()
    expect(text).toContain(`Usage: ${name}`)
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('prints help on standard error, exit code 64, when nothing is asked', () => {
    const ran = run()
    expect([ran.status, ran.stdout]).toEqual([64, ''])
    expect(ran.stderr).toMatch(/^Usage: lvn /)
  })

  it.each([
    ...['check', 'fmt', 'graph', 'explain', 'plan', 'apply', 'destroy', 'show', 'snapshot', 'lab'].map(
      (name) => [name],
    ),
    ...['up', 'test', 'down', 'list'].map((name) => ['lab', name]),
    ...['confirm', 'rollback', 'history'].map((name) => [name]),
    ...['dev', 'tun', 'rule'].flatMap((name) =>
      [[], ['add'], ['set'], ['del'], ['list']].map((verb) => [name, ...verb]),
    ),
    ...['completion', 'man'].map((name) => [name]),
  ])('has help with examples for %s %s', (...command: (string | undefined)[]) => {
    const words = command.filter((word) => word !== undefined)
    const ran = run(...words, '--help')
    expect(ran.status).toBe(0)
    expect(ran.stdout).toMatch(/^Usage: lvn /)
    expect(ran.stdout).toContain('--netns')
    expect(ran.stdout).toContain(`$ lvn ${words.join(' ')}`)
  })

  it.each([
    [['aply', 'x'], 'unknown command `aply`', 'did you mean `apply`?'],
    [['lab', 'upp'], 'unknown command `upp`', 'did you mean `up`?'],
    [['plan', 'x', '--jsno'], 'unknown option `--jsno`', 'did you mean `--json`?'],
    [['plan'], 'missing required argument `file`', 'see `lvn plan --help`'],
    [
      ['plan', 'a', 'b'],
      'too many arguments for `plan`. Expected 1 argument but got 2',
      'see `lvn plan --help`',
    ],
    [
      ['show', '--plane', 'fast'],
      'option `--plane <plane>` argument `fast` is invalid. Allowed choices are auto, ebpf, kmod',
      'see `lvn --help`',
    ],
    [
      ['show', 'tunels'],
      'show has no `tunels`; it knows `devices`, `tunnels`, `rules` or `policies`',
      'did you mean `tunnels`?',
    ],
  ])('answers %j with a sentence and a way out, exit code 64', (args, message, hint) => {
    expect(run(...args)).toEqual({
      status: 64,
      stdout: '',
      stderr: `error[LVN6410]: ${message}\nhelp: ${hint}\n`,
    })
  })

  it('reports a mistake as JSON on standard output when JSON was asked for', () => {
    const ran = run('plan', '--json')
    expect([ran.status, ran.stderr]).toEqual([64, ''])
    expect(JSON.parse(ran.stdout)).toEqual({
      formatVersion: 1,
      error: {
        code: 'LVN6410',
        message: 'missing required argument `file`',
        hint: 'see `lvn plan --help`',
        diagnostics: [],
      },
    })
  })
})

describe('check', () => {
  it('says that a file is right', () => {
    file('right.lvn', valid)
    expect(run('check', 'right.lvn')).toEqual({
      status: 0,
      stdout: 'ok: right.lvn: 1 overlay, 2 nodes\n',
      stderr: '',
    })
  })

  it('reads standard input', () => {
    const ran = runWith({ input: valid }, 'check', '-')
    expect([ran.status, ran.stdout]).toEqual([0, 'ok: <stdin>: 1 overlay, 2 nodes\n'])
  })

  it('prints every finding and the sum, exit code 3', () => {
    file('broken.lvn', broken)
    const ran = run('check', 'broken.lvn')
    expect([ran.status, ran.stderr]).toEqual([3, 'for more: lvn explain LVN1020\n'])
    expect(ran.stdout).toContain('broken.lvn:3:3')
    expect(ran.stdout).toContain('broken.lvn:9:14')
    expect(ran.stdout).toMatch(/\n\d+ errors\n$/)
  })

  it('prints findings as JSON', () => {
    file('broken.lvn', broken)
    for (const args of [['--format', 'json'], ['--json']]) {
      const ran = run('check', 'broken.lvn', ...args)
      expect([ran.status, ran.stderr]).toEqual([3, ''])
      const answer = JSON.parse(ran.stdout)
      expect(answer.files).toMatchObject([{ name: 'broken.lvn', valid: false }])
      expect(answer.diagnostics[0]).toMatchObject({ place: { file: 'broken.lvn', line: 3, column: 3 } })
    }
  })

  it('prints findings as workflow commands', () => {
    file('broken.lvn', broken)
    const ran = run('check', 'broken.lvn', '--format', 'github')
    expect(ran.status).toBe(3)
    expect(ran.stdout).toMatch(/^::error file=broken\.lvn,line=3,col=3,/)
  })

  it('shows people the first hundred findings, and how many more there are; programs all of them', () => {
    file('many.lvn', `lvn 1\n${'nett\n'.repeat(600)}`)
    const { stdout } = run('check', 'many.lvn')
    expect(stdout.match(/^error\[/gm)).toHaveLength(100)
    expect(stdout).toMatch(/\n\nand 500 more findings: .*\n\n600 errors\n$/)
    expect(JSON.parse(run('check', '--json', 'many.lvn').stdout).diagnostics).toHaveLength(600)
  })

  it('refuses what it cannot read, exit code 3', () => {
    expect(run('check', 'none.lvn')).toEqual({
      status: 3,
      stdout: 'error[LVN0101]: none.lvn: no such file\n\n1 error\n',
      stderr: 'for more: lvn explain LVN0101\n',
    })
    expect(run('check', '.').stdout).toContain('. is a directory')
  })

  it('colours only where it is wanted', () => {
    file('broken.lvn', broken)
    const colour = (env: Record<string, string>, ...args: string[]) =>
      runWith({ env }, 'check', 'broken.lvn', ...args).stdout.includes('\x1b[')
    expect(colour({})).toBe(false)
    expect(colour({ FORCE_COLOR: '1' })).toBe(true)
    expect(colour({ FORCE_COLOR: '1' }, '--no-color')).toBe(false)
    expect(colour({ FORCE_COLOR: '0' })).toBe(false)
    expect(colour({ NO_COLOR: '1' })).toBe(false)
  })
})

describe('fmt', () => {
  it('rewrites a file in place, keeps its mode and says so', () => {
    const path = file('untidy.lvn', untidy)
    chmodSync(path, 0o640)
    expect(run('fmt', 'untidy.lvn')).toEqual({ status: 0, stdout: '', stderr: 'formatted: untidy.lvn\n' })
    expect(readFileSync(path, 'utf8')).toBe(valid)
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(run('fmt', 'untidy.lvn')).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('follows a symbolic link and leaves it one', () => {
    const path = file('linked.lvn', untidy)
    symlinkSync('linked.lvn', join(cli.folder, 'link.lvn'))
    expect(run('fmt', 'link.lvn').status).toBe(0)
    expect(readFileSync(path, 'utf8')).toBe(valid)
    expect(run('check', 'link.lvn').status).toBe(0)
  })

  it('lists the files that differ with --check and writes nothing, exit code 2', () => {
    const path = file('differs.lvn', untidy)
    file('same.lvn', valid)
    expect(run('fmt', '--check', 'same.lvn', 'differs.lvn')).toEqual({
      status: 2,
      stdout: 'differs.lvn\n',
      stderr: '',
    })
    expect(readFileSync(path, 'utf8')).toBe(untidy)
    expect(run('fmt', '--check', 'same.lvn').status).toBe(0)
  })

  it('formats standard input to standard output', () => {
    expect(runWith({ input: untidy }, 'fmt', '-')).toEqual({ status: 0, stdout: valid, stderr: '' })
  })

  it('leaves a file with errors alone, formats the others, exit code 3', () => {
    const bad = file('bad.lvn', 'lvn 1\noverlay { \n')
    const good = file('good.lvn', untidy)
    const ran = run('fmt', 'bad.lvn', 'good.lvn')
    expect([ran.status, ran.stdout]).toEqual([3, ''])
    expect(ran.stderr).toContain('bad.lvn:')
    expect(readFileSync(bad, 'utf8')).toBe('lvn 1\noverlay { \n')
    expect(readFileSync(good, 'utf8')).toBe(valid)
  })
})
