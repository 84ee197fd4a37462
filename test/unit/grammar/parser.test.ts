// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import type * as ast from '../../../grammar/ast.ts'
import { parse } from '../../../grammar/parser.ts'
import { LvnParser } from '../../../grammar/rules.ts'
import { formatSpan, Source } from '../../../src/diag/source.ts'

function read(text: string) {
  return parse(new Source('text', text))
}

function codes(text: string) {
  return read(text).diagnostics.map(({ code, span }) => `${code} ${span ? formatSpan(span) : ''}`)
}

function overlay(text: string): ast.Overlay {
  const { file, diagnostics } = read(`lvn 1\noverlay o {\n${text}\n}`)
  expect(diagnostics).toEqual([])
  return file.body.statements[0] as ast.Overlay
}

describe('parse', () => {
  it('follows rules that are without contradiction', () => {
    expect(() => new LvnParser(true)).not.toThrow()
  })

  it('gives every node its place', () => {
    const { file } = read('lvn 1\noverlay mitte { net 10.0.0.0/8, fd42::/48 }\n')
    const mitte = file.body.statements[0] as ast.Overlay
    const net = mitte.body.statements[0] as ast.Net
    const text = ({ source, start, end }: ast.Statement['span']) => source.text.slice(start, end)
    expect(text(mitte.span)).toBe('overlay mitte { net 10.0.0.0/8, fd42::/48 }')
    expect(text(mitte.body.span)).toBe('{ net 10.0.0.0/8, fd42::/48 }')
    expect(text(net.span)).toBe('net 10.0.0.0/8, fd42::/48')
    expect(net.prefixes.map(({ span }) => text(span))).toEqual(['10.0.0.0/8', 'fd42::/48'])
  })

  it('reads keywords as names', () => {
    const { body } = overlay('spoke hub { match hostname spoke, overlay; endpoint net:50000 }')
    const [spoke] = body.statements as [ast.Spoke]
    expect(spoke.name).toMatchObject({ kind: 'name', text: 'hub' })
    const [match, endpoint] = (spoke.body as ast.Body<ast.SpokeStatement>).statements as [
      ast.Match,
      ast.Endpoint,
    ]
    expect(match.hostnames).toMatchObject([
      { kind: 'reference', text: 'spoke' },
      { kind: 'reference', text: 'overlay' },
    ])
    expect(endpoint.endpoint).toMatchObject({ host: { kind: 'name', text: 'net' }, port: { value: 50000 } })
  })

  it.each([
    ['203.0.113.7', 'address', '203.0.113.7', undefined],
    ['203.0.113.7:50000', 'address', '203.0.113.7', 50000],
    ['2001:db8::5', 'address', '2001:db8::5', undefined],
    ['[2001:db8::5]', 'address', '2001:db8::5', undefined],
    ['[2001:db8::5]:50001', 'address', '2001:db8::5', 50001],
    ['dach.example.org', 'name', 'dach.example.org', undefined],
    ['"4you.example:7"', 'name', '4you.example', 7],
  ])('reads the endpoint %s', (text, kind, host, port) => {
    const [spoke] = overlay(`spoke s { endpoint ${text} }`).body.statements as [ast.Spoke]
    const { endpoint } = (spoke.body as ast.Body<ast.SpokeStatement>).statements[0] as ast.Endpoint
    expect(endpoint).toMatchObject({ kind: 'endpoint', host: { kind, text: host } })
    expect((endpoint as ast.EndpointLiteral).port?.value).toBe(port)
  })

  it('reads keepalives in either order and in part', () => {
    const { body } = overlay('keepalive every 1h30m\nkeepalive dead after 90s, every 500ms')
    const ms = (time: ast.Keepalive['every']) => (time as ast.DurationLiteral | null)?.ms
    const times = (body.statements as ast.Keepalive[]).map(({ every, dead }) => [ms(every), ms(dead)])
    expect(times).toEqual([
      [5_400_000, undefined],
      [500, 90_000],
    ])
  })

  it('takes line breaks after commas and before braces, semicolons, CRLF and a byte order mark', () => {
    const text = '\ufefflvn 1;;\r\noverlay o\r\n\r\n{\r\n net 10.0.0.0/8,\r\n\r\n  fd42::/48; port 7 }\r\n'
    const { file, diagnostics } = read(text)
    expect(diagnostics).toEqual([])
    const [only] = file.body.statements as [ast.Overlay]
    expect(only.body.statements.map(({ kind }) => kind)).toEqual(['net', 'port'])
  })

  it('reports mistakes of different statements each once', () => {
    const text = [
      'lvn 1',
      'overlay o {',
      '  net 10.0.0.0/8 10.0.0.0/9 10.0.0.0/10',
      '  keepalive evry 20s, ded after 3',
      '  hub { listn 1.2.3.4; addres 10.0.0.1, }',
      '  spoke s { endpoint; device lvn0 { mode slow; mtu /20 } }',
      '}',
      '}',
    ].join('\n')
    expect(codes(text)).toEqual([
      'LVN1025 text:3:18',
      'LVN1024 text:4:13',
      'LVN1024 text:5:7',
      'LVN1020 text:5:9',
      'LVN1020 text:5:24',
      'LVN1024 text:6:21',
      'LVN1024 text:6:42',
      'LVN1024 text:6:52',
      'LVN1032 text:8:1',
    ])
  })

  it('never says anything about a file of another version but that', () => {
    expect(codes('lvn 2\noverlay o [ ]]')).toEqual(['LVN1012 text:1:5'])
  })

  it('survives absurd nesting', () => {
    const { diagnostics } = read(`lvn 1\n${'overlay o { '.repeat(20_000)}`)
    expect(diagnostics.length).toBeGreaterThan(0)
  })
})
