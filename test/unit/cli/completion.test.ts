// SPDX-License-Identifier: MIT
/**
 * Completions as the shells themselves give them. A shell that is not installed is skipped, and named.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BundledCli } from '../../support/cli.ts'
import { hasShell, offers, type Shell } from '../../support/shells.ts'

const file = `lvn 1
overlay city {
  net 10.65.0.0/16
  hub core { listen 198.51.100.10; address 10.65.0.1 }
  spoke harbour { endpoint 203.0.113.7; address 10.65.1.1 }
}
`

let cli: BundledCli
beforeAll(() => {
  cli = new BundledCli()
  writeFileSync(join(cli.folder, 'city.lvn'), file)
  writeFileSync(join(cli.folder, 'notes.txt'), '')
  mkdirSync(join(cli.folder, 'more'))
  mkdirSync(join(cli.folder, 'deep/old files'), { recursive: true })
  writeFileSync(join(cli.folder, 'deep/my city.lvn'), file)
  // Home, in the shells of these tests.
  mkdirSync(join(cli.folder, 'tools'))
  writeFileSync(join(cli.folder, 'tools/home.lvn'), file)
})
afterAll(() => cli.dispose())

describe.each<Shell>(['bash', 'zsh', 'fish'])('%s', (shell) => {
  const present = hasShell(shell)
  const why = present ? '' : ` (skipped: ${shell} is not installed)`
  const of = (line: string) => offers(shell, cli, line)

  it.skipIf(!present)(`offers commands${why}`, () => {
    const all = of('lvn ')
    expect(all).toEqual(expect.arrayContaining(['apply', 'check', 'dev', 'help', 'lab', 'plan', 'tun']))
    expect(all).not.toContain('complete-nodes')
    expect(of('lvn ap')).toEqual(['apply'])
  })

  it.skipIf(!present)(`offers sub-commands, also behind options with values${why}`, () => {
    expect(of('lvn lab ')).toEqual(['down', 'list', 'test', 'up'])
    expect(of('lvn --netns x --json lab u')).toEqual(['up'])
  })

  it.skipIf(!present)(`offers the options of a command and those of all${why}`, () => {
    const all = of('lvn plan --')
    expect(all).toEqual(expect.arrayContaining(['--node', '--all', '--json', '--netns', '--help']))
    expect(all).not.toContain('--yes')
    expect(of('lvn apply --ye')).toEqual(['--yes'])
  })

  it.skipIf(!present)(`offers the choices of options and arguments${why}`, () => {
    expect(of('lvn check --format ')).toEqual(['github', 'human', 'json', 'sarif'])
    expect(of('lvn --plane k')).toEqual(['kmod'])
    expect(of('lvn show t')).toEqual(['tunnels'])
    expect(of('lvn completion ')).toEqual(['bash', 'fish', 'zsh'])
  })

  it.skipIf(!present)(`offers overlay files and folders, no others${why}`, () => {
    const files = of('lvn check ').map((name) => name.replace(/\/$/, ''))
    expect(files).toEqual(['city.lvn', 'deep', 'more', 'tools'])
    expect(of('lvn check city.lvn c')).toEqual(['city.lvn'])
    expect(of('lvn plan city.lvn c')).toEqual([])
  })

  it.skipIf(!present)(
    `offers files with blanks in their names, in other folders and behind quotes${why}`,
    () => {
      // zsh keeps the folder to itself and quotes the rest; it also counts the folder that it went through.
      const files = (line: string) =>
        of(line).map((name) =>
          name
            .replaceAll('\\', '')
            .replace(/^(?:.*deep|\.|~)\//, '')
            .replace(/\/$/, ''),
        )
      expect(files('lvn check mo')).toEqual(['more'])
      expect(files('lvn check ./mo')).toEqual(['more'])
      expect(files('lvn check deep/o')).toContain('old files')
      expect(files('lvn check ./deep/my')).toContain('my city.lvn')
      expect(files('lvn check ~/h')).toEqual(['home.lvn'])
      if (shell === 'bash') return // Readline takes the quotes off before it asks.
      expect(files('lvn check deep/my\\ ')).toContain('my city.lvn')
      expect(files('lvn check "deep/my')).toContain('my city.lvn')
    },
  )

  it.skipIf(!present)(`offers the nodes of the file on the line, however it is written${why}`, () => {
    const nodes = ['core', 'harbour']
    expect(of('lvn plan deep/my\\ city.lvn --node ')).toEqual(nodes)
    expect(of('lvn plan "deep/my city.lvn" --node ')).toEqual(nodes)
    expect(of('lvn plan ~/home.lvn --node ')).toEqual(nodes)
  })

  it.skipIf(!present)(`offers the nodes of the file on the line${why}`, () => {
    expect(of('lvn plan city.lvn --node ')).toEqual(['core', 'harbour'])
    expect(of('lvn plan city.lvn --node ha')).toEqual(['harbour'])
  })

  it.skipIf(!present)(`offers interfaces${why}`, () => {
    expect(of('lvn tun list l')).toContain('lo')
    // zsh keeps what stands before the comma to itself.
    expect(of('lvn dev add x --underlay eth9,l')).toContain(shell === 'zsh' ? 'lo' : 'eth9,lo')
  })
})

it('takes a node from a file with mistakes, and nothing from one that is not there', () => {
  const broken = join(cli.folder, 'broken.lvn')
  writeFileSync(broken, file.replace('net 10.65', 'net 10.66'))
  expect(cli.run(['complete-nodes', broken])).toEqual({ status: 0, stdout: 'core\nharbour\n', stderr: '' })
  expect(cli.run(['complete-nodes', 'none.lvn'])).toEqual({ status: 0, stdout: '', stderr: '' })
})
