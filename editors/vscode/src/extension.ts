// SPDX-License-Identifier: MIT
/**
 * The extension: starts `lvn lsp` and lets VS Code speak with it. What the language is, it does not know.
 */
import {
  commands,
  type ExtensionContext,
  type FileSystemWatcher,
  type LogOutputChannel,
  window,
  workspace,
} from 'vscode'
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from 'vscode-languageclient/node'

/** One that runs. */
let client: LanguageClient | undefined
let channel: LogOutputChannel | undefined
let watcher: FileSystemWatcher | undefined

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand('lvn.restart', restart),
    workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration('lvn.command')) await restart()
    }),
  )
  await start()
}

export async function deactivate(): Promise<void> {
  const stopping = client?.dispose()
  client = undefined
  // One that does not answer any more is not a reason to keep the next one from starting.
  await stopping?.catch(() => undefined)
  watcher?.dispose()
  watcher = undefined
}

async function restart(): Promise<void> {
  await deactivate()
  await start()
}

async function start(): Promise<void> {
  channel ??= window.createOutputChannel('L-VN', { log: true })
  watcher ??= workspace.createFileSystemWatcher('**/*.lvn')
  const [command = 'lvn', ...args] = workspace.getConfiguration('lvn').get<string[]>('command', ['lvn'])
  const server: ServerOptions = { command, args: [...args, 'lsp'] }
  const options: LanguageClientOptions = {
    documentSelector: [{ language: 'lvn' }],
    outputChannel: channel,
    // Files that others import may be changed by something else than this editor.
    synchronize: { fileEvents: watcher },
  }
  const next = new LanguageClient('lvn', 'L-VN', server, options)
  try {
    await next.start()
    client = next
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    void window.showErrorMessage(
      `L-VN: \`${[command, ...args, 'lsp'].join(' ')}\` does not start (${why}). The setting \`lvn.command\` says how lvn is started.`,
    )
  }
}
