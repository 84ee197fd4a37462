// SPDX-License-Identifier: MIT
/**
 * `lvn rule add|set|del|list`: rules by hand, behind options, sentences and JSON.
 */
import { ExitCode } from '../../../diag/error.ts'
import { addRule, deleteRule, listObjects, setRule } from '../../../primitives/index.ts'
import { formatRules, inOrder } from '../format-show.ts'
import type { Session } from '../globals.ts'
import { withKernel, withLockedKernel } from '../node.ts'
import { tunnelRef } from '../tunnel-ref.ts'
import { readPrefix } from '../values.ts'

interface RuleArguments {
  readonly device: string
  readonly prefix: string
  readonly tunnel?: string
}

interface RuleOptions {
  readonly id?: string
  readonly force?: boolean
}

export function add(session: Session, given: RuleArguments, options: RuleOptions): Promise<ExitCode> {
  return put(session, 'added', addRule, given, options)
}

export function set(session: Session, given: RuleArguments, options: RuleOptions): Promise<ExitCode> {
  return put(session, 'changed', setRule, given, options)
}

export async function del(
  { options, output }: Session,
  { device, prefix }: RuleArguments,
  given: RuleOptions,
): Promise<ExitCode> {
  const inner = readPrefix(prefix)
  const gone = await withLockedKernel(options, (kernel) => deleteRule(kernel, device, inner, given))
  if (output.json) output.resultJson(gone)
  else output.result(`deleted: rule ${device} ${gone.prefix}`)
  return ExitCode.done
}

export async function list({ options, output }: Session, device: string | undefined): Promise<ExitCode> {
  const rules = await withKernel(options, (kernel) => inOrder(listObjects(kernel, device)).rules)
  if (output.json) output.resultJson(rules)
  else output.result(formatRules(rules, output.paint))
  return ExitCode.done
}

async function put(
  { options, output }: Session,
  verb: string,
  work: typeof addRule,
  { device, prefix, tunnel }: RuleArguments,
  given: RuleOptions,
): Promise<ExitCode> {
  const wish = { device, prefix: readPrefix(prefix), tunnel: tunnelRef(tunnel, given.id) }
  const made = await withLockedKernel(options, (kernel) => work(kernel, wish, given))
  if (output.json) output.resultJson(made)
  else output.result(`${verb}: rule ${made.device} ${made.prefix} → ${made.tunnel}`)
  return ExitCode.done
}
