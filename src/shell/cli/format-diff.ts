// SPDX-License-Identifier: MIT
/**
 * A unified diff in colours. Pure; without colours it stays what `patch` reads.
 */
import type { Paint } from './output.ts'

export function paintDiff(diff: string, paint: Paint): string {
  return diff
    .split('\n')
    .map((line, i) => paintLine(line, i, paint))
    .join('\n')
}

/** Only the first two lines name files: a removed line may begin with dashes, too. */
function paintLine(line: string, index: number, paint: Paint): string {
  if (line === '') return line
  if (index < 2) return paint.strong(line)
  if (line.startsWith('@@')) return paint.note(line)
  if (line.startsWith('-')) return paint.bad(line)
  return line.startsWith('+') ? paint.good(line) : line
}
