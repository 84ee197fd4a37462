// SPDX-License-Identifier: MIT
/**
 * What the parts of the command table are handed: how a command is run, and words that several of them need.
 */
import { Argument, type Command, Option } from 'commander'
import type { ExitCode } from '../../../diag/error.ts'
import type { Session } from '../globals.ts'

/** Runs a command's work with the session that the options ask for. */
export type Run = (work: (session: Session) => Promise<ExitCode>) => Promise<void>

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** A sub-command with summary and description from one text. */
export function subCommand(parent: Command, name: string, summary: string): Command {
  return parent.command(name).summary(summary).description(sentence(summary))
}

export function forceOption(): Option {
  return new Option('--force', "also touch what an overlay's file owns")
}

/** What `show` prints and `monitor` watches. */
export function subjectArgument(description: string): Argument {
  const argument = new Argument('[what]', description)
  // For help and completions: what other words mean is for the command to say.
  argument.argChoices = ['devices', 'tunnels', 'rules', 'policies']
  return argument
}
