// SPDX-License-Identifier: MIT
/**
 * `lvn lsp` as an editor has it: a process of its own, spoken to over its standard input and output.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text as whole } from 'node:stream/consumers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type CompletionList,
  createMessageConnection,
  type DocumentSymbol,
  type Hover,
  type InitializeResult,
  type Location,
  type MessageConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node'
import { lvnPath } from '../../support/cli.ts'
import { edited, textIn, uri } from '../../support/editor.ts'

const wrong = `lvn 1
# ☃ 😀: five mistakes
overlay mitte {
  net 10.64.0.0/16
  keepalive every 90
  hub gw1 { listen 198.51.100.10; adress 10.64.0.1 }
  spoke kirche { endpoint 203.0.113.300; address 10.64.1.1 }
  spoke dach { endpont nat; address 10.64.2.1 }
  spoke rathaus { endpoint nat; address 10.64.1.1 }
  deny rathaus -> kirche
}
`
const right = wrong
  .replace('every 90', 'every 30s')
  .replace('adress', 'address')
  .replace('.300', '.30')
  .replace('endpont', 'endpoint')
  .replace('nat; address 10.64.1.1', 'nat;   address 10.64.3.1')

let server: ChildProcess
let editor: MessageConnection
let published: PublishDiagnosticsParams[]
let arrived: () => void

beforeEach(async () => {
  server = spawn(process.execPath, [lvnPath, 'lsp'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { stdout, stdin } = server
  if (stdout === null || stdin === null) throw new Error('no pipes')
  editor = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin))
  published = []
  arrived = () => undefined
  editor.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    published.push(params)
    arrived()
  })
  editor.listen()
  const { capabilities, serverInfo } = await ask<InitializeResult>('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  })
  expect(serverInfo?.name).toBe('lvn')
  expect(capabilities.textDocumentSync).toMatchObject({ change: 2 })
  await editor.sendNotification('initialized', {})
})
afterEach(() => {
  editor.dispose()
  server.kill('SIGKILL')
})

function ask<T>(method: string, params: object): Promise<T> {
  return editor.sendRequest<T>(method, params)
}

function open(text: string, where = uri): Promise<void> {
  return editor.sendNotification('textDocument/didOpen', {
    textDocument: { uri: where, languageId: 'lvn', version: 1, text },
  })
}

/** One change: the first `before` of `text` becomes `after`. */
function change(text: string, version: number, before: string, after: string): Promise<void> {
  const at = text.indexOf(before)
  return editor.sendNotification('textDocument/didChange', {
    textDocument: { uri, version },
    contentChanges: [
      { range: { start: place(text, at), end: place(text, at + before.length) }, text: after },
    ],
  })
}

function place(text: string, offset: number) {
  const lines = text.slice(0, offset).split('\n')
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 }
}

/** In the middle of `word` where `within` starts. */
function at(text: string, word: string, within = word) {
  const offset = text.indexOf(word, text.indexOf(within)) + Math.floor(word.length / 2)
  return { textDocument: { uri }, position: place(text, offset) }
}

/** Of the version, once they are there. */
async function diagnosticsOf(version: number, of = uri): Promise<PublishDiagnosticsParams> {
  for (;;) {
    const found = published.find((params) => params.version === version && params.uri === of)
    if (found !== undefined) return found
    await new Promise<void>((resolve) => {
      arrived = resolve
    })
  }
}

