// SPDX-License-Identifier: MIT
/**
 * Ports that the kernel gives to no socket that did not ask for them: one sysctl holds the list, of which each port is
 * somebody's. So a port of it is treated as a sysctl of its own, `net/ipv4/ip_local_reserved_ports/50000`, which is 1 or
 * 0. Pure. Entries of others stay whatever is done to ours.
 */

/** The list, of IPv4 and IPv6 alike (Documentation/networking/ip-sysctl.rst): `50000,50010-50019`. */
export const reservedPortsPath = 'net/ipv4/ip_local_reserved_ports'

export function reservedPortPath(port: number): string {
  return `${reservedPortsPath}/${port}`
}

/** The port of such a path; null: another path. */
export function reservedPortOf(path: string): number | null {
  if (!path.startsWith(`${reservedPortsPath}/`)) return null
  const port = Number(path.slice(reservedPortsPath.length + 1))
  return Number.isInteger(port) && port > 0 && port <= 65535 ? port : null
}

/** `1` where the list has the port, else `0`. */
export function reservedPort(list: string, port: number): '0' | '1' {
  return ranges(list).some(([first, last]) => first <= port && port <= last) ? '1' : '0'
}

/** The list with the port, or without it, as the kernel takes it. */
export function withReservedPort(list: string, port: number, value: string): string {
  const others = ranges(list).flatMap(([first, last]): Range[] => {
    if (port < first || last < port) return [[first, last]]
    return [
      [first, port - 1],
      [port + 1, last],
    ]
  })
  const all = value === '1' ? [...others, [port, port] as const] : others
  return all
    .filter(([first, last]) => first <= last)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',')
}

type Range = readonly [first: number, last: number]

function ranges(list: string): Range[] {
  return list
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .map((entry) => {
      const [first, last] = entry.split('-').map(Number)
      return [first ?? 0, last ?? first ?? 0]
    })
}
