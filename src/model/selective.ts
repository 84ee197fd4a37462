// SPDX-License-Identifier: MIT
/**
 * Routes that take only some of the packets to their destination. Among routes to one destination the kernel asks
 * those first, whatever their metrics (fib_insert_alias of net/ipv4/fib_trie.c, fib6_node_lookup_1 of
 * net/ipv6/ip6_fib.c).
 */
import type { RouteSpec } from './state.ts'

export function isSelective({ tos, from }: Pick<RouteSpec, 'tos' | 'from'>): boolean {
  return tos !== undefined || from !== undefined
}
