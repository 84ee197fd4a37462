// SPDX-License-Identifier: MIT
/**
 * The order of test files: the slowest first, so that none of them runs alone at the end while other processors are
 * idle. vitest alone knows how long a file took here before, and in a fresh checkout only how long its text is.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes half a minute or more by itself, the slowest first. */
export const slow: readonly string[] = [
  ...['kill', 'confirm', 'foreign', 'trusted', 'apply', 'drift', 'lab', 'primitives', 'hubs', 'examples'],
  ...['plane/transfer', 'errors', 'internet', 'plane/conformance', 'cli', 'policies', 'ahead', 'scale'],
].map((name) => `test/netns/${name}.test.ts`)

/** The slow ones of files with these paths, then the others in the order that they have. */
export function slowFirst<T extends { readonly moduleId: string }>(files: readonly T[]): T[] {
  const rank = ({ moduleId }: T) => {
    const index = slow.findIndex((path) => moduleId.endsWith(`/${path}`))
    return index < 0 ? slow.length : index
  }
  return files.toSorted((a, b) => rank(a) - rank(b))
}

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return slowFirst(await super.sort(files))
  }
}
