// SPDX-License-Identifier: MIT
/**
 * The extension for VS Code, as far as it can be tried out without VS Code: it is bundled, and its colours know
 * the words and literals of the language.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tokenize } from '../../../grammar/tokenize.ts'
import { keywords, OpenText } from '../../../grammar/tokens.ts'
import { Source } from '../../../src/diag/source.ts'
import { goldenCases } from '../../support/golden.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path: string) => JSON.parse(readFileSync(join(root, 'editors/vscode', path), 'utf8'))

interface Rule {
  readonly name?: string
  readonly match?: string
  readonly begin?: string
  readonly end?: string
  readonly captures?: Readonly<Record<string, { readonly name: string }>>
  readonly include?: string
  readonly patterns?: readonly Rule[]
}
const grammar: { patterns: Rule[]; repository: Record<string, Rule> } = read('syntaxes/lvn.tmLanguage.json')

/** The rules that match something, in the order in which an editor tries them. */
function flat(rules: readonly Rule[]): Rule[] {
  return rules.flatMap((rule) => {
    if (rule.include !== undefined) return flat([grammar.repository[rule.include.slice(1)] as Rule])
    return rule.match === undefined && rule.begin === undefined ? flat(rule.patterns ?? []) : [rule]
  })
}
const rules = flat(grammar.patterns)

/** One line as TextMate reads it: at each place the rule that matches first, of several there the first one. */
function scopes(line: string): { text: string; scope: string }[] {
  const found: { text: string; scope: string }[] = []
  for (let at = 0; at < line.length; ) {
    let best: { rule: Rule; match: RegExpExecArray } | undefined
    for (const rule of rules) {
      const pattern = new RegExp((rule.match ?? `${rule.begin}.*?(?:${rule.end})`) as string, 'dg')
      pattern.lastIndex = at
      const match = pattern.exec(line)
      if (match !== null && (best === undefined || match.index < best.match.index)) best = { rule, match }
    }
    if (best === undefined) break
    const { rule, match } = best
    if (rule.name !== undefined) found.push({ text: match[0], scope: rule.name })
    for (const [group, { name }] of Object.entries(rule.captures ?? {})) {
      found.push({ text: match[Number(group)] as string, scope: name })
    }
    at = match.index + Math.max(1, match[0].length)
  }
  return found
}
const scopeOf = (line: string, word: string) => scopes(line).findLast(({ text }) => text === word)?.scope

