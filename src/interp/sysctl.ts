// SPDX-License-Identifier: MIT
/**
 * What the kernel's forwarding switches do beside the value that is written, and what becomes of the values
 * from before. Paths are below /proc/sys, slashes as separators. Pure: it knows values, not how to read them.
 *
 * Writing `net/ipv4/conf/all/forwarding` also sets `default`, every interface and, inverted,
 * `all/accept_redirects` (inet_forward_change in net/ipv4/devinet.c); its IPv6 sister sets `default` and every
 * interface (addrconf_forward_change in net/ipv6/addrconf.c). So whoever puts the first back must put all back.
 */
import { reservedPortOf } from '../model/reserved-ports.ts'
import type { LiveState, SavedValue, SysctlSpec } from '../model/state.ts'
import { type RelianceState, reliesOn } from './reliance.ts'

const switches = {
  'net/ipv4/conf/all/forwarding': ['net/ipv4/conf/all/accept_redirects', 'net/ipv4/conf/default/forwarding'],
  'net/ipv6/conf/all/forwarding': ['net/ipv6/conf/default/forwarding'],
} as const
type Switch = keyof typeof switches

function isSwitch(path: string): path is Switch {
  return Object.hasOwn(switches, path)
}

/** The other paths whose values a write to `path` changes, given the interfaces there are. */
export function fanOut(path: string, links: readonly string[]): string[] {
  if (!isSwitch(path)) return []
  const family = path.slice(0, 'net/ipvN'.length)
  return [...switches[path], ...links.map((link) => `${family}/conf/${link}/forwarding`)]
}

/** The path whose write changes `path`; most paths are their own root. */
export function rootOf(path: string): string {
  for (const [root, fixed] of Object.entries(switches)) {
    if ((fixed as readonly string[]).includes(path)) return root
    if (path.startsWith(root.slice(0, 'net/ipvN/conf/'.length)) && path.endsWith('/forwarding')) return root
  }
  return path
}

/** What to do with the values that doomed or no longer interested devices keep. */
export interface SavedFate {
  /** Back to the kernel: by root path; of several values of one path the first counts. */
  readonly restore: ReadonlyMap<string, readonly SavedValue[]>
  /** To a device that stays and needs the value: `saved` is the entry on the old device. */
  readonly handOver: readonly { readonly saved: SavedValue; readonly heir: string }[]
}

/**
 * As long as a device of another overlay relies on a switch (`reliesOn`), it is not put back; the last to go does it. On
 * a reserved port rely those whose tunnels have it.
 * @param ours devices of the plan's owners; `doomed` are those that go (also to be made anew)
 */
export function savedFate(
  live: Pick<LiveState, 'saved' | 'tunnels'> & RelianceState,
  wanted: readonly SysctlSpec[],
  devices: {
    readonly ours: ReadonlySet<string>
    readonly doomed: ReadonlySet<string>
    readonly others: readonly string[]
  },
): SavedFate {
  const restore = new Map<string, SavedValue[]>()
  const handOver: { saved: SavedValue; heir: string }[] = []
  const stays = (device: string) => devices.ours.has(device) && !devices.doomed.has(device)
  const relying = (path: string) => {
    const port = reservedPortOf(path)
    if (port === null) return devices.others.filter((device) => reliesOn(live, device, path))
    const users = new Set(live.tunnels.filter(({ local }) => local.port === port).map(({ device }) => device))
    return devices.others.filter((device) => users.has(device))
  }
  const held = new Set(live.saved.map((saved) => `${saved.device} ${saved.path}`))
  for (const saved of live.saved) {
    if (!devices.ours.has(saved.device)) continue
    const root = rootOf(saved.path)
    const wanters = wanted.filter((sysctl) => sysctl.path === root)
    const others = relying(root)
    if (!devices.doomed.has(saved.device)) {
      if (wanters.length > 0 || others.length > 0) continue
    } else {
      const heir = wanters.find((sysctl) => stays(sysctl.device))?.device ?? others[0]
      if (heir !== undefined) {
        if (!held.has(`${heir} ${saved.path}`)) handOver.push({ saved, heir })
        held.add(`${heir} ${saved.path}`)
        continue
      }
    }
    restore.set(root, [...(restore.get(root) ?? []), saved])
  }
  return { restore, handOver }
}

/** Values as they will be once `restore` has been carried out; undefined: no such path. */
export function valuesAfter(
  live: Pick<LiveState, 'sysctls'>,
  restore: SavedFate['restore'],
): (path: string) => string | undefined {
  const now = new Map(live.sysctls.map((sysctl) => [sysctl.path, sysctl.value]))
  const back = new Map<string, string>()
  for (const { path, value } of [...restore.values()].flat()) if (!back.has(path)) back.set(path, value)
  return (path) => {
    const current = now.get(path)
    if (current === undefined) return undefined
    const own = back.get(path)
    if (own !== undefined) return own
    const root = rootOf(path)
    const rootValue = back.get(root)
    // An interface younger than the saved values follows the switch that is put back.
    return rootValue !== undefined && rootValue !== now.get(root) ? rootValue : current
  }
}
