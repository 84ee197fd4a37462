// SPDX-License-Identifier: MIT
/**
 * `lvn` killed in mid-flight. strace counts the system calls that can change the kernel and sends SIGKILL at
 * the chosen one, so that every stretch of an apply and of a destroy is cut once. It counts each call by itself, and
 * in each thread: all that changes the kernel is done by the first one, which alone is traced.
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

/** A system call, and the how many-th of its kind, from 1. */
type Point = readonly [call: string, n: number]

const strace = (...words: string[]) => host.ns.try('strace', '-qq', '-e', `trace=${calls}`, ...words)

/** All of `calls` that a command makes, kind by kind. */
function pointsOf(...args: string[]): readonly Point[] {
  const { stderr } = strace('-c', '-U', 'calls,name', process.execPath, lvnPath, ...args)
  const counts = Array.from(
    stderr.matchAll(/^\s*(\d+)\s+(\w+)$/gm),
    ([, n, call]) => [call, Number(n)] as const,
  )
  return counts.flatMap(([call, count]) =>
    calls.includes(call as string)
      ? Array.from({ length: count }, (_, i) => [call as string, i + 1] as const)
      : [],
  )
}

/** Runs a command and kills it at a call; false: it ended before. */
function kill([call, n]: Point, ...args: string[]): boolean {
  const inject = `inject=${call}:signal=SIGKILL:when=${n}`
  return strace('-o', '/dev/null', '-e', inject, process.execPath, lvnPath, ...args).status !== 0
}

const apply = () => ['apply', file, '--node', 'gw', '--yes', '--json']
const destroy = () => ['destroy', file, '--node', 'gw', '--yes', '--json']

/** About `wanted` of the points, the first and last stretches included. */
function spread(points: readonly Point[], wanted: number): readonly Point[] {
  const step = Math.max(1, points.length / wanted)
  return Array.from(
    { length: Math.ceil(points.length / step) },
    (_, i) => points[Math.floor(i * step)] as Point,
  )
}

test('apply killed anywhere: the next apply converges, or destroy leaves nothing', () => {
  const before = host.facts()
  const points = pointsOf(...apply())
  expect(points.length).toBeGreaterThan(50)
  const whole = stateOf(host)
  host.expectLvn(0, ...destroy())
  expect(host.facts()).toBe(before)
  const chosen = spread(points, 40)
  const ended: Point[] = []
  for (const [i, point] of chosen.entries()) {
    if (!kill(point, ...apply())) ended.push(point)
    if (i % 2 === 0) {
      host.expectLvn(0, ...apply())
      expect(stateOf(host), `killed at ${point}`).toEqual(whole)
      host.expectLvn(0, 'plan', file, '--node', 'gw')
    }
    host.expectLvn(0, ...destroy())
    expect(host.facts(), `killed at ${point}`).toBe(before)
  }
  // A call or two of Node.js' own come and go.
  expect(chosen.length - ended.length, `not killed at ${ended.join(' ')}`).toBeGreaterThan(
    chosen.length * 0.9,
  )
}, 300_000)

test('destroy killed anywhere: the next destroy leaves nothing', () => {
  const before = host.facts()
  host.expectLvn(0, ...apply())
  const points = pointsOf(...destroy())
  expect(points.length).toBeGreaterThan(20)
  expect(host.facts()).toBe(before)
  const chosen = spread(points, 20)
  const ended: Point[] = []
  for (const point of chosen) {
    host.expectLvn(0, ...apply())
    if (!kill(point, ...destroy())) ended.push(point)
    host.expectLvn(0, ...destroy())
    expect(host.facts(), `killed at ${point}`).toBe(before)
  }
  expect(chosen.length - ended.length, `not killed at ${ended.join(' ')}`).toBeGreaterThan(
    chosen.length * 0.9,
  )
}, 300_000)
