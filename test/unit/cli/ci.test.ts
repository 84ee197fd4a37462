// SPDX-License-Identifier: MIT
/**
 * The commands that a pipeline uses, in the built program: pictures, explanations, findings in other programs'
 * forms, differences of layout.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BundledCli } from '../../support/cli.ts'
import { elementsOf, parseXml } from '../../support/xml.ts'

const valid = `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw1 { listen 198.51.100.10; address 10.64.0.1 }
  spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }
}
`

let cli: BundledCli
beforeAll(() => {
  cli = new BundledCli()
  writeFileSync(join(cli.folder, 'good.lvn'), valid)
  writeFileSync(join(cli.folder, 'untidy.lvn'), valid.replace('  net', '      net'))
  writeFileSync(join(cli.folder, 'broken.lvn'), valid.replace('net 10', 'nett 10'))
})
afterAll(() => cli.dispose())

const run = (...args: string[]) => cli.run(args)
const read = (name: string) => readFileSync(join(cli.folder, name), 'utf8')

describe('graph', () => {
  it('draws an SVG to standard output, and the same into a file', () => {
    const ran = run('graph', 'good.lvn')
    expect([ran.status, ran.stderr]).toEqual([0, ''])
    const nodes = elementsOf(parseXml(ran.stdout)).flatMap(({ attributes }) => attributes['data-node'] ?? [])
    expect(nodes).toEqual(['mitte/gw1', 'mitte/kirche'])
    for (const _ of ['new', 'replaced']) {
      expect(run('graph', 'good.lvn', '--out', 'good.svg')).toEqual({
        status: 0,
        stdout: '',
        stderr: 'written: good.svg\n',
      })
      expect(read('good.svg')).toBe(ran.stdout)
    }
  })

  it('writes to what is no file as it is', () => {
    const ran = run('graph', 'good.lvn', '--out', '/dev/null', '-q')
    expect(ran).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  it.each([
    ['mermaid', /^flowchart LR\n/],
    ['dot', /^graph lvn \{\n/],
  ])('draws %s', (format, start) => {
    const ran = run('graph', 'good.lvn', '--format', format)
    expect([ran.status, ran.stderr]).toEqual([0, ''])
    expect(ran.stdout).toMatch(start)
  })

  it('prints what is in the picture as JSON', () => {
    const { overlays, seenFrom } = JSON.parse(run('graph', 'good.lvn', '--json').stdout)
    expect(overlays[0].links).toEqual([{ hub: 'n1', spoke: 'n2', preferred: true, state: null }])
    expect(seenFrom).toBe(null)
  })

  it('draws nothing of a file with errors, and says when it cannot write', () => {
    const broken = run('graph', 'broken.lvn', '--out', 'broken.svg')
    expect([broken.status, existsSync(join(cli.folder, 'broken.svg'))]).toEqual([3, false])
    expect(run('graph', 'good.lvn', '--out', 'no/such/folder.svg').stderr).toMatch(
      /LVN0107.*cannot be written/,
    )
  })
})

describe('explain', () => {
  it.each(['LVN2022', 'lvn2022', '2022', 'error[LVN2022]'])('knows %s', (code) => {
    const ran = run('explain', code)
    expect([ran.status, ran.stderr]).toEqual([0, ''])
    expect(ran.stdout).toMatch(/^LVN2022: an address is used twice\n/)
    expect(ran.stdout).toContain('error[LVN2022]: 10.64.1.1 is already an address of `kirche`')
  })

  it('lists every code without one', () => {
    const lines = run('explain').stdout.split('\n')
    const codes = JSON.parse(run('explain', '--json').stdout)
    expect(lines.filter((line) => /^LVN\d{4} {2}\S/.test(line)).length).toBe(codes.length)
  })

  it('says how to find a code that there is', () => {
    const ran = run('explain', 'LVN2029')
    expect([ran.status, ran.stdout]).toEqual([64, ''])
    expect(ran.stderr).toBe(
      'error[LVN6420]: there is no code `LVN2029`\nhelp: `lvn explain` lists them all\n',
    )
  })

  it.each([
    ['LVN0101', ['check', 'no-such-file.lvn']],
    ['LVN0102', ['check', '.']],
    ['LVN0105', ['check', '/bin/ls']],
    ['LVN0106', ['plan', 'broken.lvn', '--json']],
    ['LVN0107', ['graph', 'good.lvn', '--out', '/no/such/folder/overlay.svg']],
    ['LVN6410', ['show', 'tunels']],
    ['LVN6420', ['explain', 'LVN9999']],
    ['LVN6421', ['lab', 'test', 'good.lvn', '--tap', '--json']],
    ['LVN8001', ['lab', 'down']],
  ])('has a command for %s that provokes it', (code, args) => {
    const ran = run(...args)
    expect(`${ran.stdout}${ran.stderr}`).toContain(code)
    const { command } = JSON.parse(run('explain', code, '--json').stdout)
    expect(command.replace('overlay.lvn', 'good.lvn')).toBe(`lvn ${args.join(' ')}`)
  })
})

describe('check', () => {
  it('points to the explanation of the first finding, unless it should be quiet', () => {
    expect(run('check', 'broken.lvn').stderr).toBe('for more: lvn explain LVN1020\n')
    expect(run('check', 'broken.lvn', '--quiet').stderr).toBe('')
  })

  it('prints SARIF, also when there is nothing to say', () => {
    const bad = run('check', '--format', 'sarif', 'broken.lvn')
    expect([bad.status, bad.stderr]).toEqual([3, ''])
    const { version, runs } = JSON.parse(bad.stdout)
    expect([version, runs[0].results[0].ruleId]).toEqual(['2.1.0', 'LVN1020'])
    const good = run('check', '--format', 'sarif', 'good.lvn')
    expect([good.status, JSON.parse(good.stdout).runs[0].results]).toEqual([0, []])
  })

  it('prints annotations of GitHub', () => {
    const ran = run('check', '--format', 'github', 'broken.lvn')
    expect(ran.stdout.split('\n')[0]).toBe(
      '::error file=broken.lvn,line=3,col=3,endLine=3,endColumn=7,title=LVN1020::`nett` means nothing in an overlay (did you mean `net`?)',
    )
  })
})

describe('check of several files, some of which cannot be read', () => {
  const files = ['none,1.lvn', 'broken.lvn', '.', 'latin.lvn', 'good.lvn']
  const codes = ['LVN0101', 'LVN1020', 'LVN0102', 'LVN0105']
  beforeAll(() => writeFileSync(join(cli.folder, 'latin.lvn'), Buffer.from([0x67, 0xf6])))

  it('says of each what is wrong with it', () => {
    const ran = run('check', ...files)
    expect(ran.status).toBe(3)
    expect(ran.stdout.match(/LVN\d{4}/g)).toEqual(codes)
    expect(ran.stdout).toContain('error[LVN0101]: none,1.lvn: no such file\n')
    expect(ran.stdout).toMatch(/4 errors\nok: good\.lvn/)
  })

  it('annotates the files', () => {
    const lines = run('check', '--format', 'github', ...files)
      .stdout.trimEnd()
      .split('\n')
    expect(lines).toEqual([
      '::error file=none%2C1.lvn,title=LVN0101::none,1.lvn: no such file',
      expect.stringMatching(/^::error file=broken\.lvn,line=3,/),
      '::error file=.,title=LVN0102::. is a directory (name a file in it)',
      expect.stringMatching(/^::error file=latin\.lvn,title=LVN0105::latin\.lvn is not UTF-8 text/),
    ])
  })

  it('has a result of SARIF for each', () => {
    const [{ results }] = JSON.parse(run('check', '--format', 'sarif', ...files).stdout).runs
    expect(results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(codes)
    expect(results[0].locations).toEqual([
      { physicalLocation: { artifactLocation: { uri: 'none%2C1.lvn' } } },
    ])
  })

  it('has an entry of JSON for each', () => {
    const { files: checked, diagnostics } = JSON.parse(run('check', '--json', ...files).stdout)
    expect(checked.map(({ name, valid }: { name: string; valid: boolean }) => [name, valid])).toEqual(
      files.map((name) => [name, name === 'good.lvn']),
    )
    expect(diagnostics.map(({ code }: { code: string }) => code)).toEqual(codes)
  })

  it('is so of fmt, too', () => {
    const ran = run('fmt', '--check', ...files)
    expect([ran.status, ran.stdout]).toEqual([3, ''])
    expect(ran.stderr.match(/LVN\d{4}/g)).toEqual(codes)
  })
})

describe('fmt --diff', () => {
  it('shows the difference, writes nothing, and exits like --check', () => {
    const before = read('untidy.lvn')
    const ran = run('fmt', '--diff', 'untidy.lvn', 'good.lvn')
    expect([ran.status, ran.stderr]).toEqual([2, ''])
    expect(ran.stdout.split('\n').slice(0, 7)).toEqual([
      '--- a/untidy.lvn',
      '+++ b/untidy.lvn',
      '@@ -1,6 +1,6 @@',
      ' lvn 1',
      ' overlay mitte {',
      '-      net 10.64.0.0/16',
      '+  net 10.64.0.0/16',
    ])
    expect(read('untidy.lvn')).toBe(before)
    expect(run('fmt', '--diff', 'good.lvn')).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it.each([
    ['git', ['apply']],
    ['patch', ['-p1']],
  ])('is what %s takes, for files in folders, too', (command, args) => {
    if (spawnSync(command, ['--version']).error !== undefined) return
    const files = ['one.lvn', 'net/two.lvn', 'net/a blank.lvn'].map((name) => `${command}/${name}`)
    mkdirSync(join(cli.folder, command, 'net'), { recursive: true })
    for (const name of files) writeFileSync(join(cli.folder, name), read('untidy.lvn'))
    const [one, ...others] = files as [string, ...string[]]
    const { stdout } = run('fmt', '--diff', `./${one}`, ...others.map((name) => join(cli.folder, name)))
    const { status } = spawnSync(command, args, { cwd: cli.folder, input: stdout })
    expect([status, ...files.map(read)]).toEqual([0, valid, valid, valid])
  })

  it('is coloured where colours are wanted', () => {
    const ran = cli.run(['fmt', '--diff', 'untidy.lvn'], { env: { FORCE_COLOR: '1' } })
    expect(ran.stdout).toContain('\u001b[31m-      net 10.64.0.0/16\u001b[39m')
    expect(ran.stdout).toContain('\u001b[32m+  net 10.64.0.0/16\u001b[39m')
  })

  it('takes standard input, and puts the difference into JSON', () => {
    const ran = cli.run(['fmt', '--diff', '-', '--json'], { input: read('untidy.lvn') })
    expect(ran.status).toBe(2)
    const [file] = JSON.parse(ran.stdout).files
    expect(file).toMatchObject({ name: '<stdin>', changed: true })
    expect(file.diff).toMatch(/^--- <stdin>\n/)
  })
})

describe('JSON', () => {
  it.each([
    ['check', ['check', 'good.lvn']],
    ['fmt', ['fmt', '--check', 'good.lvn']],
    ['graph', ['graph', 'good.lvn']],
    ['plan', ['plan', '--against', 'none', '--node', 'kirche', 'good.lvn']],
    ['explain', ['explain', 'LVN2022']],
    ['confirm', ['confirm', '--status']],
    ['an error', ['check']],
  ])('of %s says first which version of its form it is', (_, args) => {
    const { stdout } = cli.run([...args, '--json'], { env: { LVN_STATE_DIR: 'none' } })
    expect(Object.entries(JSON.parse(stdout))[0]).toEqual(['formatVersion', 1])
  })
})
