// SPDX-License-Identifier: MIT
/** Compiles the tests' own BPF object. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('bpf/addon.bpf.c', import.meta.url))

/** Into `folder`; the object's path. */
export function compileBpf(folder: string): string {
  const object = join(folder, 'addon.bpf.o')
  const machine = execFileSync('gcc', ['-print-multiarch'], { encoding: 'utf8' }).trim()
  execFileSync('clang', [
    ...['-O2', '-g', '-target', 'bpf', `-I/usr/include/${machine}`],
    ...['-c', source, '-o', object],
  ])
  return object
}
