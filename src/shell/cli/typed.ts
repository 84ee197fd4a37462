// SPDX-License-Identifier: MIT
/**
 * Commands in sentences as they have to be typed where the sentence is read. Catalogues name `lvn confirm`; that the
 * command at work was sent into another network namespace, they do not know.
 */
import { quoted } from './completion/shell-text.ts'

/** Those that change the kernel of one namespace or read it. `snapshot` is named for another node. */
const ofNamespace = [
  'apply',
  'confirm',
  'destroy',
  'dev',
  'history',
  'plan',
  'rollback',
  'rule',
  'show',
  'tun',
]
const named = new RegExp(`\`lvn (?=(?:${ofNamespace.join('|')})\\b(?![^\`]* --help\`))`, 'g')

/** @param netns as --netns was given; undefined: it was not, and the text stays as it is. */
export function typedIn(netns: string | undefined, text: string): string {
  if (netns === undefined) return text
  const word = /^[\w./:@%+=-]+$/.test(netns) ? netns : quoted(netns)
  return text.replace(named, () => `\`lvn --netns ${word} `)
}
