// SPDX-License-Identifier: MIT
/**
 * Unit tests that this process loads once and runs as often as it is asked to: a mutant is judged in milliseconds where
 * loading the tests anew takes seconds. They are bundled into one script; packages stay outside of it.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { collectTests, getFn, getHooks } from '@vitest/runner'
import { build } from 'esbuild'
import fc from 'fast-check'

/** Examples of a property that a mutant is tried on, of `numRuns`. All would take a minute for each that survives. */
const examples = (numRuns) => Math.min(3, Math.ceil(numRuns / 20))

/** Bundles test files (paths in the current folder) into a script, which `collected` runs. */
export async function bundled(files) {
  const entry = files.map((file) => `${JSON.stringify(file)}: () => require(${JSON.stringify(`./${file}`)})`)
  const { outputFiles, metafile } = await build({
    stdin: { contents: `module.exports = {${entry.join(',\n')}}`, resolveDir: process.cwd() },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    write: false,
    metafile: true,
    logLevel: 'warning',
    plugins: [ownAddresses],
  })
  const packages = new Set(Object.values(metafile.outputs)[0].imports.map(({ path }) => path))
  const modules = new Map()
  for (const name of packages) modules.set(name, await import(name))
  modules.set('fast-check', { ...fc, default: fewExamples })
  const code = `(function (require, module) {${outputFiles[0].text}\n})`
  return { files, modules, script: new Script(code, { filename: resolve('tests.cjs') }) }
}

/** Where each source is, for those that look for files beside them. */
const ownAddresses = {
  name: 'own addresses',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const address = JSON.stringify(pathToFileURL(path).href)
      return { contents: source.replaceAll('import.meta.url', address), loader: 'ts' }
    })
  },
}

/** fast-check with fewer examples, the same in each run, and nothing said of how small a failing one can be. */
const fewExamples = {
  ...fc,
  assert: (property, parameters) =>
    fc.assert(property, {
      ...parameters,
      seed: 1,
      numRuns: examples(parameters?.numRuns ?? 100),
      endOnFailure: true,
    }),
}

/** Evaluates the bundle and gives its tests, in order, each with a name and what runs it. */
export async function collected({ files, modules, script }) {
  const outside = createRequire(resolve('tests.cjs'))
  const module = {}
  script.runInThisContext()((name) => modules.get(name) ?? outside(name), module)
  const tests = []
  for (const file of await collectTests(files, runnerOf(module.exports))) {
    if (file.result?.state === 'fail') throw new Error(`${file.filepath}: ${file.result.errors[0].message}`)
    tests.push(...testsIn(file.tasks, file.filepath, [file]))
  }
  return tests
}

function testsIn(tasks, fileName, suites) {
  return tasks.flatMap((task) => {
    if (task.type === 'suite') return testsIn(task.tasks, fileName, [...suites, task])
    const name = [...suites.slice(1), task].map((each) => each.name).join(' ')
    return task.mode === 'run' || task.mode === 'queued'
      ? [{ id: `${fileName}#${name}`, name, fileName, run: () => run(task, suites) }]
      : []
  })
}

/** Runs one test with the hooks of its suites. Throws what the test throws. */
async function run(task, suites) {
  for (const suite of suites) for (const hook of getHooks(suite).beforeEach) await hook(task.context, suite)
  try {
    await getFn(task)()
  } finally {
    for (const suite of [...suites].reverse())
      for (const hook of getHooks(suite).afterEach) await hook(task.context, suite)
  }
}

/** What the collecting half of @vitest/runner asks of a runner. */
function runnerOf(modules) {
  return {
    config: {
      root: process.cwd(),
      setupFiles: [],
      sequence: { hooks: 'stack', setupFiles: 'list' },
      testTimeout: 60_000,
      hookTimeout: 60_000,
      maxConcurrency: 1,
      retry: 0,
      tags: [],
      allowOnly: false,
    },
    injectValue: () => undefined,
    trace: (_name, _attributes, work) => work(),
    importFile: (path) => modules[path](),
  }
}
