// SPDX-License-Identifier: MIT
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LvnError } from '../../../src/diag/error.ts'
import {
  labName,
  labOfNamespace,
  labPrefix,
  NamespaceNames,
  underlayNamespace,
} from '../../../src/lab/names.ts'

describe('names of labs', () => {
  test.each([
    ['examples/first.lvn', undefined, 'first'],
    ['/tmp/dual-stack.lvn', undefined, 'dual_stack'],
    ['noending', undefined, 'noending'],
    ['first.lvn', 'my trial', 'my_trial'],
    [undefined, 'x', 'x'],
  ])('of file %s and --name %s: %s', (file, wanted, name) => {
    expect(labName(file, wanted)).toBe(name)
  })

  test.each([
    [undefined, undefined],
    ['-', undefined],
    ['first.lvn', ''],
    ['first.lvn', '../..'],
  ])('file %s and --name %s give none', (file, wanted) => {
    expect(() => labName(file, wanted)).toThrow(LvnError)
  })

  test('a namespace belongs to the lab that made it, and to no other', () => {
    const lab = fc
      .string({ unit: 'grapheme' })
      .filter((text) => /[A-Za-z0-9]/.test(text.slice(0, 40)))
      .map((text) => labName(undefined, text))
    fc.assert(
      fc.property(lab, lab, fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (a, b, path) => {
        const namespace = new NamespaceNames(a).take(...path)
        expect(labOfNamespace(namespace)).toBe(a)
        expect(labOfNamespace(underlayNamespace(a))).toBe(a)
        if (a !== b) expect(namespace.startsWith(labPrefix(b))).toBe(false)
      }),
    )
  })
})

describe('names of namespaces', () => {
  test('are valid, short enough and different, whatever the nodes are called', () => {
    const path = fc.array(fc.string({ unit: 'grapheme', maxLength: 100 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(path, { maxLength: 20 }), (paths) => {
        const names = new NamespaceNames('lab')
        const taken = paths.map((parts) => names.take(...parts))
        expect(new Set(taken).size).toBe(paths.length)
        for (const name of taken) expect(name).toMatch(/^lvn-lab-[A-Za-z0-9_.~-]{0,192}$/)
      }),
    )
  })

  test('say lab, overlay and node', () => {
    expect(new NamespaceNames('first').take('mitte', 'gw1')).toBe('lvn-first-mitte-gw1')
    expect(underlayNamespace('first')).toBe('lvn-first--underlay')
  })
})
