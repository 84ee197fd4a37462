// SPDX-License-Identifier: MIT
/**
 * Firewalls that stand in a test's way: nftables rules in a namespace for as long as something runs.
 */
import { spawnSync } from 'node:child_process'
import { withNetns } from '../../native/netns.ts'

/** A rule that drops echo requests from one address to another of the same family. */
export function dropEchoRequests(from: string, to: string): string {
  const [ip, icmp] = from.includes(':') ? ['ip6', 'icmpv6'] : ['ip', 'icmp']
  return `${icmp} type echo-request ${ip} saddr ${from} ${ip} daddr ${to} drop`
}

/** Runs `work` while a namespace has these rules in a hook of the filter. */
export function shutting<T>(
  namespace: string,
  rules: readonly string[],
  work: () => T,
  hook: 'forward' | 'input' = 'forward',
): T {
  const chain = `chain c { type filter hook ${hook} priority 0; ${rules.join('; ')}; }`
  nft(namespace, `add table inet shut { ${chain}; }`)
  try {
    return work()
  } finally {
    nft(namespace, 'delete table inet shut')
  }
}

function nft(namespace: string, command: string): void {
  const ran = withNetns(namespace, () => spawnSync('nft', [command], { encoding: 'utf8' }))
  if (ran.status !== 0) throw new Error(`nft ${command}: ${ran.stderr}`)
}
