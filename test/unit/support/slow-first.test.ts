// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { slow, slowFirst } from '../../support/slow-first.ts'

it('runs slow files first, the slowest before all, and leaves the order of the others', () => {
  const files = ['b', 'confirm', 'a', 'kill'].map((name) => ({ moduleId: `/x/test/netns/${name}.test.ts` }))
  const [b, confirm, a, kill] = files
  expect(slowFirst(files)).toEqual([kill, confirm, b, a])
})

it.each(slow)('knows %s, which is there', (path) => {
  expect(existsSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)))).toBe(true)
})
