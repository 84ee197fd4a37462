// SPDX-License-Identifier: MIT
/**
 * `lvn` for tests that want what it does and not how it starts: the built program, run by a process that is kept ready
 * (server.mjs), one for each worker of vitest. Signals, terminals, descriptors and whatever watches a process want `lvnPath`.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endServer } from './servers.ts'

export interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface ServedOptions {
  /** File of the network namespace to run in; absent: that of the tests. */
  readonly netns?: string
  /** All of the environment; absent: that of the tests. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly input?: string
}

const timeoutMs = 150_000
const pauseMs = 1
const never = new Int32Array(new SharedArrayBuffer(4))

let server: Server | undefined

/** Runs to the end, as a process of its own would. */
export function servedLvn(args: readonly string[], options: ServedOptions = {}): Ran {
  const { netns = null, env = process.env, cwd = process.cwd(), input = '' } = options
  server ??= new Server()
  try {
    return server.ask({ args, env, cwd, input, netns })
  } catch (error) {
    server.end()
    server = undefined
    throw new Error(`lvn ${args.join(' ')}: ${(error as Error).message}`)
  }
}

/** The worker's end of its server, which stays for the worker's next file. */
class Server {
  private readonly folder = join(process.env.LVN_SERVED as string, process.env.VITEST_POOL_ID ?? '0')
  private readonly orders: number
  private readonly answers: number
  private rest: Buffer = Buffer.alloc(0)

  constructor() {
    const [orders, answers] = [join(this.folder, 'orders'), join(this.folder, 'answers')]
    if (!existsSync(this.folder)) {
      mkdirSync(this.folder)
      const made = spawnSync('mkfifo', [orders, answers], { encoding: 'utf8' })
      if (made.status !== 0) throw new Error(`mkfifo: ${made.stderr}`)
      const program = fileURLToPath(new URL('server.mjs', import.meta.url))
      const child = spawn(process.execPath, [program, this.folder], { detached: true, stdio: 'ignore' })
      child.unref()
      writeFileSync(join(this.folder, 'pid'), String(child.pid))
    }
    this.orders = openSync(orders, constants.O_RDWR)
    this.answers = openSync(answers, constants.O_RDWR | constants.O_NONBLOCK)
  }

  /** @throws Error no answer in time. */
  ask(order: object): Ran {
    const text = Buffer.from(`${JSON.stringify(order)}\n`)
    for (let at = 0; at < text.length; ) at += writeSync(this.orders, text, at)
    return JSON.parse(this.line()) as Ran
  }

  end(): void {
    for (const fd of [this.orders, this.answers]) closeSync(fd)
    endServer(this.folder)
  }

  private line(): string {
    const deadline = performance.now() + timeoutMs
    const chunks = [this.rest]
    const chunk = Buffer.alloc(1 << 16)
    for (;;) {
      const last = chunks.at(-1) as Buffer
      const end = last.indexOf('\n')
      if (end >= 0) {
        this.rest = last.subarray(end + 1)
        return Buffer.concat([...chunks.slice(0, -1), last.subarray(0, end)]).toString()
      }
      const length = read(this.answers, chunk)
      if (length > 0) chunks.push(Buffer.from(chunk.subarray(0, length)))
      else if (performance.now() > deadline) throw new Error(`no answer within ${timeoutMs} ms`)
      else Atomics.wait(never, 0, 0, pauseMs)
    }
  }
}

/** Bytes read; 0: there are none now. */
function read(fd: number, into: Buffer): number {
  try {
    return readSync(fd, into)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}
