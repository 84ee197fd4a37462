// SPDX-License-Identifier: MIT
/**
 * The language server: requests of an editor to the features and back, over any pair of streams. It holds
 * open texts and nothing else, and knows no command line.
 */
import {
  CodeActionKind,
  type Connection,
  createConnection,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  ResponseError,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node'
import type { ReadSource } from '../../grammar/program.ts'
import type { Source } from '../diag/source.ts'
import type { Analysis } from './analysis.ts'
import { completionAt } from './completion.ts'
import { definitionAt, referencesAt } from './definition.ts'
import { diagnosticsOf } from './diagnostics.ts'
import { documentSymbolsOf } from './document-symbols.ts'
import { foldingOf } from './folding.ts'
import { formattingOf } from './formatting.ts'
import { hoverAt } from './hover.ts'
import { offsetOf } from './places.ts'
import { quickFixes } from './quick-fixes.ts'
import { renameAt, renameableAt } from './rename.ts'
import { openTransport } from './transport.ts'
import { Workspace } from './workspace.ts'

const capabilities: InitializeResult['capabilities'] = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
  completionProvider: { triggerCharacters: [' ', ',', '>'] },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  renameProvider: { prepareProvider: true },
  documentFormattingProvider: true,
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
}

export interface ServerOptions {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** Of this program. */
  readonly version: string
  /** Opens the files that imports name, on behalf of a file. */
  readonly importsOf: (root: Source) => ReadSource
}

/**
 * Serves until the input ends and all that came is answered; or until the editor says `exit`, which ends the process as
 * the protocol wants it.
 */
export function serve({ input, output, version, importsOf }: ServerOptions): Promise<void> {
  const { reader, writer, done } = openTransport(input, output)
  const connection = createConnection(reader, writer)
  const workspace = new Workspace(importsOf)
  let snippets = false
  connection.onInitialize(({ capabilities: editor }: InitializeParams): InitializeResult => {
    snippets = editor.textDocument?.completion?.completionItem?.snippetSupport === true
    return { capabilities, serverInfo: { name: 'lvn', version } }
  })
  publishDiagnostics(connection, workspace)
  answer(connection, workspace, () => ({ snippets }))
  workspace.documents.listen(connection)
  connection.listen()
  return done
}

/**
 * After every change, once no other change waits: a version that is not the last any more is not worth its
 * analysis.
 */
function publishDiagnostics(connection: Connection, workspace: Workspace): void {
  const { documents } = workspace
  const publish = (uri: string) => {
    const version = documents.get(uri)?.version
    const analysis = workspace.current(uri)
    if (version === undefined || analysis === undefined) return
    void connection.sendDiagnostics({ uri, version, diagnostics: diagnosticsOf(analysis) })
  }
  const publishLater = (uri: string) => {
    const version = documents.get(uri)?.version
    afterWaiting(() => {
      if (documents.get(uri)?.version === version) publish(uri)
    })
  }
  const changed = (uri: string) => {
    publishLater(uri)
    for (const other of workspace.touch(uri)) publishLater(other)
  }
  documents.onDidChangeContent(({ document }) => changed(document.uri))
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) changed(uri)
  })
  documents.onDidClose(({ document: { uri } }) => {
    workspace.forget(uri)
    void connection.sendDiagnostics({ uri, diagnostics: [] })
    for (const other of workspace.touch(uri)) publishLater(other)
  })
}

/**
 * Once the messages have been answered that are there already, such as the completion that an editor asks for
 * right behind a change: one turn of the event loop to read them, one to take each.
 */
function afterWaiting(work: () => void, turns = 4): void {
  if (turns === 0) work()
  else setImmediate(() => afterWaiting(work, turns - 1))
}

interface At {
  readonly textDocument: { readonly uri: string }
  readonly position: { readonly line: number; readonly character: number }
}

function answer(connection: Connection, workspace: Workspace, options: () => { snippets: boolean }): void {
  const whole =
    <T>(feature: (analysis: Analysis) => T[]) =>
    ({ textDocument }: Pick<At, 'textDocument'>): T[] => {
      const analysis = workspace.current(textDocument.uri)
      return analysis === undefined ? [] : feature(analysis)
    }
  const at =
    <P extends At, T>(feature: (analysis: Analysis, offset: number, params: P) => T) =>
    (params: P): T | null => {
      const analysis = workspace.current(params.textDocument.uri)
      return analysis === undefined
        ? null
        : feature(analysis, offsetOf(analysis.source, params.position), params)
    }
  connection.onCompletion(({ textDocument, position }) => {
    const document = workspace.documents.get(textDocument.uri)
    const known = workspace.latest(textDocument.uri)
    if (document === undefined || known === undefined) return null
    return completionAt(document.getText(), document.offsetAt(position), known, options())
  })
  connection.onHover(at(hoverAt))
  connection.onDefinition(at((analysis, offset) => definitionAt(analysis, offset, workspace.all())))
  connection.onReferences(
    at((analysis, offset, { context }) =>
      referencesAt(analysis, offset, context.includeDeclaration, workspace.all()),
    ),
  )
  connection.onPrepareRename(at((analysis, offset) => renameableAt(analysis, offset, workspace.all())))
  connection.onRenameRequest(
    at((analysis, offset, { newName }) => {
      const renamed = renameAt(analysis, offset, newName, workspace.all())
      if ('edit' in renamed) return renamed.edit
      throw new ResponseError(LSPErrorCodes.RequestFailed, renamed.refusal)
    }),
  )
  connection.onDocumentFormatting(whole(formattingOf))
  connection.onDocumentSymbol(whole(documentSymbolsOf))
  connection.onFoldingRanges(whole(foldingOf))
  connection.onCodeAction(({ textDocument, range }) => {
    const analysis = workspace.current(textDocument.uri)
    return analysis === undefined ? [] : quickFixes(analysis, range)
  })
}
