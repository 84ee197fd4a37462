// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { statementsOf } from '../../../grammar/places.ts'
import { completionAt } from '../../../src/lsp/completion.ts'
import { analyse, edited, marked, uri } from '../../support/editor.ts'

const complete = (textWithMark: string, snippets = false) => {
  const { text, offset, analysis } = marked(textWithMark)
  return completionAt(text, offset, analysis, { snippets })
}
const labels = (textWithMark: string) => complete(textWithMark).items.map(({ label }) => label)

const city = (inside: string) => `lvn 1
overlay city {
  net 10.65.0.0/16
  hub core { listen 198.51.100.10; address 10.65.0.1 }
  ${inside}
}
`

describe('statements', () => {
  it('are those that may stand at the place', () => {
    expect(labels('‸')).toEqual(statementsOf.file)
    expect(labels('lvn 1\n‸')).toEqual(statementsOf.file.filter((word) => word !== 'lvn'))
    expect(labels(city('‸'))).toEqual(statementsOf.overlay)
    expect(labels(city('hub b { ‸ }'))).toEqual(statementsOf.hub)
    expect(labels(city('spoke a {\n ‸\n'))).toEqual(statementsOf.spoke)
    expect(labels(city('spoke a { device lvn0 { mode fixed; ‸'))).toEqual(statementsOf.device)
  })

  it('are those that start like the word, which they replace', () => {
    const before = city('spoke a { end‸ }')
    const { items } = complete(before)
    expect(items.map(({ label }) => label)).toEqual(['endpoint'])
    const edit = items[0]?.textEdit
    if (edit === undefined || !('range' in edit)) throw new Error('no edit')
    expect(edited(marked(before).text, [edit])).toBe(city('spoke a { endpoint }'))
  })

  it('are offered in a block whose brace is missing, and after nonsense', () => {
    expect(labels('lvn 1\noverlay a {\n  net ???\n  spo‸')).toEqual(['spoke'])
  })

  it('come with places to fill in only for an editor that can', () => {
    const plain = complete(city('keep‸')).items[0]
    expect(plain?.textEdit?.newText).toBe('keepalive')
    expect(plain?.insertTextFormat).toBeUndefined()
    const rich = complete(city('keep‸'), true).items[0]
    expect(rich?.textEdit?.newText).toMatch(/^keepalive every \$\{1:20s\}, dead after \$\{2:90s\}$/)
    expect(rich?.insertTextFormat).toBe(2)
  })

  it('each say what they mean', () => {
    for (const { label, detail, documentation } of complete(city('‸')).items) {
      expect(detail, label).toContain(label)
      expect(documentation, label).toMatchObject({ kind: 'markdown' })
    }
  })
})

describe('values', () => {
  it('are the words of the statement', () => {
    expect(labels(city('spoke a { endpoint ‸ }'))[0]).toBe('nat')
    expect(labels(city('spoke a { device lvn0 { mtu au‸'))).toEqual(['auto'])
    expect(labels(city('spoke a { device lvn0 { mode ‸'))).toEqual(['multi', 'fixed'])
    expect(labels(city('spoke a { match ‸'))).toEqual(['hostname'])
    expect(labels('lvn ‸')).toEqual(['1'])
  })

  it('of a keepalive are the parts that are not there yet', () => {
    expect(labels(city('keepalive ‸'))).toEqual(['every', 'dead after'])
    expect(labels(city('keepalive every 20s, ‸'))).toEqual(['dead after'])
    expect(labels(city('keepalive dead ‸'))).toEqual(['after'])
    expect(labels(city('keepalive every 20s ‸'))).toEqual([])
  })

  it('are not offered in comments, in strings and where only a new name can stand', () => {
    expect(labels(city('spoke a { endpoint nat } # ‸'))).toEqual([])
    expect(labels(city('spoke "‸'))).toEqual([])
    expect(labels(city('hub ‸'))).toEqual([])
  })
})

describe('completion', () => {
  it('takes names from an older version of the text', () => {
    const known = analyse(uri, 'lvn 1\n')
    const { text, offset } = marked(city('spoke a { ‸'))
    expect(completionAt(text, offset, known, { snippets: false }).items.length).toBe(
      statementsOf.spoke.length,
    )
  })

  it('counts characters as the protocol does', () => {
    const { items } = complete(city('# ☃ 😀\n  /* 😀 */ ; spo‸'))
    expect(items[0]?.textEdit).toMatchObject({
      range: { start: { line: 5, character: 13 }, end: { character: 16 } },
    })
  })
})
