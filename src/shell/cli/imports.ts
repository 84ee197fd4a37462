// SPDX-License-Identifier: MIT
/**
 * The files that an overlay file may import: those below its own folder, and below folders that the user has allowed.
 * A file from elsewhere must not be able to have parts of this machine's files printed as what is wrong with them.
 */
import { realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize, resolve, sep } from 'node:path'
import { ImportOutside, type ReadSource } from '../../../grammar/program.ts'
import { Source } from '../../diag/source.ts'
import { readAtOnce } from './read-bytes.ts'
import { decode, unreadable } from './source.ts'

/**
 * Reads what is imported on behalf of `root`: the file that was named, or a text without one, which stands in the current
 * folder. Symbolic links count as what they lead to. What it throws is an ImportOutside, or an LvnError (exit 3) where the
 * file cannot be read.
 * @param allowed further folders whose files may be imported
 */
export function importsOf(root: Source, allowed: readonly string[] = []): ReadSource {
  const folders = [folderOf(root.name), dirname(real(root.file)), ...allowed].map((folder) => resolve(folder))
  const trees = folders.map(real)
  return (path, from) => {
    const name = importName(path, from)
    const file = real(name)
    // Where there is no such file: whether there is one elsewhere is not told either.
    const among = file === resolve(name) ? [...trees, ...folders] : trees
    if (!among.some((tree) => isBelow(tree, file))) throw new ImportOutside(name, root.name, dirname(name))
    try {
      return new Source(name, decode(name, readAtOnce(file, name)), file)
    } catch (cause) {
      throw unreadable(name, cause)
    }
  }
}

/** The file name that an `import` stands for: from the folder of the importing file. */
export function importName(path: string, from: Source): string {
  return isAbsolute(path) ? normalize(path) : join(folderOf(from.name), path)
}

/** A text that is no file (`<stdin>`, `<text>`, one that an editor has not saved) is in the current folder. */
function folderOf(name: string): string {
  return /^(<.*>$|[a-z]+:)/.test(name) ? '.' : dirname(name)
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}

/** The path itself where it leads to nothing. */
function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}
