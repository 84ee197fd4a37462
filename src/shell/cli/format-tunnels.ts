// SPDX-License-Identifier: MIT
/**
 * Tunnels as they are configured, in a table: what `lvn tun` sets, where `lvn show` has the counters. Pure.
 */
import { formatEndpoint } from '../../model/address.ts'
import type { LiveTunnel } from '../../model/state.ts'
import { tunnelState } from './format-show.ts'
import type { Paint } from './output.ts'
import { type Column, duration, table } from './text.ts'

export function formatTunnels(tunnels: readonly LiveTunnel[], paint: Paint): string {
  if (tunnels.length === 0) return 'No tunnels.'
  const columns: Column<LiveTunnel>[] = [
    { title: 'TUNNEL', cell: (t) => `${t.device}/${paint.strong(t.name)}` },
    { title: 'ID', cell: (t) => String(t.id), align: 'right' },
    { title: 'STATE', cell: tunnelState },
    { title: 'LOCAL', cell: (t) => formatEndpoint(t.local) },
    { title: 'REMOTE', cell: (t) => (t.remote === null ? '-' : formatEndpoint(t.remote)) },
    { title: 'OVER', cell: (t) => t.underlay ?? '-' },
    { title: 'KEEPALIVE', cell: (t) => orOff(t.keepalive.intervalMs) },
    { title: 'DEAD AFTER', cell: (t) => orOff(t.keepalive.deadMs) },
  ]
  return table(columns, tunnels, paint.faint).join('\n')
}

function orOff(ms: number): string {
  return ms === 0 ? 'off' : duration(ms)
}
