// SPDX-License-Identifier: MIT
/** What the eBPF programs remember of an address stays right when one of them interrupts another (PREEMPT_RT). */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../support/bpf/interrupted.c', import.meta.url))
const programs = fileURLToPath(new URL('../../../bpf', import.meta.url))

// It steps by a flag that x86 has.
test.runIf(process.arch === 'x64')(
  'a packet that others come in between for is led into its own tunnel, and so are they',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'lvn-interrupted-'))
    try {
      const program = join(folder, 'interrupted')
      // The trap flag is set by way of the stack, below which nothing may be kept. BPF has no wider stores than these.
      execFileSync('clang', [
        '-O2',
        '-mno-red-zone',
        '-mgeneral-regs-only',
        `-I${programs}`,
        source,
        '-o',
        program,
      ])
      expect(execFileSync(program, { encoding: 'utf8' })).toBe('right each time\n')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
