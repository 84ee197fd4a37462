// SPDX-License-Identifier: MIT
/**
 * What counts as a complaint in a kernel log.
 */
import { expect, test } from 'vitest'

const path = new URL('../../../scripts/vm/splats.mjs', import.meta.url).href
const { splats } = (await import(path)) as { splats: (log: string) => readonly string[] }

const quiet = [
  '[    0.000000] Linux version 6.1.0-56-amd64 (debian-kernel@lists.debian.org)',
  '[    0.100000] ACPI BIOS Error (bug): Could not resolve symbol',
  '[    0.200000] debug: Bugs are reported to Debian',
  '[    1.000000] lvn: loading out-of-tree module taints kernel.',
  '[    1.000001] lvn: module verification failed: signature and/or required key missing - tainting kernel',
  '[    3.648985] 9pnet: Limiting msize to 512000 as this is the maximum supported by transport virtio',
].join('\n')

test('an ordinary log has none', () => {
  expect(splats(quiet)).toEqual([])
  expect(splats('')).toEqual([])
})

test.each([
  'WARNING: CPU: 0 PID: 1 at net/core/dev.c:10 lvn_xmit+0x1/0x2 [lvn]',
  'WARNING: possible circular locking dependency detected',
  'WARNING: suspicious RCU usage',
  'BUG: kernel NULL pointer dereference, address: 0000000000000000',
  'BUG: sleeping function called from invalid context at mm/slab.h:1',
  'BUG: KASAN: slab-use-after-free in lvn_tunnel_get+0x1/0x2',
  'kernel BUG at net/core/skbuff.c:100!',
  'Oops: 0002 [#1] PREEMPT SMP NOPTI',
  'general protection fault, probably for non-canonical address 0xdead',
  'Kernel panic - not syncing: Fatal exception',
  'unregister_netdevice: waiting for lvn0 to become free. Usage count = 2',
  'refcount_t: underflow; use-after-free.',
  'INFO: task rmmod:100 blocked for more than 120 seconds.',
  'unreferenced object 0xffff888103f0a000 (size 128):',
  'ref_tracker: netdev@ffff has 1/2 users at leaked reference.',
  'ref_tracker: leaked reference.',
  'WARNING: possible recursive locking detected',
  'WARNING: possible irq lock inversion dependency detected',
  'WARNING: inconsistent lock state',
  'WARNING: bad unlock balance detected!',
  'INFO: trying to register non-static key.',
  'turning off the locking correctness validator.',
  'BUG: using smp_processor_id() in preemptible [00000000] code: node/100',
  'BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 60s!',
  'UBSAN: array-index-out-of-bounds in lvn_peers_find+0x1/0x2',
  'list_del corruption. next->prev should be ffff, but was 0000',
  'ODEBUG: free active (active state 0) object: ffff object type: timer_list',
  'ODEBUG: Out of memory. ODEBUG disabled',
  'kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
  'kmemleak: Kernel memory leak detector disabled',
])('a complaint: %s', (line) => {
  const found = splats(`${quiet}\n[   10.000000] ${line}\n[   10.000001] Call Trace:`)
  expect(found).toHaveLength(1)
  expect(found[0]).toContain(line)
  expect(found[0]).toContain('Call Trace')
})

test('one complaint of many lines counts once', () => {
  const lines = [
    'BUG: kernel NULL pointer dereference',
    '#PF: supervisor read access',
    'Oops: 0000 [#1] SMP',
    'RIP: 0010:x',
  ]
  expect(splats(lines.join('\n'))).toHaveLength(1)
})
