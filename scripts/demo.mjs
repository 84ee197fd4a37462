// SPDX-License-Identifier: MIT
/**
 * The main job, shown on real network namespaces: `node scripts/demo.mjs [--plane auto|ebpf|kmod]`. Every step
 * is a command that a user could type. Ends with nothing left behind, whatever happens, and proves it. Where this
 * kernel has no lvn.ko and takes none, `--plane kmod` runs all of it in an emulated machine.
 */
import { spawn, spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { inventory, leftovers, processesMarked } from './demo-inventory.mjs'
import { colours, demoInGuest, loadHere } from './demo-kmod.mjs'
import { topologyPicture } from './demo-picture.mjs'
import { isLoaded, unloadModule } from './vm/load.mjs'

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))

const usage = `usage: npm run demo [-- --plane auto|ebpf|kmod]
  auto   the kernel module where it is there, else eBPF; the default
  ebpf   eBPF programs, which need nothing but this kernel
  kmod   the kernel module lvn.ko: in this kernel, where it can be loaded; else all of it on Debian's kernel 6.1
         in an emulated machine, which is set up first and takes some minutes`

const values = readOptions()
const file = 'examples/first.lvn'
const lab = `demo${process.pid}`
/** In the environment of every process that the demo starts, and of their children. */
const marker = `LVN_DEMO=${lab}`
const env = { ...process.env, LVN_DEMO: lab, LVN_STATE_DIR: 'none' }
const bold = colours() ? (text) => `\x1b[1m${text}\x1b[0m` : (text) => text
let running

function readOptions() {
  const wrong = (text) => {
    console.error(`demo: ${text}\n${usage}`)
    process.exit(64)
  }
  try {
    const options = { plane: { type: 'string', default: 'auto' }, help: { type: 'boolean', short: 'h' } }
    const { values } = parseArgs({ options })
    if (values.help) {
      console.log(usage)
      process.exit(0)
    }
    if (!['auto', 'ebpf', 'kmod'].includes(values.plane)) wrong(`there is no plane \`${values.plane}\``)
    return values
  } catch (error) {
    return wrong(error.message)
  }
}

function title(text) {
  console.log(`\n${bold(`== ${text}`)}\n`)
}

/** Runs to the end. `show`: what it prints goes straight to the terminal. */
function run(command, args, { show = false, allowed = [0] } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    })
    running = child
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    child.once('error', reject)
    child.once('close', (code) => {
      running = undefined
      if (allowed.includes(code)) resolve(output)
      else reject(new Error(`${command} ${args.join(' ')} exited ${code}\n${output}`))
    })
  })
}

/** Shows the command as a user types it, then what it prints. */
function lvn(args, options) {
  console.log(bold(`$ lvn ${args.join(' ')}`))
  return run(process.execPath, ['dist/lvn.js', '--plane', values.plane, ...args], { show: true, ...options })
}

async function lvnJson(args, options) {
  return JSON.parse(
    await run(process.execPath, ['dist/lvn.js', '--plane', values.plane, '--json', ...args], options),
  )
}

function inNamespace(namespace, command, ...args) {
  return ['nsenter', [`--net=/run/netns/${namespace}`, command, ...args]]
}

/** Bits per second of one TCP stream. */
async function throughput(client, address, seconds) {
  const ran = await run(...inNamespace(client, 'iperf3', '-c', address, '-t', String(seconds), '-J'))
  return JSON.parse(ran).end.sum_received.bits_per_second
}

function listening(server) {
  return new Promise((resolve, reject) => {
    server.stdout.setEncoding('utf8').on('data', (text) => {
      if (text.includes('listening')) resolve()
    })
    server.once('exit', (code) => reject(new Error(`the iperf3 server exited ${code}`)))
  })
}

