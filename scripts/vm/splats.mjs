// SPDX-License-Identifier: MIT
/**
 * What a kernel says when something is wrong with it.
 */

const wrong = [
  /\bWARNING: /,
  /\bBUG: /,
  /\bkernel BUG at /,
  /\bOops\b/,
  /\bKernel panic\b/,
  /general protection fault/,
  /unable to handle (kernel|page fault)/i,
  /INFO: (possible|suspicious|inconsistent|rcu_|task .* blocked for more than|lockdep|trying to register)/,
  /possible (circular|recursive) locking/,
  /suspicious RCU usage/,
  /turning off the locking correctness validator/,
  /unregister_netdevice: waiting for/,
  /refcount_t: /,
  /KASAN: |KFENCE: |UBSAN: /,
  /unreferenced object 0x/,
  /kmemleak: (\d+ new suspected|.*disabled)/,
  /ODEBUG: /,
  /ref_tracker: /,
  /leaked (reference|percpu)/i,
  /Slab .*objects remaining|kmem_cache_destroy/,
  /scheduling while atomic|sleeping function called/,
  /list_(add|del) corruption/,
  /bad unlock balance|held lock freed|lock held when returning/,
]

/** Lines that follow a complaint and belong to it. */
const context = 40

/** The complaints in a kernel log, each a few lines of text. */
export function splats(log) {
  const lines = log.split('\n').map((line) => line.trimEnd())
  const found = []
  for (let at = 0; at < lines.length; at += 1) {
    if (!wrong.some((pattern) => pattern.test(lines[at]))) continue
    found.push(lines.slice(at, at + context).join('\n'))
    at += context - 1
  }
  return found
}
