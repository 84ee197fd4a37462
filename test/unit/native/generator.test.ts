// SPDX-License-Identifier: MIT
/**
 * scripts/gen.mjs, which writes code from spec/lvn.yaml: the committed code is up to date, and every mistake of a
 * description is told.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

describe('the generator', () => {
  function generator(...args: string[]) {
    return spawnSync(process.execPath, ['scripts/gen.mjs', ...args], { encoding: 'utf8' })
  }

  /** What it says of a description. */
  function mistakes(text: string): string[] {
    const folder = mkdtempSync(join(tmpdir(), 'lvn-gen-'))
    try {
      const file = join(folder, 'x.yaml')
      writeFileSync(file, text)
      const { status, stderr } = generator('--check', '--spec', file)
      expect(status).toBe(1)
      return stderr.replaceAll(`${file}: `, '').trimEnd().split('\n')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  test('has written what is committed', () => {
    const { status, stderr } = generator('--check')
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test('tells every mistake, and where it is', () => {
    const text = `
name: x
protocol: genetlink-legacy
doc: X.
colour: red
definitions:
  - { type: const, name: one, value: 1, doc: One. }
  - { type: const, name: one, value: -1, doc: One. }
  - { type: flags, name: bits }
attribute-sets:
  -
    name: a
    doc: A.
    attributes:
      - { name: id, type: u33, doc: Id. }
      - { name: id, type: u32, doc: Id., chekcs: { min: 1 } }
      - { name: max, type: u32, checks: { max: two } }
      - { name: kind, type: u16, enum: kinds, doc: Kind. }
      - { name: blob, type: binary, doc: Blob. }
      - { name: inner, type: nest, nested-attributes: b, doc: Inner. }
      - { name: Bad_Name, type: u32, doc: Bad. }
operations:
  enum-model: unified
  list:
    - { name: get, doc: Get., attribute-set: c, do: { request: { attributes: [] } } }
    - { name: put, doc: Put., attribute-set: a, flags: [root], do: { request: { attributes: [id, id, what] } } }
    - { name: nothing, doc: Nothing., attribute-set: a }
    - { name: told, doc: Told., attribute-set: a, event: { attributes: [id] } }
`
    expect(mistakes(text)).toEqual([
      '`colour` is not known here',
      'definitions: the name `one` is there twice',
      'definitions.one: value `-1` is no integer of 32 bits',
      'definitions.bits: type `flags` is neither const nor enum',
      'attribute-sets.a.attributes: the name `id` is there twice',
      'attribute-sets.a.attributes[6]: has no name of lower case letters, digits and hyphens',
      'attribute-sets.a.attributes.id: type `u33` is none of u8, u16, u32, u64, string, binary, flag, nest, pad',
      'attribute-sets.a.attributes.id: `chekcs` is not known here',
      'attribute-sets.a.attributes.max: `doc` is missing',
      'attribute-sets.a.attributes.max.checks.max: `two` is no const or number',
      'attribute-sets.a.attributes.kind: an enum must be a u32',
      'attribute-sets.a.attributes.kind: `kinds` is no enum',
      'attribute-sets.a.attributes.blob: binary without max-len or exact-len',
      'attribute-sets.a.attributes.inner: `inner` nests `b`, which is no attribute set',
      'operations.list.get: `c` is no attribute set',
      'operations.list.put: flag `root` is none of admin-perm, uns-admin-perm',
      'operations.list.put.do.request: `id` is there twice',
      'operations.list.put.do.request: `what` is no attribute of `a`',
      'operations.list.nothing: must have either an event, or do or dump or both',
      'operations.list.told: event and mcgrp belong together',
    ])
  })

  test('tells text that is no YAML, or no mapping', () => {
    expect(mistakes('a: [1')[0]).toMatch(/flow sequence/i)
    expect(mistakes('- 1')[0]).toBe('must be a mapping')
  })
})
