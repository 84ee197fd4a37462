// SPDX-License-Identifier: MIT
/**
 * Signals that end a command. Until the kernel may be changed they end the process at once, as the system has it: Node
 * hears a signal between two turns of its event loop only, and a file may be long to work out.
 */
import { constants } from 'node:os'

let held = false

/** From here on: a plan that is being carried out is carried to its end before a signal ends the process. For good. */
export function holdSignals(): void {
  if (held) return
  held = true
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      if (process.stderr.isTTY) process.stderr.write('\n')
      process.exit(128 + constants.signals[signal])
    })
  }
}
