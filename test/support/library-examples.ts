// SPDX-License-Identifier: MIT
/**
 * The examples of docs/library.md as programs of a project that has the package: in a folder below ours, so that
 * `lvn` is found by the package's own name.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export class Examples {
  readonly folder: string
  /** Names of the programs, in the order of the page. */
  readonly files: readonly string[]

  /** `change` is made to each text first. */
  constructor(change: (text: string) => string = (text) => text) {
    mkdirSync(join(root, '.stamps'), { recursive: true })
    this.folder = mkdtempSync(join(root, '.stamps/library-'))
    const page = readFileSync(join(root, 'docs/library.md'), 'utf8')
    const texts = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text]) => text as string)
    this.files = texts.map((text, i) => {
      const name = `example-${i + 1}.ts`
      writeFileSync(join(this.folder, name), change(text))
      return name
    })
  }

  /** Does the example touch a kernel? */
  needsKernel(file: string): boolean {
    return readFileSync(join(this.folder, file), 'utf8').includes('openNetwork')
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true })
  }
}
