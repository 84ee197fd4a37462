// SPDX-License-Identifier: MIT
/**
 * What StrykerJS has found so far, from its incremental results: a score for each folder, and the survivors that
 * nobody has explained.
 */
import { explained } from './explained.mjs'
import { folderOf } from './folders.mjs'

const detected = ['Killed', 'Timeout']
const undetected = ['Survived', 'NoCoverage']

/** `results`: a report of the mutation testing schema. `only`: paths to speak of; empty: all. True: all explained. */
export function report(results, only) {
  const scores = new Map()
  const left = []
  const used = new Set()
  for (const [file, { source, mutants }] of Object.entries(results.files)) {
    const folder = folderOf(file)
    if (folder === undefined || !(only.length === 0 || only.some((path) => file.startsWith(path)))) continue
    const score = scores.get(folder) ?? { killed: 0, survived: 0, explained: 0 }
    scores.set(folder, score)
    const lines = source.split('\n')
    for (const mutant of mutants) {
      if (detected.includes(mutant.status)) score.killed++
      if (!undetected.includes(mutant.status)) continue
      const survivor = survivorOf(file, lines, mutant)
      const reason = explained.find((entry) => explains(entry, survivor))
      if (reason === undefined) {
        score.survived++
        left.push(survivor)
      } else {
        score.explained++
        used.add(reason)
      }
    }
  }
  for (const { file, at, from, to, status } of left)
    console.log(`${file}:${at}: ${status === 'NoCoverage' ? 'no test runs' : 'survived:'} ${from} → ${to}`)
  const stale = explained.filter((entry) => covered(results, entry, only) && !used.has(entry))
  for (const { file, line } of stale) console.log(`explained.mjs: nothing survives in ${file}: ${line}`)
  for (const [folder, score] of [...scores].sort()) console.log(scoreLine(folder, score))
  return left.length === 0 && stale.length === 0
}

function survivorOf(file, lines, { location, replacement, status }) {
  const { start, end } = location
  const first = lines[start.line - 1]
  const text =
    start.line === end.line
      ? first.slice(start.column - 1, end.column - 1)
      : `${first.slice(start.column - 1)} …`
  const to = (replacement ?? '').split('\n')[0]
  return { file, at: start.line, line: first.trim(), from: text, to, status }
}

function explains(entry, { file, line, to }) {
  if (entry.file !== file || (entry.to !== undefined && entry.to !== to)) return false
  return typeof entry.line === 'string' ? entry.line === line : entry.line.test(line)
}

function covered(results, { file }, only) {
  return (
    results.files[file] !== undefined && (only.length === 0 || only.some((path) => file.startsWith(path)))
  )
}

function scoreLine(folder, score) {
  const total = score.killed + score.survived + score.explained
  const percent = (part) => `${((100 * part) / total).toFixed(1)} %`
  const counts = `${score.killed} of ${total} killed, ${score.explained} explained, ${score.survived} left`
  return `mutants: ${folder}: ${percent(score.killed)} (${counts})`
}