describe('lvn lsp', () => {
  it('finds five mistakes, and none once they are corrected', async () => {
    await open(wrong)
    const { diagnostics } = await diagnosticsOf(1)
    expect(diagnostics.map(({ code, range }) => [code, textIn(wrong, range)])).toEqual([
      ['LVN1024', '90'],
      ['LVN1020', 'adress'],
      ['LVN1020', 'endpont'],
      ['LVN2001', '203.0.113.300'],
      ['LVN2022', '10.64.1.1'],
    ])
    expect(diagnostics.every(({ severity, source }) => severity === 1 && source === 'lvn')).toBe(true)
    expect(diagnostics.at(-1)?.relatedInformation?.[0]?.location.uri).toBe(uri)

    const actions = await ask<{ title: string; edit: WorkspaceEdit }[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: diagnostics[1]?.range,
      context: { diagnostics: [] },
    })
    expect(actions.map(({ title }) => title)).toEqual(['Replace with `address`'])

    await editor.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: right }],
    })
    expect((await diagnosticsOf(2)).diagnostics).toEqual([])
  })

  it('follows changes within the text', async () => {
    await open(right)
    let text = right
    const steps = [
      ['gw1', 'Grüße😀'],
      ['dach', 'dach-2'],
      ['net 10', 'nett 10'],
    ] as const
    for (const [i, [before, after]] of steps.entries()) {
      await change(text, i + 2, before, after)
      text = text.replace(before, after)
    }
    const { diagnostics } = await diagnosticsOf(4)
    expect(diagnostics.map(({ range }) => textIn(text, range))).toContain('nett')
    await change(text, 5, 'Grüße😀', 'gw1')
    text = text.replace('Grüße😀', 'gw1')
    await change(text, 6, 'nett', 'net')
    expect((await diagnosticsOf(6)).diagnostics).toEqual([])
  })

  it('completes, explains, leads to definitions, renames and lays out', async () => {
    await open(right)
    const completed = await ask<CompletionList>('textDocument/completion', {
      textDocument: { uri },
      position: place(right, right.indexOf('  keepalive')),
    })
    expect(completed.items.map(({ label }) => label)).toContain('spoke')

    const hover = await ask<Hover>('textDocument/hover', at(right, 'kirche'))
    expect((hover.contents as { value: string }).value).toContain('endpoint: `203.0.113.30:50000`')

    const use = at(right, 'kirche', '-> kirche')
    const definition = await ask<Location>('textDocument/definition', use)
    expect(definition.uri).toBe(uri)
    expect(definition.range.start).toEqual(place(right, right.indexOf('kirche')))
    expect(textIn(right, definition.range)).toBe('kirche')
    const references = await ask<Location[]>('textDocument/references', {
      ...use,
      context: { includeDeclaration: true },
    })
    expect(references.map(({ range }) => textIn(right, range))).toEqual(['kirche', 'kirche'])

    const renamed = await ask<WorkspaceEdit>('textDocument/rename', {
      ...at(right, 'kirche'),
      newName: 'dom',
    })
    expect(edited(right, renamed.changes?.[uri] ?? [])).toBe(right.replaceAll('kirche', 'dom'))
    await expect(ask('textDocument/rename', { ...at(right, 'kirche'), newName: 'gw1' })).rejects.toThrow(
      'there is already a hub `gw1`',
    )

    const edits = await ask<TextEdit[]>('textDocument/formatting', {
      textDocument: { uri },
      options: { tabSize: 8, insertSpaces: false },
    })
    expect(edited(right, edits)).toBe(right.replace('nat;   ', 'nat; '))

    const outline = await ask<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument: { uri } })
    expect(outline[0]?.children?.map(({ name }) => name)).toEqual(['gw1', 'kirche', 'dach', 'rathaus'])
    expect(await ask<unknown[]>('textDocument/foldingRange', { textDocument: { uri } })).toHaveLength(1)
  })

  it('looks at a file again when a file that it imports changes in the editor', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lvn-lsp-'))
    try {
      const lib = join(folder, 'lib.lvn')
      const library = 'lvn 1\nlet pool = 10.64.0.0/16\n'
      writeFileSync(lib, library)
      const importing = right.replace('lvn 1\n', 'lvn 1\nimport "lib.lvn"\n').replace('10.64.0.0/16', 'pool')
      const main = pathToFileURL(join(folder, 'main.lvn')).href
      await open(importing, main)
      expect((await diagnosticsOf(1, main)).diagnostics).toEqual([])
      published.length = 0
      await open(library.replace('64', '65'), pathToFileURL(lib).href)
      const { diagnostics } = await diagnosticsOf(1, main)
      expect(diagnostics.length).toBeGreaterThan(0)
      expect(diagnostics[0]?.message).toContain('10.65.0.0/16')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('answers to nothing about a text that is not open', async () => {
    expect(await ask('textDocument/hover', at(right, 'kirche'))).toBeNull()
    expect(await ask('textDocument/documentSymbol', { textDocument: { uri } })).toEqual([])
  })

  it('takes its findings back when a text is closed', async () => {
    await open(wrong)
    await diagnosticsOf(1)
    published.length = 0
    const emptied = new Promise<void>((resolve) => {
      arrived = resolve
    })
    await editor.sendNotification('textDocument/didClose', { textDocument: { uri } })
    await emptied
    expect(published).toMatchObject([{ uri, diagnostics: [] }])
  })

  it('ends with exit code 0 after shutdown and exit', async () => {
    const ended = once(server, 'exit')
    await ask('shutdown', {})
    await editor.sendNotification('exit')
    expect((await ended)[0]).toBe(0)
  })

  it('ends when the editor is gone', async () => {
    const ended = once(server, 'exit')
    server.stdin?.end()
    expect((await ended)[0]).toBe(0)
  })

  it('ends without a word when nobody takes its answers any more', async () => {
    const alone = spawn(process.execPath, [lvnPath, 'lsp'])
    const ended = once(alone, 'exit')
    const said = whole(alone.stderr)
    try {
      alone.stdin.on('error', () => undefined)
      const hello = {
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { processId: null, capabilities: {} },
      }
      alone.stdin.write(packed([hello]))
      await once(alone.stdout, 'data')
      alone.stdout.destroy()
      alone.stdin.write(packed([{ jsonrpc: '2.0', id: 2, method: 'shutdown' }]))
      expect((await ended)[0]).toBe(0)
      expect(await said).toBe('')
    } finally {
      alone.kill('SIGKILL')
    }
  })

  it('answers all of a recorded session before it ends', () => {
    const messages = [
      { id: 1, method: 'initialize', params: { processId: null, rootUri: null, capabilities: {} } },
      { method: 'initialized', params: {} },
      {
        method: 'textDocument/didOpen',
        params: { textDocument: { uri, languageId: 'lvn', version: 1, text: wrong } },
      },
      ...Array.from({ length: 30 }, (_, i) => ({
        ...{ id: i + 2, method: 'textDocument/hover', params: at(wrong, 'kirche') },
      })),
    ]
    const input = packed(messages.map((message) => ({ jsonrpc: '2.0', ...message })))
    const ran = spawnSync(process.execPath, [lvnPath, 'lsp'], { input, encoding: 'utf8' })
    expect(ran.status).toBe(0)
    for (let id = 1; id <= 31; id++) expect(ran.stdout).toContain(`"id":${id},"result"`)
    expect(ran.stdout).toContain('"method":"textDocument/publishDiagnostics"')
  })
})

/** As they go over the wire. */
function packed(messages: readonly object[]): string {
  return messages
    .map((message) => JSON.stringify(message))
    .map((body) => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    .join('')
}

describe('the other commands', () => {
  it('load nothing of the language server', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lvn-without-'))
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(folder, 'dist/lvn.js'), ...args], { input: '', encoding: 'utf8' })
    try {
      for (const part of ['lvn.js', 'programs'])
        cpSync(join(dirname(lvnPath), part), join(folder, 'dist', part), { recursive: true })
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
      for (const name of readdirSync(join(folder, 'dist/programs')))
        if (name.startsWith('languageserver-')) rmSync(join(folder, 'dist/programs', name))
      const file = fileURLToPath(new URL('../../../examples/first.lvn', import.meta.url))
      expect([run('check', file).status, run('explain', 'LVN2022').status]).toEqual([0, 0])
      expect(run('lsp').stderr).toContain('languageserver-')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
