// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { print } from '../../../grammar/printer.ts'
import { renderHuman } from '../../../src/diag/render.ts'
import { Source } from '../../../src/diag/source.ts'
import { arbitraryFile, withoutPlaces } from '../../support/arbitrary-file.ts'

function reparse(text: string) {
  const { file, diagnostics } = parse(new Source('printed', text))
  expect(renderHuman(diagnostics)).toBe('')
  return file
}

function format(text: string): string {
  return print(reparse(text))
}

describe('print', () => {
  it('is undone by parse', () => {
    fc.assert(
      fc.property(arbitraryFile, (file) => {
        expect(withoutPlaces(reparse(print(file)))).toEqual(withoutPlaces(file))
      }),
      { numRuns: 300 },
    )
  })

  it('leaves its own output alone', () => {
    fc.assert(
      fc.property(arbitraryFile, (file) => {
        const once = format(print(file))
        expect(format(once)).toBe(once)
      }),
      { numRuns: 200 },
    )
  })

  const examples = new URL('../../../examples/', import.meta.url)
  it.each(readdirSync(examples).filter((name) => name.endsWith('.lvn')))('finds %s canonical', (name) => {
    const text = readFileSync(new URL(name, examples), 'utf8')
    expect(format(text)).toBe(text)
  })

  it('lays out blanks, separators, quotes and comments', () => {
    const messy = [
      '  lvn   1 ;',
      '',
      '',
      '# about it',
      'overlay "mitte"',
      '{   # why',
      'net 10.0.0.0/8,fd42::/48;port 50000',
      '',
      ' spoke   a{endpoint   2001:db8::1 ; address 10.0.0.1,  # main',
      '    fd42::1 } # behind',
      '  spoke b {}  spoke "for" { endpoint "nat" }',
      ' # last',
      '}',
    ].join('\r\n')
    expect(format(messy)).toBe(
      [
        'lvn 1',
        '',
        '# about it',
        'overlay mitte {  # why',
        '  net 10.0.0.0/8, fd42::/48',
        '  port 50000',
        '',
        '  spoke a {',
        '    endpoint [2001:db8::1]',
        '    # main',
        '    address 10.0.0.1, fd42::1',
        '  }  # behind',
        '  spoke b {}',
        '  spoke "for" { endpoint "nat" }',
        '  # last',
        '}',
        '',
      ].join('\n'),
    )
  })

  it('starts no line with a value that is named like a statement', () => {
    const rest = Array.from({ length: 20 }, () => 'routes, 10.64.0.0/24')
    const text = `lvn 1\nlet routes = 10.64.1.0/24\noverlay o { net ${rest.join(', ')}, net + 1 }\n`
    const printed = format(text)
    expect(printed.split('\n').filter((line) => /^ *routes/.test(line))).toEqual([])
    expect(format(printed)).toBe(printed)
    expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  it('takes a list of one IPv6 address for what it is without blanks', () => {
    const text =
      'lvn 1\nlet x = [ ::3 ]\noverlay o { hub h { listen [ ::1 ]; address [ fd42::1 ] }; allow [ ::2 ] -> any }\n'
    const printed = format(text)
    expect(printed).toContain('listen [::1]; address [fd42::1]')
    expect(withoutPlaces(reparse(printed))).toEqual(withoutPlaces(reparse(text)))
  })

  it('continues a long list on further lines', () => {
    const addresses = Array.from({ length: 12 }, (_, i) => `10.64.100.${100 + i}`)
    const printed = format(`lvn 1\noverlay o { hub h { address ${addresses.join(', ')} } }\n`)
    expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(printed.split('\n').length).toBe(9)
  })
})
