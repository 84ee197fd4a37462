// SPDX-License-Identifier: MIT
/**
 * The parser's command, whose remarks below the help are as wide as the help itself. It knows no command of ours.
 */
import { type AddHelpTextContext, type AddHelpTextPosition, Command } from 'commander'

/** Columns: what the parser has where it is not told how wide the terminal is. */
const width = 80

export class HelpfulCommand extends Command {
  override createCommand(name?: string): Command {
    return new HelpfulCommand(name)
  }

  override addHelpText(
    position: AddHelpTextPosition,
    text: string | ((context: AddHelpTextContext) => string),
  ): this {
    return super.addHelpText(position, typeof text === 'string' ? () => filled(text) : text)
  }
}

/** Lines that begin at the margin are prose, and filled; others are laid out by hand. */
export function filled(text: string): string {
  return text.replace(/^\S.*(?:\n\S.*)*/gm, fill)
}

/** What stands in backticks stays in one line. */
function fill(paragraph: string): string {
  const words = paragraph.match(/(?:[^\s`]|`[^`]*`)+/g) ?? []
  const lines = ['']
  for (const word of words.map((each) => each.replaceAll('\n', ' '))) {
    const line = lines.at(-1) as string
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}