describe('the colours of VS Code', () => {
  it('know the words that start a statement: those of the language, no others', () => {
    const statement = grammar.repository.statement?.match ?? ''
    const words = /\(((?:\w+\|)+\w+)\)/.exec(statement)?.[1]?.split('|')
    expect(words?.sort()).toEqual(Object.keys(keywords).sort())
  })

  it.each(Object.keys(keywords))('show %s where it starts a statement, and nowhere else', (word) => {
    for (const line of [`${word} x`, `  ${word} x {`, `spoke a { ${word} x }`, `net n; ${word} x`]) {
      expect(scopeOf(line, word), line).toBe('keyword.control.lvn')
    }
    expect(scopeOf(`hub ${word} {`, word)).toBe('entity.name.type.lvn')
    expect(scopeOf(`whatever x, ${word}`, word)).not.toBe('keyword.control.lvn')
  })

  it.each([
    ['net 10.64.0.0/16', '10.64.0.0/16', 'constant.numeric.prefix.lvn'],
    ['net a, fd42:64::/48', 'fd42:64::/48', 'constant.numeric.prefix.lvn'],
    ['address 10.64.0.1, x', '10.64.0.1', 'constant.numeric.address.lvn'],
    ['address ::ffff:10.0.0.1', '::ffff:10.0.0.1', 'constant.numeric.address.lvn'],
    ['address dead:beef::1', 'dead:beef::1', 'constant.numeric.address.lvn'],
    ['listen 203.0.113.7:50000', '203.0.113.7:50000', 'constant.numeric.address.lvn'],
    ['listen [2001:db8::1]:50001', '[2001:db8::1]:50001', 'constant.numeric.endpoint.lvn'],
    ['keepalive every 1h30m', '1h30m', 'constant.numeric.duration.lvn'],
    ['keepalive every 500ms, dead', '500ms', 'constant.numeric.duration.lvn'],
    ['expect throughput a -> b >= 100mbit', '100mbit', 'constant.numeric.rate.lvn'],
    ['port 50000', '50000', 'constant.numeric.integer.lvn'],
    ['let x = subnet(pool, /24, i)', '/24', 'constant.numeric.integer.lvn'],
    ['signalling :8443 {', ':8443', 'constant.numeric.integer.lvn'],
    ['let x = subnet(pool, /24, i)', 'subnet', 'entity.name.function.lvn'],
    ['for i in 1..200 {', '..', 'keyword.operator.lvn'],
    ['for i in 1..200 {', 'i', 'variable.other.lvn'],
    ['deny a -> any', '->', 'keyword.operator.lvn'],
    ['deny a -> any', 'any', 'constant.language.lvn'],
    ['spoke a { endpoint nat }', 'nat', 'constant.language.lvn'],
    ['keepalive dead after 90s', 'after', 'keyword.other.lvn'],
    ['if a { b } else if c { d }', 'else if', 'keyword.other.lvn'],
    ['assert not (a and b)', 'not', 'keyword.other.lvn'],
    ['for i in (1)..(2) {', 'in', 'keyword.other.lvn'],
    ['let x = not-me(1)', 'not-me', 'entity.name.function.lvn'],
    ['spoke "4you" { endpoint nat }', '"4you"', 'string.quoted.double.lvn'],
    ['port 1 # hub gw1 "', '# hub gw1 "', 'comment.line.number-sign.lvn'],
  ])('know literals: %s', (line, text, scope) => {
    expect(scopeOf(line, text)).toBe(scope)
  })

  it('take each literal for one of its kind, wherever the lexer finds one', () => {
    const kinds: Readonly<Record<string, string>> = {
      Prefix4: 'prefix',
      Prefix6: 'prefix',
      Address4: 'address',
      Address6: 'address',
      Endpoint4: 'address',
      Endpoint6: 'endpoint',
      Duration: 'duration',
      Rate: 'rate',
      Integer: 'integer',
      Negative: 'integer',
      PrefixLength: 'integer',
      BarePort: 'integer',
    }
    const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.lvn'))
      .map((name) => readFileSync(join(root, 'examples', name), 'utf8'))
    const golden = goldenCases('diagnostics').map(({ folder }) => readFileSync(`${folder}/input.lvn`, 'utf8'))
    let count = 0
    for (const line of [...examples, ...golden].flatMap((text) => text.split('\n'))) {
      const { tokens } = tokenize(new Source('', line))
      if (tokens.some(({ tokenType }) => tokenType === OpenText)) continue
      for (const { image, tokenType } of tokens) {
        const kind = kinds[tokenType.name]
        // Too few or too many numbers are an address to the lexer, so that it can be said what is wrong.
        const whole = !tokenType.name.endsWith('4') || /^\d+(\.\d+){3}(?![.\d])/.test(image)
        if (kind === undefined || !whole) continue
        expect(scopeOf(line, image), line).toBe(`constant.numeric.${kind}.lvn`)
        count++
      }
    }
    expect(count).toBeGreaterThan(200)
  })
})

describe('the extension', () => {
  it('is bundled into one file that needs nothing but VS Code', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lvn-vscode-'))
    try {
      execFileSync(process.execPath, [join(root, 'scripts/vscode.mjs'), folder])
      const text = readFileSync(join(folder, 'extension.js'), 'utf8')
      const needs = new Set([...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name as string))
      const foreign = [...needs].filter((name) => !isBuiltin(name))
      expect(foreign).toEqual(['vscode'])
      expect(text).toMatch(/activate: \(\) => activate/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('names files that are there', () => {
    const { contributes } = read('package.json')
    expect(read(contributes.languages[0].configuration)).toHaveProperty('comments.lineComment', '#')
    expect(read(contributes.grammars[0].path)).toHaveProperty('scopeName', contributes.grammars[0].scopeName)
  })
})
