// SPDX-License-Identifier: MIT
/**
 * `lvn` killed in mid-flight. strace counts the system calls that can change the kernel and sends SIGKILL at
 * the chosen one, so that every stretch of an apply and of a destroy is cut once.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lvnPath } from '../support/cli.ts'
import { Host, stateOf } from '../support/host.ts'

const source = `lvn 1
overlay kill {
  net 10.64.0.0/16, fd42:64::/48
  hub gw {
    listen 198.51.100.10, [2001:db8:1::10]
    device lvn0 { address 10.64.0.1, fd42:64::1 }
    routes 10.64.100.0/24
  }
  spoke a { endpoint 203.0.113.7; address 10.64.1.1 }
  spoke b { endpoint [2001:db8:77::5]; address fd42:64:0:2::1 }
  spoke c { endpoint 203.0.113.20:50001; address 10.64.3.1; routes 10.64.3.0/24 }
}
`
const calls = ['bpf', 'sendto', 'ioctl', 'pwrite64', 'write']

let host: Host
let file: string

beforeEach(() => {
  host = new Host()
  file = host.file('kill.lvn', source)
})

afterEach(() => host.dispose())

/** How many of `calls` a command makes. */
function count(...args: string[]): number {
  const ran = host.ns.try(
    ...(['strace', '-f', '-qq', '-c', '-U', 'calls,name', '-e', `trace=${calls}`] as const),
    ...[process.execPath, lvnPath, ...args],
  )
  const total = /^\s*(\d+)\s+total/m.exec(ran.stderr)
  return Number(total?.[1])
}

/** Runs a command and kills it at its n-th such call; false: it ended before. */
function kill(n: number, ...args: string[]): boolean {
  const inject = `inject=${calls}:signal=SIGKILL:when=${n}`
  const ran = host.ns.try(
    ...(['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', inject] as const),
    ...[process.execPath, lvnPath, ...args],
  )
  return ran.status !== 0
}

const apply = () => ['apply', file, '--node', 'gw', '--yes', '--json']
const destroy = () => ['destroy', file, '--node', 'gw', '--yes', '--json']

/** About `points` numbers from 1 to `last`, the first and last stretches included. */
function spread(last: number, points: number): number[] {
  const step = Math.max(1, last / points)
  return Array.from({ length: Math.ceil(last / step) }, (_, i) => Math.floor(1 + i * step))
}

test('apply killed anywhere: the next apply converges, or destroy leaves nothing', () => {
  const before = host.facts()
  const calls = count(...apply())
  expect(calls).toBeGreaterThan(50)
  const whole = stateOf(host)
  host.expectLvn(0, ...destroy())
  expect(host.facts()).toBe(before)
  for (const [i, n] of spread(calls, 40).entries()) {
    kill(n, ...apply())
    if (i % 2 === 0) {
      host.expectLvn(0, ...apply())
      expect(stateOf(host), `killed at call ${n}`).toEqual(whole)
      host.expectLvn(0, 'plan', file, '--node', 'gw')
    }
    host.expectLvn(0, ...destroy())
    expect(host.facts(), `killed at call ${n}`).toBe(before)
  }
}, 300_000)

test('destroy killed anywhere: the next destroy leaves nothing', () => {
  const before = host.facts()
  host.expectLvn(0, ...apply())
  const calls = count(...destroy())
  expect(calls).toBeGreaterThan(20)
  expect(host.facts()).toBe(before)
  for (const n of spread(calls, 20)) {
    host.expectLvn(0, ...apply())
    kill(n, ...destroy())
    host.expectLvn(0, ...destroy())
    expect(host.facts(), `killed at call ${n}`).toBe(before)
  }
}, 300_000)
