// SPDX-License-Identifier: MIT
/**
 * How long an editor waits: `lvn lsp` asked over its pipes, after a change to files small and large.
 *
 *     npx tsx bench/lsp.ts [--runs 15] [--json]
 *
 * Each figure is the median of milliseconds from writing the message to reading the answer.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '15' }, json: { type: 'boolean', default: false } },
})
const lvn = fileURLToPath(new URL('../dist/lvn.js', import.meta.url))
const uri = 'file:///tmp/bench.lvn'

/** An overlay with every spoke written out; the third line is the one that is changed. */
function source(spokes: number): string {
  const lines = ['lvn 1', 'overlay big {', '  port 50000', '  net 10.0.0.0/8']
  lines.push('  hub gw { listen 192.0.2.1; address 10.0.0.1 }')
  for (let i = 0; i < spokes; i++) {
    const host = `${(i >> 8) & 255}.${i & 255}`
    lines.push(`  spoke s${i} { endpoint 198.18.${host}; address 10.1.${host} }`)
  }
  lines.push('  deny s1 -> ')
  return `${lines.join('\n')}\n}\n`
}

async function measure(spokes: number): Promise<Record<string, number>> {
  const server = spawn(process.execPath, [lvn, 'lsp'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const editor = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  )
  editor.listen()
  try {
    await editor.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} })
    const text = source(spokes)
    await editor.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'lvn', version: 0, text },
    })
    await ask(editor, 'documentSymbol', {})
    return await figures(editor, text)
  } finally {
    editor.dispose()
    server.kill()
  }
}

async function figures(editor: MessageConnection, text: string): Promise<Record<string, number>> {
  const lines = text.split('\n')
  const end = { position: { line: lines.length - 3, character: '  deny s1 -> '.length } }
  const hub = { position: { line: 4, character: 7 } }
  const report: Record<string, number> = {}
  let version = 0
  const median = async (what: string, work: (found: Promise<void>) => Promise<unknown>) => {
    const times: number[] = []
    for (let run = 0; run < Number(values.runs); run++) {
      const found = findings(editor, ++version)
      await change(editor, version)
      const begun = performance.now()
      await work(found)
      times.push(performance.now() - begun)
      await found
    }
    times.sort((a, b) => a - b)
    report[what] = Math.round((times[times.length >> 1] as number) * 10) / 10
  }
  await median('change to findings', (found) => found)
  await median('completion of a node', () => ask(editor, 'completion', end))
  await median('hover on a node', () => ask(editor, 'hover', hub))
  await median('new name for a node', () => ask(editor, 'rename', { ...hub, newName: 'gate' }))
  return report
}

function ask(editor: MessageConnection, method: string, params: object): Promise<unknown> {
  return editor.sendRequest(`textDocument/${method}`, { textDocument: { uri }, ...params })
}

/** One digit of the third line. */
function change(editor: MessageConnection, version: number): Promise<void> {
  const range = { start: { line: 2, character: 11 }, end: { line: 2, character: 12 } }
  return editor.sendNotification('textDocument/didChange', {
    textDocument: { uri, version },
    contentChanges: [{ range, text: String(version % 10) }],
  })
}

function findings(editor: MessageConnection, version: number): Promise<void> {
  return new Promise((resolve) => {
    const listening = editor.onNotification('textDocument/publishDiagnostics', (params) => {
      if (params.version !== version) return
      listening.dispose()
      resolve()
    })
  })
}

const report: Record<string, Record<string, number>> = {}
for (const spokes of [200, 10_000]) report[`${spokes.toLocaleString('en')} spokes`] = await measure(spokes)
if (values.json) console.log(JSON.stringify(report, null, 2))
else {
  for (const [size, figures] of Object.entries(report)) {
    for (const [what, ms] of Object.entries(figures)) {
      console.log(`${size.padEnd(15)} ${what.padEnd(24)} ${ms.toFixed(1).padStart(8)} ms`)
    }
  }
}
