// SPDX-License-Identifier: MIT
/**
 * Every file of the language in this repository: examples, golden folders, and the blocks of the documents.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Specimen {
  readonly name: string
  readonly text: string
  /** It is there to show a mistake. */
  readonly wrong: boolean
}

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Files longer than this are left out: what is mutated in them is what smaller ones have too. */
const longest = 20_000

export function corpus(): Specimen[] {
  const files = [...filesIn('examples', '.lvn'), ...filesIn('test/golden', '.lvn')]
  const pages = ['README.md', ...filesIn('docs', '.md').map(({ name }) => name)]
  const blocks = pages.flatMap((name) =>
    [...read(name).matchAll(/^```lvn\n(.*?)^```$/gms)].map((match, i) => ({
      name: `${name}, block ${i + 1}`,
      text: match[1] as string,
      wrong: false,
    })),
  )
  return [...files, ...blocks].filter(({ text }) => text.length <= longest)
}

function filesIn(folder: string, ending: string): Specimen[] {
  return readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .sort()
    .map((path) => ({
      name: `${folder}/${path}`,
      text: read(`${folder}/${path}`),
      wrong: folder === 'test/golden',
    }))
}

function read(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8')
}
