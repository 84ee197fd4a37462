// SPDX-License-Identifier: MIT
import { readFileSync, writeFileSync } from 'node:fs'
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
