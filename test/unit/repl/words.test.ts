// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { type Kind, placesOf } from '../../../src/shell/cli/completion/kinds.ts'
import { commandTable } from '../../../src/shell/cli/program.ts'
import { completions, type Find } from '../../../src/shell/repl/completion.ts'
import { splitWords } from '../../../src/shell/repl/words.ts'
import { lvnPath, lvnshPath } from '../../support/cli.ts'

test.each([
  ['plan a.lvn --node gw', ['plan', 'a.lvn', '--node', 'gw'], false],
  ['  show   tunnels  ', ['show', 'tunnels'], false],
  ['check "with blank.lvn"', ['check', 'with blank.lvn'], false],
  ["check 'a\"b'", ['check', 'a"b'], false],
  ['check a\\ b', ['check', 'a b'], false],
  ['show # all of it', ['show'], false],
  ['netns ""', ['netns', ''], false],
  ['check "open', ['check', 'open'], true],
  ['', [], false],
])('%j is split into words', (line, words, open) => {
  expect(splitWords(line)).toMatchObject({ words, open })
})

describe('completion', () => {
  const table = placesOf(commandTable())
  const find: Find = ({ kind }, start, file) => {
    const things: Partial<Record<Kind, readonly string[]>> = {
      source: ['a.lvn', 'b/', 'my net.lvn', "it's.lvn"],
      node: file === 'my net.lvn' ? ['gw', 'kirche'] : [],
      netns: ['red'],
    }
    return (things[kind] ?? []).filter((name) => name.startsWith(start))
  }
  test.each([
    ['pl', ['plan '], 'pl'],
    ['show ', ['devices ', 'tunnels ', 'rules ', 'policies '], ''],
    ['show t', ['tunnels '], 't'],
    ['lvn show t', ['tunnels '], 't'],
    ['lvn pl', ['plan '], 'pl'],
    ['show tunnels ', [], ''],
    ['lab d', ['down '], 'd'],
    ['--netns x lab d', ['down '], 'd'],
    ['help ap', ['apply '], 'ap'],
    ['plan ', ['a.lvn ', 'b/', 'my\\ net.lvn ', "it\\'s.lvn "], ''],
    ['plan my', ['my\\ net.lvn '], 'my'],
    ['plan my\\ n', ['my\\ net.lvn '], 'my\\ n'],
    ['plan "my n', ['"my net.lvn" '], '"my n'],
    ["plan 'b", ["'b/"], "'b"],
    ["plan 'it", ["it\\'s.lvn "], "'it"],
    ['plan a.lvn a', [], 'a'],
    ['check a.lvn a', ['a.lvn '], 'a'],
    ['lab up a', ['a.lvn '], 'a'],
    ['plan --ag', ['--against '], '--ag'],
    ['graph --format m', ['mermaid '], 'm'],
    ['plan my\\ net.lvn --node k', ['kirche '], 'k'],
    ['netns ', ['red '], ''],
    ['ex', ['explain ', 'exit '], 'ex'],
    ['nothing-like-it x', [], 'x'],
  ])('of %j', (line, candidates, word) => {
    expect(completions(line, table, find)).toEqual({ candidates, word })
  })
})

describe('fed from a pipe', () => {
  const run = (input: string, ...args: string[]) =>
    spawnSync(process.execPath, [lvnshPath, ...args], { input, encoding: 'utf8', timeout: 120_000 })

  test('runs line after line', () => {
    const ran = run('check examples/first.lvn\n\n# nothing\ncheck examples/pair.lvn\n')
    expect(ran.stdout).toContain('examples/first.lvn')
    expect(ran.stdout).toContain('examples/pair.lvn')
    expect(ran.status).toBe(0)
  })

  test('ends with the first failure and its code', () => {
    const ran = run('check nowhere.lvn\ncheck examples/pair.lvn\n')
    expect(ran.stdout).not.toContain('pair')
    expect(ran.status).toBe(3)
  })

  test('takes a line as messages and pages write it', () => {
    const ran = run('lvn check examples/first.lvn\nlvn explain LVN1020\n')
    expect(ran).toMatchObject({ status: 0, stderr: '' })
    expect(ran.stdout).toContain('examples/first.lvn')
    expect(ran.stdout).toContain('LVN1020')
  })

  test.each([
    ['as its option', '', ['--netns', 'no-such-namespace']],
    ['as its command', 'netns no-such-namespace\ncheck examples/pair.lvn\n', []],
  ])('refuses a namespace that is not there, %s', (_, input, args) => {
    const ran = run(input, ...args)
    expect(ran).toMatchObject({ status: 64, stdout: '' })
    expect(ran.stderr).toBe('lvnsh: there is no network namespace no-such-namespace\n')
  })

  test('exit leaves, a wrong option explains', () => {
    expect(run('exit\ncheck nowhere.lvn\n').status).toBe(0)
    expect(run('', '--nets').status).toBe(64)
  })
})

test('completion and help know every command of lvn, but for the server of editors', () => {
  const helpOf = (program: string) =>
    spawnSync(process.execPath, [program, '--help'], { encoding: 'utf8' }).stdout
  const commands = [...helpOf(lvnPath).matchAll(/^ {2}([a-z]+)(?= )/gm)].map(([, word]) => word as string)
  const wanted = commands.filter((word) => !['lvn', 'lsp', 'help'].includes(word)).sort()
  expect(wanted.length).toBeGreaterThan(15)
  const completed = completions('', placesOf(commandTable()), () => []).candidates.map((word) => word.trim())
  expect(completed.filter((word) => !['netns', 'help', 'exit'].includes(word)).sort()).toEqual(wanted)
  const help = helpOf(lvnshPath)
  expect(wanted.filter((word) => !new RegExp(`\\b${word}\\b`).test(help))).toEqual([])
})
