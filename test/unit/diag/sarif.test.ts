// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { explanations } from '../../../src/diag/explain/index.ts'
import { renderSarif } from '../../../src/diag/sarif.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'

const text = `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw1 { listen 198.51.100.10; address 10.64.0.1 }
  spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }
  spoke dach { endpoint 203.0.113.8; address 10.64.1.1 }
  keepalife every 20s
}
`

function sarifOf(name: string) {
  const parsed = parse(new Source(name, text))
  const found = [...parsed.diagnostics, ...resolve([parsed.file]).diagnostics]
  const titleOf = (code: string) => explanations.get(code)?.title
  return JSON.parse(renderSarif(found, { version: '1.2.3', titleOf }))
}

describe('SARIF', () => {
  const [run] = sarifOf('./net/city überall.lvn').runs

  it('names the program and the rules that have results', () => {
    expect(run.tool.driver).toMatchObject({ name: 'lvn', version: '1.2.3' })
    expect(run.tool.driver.rules).toEqual([
      {
        id: 'LVN1020',
        shortDescription: { text: 'a word is unknown' },
        help: { text: 'lvn explain LVN1020' },
      },
      {
        id: 'LVN2022',
        shortDescription: { text: 'an address is used twice' },
        help: { text: 'lvn explain LVN2022' },
      },
    ])
  })

  it('has each finding with its rule, its place and the place it refers to', () => {
    const uri = 'net/city%20%C3%BCberall.lvn'
    expect(run.results.map((result: { ruleId: string }) => result.ruleId)).toEqual(['LVN1020', 'LVN2022'])
    expect(run.results[1]).toEqual({
      ruleId: 'LVN2022',
      ruleIndex: 1,
      level: 'error',
      message: { text: '10.64.1.1 is already an address of `kirche`' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri },
            region: { startLine: 6, startColumn: 46, endLine: 6, endColumn: 55 },
          },
        },
      ],
      relatedLocations: [
        {
          id: 1,
          message: { text: 'given here first' },
          physicalLocation: {
            artifactLocation: { uri },
            region: { startLine: 5, startColumn: 48, endLine: 5, endColumn: 57 },
          },
        },
      ],
    })
  })

  it('names absolute paths as files', () => {
    const [{ results }] = sarifOf('/srv/a.lvn').runs
    expect(results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('file:///srv/a.lvn')
  })
})
