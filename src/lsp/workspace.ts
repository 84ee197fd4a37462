// SPDX-License-Identifier: MIT
/**
 * The open texts and what is known of each: analysed when somebody asks, once a version. An imported file that is
 * open counts as it stands in the editor, not as it was saved.
 */
import { TextDocuments } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { ReadSource } from '../../grammar/program.ts'
import { Source } from '../diag/source.ts'
import { type Analysis, analyse, nameOf } from './analysis.ts'

interface Known {
  readonly version: number
  readonly analysis: Analysis
  /** An imported file has changed since. */
  stale: boolean
}

export class Workspace {
  /** Kept up to date, change by change, by the connection that it listens to. */
  readonly documents = new TextDocuments(TextDocument)
  private readonly known = new Map<string, Known>()
  private readonly importsOf: (root: Source) => ReadSource

  /** `importsOf` opens the files that imports name, on behalf of a file. */
  constructor(importsOf: (root: Source) => ReadSource) {
    this.importsOf = importsOf
  }

  /** Of the text as it is now; undefined for one that is not open. */
  current(uri: string): Analysis | undefined {
    const document = this.documents.get(uri)
    if (document === undefined) return undefined
    const known = this.known.get(uri)
    if (known !== undefined && known.version === document.version && !known.stale) return known.analysis
    const saved = this.importsOf(new Source(nameOf(uri), ''))
    const analysis = analyse(uri, document.getText(), (path, from) => this.asOpen(saved(path, from)))
    this.known.set(uri, { version: document.version, analysis, stale: false })
    return analysis
  }

  /** Of all open texts as they are now. */
  all(): Analysis[] {
    return this.documents.keys().flatMap((uri) => this.current(uri) ?? [])
  }

  /** Of the text as it is now or was a few changes ago: for what cannot wait. */
  latest(uri: string): Analysis | undefined {
    return (this.documents.get(uri) && this.known.get(uri)?.analysis) ?? this.current(uri)
  }

  /** `uri` has changed; the open texts that import it and have to be looked at again. */
  touch(uri: string): string[] {
    const name = nameOf(uri)
    return [...this.known].flatMap(([other, known]) => {
      const concerned = [...known.analysis.imports.values()].some(
        ({ source }) => source.name === name || source.file === name,
      )
      if (!concerned) return []
      known.stale = true
      return [other]
    })
  }

  forget(uri: string): void {
    this.known.delete(uri)
  }

  /** As it stands in the editor, where it is open. */
  private asOpen(saved: Source): Source {
    const { name, file } = saved
    const open = this.documents.all().find(({ uri }) => [name, file].includes(nameOf(uri)))
    return open === undefined ? saved : new Source(name, open.getText(), file)
  }
}
