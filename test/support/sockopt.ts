// SPDX-License-Identifier: MIT
/**
 * Options of a socket of this process's that Node has no word for. Perl, which every Debian has, reads and sets them on
 * the descriptor that it inherits.
 */
import { execFileSync } from 'node:child_process'

/** Level and name, as the C headers have them. */
export const option = {
  mark: [1, 36],
  multicastLoop: [0, 34],
  udpEncap: [17, 100],
  noChecksum6Receive: [17, 102],
  udpSegment: [17, 103],
  udpGro: [17, 104],
} as const
type Option = readonly [level: number, name: number]

export function getOption(fd: number, [level, name]: Option): number {
  return Number(perl(fd, `print unpack("i", getsockopt($s, ${level}, ${name}) // die "$!\\n")`))
}

export function setOption(fd: number, [level, name]: Option, value: number): void {
  perl(fd, `setsockopt($s, ${level}, ${name}, pack("i", ${value})) || die "$!\\n"`)
}

function perl(fd: number, statement: string): string {
  return execFileSync('perl', ['-e', `open(my $s, "+<&=", 3) || die "$!\\n"; ${statement}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', fd],
  })
}
