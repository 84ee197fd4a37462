// SPDX-License-Identifier: MIT
/**
 * `lvn monitor` in a namespace, and the lines that it has printed.
 */
import { lvnPath } from './cli.ts'
import { type Netns, until } from './netns.ts'

/** Returns once it watches. The namespace ends it. */
export async function monitorIn(ns: Netns, ...args: string[]): Promise<readonly string[]> {
  const child = ns.start(process.execPath, [lvnPath, 'monitor', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  const lines: string[] = []
  let rest = ''
  let said = ''
  child.stdout?.on('data', (bytes: Buffer) => {
    const parts = `${rest}${bytes}`.split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  child.stderr?.on('data', (bytes: Buffer) => {
    said += bytes
  })
  await until(`lvn monitor watches: ${said}`, () => said.includes('watching ') || lines.length > 0)
  return lines
}