async function compareThroughput(hub, spoke, { inside, outside }) {
  const server = spawn(...inNamespace(hub, 'iperf3', '-s', '--forceflush'), {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await listening(server)
    const rates = { outside: 0, inside: 0 }
    // In turns, the better of two each: other work on the machine hits both alike.
    for (const path of ['outside', 'inside', 'outside', 'inside']) {
      rates[path] = Math.max(rates[path], await throughput(spoke, path === 'inside' ? inside : outside, 3))
    }
    const gigabits = (rate) => `${(rate / 1e9).toFixed(2)} Gbit/s`
    console.log(`plain underlay, to ${outside}:  ${gigabits(rates.outside)}`)
    console.log(`through the tunnel, to ${inside}:  ${gigabits(rates.inside)}`)
    console.log(`tunnel / plain:  ${(rates.inside / rates.outside).toFixed(2)}`)
  } finally {
    server.kill('SIGKILL')
  }
}

/** Read here, or by the one who started this machine. */
async function topology() {
  const given = process.env.LVN_DEMO_TOPOLOGY
  return given === undefined ? await topologyPicture(file) : JSON.parse(given)
}

async function demo() {
  title(`The topology: ${file}`)
  const { picture, nodes, hub, spoke } = await topology()
  await lvn(['check', file])
  console.log(`\n${picture}`)

  title('The lab: an underlay, and a network namespace for each node')
  await lvn(['lab', 'up', file, '--name', lab, '--no-apply'])
  const labs = await lvnJson(['lab', 'list'])
  const namespaces = labs.find(({ name }) => name === lab).namespaces
  const namespaceOf = (node) => namespaces.find((name) => name === `lvn-${lab}-${node}`)
  const gateway = namespaceOf(hub.name)

  title(`The plan of ${hub.name}: what the file asks of its kernel, and is not there yet`)
  await lvn(['--netns', gateway, 'plan', file, '--node', hub.name], { allowed: [2] })

  title('Apply, on one node after the other')
  for (const [i, node] of nodes.entries()) {
    const begun = performance.now()
    const args = ['--netns', namespaceOf(node), 'apply', file, '--node', node, '--yes']
    const { report } = await lvnJson(args)
    const seconds = ((performance.now() - begun) / 1000).toFixed(2)
    console.log(
      `[${i + 1}/${nodes.length}] ${node}: ${report.steps.length} changes ${report.outcome}, ${seconds} s`,
    )
  }
  const alive = processesMarked(marker).length
  if (alive > 0) throw new Error(`${alive} processes of L-VN are still alive`)
  console.log('No process of L-VN is alive from here on: the kernel does the work.')
  console.log()
  await lvn(['--netns', gateway, 'plan', file, '--node', hub.name])

  title('Who reaches whom')
  await lvn(['lab', 'test', file, '--name', lab])

  title(`TCP from ${spoke.name} to ${hub.name}, iperf3`)
  await compareThroughput(gateway, namespaceOf(spoke.name), { inside: hub.inside, outside: hub.outside })

  title(`The tunnels of ${hub.name}`)
  await lvn(['--netns', gateway, 'show', 'tunnels'])
}

/** Synchronous, so that nothing can come between. */
function cleanUp() {
  running?.kill('SIGKILL')
  for (const pid of processesMarked(marker)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  return spawnSync(process.execPath, ['dist/lvn.js', 'lab', 'down', '--name', lab], { encoding: 'utf8' })
}

const wasLoaded = isLoaded()
if (values.plane === 'kmod') {
  const reason = await loadHere()
  if (reason !== null) {
    console.log(`demo: ${reason}; Debian's kernel will, in an emulated machine`)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130))
    process.exit(await demoInGuest(await topology()))
  }
}
const before = inventory(marker, lab)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    console.log('\ndemo: interrupted; taking the lab away')
    cleanUp()
    if (!wasLoaded) unloadModule()
    process.exit(130)
  })
}

const begun = performance.now()
let failure
try {
  await demo()
} catch (error) {
  failure = error
}
title('Taken away again')
process.stdout.write(cleanUp().stdout)
const left = leftovers(before, inventory(marker, lab))
for (const [what, list] of Object.entries(before))
  console.log(`${what}: ${list.length} before, ${list.length + left[what].length} after`)
const all = Object.entries(left).flatMap(([what, list]) => list.map((item) => `${what}: ${item}`))
if (all.length > 0) failure ??= new Error(`something is left behind:\n${all.join('\n')}`)
else console.log('Nothing is left behind.')
if (!wasLoaded && !unloadModule()) failure ??= new Error('lvn.ko cannot be taken out again')
if (failure !== undefined) console.error(`\ndemo: failed: ${failure.message}`)
console.log(
  `\ndemo: ${failure === undefined ? 'done' : 'failed'} in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
)
process.exit(failure === undefined ? 0 : 1)
