// SPDX-License-Identifier: MIT
/**
 * Builds the extension for VS Code into editors/vscode/dist/. `node scripts/vscode.mjs [FOLDER]`.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

await build({
  entryPoints: [join(root, 'editors/vscode/src/extension.ts')],
  outfile: join(process.argv[2] ?? join(root, 'editors/vscode/dist'), 'extension.js'),
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  external: ['vscode'],
  legalComments: 'none',
  logLevel: 'warning',
})
