// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process'

/** The repository's files that patterns match, as StrykerJS takes them; one that begins with `!` takes files away. */
export function filesOf(patterns) {
  const magic = (pattern) =>
    pattern.startsWith('!') ? `:(exclude,glob)${pattern.slice(1)}` : `:(glob)${pattern}`
  const expanded = patterns.flatMap(withoutBraces).map(magic)
  const { status, stdout, stderr } = spawnSync('git', ['ls-files', '--', ...expanded], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ls-files: ${stderr}`)
  return stdout.split('\n').filter((file) => file !== '')
}

/** Each of the alternatives of `{a,b}`, which git's patterns do not have. */
function withoutBraces(pattern) {
  const [, head, alternatives, tail] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? []
  return alternatives === undefined ? [pattern] : alternatives.split(',').map((each) => head + each + tail)
}
