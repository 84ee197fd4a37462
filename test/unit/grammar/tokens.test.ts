// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { tokenize } from '../../../grammar/tokenize.ts'
import { newLexer } from '../../../grammar/tokens.ts'
import { Source } from '../../../src/diag/source.ts'

/** `Type image`, without the line break that is always last. */
function lex(text: string): string[] {
  const { tokens } = tokenize(new Source('text', text))
  return tokens.slice(0, -1).map((token) => `${token.tokenType.name} ${token.image}`)
}

describe('tokenize', () => {
  it('follows patterns that Chevrotain finds nothing wrong with', () => {
    const { lexerDefinitionErrors, lexerDefinitionWarning } = newLexer(true) as unknown as {
      lexerDefinitionErrors: unknown[]
      lexerDefinitionWarning: unknown[]
    }
    expect([...lexerDefinitionErrors, ...lexerDefinitionWarning]).toEqual([])
  })

  it.each([
    ['10.64.0.1', 'Address4'],
    ['10.64.0.300', 'Address4'],
    ['10.64.0.0/16', 'Prefix4'],
    ['10.64.0.0/99', 'Prefix4'],
    ['203.0.113.7:50000', 'Endpoint4'],
    ['::', 'Address6'],
    ['::1', 'Address6'],
    ['dead:beef::1', 'Address6'],
    ['::ffff:10.0.0.1', 'Address6'],
    ['fd42:64:0:2::1', 'Address6'],
    ['fd42::/48', 'Prefix6'],
    ['[2001:db8::1]:50001', 'Endpoint6'],
    ['[2001:db8:77::5]', 'Endpoint6'],
    ['dach.example.org:50000', 'HostPort'],
    ['dach:50000', 'HostPort'],
    ['dach.example.org', 'Name'],
    ['dead', 'Name'],
    ['gw-1', 'Name'],
    ['xn--mnchen-3ya.example', 'Name'],
    [':8443', 'BarePort'],
    ['/24', 'PrefixLength'],
    ['20s', 'Duration'],
    ['1h30m', 'Duration'],
    ['500ms', 'Duration'],
    ['1m500ms', 'Duration'],
    ['200', 'Integer'],
    ['-1', 'Negative'],
    ['"a \\" b"', 'Text'],
    ['->', 'Arrow'],
    ['100mbit', 'Rate'],
    ['<=', 'Operator'],

    ['hub', 'hub'],
    ['for', 'for'],
    ['else', 'else'],
  ])('reads %s as %s', (text, type) => {
    expect(lex(text)).toEqual([`${type} ${text}`])
  })

  it.each([
    '10.0.0.0/16x',
    '20sec',
    '30m1h',
    '10.0.0.1.',
    '10.64..1',
    'port:',
    '[::1]x',
    '4you',
    'münchen',
    'fe80::1%eth0',
    'x:y:z',
    '10.0.0.1-10.0.0.9',
  ])('makes one bad token of %s', (text) => {
    const { tokens } = tokenize(new Source('text', ` ${text}\t`))
    expect(tokens.map((token) => token.image)).toEqual([text, ''])
    expect(tokens[0]?.tokenType.name).toBe('Bad')
  })

  it.each([
    '10.64.{i}.1',
    '10.64.{i:03}.{j}/24',
    'fd42:0:{i}::1',
    'ap{i}',
    'ap-{site}-{i}',
    'ap{i}.example.org:50000',
  ])('keeps %s in one piece, which is a bad word', (text) => {
    expect(lex(`a ${text} b{c d}`)).toEqual(['Name a', `Bad ${text}`, ...lex('b{c d}')])
  })

  it('separates ranges, arrows and punctuation from literals', () => {
    expect(lex('1..200')).toEqual(['Integer 1', 'Operator ..', 'Integer 200'])
    expect(lex('10.0.0.1..10.0.0.9')).toEqual(['Address4 10.0.0.1', 'Operator ..', 'Address4 10.0.0.9'])
    expect(lex('i - 1')).toEqual(['Name i', 'Operator -', 'Integer 1'])
    expect(lex('-2..-1')).toEqual(['Negative -2', 'Operator ..', 'Negative -1'])
    expect(lex('i-1')).toEqual(['Name i-1'])
    expect(lex('[::1, a]')).toEqual(['LBracket [', 'Address6 ::1', 'Comma ,', 'Name a', 'RBracket ]'])
    expect(lex('kirche->dach-2')).toEqual(['Name kirche', 'Arrow ->', 'Name dach-2'])
    expect(lex('a,b;c{d;}')).toEqual([
      'Name a',
      'Comma ,',
      'Name b',
      'Semicolon ;',
      'Name c',
      'LCurly {',
      'Name d',
      'Semicolon ;',
      'RCurly }',
    ])
  })

  it('keeps comments apart', () => {
    const { tokens, comments } = tokenize(new Source('text', 'port 1 # one { }\n# two'))
    expect(tokens.map((token) => token.image)).toEqual(['port', '1', '\n', ''])
    expect(comments.map((token) => token.image)).toEqual(['# one { }', '# two'])
  })

  it('reports stray characters once a line', () => {
    const { diagnostics } = tokenize(new Source('text', 'a & b & c\nport = 5\u00a0'))
    expect(diagnostics.map(({ message }) => message)).toEqual([
      '`&` has no meaning here',
      '`=` has no meaning here',
    ])
  })
})
