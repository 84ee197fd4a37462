// SPDX-License-Identifier: MIT
/**
 * A file and the files that it imports, each read once. It opens none itself: the caller says how an `import` becomes
 * a source, and which folder a path starts from.
 */
import { importCycle, importOutside, importsTooDeep, importUnreadable } from '../src/diag/catalogue.ts'
import type { Diagnostic } from '../src/diag/error.ts'
import type { Source } from '../src/diag/source.ts'
import { type AstFile, bodiesOf, type Import, type Statement } from './ast.ts'
import { parse } from './parser.ts'

/**
 * The file that `path` names in an `import` of `from`.
 * @throws ImportOutside. Error whose message is a sentence for the user; `hint`, where it has one, says what to do.
 */
export type ReadSource = (path: string, from: Source) => Source

/** The file is none that may be imported: it lies outside the folder of the first one, and was not opened. */
export class ImportOutside extends Error {
  readonly root: string
  readonly folder: string

  /** `name` of the file, `root` of the first one, the `folder` that would have to be allowed. */
  constructor(name: string, root: string, folder: string) {
    super(name)
    this.root = root
    this.folder = folder
  }
}

export interface Program {
  readonly file: AstFile
  /** The file behind each `import`, of imported files too; none for what could not be read or leads back. */
  readonly imports: ReadonlyMap<Import, AstFile>
  /** Every text that was opened, the first one first; a file of several names under each of them. */
  readonly sources: readonly Source[]
  /** By file, the first one first, then in source order. */
  readonly diagnostics: readonly Diagnostic[]
}

const deepest = 32

/** Never throws. */
export function parseProgram(source: Source, readSource: ReadSource): Program {
  const reading = new Reading(readSource)
  const file = reading.read(source, [])
  const sources = [source, ...reading.opened.values()]
  return { file, imports: reading.imports, sources, diagnostics: reading.diagnostics }
}

/** An `import` on the way from the first file to the one that is read. */
interface Link {
  readonly statement: Import
  readonly source: Source
}

class Reading {
  readonly imports = new Map<Import, AstFile>()
  readonly diagnostics: Diagnostic[] = []
  /** By name. */
  readonly opened = new Map<string, Source>()
  private readonly files = new Map<Source['file'], AstFile>()
  private readonly readSource: ReadSource

  constructor(readSource: ReadSource) {
    this.readSource = readSource
  }

  read(source: Source, chain: readonly Link[]): AstFile {
    const { file, diagnostics } = parse(source)
    this.files.set(source.file, file)
    for (const diagnostic of diagnostics) this.diagnostics.push(diagnostic)
    for (const statement of importsOf(file.body.statements)) this.follow(statement, source, chain)
    return file
  }

  private follow(statement: Import, from: Source, chain: readonly Link[]): void {
    const { text, span } = statement.path
    const source = this.open(statement, from)
    if (source === undefined) return
    const links = [...chain, { statement, source: from }]
    const start = links.findIndex((link) => link.source.file === source.file)
    if (start >= 0) {
      const others = links.slice(start, -1).map((link) => link.statement.path.span)
      this.diagnostics.push(importCycle(span, text, others))
    } else if (links.length > deepest) this.diagnostics.push(importsTooDeep(span, deepest))
    else {
      this.opened.set(source.name, source)
      this.imports.set(statement, this.files.get(source.file) ?? this.read(source, links))
    }
  }

  private open({ path }: Import, from: Source): Source | undefined {
    try {
      return this.readSource(path.text, from)
    } catch (error) {
      if (error instanceof ImportOutside) {
        const { message: name, root, folder } = error
        this.diagnostics.push(importOutside(path.span, name, root, folder))
        return undefined
      }
      const { message, hint } = error as Error & { readonly hint?: string }
      this.diagnostics.push(importUnreadable(path.span, message, hint))
      return undefined
    }
  }
}

function* importsOf(statements: readonly Statement[]): Generator<Import> {
  for (const statement of statements) {
    if (statement.kind === 'import') yield statement
    else if (statement.kind === 'for' || statement.kind === 'if') {
      for (const body of bodiesOf(statement)) yield* importsOf(body.statements)
    }
  }
}
