// SPDX-License-Identifier: MIT
/**
 * Golden folders: `test/golden/<kind>/<description>/`. `UPDATE_GOLDEN=1` writes what came out as expected.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

const root = new URL('../golden/', import.meta.url).pathname

export interface GoldenCase {
  /** The folder's name with blanks. */
  readonly description: string
  readonly folder: string
}

export function goldenCases(kind: string): GoldenCase[] {
  return readdirSync(join(root, kind))
    .sort()
    .map((name) => ({ description: name.replaceAll('-', ' '), folder: join(root, kind, name) }))
}

/** Compares with the file, or writes it when asked to. */
export function expectGolden(folder: string, file: string, actual: string): void {
  const path = join(folder, file)
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, actual)
  expect(actual).toBe(existsSync(path) ? readFileSync(path, 'utf8') : undefined)
}
