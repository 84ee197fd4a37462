// SPDX-License-Identifier: MIT
/**
 * A local user without any right who tries to keep root from working: `squatter.pl`, as nobody.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Netns, until } from './netns.ts'

const script = fileURLToPath(new URL('squatter.pl', import.meta.url))
/** Of today's locks and of those that were sockets in every namespace. */
const names = ['lvn', 'lvn-confirm', 'lvn-change']

/** What nobody has got hold of in the namespace, until it is disposed of. */
export async function squat(ns: Netns): Promise<readonly string[]> {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all']
  const child = ns.start('setpriv', [...nobody, 'perl', '-', '/run/lvn/locks', ...names], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // It may not be able to read where the tests lie.
  child.stdin?.end(readFileSync(script))
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await until('nobody has tried', () => said.endsWith('\n'))
  return said.trim().split(' ').slice(1)
}
