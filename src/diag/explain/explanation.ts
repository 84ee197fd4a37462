// SPDX-License-Identifier: MIT
/**
 * The form of an explanation, and the file that most examples are a line of.
 */

export interface Explanation {
  /** The matter in a few words, as in a list: `an address is used twice`. */
  readonly title: string
  /** What it means and why it matters: a paragraph. */
  readonly means: string
  /** A whole file that provokes it; absent where no file by itself does. */
  readonly example?: string
  /** A command that provokes it, where a file does not. */
  readonly command?: string
  /** What to do about it: a paragraph. */
  readonly mend: string
}

/** By code. */
export type Explanations = Readonly<Record<string, Explanation>>

/** An overlay that is right but for `lines`. */
export function inOverlay(...lines: readonly string[]): string {
  const rest = lines.map((line) => `  ${line}\n`).join('')
  return `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw1 { listen 198.51.100.10; address 10.64.0.1 }
${rest}}
`
}
