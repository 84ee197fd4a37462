// SPDX-License-Identifier: MIT
/**
 * Labs as text: what was brought up, who reaches whom, what was taken away. Pure.
 */
import {
  cellDenied,
  cellFailed,
  cellPending,
  type Lab,
  type LabDownReport,
  type LabNodeName,
  type LabNodeReport,
  type LabPing,
  type LabUpReport,
  type PingMatrix,
  pingMatrices,
} from '../../lab/index.ts'
import type { Paint } from './output.ts'
import { type Column, count, some, table } from './text.ts'

export function formatUp(report: LabUpReport, paint: Paint): string {
  const columns: Column<LabNodeReport>[] = [
    { title: 'NODE', cell: (n) => paint.strong(`${n.overlay}/${n.node}`) },
    { title: 'NAMESPACE', cell: (n) => n.namespace },
    { title: 'BEHIND IT', cell: (n) => n.lanNamespace ?? '-' },
    { title: 'APPLY', cell: (n) => applied(n, paint) },
  ]
  const lines = table(columns, report.nodes, paint.faint)
  const failed = report.nodes.filter((node) => node.error !== null)
  for (const { overlay, node, error, code, hint } of failed) {
    lines.push(`${paint.bad(code === null ? 'failed:' : `failed[${code}]:`)} ${overlay}/${node}: ${error}`)
    if (hint !== null) lines.push(`  ${paint.help('help')}: ${hint}`)
  }
  for (const { overlay, node, pending } of report.nodes) {
    for (const { tunnel, reason } of pending) {
      lines.push(`${paint.warning('pending:')} ${overlay}/${node} -> ${tunnel}: ${reason}`)
    }
  }
  const nats = report.nats.length === 0 ? '' : `, ${count(report.nats.length, 'NAT')}`
  const state = failed.length === 0 ? paint.good('is up') : paint.warning('is partly up')
  lines.push(`lab ${paint.strong(report.lab)} ${state}: ${count(report.nodes.length, 'node')}${nats}`)
  return lines.join('\n')
}

export function formatPings(pings: readonly LabPing[], paint: Paint): string {
  const matrices = pingMatrices(pings)
  const lines = matrices.flatMap((matrix) => [
    `${paint.strong(matrix.overlay)}, IPv${matrix.family}, round trip from row to column`,
    ...matrixLines(matrix, paint),
    '',
  ])
  const pending = pings.filter((ping) => ping.pending).length
  const answered = pings.filter((ping) => ping.ok).length
  const denied = pings.filter((ping) => ping.denied && !ping.pending).length
  const tried = pings.length - pending - denied
  if (tried === 0 && pending > 0) return [...lines, paint.warning(nothingToPing)].join('\n')
  const verdict = `${answered} of ${tried} pings answered`
  const waiting = pending === 0 ? '' : `, ${pending} not tried: an endpoint is pending`
  const forbidden = denied === 0 ? '' : `, ${denied} not tried: the file denies them`
  return [
    ...lines,
    `${answered === tried ? paint.good(verdict) : paint.bad(verdict)}${waiting}${forbidden}`,
  ].join('\n')
}

const nothingToPing =
  'nothing to ping: on every way is a tunnel whose remote endpoint is not known, of a spoke behind a NAT or a host name'

/** Why they are not reached. `nodes`: at least one. `file`: as it was given. */
export function formatUnapplied(nodes: readonly LabNodeName[], file: string, paint: Paint): string {
  const [first] = nodes as readonly [LabNodeName, ...LabNodeName[]]
  const command = `\`lvn --netns ${first.namespace} apply ${file} --node ${first.overlay}/${first.node}\``
  return [
    `${paint.warning('not applied')} on ${some(nodes.map(({ overlay, node }) => `${overlay}/${node}`))}`,
    `${paint.help('help')}: ${command}${nodes.length === 1 ? '' : ', and so for each of them'}`,
  ].join('\n')
}

export function formatDown(lab: string, { removed, left }: LabDownReport): string {
  return [
    ...removed.map((name) => `removed ${name}`),
    ...left.map(
      (name) =>
        `left alone ${name}: no lab has made it; \`ip netns pids ${name}\` tells whether somebody uses it, before \`ip netns del ${name}\` takes it away`,
    ),
    removed.length === 0 ? `There is no lab ${lab}; nothing was removed.` : `lab ${lab} is gone`,
  ].join('\n')
}

export function formatLabs(labs: readonly Lab[], paint: Paint): string {
  if (labs.length === 0) return 'No labs.'
  const columns: Column<Lab>[] = [
    { title: 'LAB', cell: (lab) => paint.strong(lab.name) },
    { title: 'NAMESPACES', cell: (lab) => String(lab.namespaces.length), align: 'right' },
  ]
  return table(columns, labs, paint.faint).join('\n')
}

function applied({ exitCode, error }: LabNodeReport, paint: Paint): string {
  if (exitCode === null) return '-'
  return error === null ? paint.good('done') : paint.bad(`failed (${exitCode})`)
}

function matrixLines({ rows }: PingMatrix, paint: Paint): string[] {
  const [titles = [], ...body] = rows
  const colour = (cell: string, i: number) => {
    if (i === 0) return paint.strong(cell)
    if (cell === cellFailed) return paint.bad(cell)
    return cell === cellPending || cell === cellDenied ? paint.faint(cell) : cell
  }
  const columns = titles.map((title, i): Column<readonly string[]> => {
    const column = { title, cell: (row: readonly string[]) => colour(row[i] ?? '', i) }
    return i === 0 ? column : { ...column, align: 'right' }
  })
  return table(columns, body, paint.faint)
}
