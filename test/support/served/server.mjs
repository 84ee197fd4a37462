// SPDX-License-Identifier: MIT
/**
 * Runs `lvn` again and again in one process: `node server.mjs FOLDER`. Each run is the built program from its first line,
 * with arguments, environment, folder, network namespace and streams of its own; only what V8 has compiled stays from
 * one to the next, which is most of what starting a short command costs.
 *
 *     FOLDER/orders    FIFO: an order a line, JSON of { args, env, cwd, input, netns (file of a namespace) }
 *     FOLDER/answers   FIFO: a line for each, JSON of { status, stdout, stderr }
 *
 * It ends with the process that its environment names in LVN_SERVED_FOR.
 */
import { constants, openSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable, Writable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Script } from 'node:vm'

const [folder] = process.argv.slice(2)
const master = Number(process.env.LVN_SERVED_FOR)
const dist = fileURLToPath(new URL('../../../dist/', import.meta.url))
const command = join(dist, 'lvn.js')
const require = createRequire(import.meta.url)
const { exit } = process

const addon = require(join(dist, 'lvn.node'))
const home = addon.netnsOpen('/proc/self/ns/net')
/** Compiled scripts by path. */
const scripts = new Map()

setInterval(() => {
  if (isAlive(master)) return
  // It was killed, and takes nothing away any more.
  rmSync(dirname(folder), { recursive: true, force: true })
  exit(0)
}, 1000)
// Both ends of either are open here: none ends when a test does.
const orders = new Socket({ fd: openSync(join(folder, 'orders'), constants.O_RDWR | constants.O_NONBLOCK) })
const answers = openSync(join(folder, 'answers'), constants.O_RDWR | constants.O_NONBLOCK)
const answering = new Socket({ fd: answers, readable: false })
for await (const line of createInterface({ input: orders })) {
  answering.write(`${JSON.stringify(await carryOut(JSON.parse(line)))}\n`)
}

async function carryOut({ args, env, cwd, input, netns }) {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  process.chdir(cwd)
  process.argv = [process.execPath, command, ...args]
  const [stdout, stderr] = [collector(1), collector(2)]
  const streams = {
    stdin: Object.assign(Readable.from(input === '' ? [] : [Buffer.from(input)]), { fd: 0 }),
    stdout,
    stderr,
  }
  for (const [name, stream] of Object.entries(streams)) {
    Object.defineProperty(process, name, { configurable: true, value: stream })
  }
  const before = listeners()
  try {
    if (netns !== null) enter(netns)
    const status = await new Promise((resolve) => {
      process.exit = resolve
      const crash = (error) => {
        stderr.write(`${error?.stack ?? error}\n`)
        resolve(1)
      }
      process.on('uncaughtException', crash)
      process.on('unhandledRejection', crash)
      run()
    })
    return { status, stdout: stdout.text(), stderr: stderr.text() }
  } catch (error) {
    return { status: 128, stdout: '', stderr: error.stack }
  } finally {
    addon.netnsEnter(home)
    for (const [name, listener] of listeners()) {
      if (!before.some(([other, known]) => name === other && listener === known)) process.off(name, listener)
    }
  }
}

/** What dist/lvn.js does, with scripts that are compiled already. */
function run() {
  const [, program] = /"\.\/(programs\/lvn-\w+\.cjs)"/.exec(readFileSync(command, 'utf8'))
  const installed = createRequire(join(dist, program))
  const loaded = new Map()
  const load = (path) => {
    const known = loaded.get(path)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    loaded.set(path, module)
    const ask = (name) => (name.startsWith('./') ? load(join(dirname(path), name)) : installed(name))
    scriptOf(path).runInThisContext()(ask, module, pathToFileURL(path).href)
    return module.exports
  }
  load(join(dist, program))
}

function scriptOf(path) {
  const known = scripts.get(path)
  if (known !== undefined) return known
  const script = new Script(readFileSync(path, 'latin1'), { filename: path })
  scripts.set(path, script)
  return script
}

/** A stream that is no terminal, and what was written to it. */
function collector(fd) {
  const chunks = []
  const stream = new Writable({
    decodeStrings: true,
    write(chunk, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  return Object.assign(stream, { fd, isTTY: false, text: () => Buffer.concat(chunks).toString() })
}

function enter(path) {
  const fd = addon.netnsOpen(path)
  try {
    addon.netnsEnter(fd)
  } finally {
    addon.close(fd)
  }
}

function listeners() {
  return process.eventNames().flatMap((name) => process.rawListeners(name).map((each) => [name, each]))
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
