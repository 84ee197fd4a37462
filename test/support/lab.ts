// SPDX-License-Identifier: MIT
/**
 * Labs for tests, through the built command. Names carry the process id, so that parallel runs stay apart.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lab, LabDownReport, LabPing, LabUpReport } from '../../src/lab/index.ts'
import { type Ran, servedLvn } from './served/lvn.ts'

interface LabTestJson {
  readonly pings: readonly LabPing[]
}

export class LabRun {
  readonly file: string
  readonly name: string

  constructor(file: string, label: string) {
    this.file = file
    this.name = `t${process.pid}_${label}`
  }

  up(...more: string[]): LabUpReport {
    return this.json(0, 'lab', 'up', this.file, '--name', this.name, ...more)
  }

  test(status = 0): readonly LabPing[] {
    return this.json<LabTestJson>(status, 'lab', 'test', this.file, '--name', this.name).pings
  }

  down(): LabDownReport {
    return this.json(0, 'lab', 'down', '--name', this.name)
  }

  /** Parsed standard output; throws unless the exit code is `status`. */
  json<T>(status: number, ...args: string[]): T {
    const ran = lvn('--json', ...args)
    if (ran.status === status) return JSON.parse(ran.stdout) as T
    throw new Error(`lvn ${args.join(' ')} exited ${ran.status}, not ${status}\n${ran.stdout}${ran.stderr}`)
  }

  /** Namespaces of this lab that are there, by the file system's word. */
  namespaces(): string[] {
    return readdirSync('/run/netns').filter((name) => name.startsWith(`lvn-${this.name}-`))
  }

  listed(): Lab | undefined {
    return this.json<Lab[]>(0, 'lab', 'list').find(({ name }) => name === this.name)
  }
}

export function lvn(...args: string[]): Ran {
  return lvnWith({}, ...args)
}

export function lvnWith(more: Readonly<Record<string, string>>, ...args: string[]): Ran {
  return servedLvn(args, { env: { ...process.env, ...more } })
}

/** In a folder, with a text on standard input. */
export function lvnIn(cwd: string, input: string, ...args: string[]): Ran {
  return servedLvn(args, { cwd, input })
}

/** A folder with one source file in it; `remove` takes it away. */
export function sourceFile(text: string): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'lvn-lab-'))
  const path = join(folder, 'lab.lvn')
  writeFileSync(path, text)
  return { path, remove: () => rmSync(folder, { recursive: true }) }
}
