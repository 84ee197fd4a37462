// SPDX-License-Identifier: MIT
/**
 * `lab up`: builds the layout and applies the file in every node's namespace, with the command itself as a
 * child process, as an operator would on each host. A lab that cannot be built is taken away again; one in
 * which a node refuses the file stays for a look at it.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { netnsPath } from '../../native/netns.ts'
import { cliPath } from '../../native/paths.ts'
import { ExitCode, LvnError } from '../diag/error.ts'
import type { Topology } from '../model/topology.ts'
import { buildLab, buildSteps } from './build.ts'
import { claim, namespacesOf } from './claim.ts'
import { labDown } from './down.ts'
import { type LabNode, layOut, namespacesIn } from './layout.ts'
import { inParallel } from './parallel.ts'
import type { Names } from './presence.ts'

export interface LabUpOptions {
  /** From `labName`. */
  readonly lab: string
  /** Path of the file that the topology came from; `-`: it was `text`. */
  readonly file: string
  readonly text: string
  /** As of the command's --allow-import. */
  readonly allowImport: readonly string[]
  /** Addresses of the host names that endpoints give, as far as they can be looked up. */
  readonly hostNames: Names
  /** As of the command's --plane. */
  readonly plane: string
  /** False: build only, for an apply by hand. */
  readonly apply: boolean
  readonly onProgress?: (progress: LabUpProgress) => void
}

export interface LabUpProgress {
  readonly phase: 'build' | 'apply'
  readonly done: number
  readonly total: number
}

/** What became of one node. */
export interface LabNodeReport {
  readonly overlay: string
  readonly node: string
  readonly namespace: string
  /** The host behind the node; null where it routes no prefix. */
  readonly lanNamespace: string | null
  /** Of `lvn apply`; null where it was not wanted. */
  readonly exitCode: number | null
  /** Null where all went well. */
  readonly error: string | null
  /** Tunnels that cannot go up yet, and why. */
  readonly pending: readonly { readonly tunnel: string; readonly reason: string }[]
}

export interface LabUpReport {
  readonly lab: string
  /** Of the router in the middle. */
  readonly underlay: string
  /** Of the NATs, where there are any. */
  readonly nats: readonly string[]
  /** In the file's order, hub first. */
  readonly nodes: readonly LabNodeReport[]
}

/** @throws LvnError: there is a lab of that name, no permission, or a part of it cannot be made. */
export async function labUp(topology: Topology, options: LabUpOptions): Promise<LabUpReport> {
  const { lab, onProgress } = options
  const { own, foreign } = namespacesOf(lab)
  if (own.length > 0) {
    throw new LvnError('LVN8004', ExitCode.usage, `the lab ${lab} is there already`, {
      hint: `take it away with \`lvn lab down --name ${lab}\`, or give this one another name with \`--name\``,
    })
  }
  const layout = layOut(topology, lab, options.hostNames)
  const wanted = namespacesIn(layout)
  const other = foreign.find((name) => wanted.includes(name))
  if (other !== undefined) {
    throw new LvnError(
      'LVN8008',
      ExitCode.usage,
      `there is a network namespace ${other}, which no lab has made`,
      {
        hint: `\`--name\` gives the lab another name; \`ip netns pids ${other}\` tells whether somebody uses it, before \`ip netns del ${other}\` takes it away`,
      },
    )
  }
  claim(lab, wanted)
  let built = 0
  const steps = buildSteps(layout)
  try {
    buildLab(layout, () => onProgress?.({ phase: 'build', done: ++built, total: steps }))
  } catch (error) {
    labDown(lab)
    throw error
  }
  const reportOf = (nodes: readonly LabNodeReport[]) => ({
    lab,
    underlay: layout.underlay,
    nats: layout.nats.map((box) => box.namespace),
    nodes,
  })
  if (!options.apply) return reportOf(layout.nodes.map((node) => ({ ...nameOf(node), ...untouched })))
  let applied = 0
  const nodes = await inParallel(layout.nodes, Math.min(4, availableParallelism() + 1), async (node) => {
    const report = await applyIn(node, options)
    onProgress?.({ phase: 'apply', done: ++applied, total: layout.nodes.length })
    return report
  })
  return reportOf(nodes)
}

const untouched = { exitCode: null, error: null, pending: [] }

function nameOf({ node, namespace, lanNamespace }: LabNode) {
  return { overlay: node.overlay, node: node.name, namespace, lanNamespace }
}

async function applyIn(labNode: LabNode, options: LabUpOptions): Promise<LabNodeReport> {
  const { file, text, allowImport, plane } = options
  const { node, namespace } = labNode
  const command = [
    ...[cliPath(), '--netns', netnsPath(namespace), '--plane', plane, '--json'],
    ...allowImport.flatMap((folder) => ['--allow-import', folder]),
    ...['apply', '--node', `${node.overlay}/${node.name}`, '--yes', '--', file],
  ]
  const ran = await run(process.execPath, command, file === '-' ? text : '')
  const answer = parseAnswer(ran.stdout)
  const said = answer.error?.message ?? answer.report?.steps?.find((step) => step.error !== undefined)?.error
  const error = ran.code === 0 ? null : (said ?? (ran.stderr.trim() || `lvn apply exited ${ran.code}`))
  return {
    ...nameOf(labNode),
    exitCode: ran.code,
    error,
    pending: (answer.plan?.pending ?? []).map(({ tunnel, reason }) => ({ tunnel, reason })),
  }
}

/** The parts of `lvn apply --json` that are read here. */
interface Answer {
  readonly error?: { readonly message: string }
  readonly plan?: { readonly pending?: readonly { readonly tunnel: string; readonly reason: string }[] }
  readonly report?: { readonly steps?: readonly { readonly error?: string }[] } | null
}

function parseAnswer(stdout: string): Answer {
  try {
    return JSON.parse(stdout) as Answer
  } catch {
    return {}
  }
}

/** Runs to the end, `input` on its standard input; a command that cannot be started counts as exit 1. */
function run(
  command: string,
  args: readonly string[],
  input: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    // The nodes of a lab go with it: no history of theirs is kept.
    const env = { ...process.env, LVN_STATE_DIR: 'none' }
    const child = spawn(command, args, { stdio: 'pipe', env })
    // One that ends without reading tells why by itself.
    child.stdin.on('error', () => undefined).end(input)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.once('error', (error) => resolve({ code: 1, stdout, stderr: error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr }))
  })
}
