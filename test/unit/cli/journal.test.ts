// SPDX-License-Identifier: MIT
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { beforeLast, inForce, Journal, type JournalEntry } from '../../../src/shell/cli/state/journal.ts'

let state: string
let journal: Journal

beforeEach(() => {
  state = join(mkdtempSync(join(tmpdir(), 'lvn-state-')), 'host')
  journal = new Journal(state)
})
afterEach(() => rmSync(join(state, '..'), { recursive: true }))

const entry = (text: string): JournalEntry => ({
  ...{
    formatVersion: 1,
    time: '2026-01-02T03:04:05.000Z',
    command: 'apply',
    node: null,
    nodes: ['mitte/gw1'],
  },
  ...{ summary: { add: 1, change: 0, remove: 0 }, outcome: 'done', sourceHash: 'abc' },
  sources: [{ name: 'mitte.lvn', text }],
})
const texts = () => journal.entries().map(({ entry: { sources } }) => sources[0]?.text)

describe('the journal', () => {
  it('is empty where nothing was applied', () => expect(journal.entries()).toEqual([]))

  it('gives back what was applied, newest first', () => {
    for (const text of ['one', 'two', 'three']) journal.add(entry(text))
    expect(texts()).toEqual(['three', 'two', 'one'])
    expect(journal.entries()[2]).toEqual({ serial: 1, entry: entry('one') })
  })

  it('keeps the last 50', () => {
    for (let i = 0; i < 60; i++) journal.add(entry(`source ${i}`))
    expect(texts()).toEqual(Array.from({ length: 50 }, (_, i) => `source ${59 - i}`))
    expect(readdirSync(join(state, 'journal'))).toHaveLength(50)
  })

  it("is for its owner's eyes", () => {
    journal.add(entry('one'))
    const mode = (path: string) => statSync(path).mode & 0o777
    expect([mode(state), mode(join(state, 'journal'))]).toEqual([0o700, 0o700])
    for (const name of readdirSync(join(state, 'journal'))) {
      expect(mode(join(state, 'journal', name))).toBe(0o600)
    }
  })

  it('counts what was reverted out', () => {
    journal.add(entry('one'))
    journal.markReverted(journal.add(entry('two')))
    journal.add(entry('three'))
    expect(inForce(journal.entries()).map(({ serial }) => serial)).toEqual([3, 1])
    expect(texts()).toEqual(['three', 'two', 'one'])
  })

  it('keeps what was done with a source, and takes old entries for applies', () => {
    journal.add(entry('one'))
    journal.add({ ...entry('two'), command: 'destroy', destroys: true })
    expect(journal.entries().map(({ entry: { command, destroys } }) => [command, destroys])).toEqual([
      ['destroy', true],
      ['apply', undefined],
    ])
  })

  it('knows what was before on the same node', () => {
    let sources = 0
    const last = (...nodes: readonly string[]) => {
      for (const node of nodes) journal.add({ ...entry(node), nodes: [node], sourceHash: `${sources++}` })
      return beforeLast(journal.entries())
    }
    expect(last('mitte/gw1')).toBe(1)
    expect(last('nord/gw1')).toBe(2)
    expect(last('nord/gw2', 'mitte/gw1')).toBe(3)
    expect(last('mitte/gw1')).toBe(1)
  })

  it('takes a source that was applied again for the same step', () => {
    const add = (sourceHash: string, destroys = false) => {
      journal.add({ ...entry(sourceHash), sourceHash, destroys })
      return beforeLast(journal.entries())
    }
    expect(add('a')).toBe(1)
    expect(add('a')).toBe(2)
    expect(add('b')).toBe(1)
    expect(add('b')).toBe(2)
    expect(add('b')).toBe(3)
    // Destroyed it is another step, and back again one more.
    expect(add('b', true)).toBe(1)
    expect(add('b')).toBe(1)
  })

  it('passes over what it cannot understand', () => {
    journal.add(entry('one'))
    writeFileSync(join(state, 'journal', '00000002.json'), '{"formatVersion":2}')
    writeFileSync(join(state, 'journal', '00000003.json'), '{"formatV')
    journal.add(entry('two'))
    expect(texts()).toEqual(['two', 'one'])
  })

  it('says where it cannot write', () => {
    writeFileSync(state, 'a file in its place')
    expect(() => journal.add(entry('one'))).toThrow(/^.*journal cannot be used: /)
    expect(() => new Journal('/proc/nowhere/host').add(entry('one'))).toThrow(/cannot be used: /)
  })
})
