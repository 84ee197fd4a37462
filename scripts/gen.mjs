// SPDX-License-Identifier: MIT
/**
 * Writes what follows from spec/lvn.yaml: `node scripts/gen.mjs` (`npm run gen`). With `--check` nothing is
 * written; files that differ are named, and the exit code is 1. `--spec FILE` reads another description.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { kernelHeader, kernelTables } from './gen/kernel.mjs'
import { manual } from './gen/manual.mjs'
import { linkNames } from './gen/names.mjs'
import { readSpec, SpecError } from './gen/spec.mjs'
import { typescript } from './gen/typescript.mjs'
import { uapiHeader } from './gen/uapi.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const outputs = {
  'kmod/uapi/lvn.h': uapiHeader,
  'kmod/netlink-gen.h': kernelHeader,
  'kmod/netlink-gen.c': kernelTables,
  'kmod/iproute2/names-gen.h': linkNames,
  'native/kmod/generated.ts': typescript,
  'docs/kernel-module-netlink.md': manual,
}

const { values } = parseArgs({
  options: { check: { type: 'boolean', default: false }, spec: { type: 'string' } },
})
try {
  const name = values.spec ?? 'spec/lvn.yaml'
  const spec = readSpec(name, readFileSync(values.spec ?? join(root, name), 'utf8'))
  const files = Object.entries(outputs).map(([path, write]) => ({ path, text: write(spec) }))
  const differing = files.filter(({ path, text }) => current(path) !== text)
  if (values.check) check(differing)
  else write(differing)
} catch (error) {
  if (!(error instanceof SpecError)) throw error
  console.error(error.message)
  process.exitCode = 1
}

function current(path) {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

function check(differing) {
  for (const { path } of differing)
    console.error(`${path}: is not what spec/lvn.yaml says; run \`npm run gen\``)
  if (differing.length > 0) process.exitCode = 1
}

function write(differing) {
  for (const { path, text } of differing) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    console.log(`gen: ${path}`)
  }
}
