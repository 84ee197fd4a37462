// SPDX-License-Identifier: MIT
/**
 * `lvn lab up|test|down|list`: the lab behind progress, tables, JSON and exit codes.
 */
import { ExitCode } from '../../../diag/error.ts'
import { labDown, labList, labName, labPrefix, labTest, labUp, type Names } from '../../../lab/index.ts'
import { nodesOf, type Topology } from '../../../model/topology.ts'
import { loadFile } from '../compile.ts'
import { expectCases, expectsToJson, formatExpects } from '../expect-cases.ts'
import { formatDown, formatLabs, formatPings, formatUnapplied, formatUp } from '../format-lab.ts'
import type { Session } from '../globals.ts'
import { endGuards } from '../guard/end.ts'
import { pingCases } from '../lab-cases.ts'
import { openProgress } from '../progress.ts'
import { nameResolver } from '../resolve-name.ts'
import { beforeEnd, holdSignals } from '../signals.ts'
import { forgetNamespaces } from '../state/folder.ts'
import {
  type ReportOptions,
  requireReportsBeside,
  requireWritableReports,
  stdoutIsFree,
  writeReports,
} from '../write-reports.ts'

export interface LabOptions {
  readonly name?: string
}

export interface LabUpOptions extends LabOptions {
  /** False with --no-apply. */
  readonly apply: boolean
}

export type LabTestCliOptions = LabOptions & ReportOptions

const phases = { build: 'building the lab', apply: 'applying in each node' } as const

/** 5 where a node did not take the file; the lab stays up then. */
export async function up(session: Session, file: string, given: LabUpOptions): Promise<ExitCode> {
  const { options, output } = session
  const { topology } = await loadFile(file, session)
  const lab = labName(file, given.name)
  const hostNames = await lookUp(topology)
  const progress = openProgress(output)
  holdSignals()
  const unhook = beforeEnd(() => {
    progress.end()
    const which = given.name === undefined ? file : `--name ${given.name}`
    output.alert(`interrupted: \`lvn lab down ${which}\` takes away what there is of the lab`)
  })
  const report = await labUp(topology, {
    lab,
    hostNames,
    plane: options.plane,
    apply: given.apply,
    onProgress: ({ phase, done, total }) => progress.update(phases[phase], done, total),
  }).finally(() => {
    progress.end()
    unhook()
  })
  if (output.json) output.resultJson(report)
  else output.result(formatUp(report, output.paint))
  return report.nodes.every((node) => node.error === null) ? ExitCode.done : ExitCode.partlyApplied
}

/** 1 where a node does not reach another that it should, or an expectation of the file is not met. */
export async function test(session: Session, file: string, given: LabTestCliOptions): Promise<ExitCode> {
  const { options, output } = session
  const free = stdoutIsFree(given, output)
  await requireWritableReports(given)
  const { topology, sources } = await loadFile(file, session)
  await requireReportsBeside(sources, given)
  const progress = openProgress(output)
  holdSignals()
  const { pings, expects, unapplied } = await labTest(topology, {
    lab: labName(file, given.name),
    hostNames: await lookUp(topology),
    plane: options.plane,
    onProgress: (done, total) => progress.update('testing', done, total),
  }).finally(() => progress.end())
  await writeReports({ name: file, cases: [...pingCases(pings), ...expectCases(expects)] }, given, output)
  if (output.json) output.resultJson({ pings, expects: expectsToJson(expects), unapplied })
  else if (free) {
    output.result(formatPings(pings, output.paint))
    if (expects.length > 0) output.result(formatExpects(expects, output.paint))
  }
  if (unapplied.length > 0) output.note(formatUnapplied(unapplied, file, output.notePaint))
  const met =
    pings.every((ping) => ping.ok || ping.pending || ping.denied) &&
    expects.every(({ outcome }) => outcome.kind !== 'failed')
  return met ? ExitCode.done : ExitCode.internal
}

/**
 * The file itself need not be there any more; --name alone will do. The history of applies that were made in the
 * lab by hand goes with it, and so do guards that wait for a confirmation there.
 */
export async function down(
  { output }: Session,
  file: string | undefined,
  given: LabOptions,
): Promise<ExitCode> {
  const lab = labName(file, given.name)
  holdSignals()
  await endGuards(labList().find(({ name }) => name === lab)?.namespaces ?? [])
  const report = labDown(lab)
  forgetNamespaces(labPrefix(lab), report.left)
  if (output.json) output.resultJson({ lab, ...report })
  else output.result(formatDown(lab, report))
  return ExitCode.done
}

export async function list({ output }: Session): Promise<ExitCode> {
  const labs = labList()
  if (output.json) output.resultJson(labs)
  else output.result(formatLabs(labs, output.paint))
  return ExitCode.done
}

async function lookUp(topology: Topology): Promise<Names> {
  const resolve = nameResolver()
  const hosts = topology.overlays
    .flatMap(nodesOf)
    .flatMap(({ endpoint }) => (endpoint?.kind === 'name' ? [endpoint.host] : []))
  return new Map(await Promise.all(hosts.map(async (host) => [host, await resolve(host)] as const)))
}
