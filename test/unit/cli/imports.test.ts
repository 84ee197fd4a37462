// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { ImportOutside } from '../../../grammar/program.ts'
import { Source } from '../../../src/diag/source.ts'
import { analyse } from '../../../src/lsp/analysis.ts'
import { importsOf } from '../../../src/shell/cli/imports.ts'
import { checkFile, checkText } from '../../../src/shell/library/files.ts'
import { lvnPath } from '../../support/cli.ts'

/*
 *   top/common/lib.lvn      top/secret (no overlay file)
 *   top/own/main.lvn        top/own/lib/inner.lvn      top/own/link → ../common      top/own/secret → ../secret
 *   top/alias → own         top/own-not/lib.lvn
 */
let top: string
let root: Source
const at = (...path: string[]) => join(top, ...path)

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'lvn-imports-')))
  const put = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), text)
  }
  put('common/lib.lvn', 'lvn 1\nlet common = 1\n')
  put('own-not/lib.lvn', 'lvn 1\nlet other = 1\n')
  put('secret', 'root:$6$salt$hash:19000:0:99999:7:::\n')
  put('own/main.lvn', 'lvn 1\nimport "../secret"\nimport "/proc/kmsg"\n')
  put('own/lib/inner.lvn', 'lvn 1\nimport "../beside.lvn"\n')
  put('own/beside.lvn', 'lvn 1\nlet beside = 1\n')
  symlinkSync('../common', at('own/link'))
  symlinkSync('../secret', at('own/secret'))
  symlinkSync('own', at('alias'))
  root = new Source(at('own/main.lvn'), '', at('own/main.lvn'))
})
afterAll(() => rmSync(top, { recursive: true }))

describe('a file imports', () => {
  it.each([
    ['one beside it', 'beside.lvn'],
    ['one below its folder', 'lib/inner.lvn'],
    ['one by a path that comes back', 'lib/../beside.lvn'],
  ])('%s', (_, path) => {
    expect(importsOf(root)(path, root).name).toBe(at('own', join(path)))
  })

  it('one of its folder by an absolute path, and on behalf of one below', () => {
    expect(importsOf(root)(at('own/beside.lvn'), root).text).toContain('beside')
    const inner = importsOf(root)('lib/inner.lvn', root)
    expect(importsOf(root)('../beside.lvn', inner).text).toContain('beside')
  })

  it('from its folder by either name of that', () => {
    const aliased = new Source(at('alias/main.lvn'), '', at('own/main.lvn'))
    expect(importsOf(aliased)('beside.lvn', aliased).text).toContain('beside')
    expect(importsOf(aliased)(at('own/beside.lvn'), aliased).text).toContain('beside')
  })

  it.each([
    ['one above its folder', '../secret'],
    ['one that is not there, above its folder', '../no-secret'],
    ['one of a folder whose name begins alike', '../own-not/lib.lvn'],
    ['one that a link leads to', 'secret'],
    ['one in a folder that a link leads to', 'link/lib.lvn'],
    ['one of the kernel', '/proc/kmsg'],
    ['a device', '/dev/zero'],
  ])('not %s', (_, path) => {
    expect(() => importsOf(root)(path, root)).toThrow(ImportOutside)
  })

  it('from a folder that is allowed, by each of its names, and from no other', () => {
    const read = importsOf(root, [at('common')])
    expect(read('../common/lib.lvn', root).text).toContain('common')
    expect(read('link/lib.lvn', root).text).toContain('common')
    expect(() => read('../secret', root)).toThrow(ImportOutside)
    expect(importsOf(root, [at('own/link')])('../common/lib.lvn', root).text).toContain('common')
  })

  it('of a text without a file from the current folder alone', () => {
    for (const name of ['<stdin>', '<text>', 'untitled:Untitled-1']) {
      const text = new Source(name, '')
      expect(importsOf(text)('examples/lib/quarter.lvn', text).name).toBe('examples/lib/quarter.lvn')
      expect(() => importsOf(text)(at('common/lib.lvn'), text)).toThrow(ImportOutside)
    }
  })
})

test('a file that says to have nothing in it, as /proc/kmsg, is not waited for', () => {
  const from = new Source('/proc/x.lvn', '')
  expect(importsOf(from)('/proc/kmsg', from).text).toBe('')
  expect(spawnSync(process.execPath, [lvnPath, 'check', '/proc/kmsg'], { timeout: 120_000 }).status).toBe(3)
})

describe('nothing of a file from elsewhere is printed', () => {
  const expected = (text: string) => {
    expect(text).toContain('LVN2145')
    expect(text).not.toContain('salt')
  }

  it('by the command', () => {
    const words = [lvnPath, 'check', at('own/main.lvn')]
    const { stdout, status } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 120_000 })
    expected(stdout)
    expect(status).toBe(3)
    expect(stdout).toContain(`--allow-import ${top}`)
    const allowed = spawnSync(process.execPath, [lvnPath, '--allow-import', at('common'), 'check', '-'], {
      input: `lvn 1\nimport "${at('common/lib.lvn')}"\n`,
      encoding: 'utf8',
    })
    expect(allowed.stdout).not.toContain('LVN2145')
  })

  it('by the library', async () => {
    expected(JSON.stringify((await checkFile(at('own/main.lvn'))).diagnostics))
    expected(JSON.stringify((await checkText(`lvn 1\nimport "${at('secret')}"\n`)).diagnostics))
    const { diagnostics } = await checkText(`lvn 1\nimport "${at('common/lib.lvn')}"\n`, undefined, {
      allowImport: [at('common')],
    })
    expect(diagnostics.map(({ code }) => code)).not.toContain('LVN2145')
  })

  it('by the language server', () => {
    const { diagnostics } = analyse(
      `file://${at('own/main.lvn')}`,
      'lvn 1\nimport "../secret"\n',
      importsOf(root),
    )
    expected(JSON.stringify(diagnostics))
  })
})
