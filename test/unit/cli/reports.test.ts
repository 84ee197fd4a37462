// SPDX-License-Identifier: MIT
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BundledCli } from '../../support/cli.ts'

const source = `lvn 1
overlay o {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10; address 10.64.0.1 }
}
`
let cli: BundledCli

beforeAll(() => {
  cli = new BundledCli()
  for (const name of ['keep.lvn', 'other.lvn']) writeFileSync(join(cli.folder, name), source)
})
afterAll(() => cli.dispose())

describe('where lab test writes its report', () => {
  it.each([
    ['--tap', 'keep.lvn', 'other.lvn'],
    ['--tap', 'keep.lvn'],
    ['--junit', 'keep.lvn', 'other.lvn'],
  ])('%s %s: an overlay file is not taken for a report', (option, ...files) => {
    const { status, stderr } = cli.run(['lab', 'test', option, ...files])
    expect(status).toBe(64)
    expect(stderr).toContain(`${option} would write its report over keep.lvn`)
    expect(readFileSync(join(cli.folder, 'keep.lvn'), 'utf8')).toBe(source)
  })

  it.each([
    ['its own file', 'main'],
    ['a file that it imports', 'lib/common'],
    ['a symbolic link to it', 'by-name'],
    ['another name of it', 'by-link'],
  ])('%s is no place for it', (_, path) => {
    const at = (name: string) => join(cli.folder, name)
    mkdirSync(at('lib'), { recursive: true })
    writeFileSync(at('lib/common'), 'lvn 1\nlet pool = 10.64.0.0/16\n')
    writeFileSync(at('main'), source.replace('overlay', 'import "lib/common"\noverlay'))
    try {
      symlinkSync('lib/common', at('by-name'))
      linkSync(at('main'), at('by-link'))
    } catch (error) {
      expect(error).toMatchObject({ code: 'EEXIST' })
    }
    const before = ['main', 'lib/common'].map((name) => readFileSync(at(name), 'utf8'))
    const commands = [
      ['lab', 'test', 'main', '--name', 'nosuchlab', `--junit=${path}`],
      ['lab', 'test', 'main', '--name', 'nosuchlab', `--tap=${path}`],
      ['graph', 'main', '--out', path],
      ['plan', 'main', '--against', 'none', '--node', 'gw', '--out', path],
    ]
    for (const command of commands) {
      const { status, stderr } = cli.run(command)
      expect([status, stderr.split('\n')[0]]).toEqual([
        64,
        `error[LVN0108]: ${path} is a source: the result would be written over it`,
      ])
    }
    expect(['main', 'lib/common'].map((name) => readFileSync(at(name), 'utf8'))).toEqual(before)
  })

  it.each([
    ['--junit=no/such/result.xml', 'no/such/result.xml cannot be written: no such directory'],
    ['--tap=keep.lvn/result', 'keep.lvn/result cannot be written: a part of the path is not a directory'],
    ['--tap=.', '. cannot be written: it is a directory'],
  ])('%s is refused before anything is tested', (option, message) => {
    // Nothing has been brought up under that name: it is not even looked for.
    const { status, stderr } = cli.run(['lab', 'test', 'keep.lvn', '--name', 'nosuchlab', option])
    expect(status).toBe(74)
    expect(stderr).toBe(`error[LVN0107]: ${message}\n`)
  })
})
