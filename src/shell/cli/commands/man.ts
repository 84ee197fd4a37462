// SPDX-License-Identifier: MIT
/**
 * `lvn man`: manual pages of the command table.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import packageJson from '../../../../package.json' with { type: 'json' }
import { ExitCode, LvnError } from '../../../diag/error.ts'
import { suggest } from '../../../diag/suggest.ts'
import { place } from '../files/place.ts'
import type { Session } from '../globals.ts'
import { manPage, type PageContext, pageName } from '../man/page.ts'
import { allEntries, type Entry } from '../table.ts'
import { count } from '../text.ts'
import { unfit } from '../values.ts'

export async function man(
  { output }: Session,
  root: Entry,
  words: readonly string[],
  { out }: { readonly out?: string },
): Promise<ExitCode> {
  const context = { root, version: packageJson.version, date: today() }
  const entry = find(root, words)
  if (out === undefined) {
    const page = manPage(entry, context)
    if (output.json) output.resultJson({ name: `${pageName(entry)}.1`, page })
    else output.result(page)
    return ExitCode.done
  }
  const written = await write(out, allEntries(entry), context)
  if (output.json) output.resultJson({ written })
  else output.result(`written: ${count(written.length, 'page')} into ${out}`)
  return ExitCode.done
}

async function write(
  folder: string,
  entries: readonly Entry[],
  context: PageContext,
): Promise<readonly string[]> {
  try {
    await mkdir(folder, { recursive: true })
    return entries.map((entry) => {
      const path = join(folder, `${pageName(entry)}.1`)
      place(path, manPage(entry, context), { mode: 0o666, keep: true, mustBeWritable: true })
      return path
    })
  } catch (cause) {
    const reason = (cause as Error).message
    throw new LvnError('LVN6413', ExitCode.internal, `the pages cannot be written: ${reason}`, { cause })
  }
}

function find(root: Entry, words: readonly string[]): Entry {
  let entry = root
  for (const word of words) {
    const names = entry.commands.map(({ path }) => path.at(-1) as string)
    const next = entry.commands[names.indexOf(word)]
    if (next === undefined) {
      const near = suggest(word, names)
      const hint = near === undefined ? undefined : `did you mean \`${near}\`?`
      throw unfit(`\`${entry.path.join(' ')}\` has no command \`${word}\``, hint)
    }
    entry = next
  }
  return entry
}

/** The date of the build where it is to be the same each time (SOURCE_DATE_EPOCH, reproducible-builds.org). */
function today(): string {
  const epoch = process.env.SOURCE_DATE_EPOCH
  const time = epoch !== undefined && /^\d+$/.test(epoch) ? Number(epoch) * 1000 : Date.now()
  return new Date(time).toISOString().slice(0, 10)
}
