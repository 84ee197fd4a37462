// SPDX-License-Identifier: MIT
/**
 * Devices by hand, with `ip link` of iproute2 and the plugin that tells it of the link type.
 */
import { execFileSync } from 'node:child_process'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Netns } from '../support/netns.ts'

const plugin = new URL('../../kmod/iproute2', import.meta.url).pathname

let ns: Netns

beforeAll(() => {
  execFileSync('make', ['-s', '-C', plugin], { stdio: 'pipe' })
})

beforeEach(() => {
  ns = new Netns('a')
})

afterEach(() => ns.dispose())

const ip = (...args: readonly string[]) => ns.run('env', `IP_LIB_DIR=${plugin}`, 'ip', ...args)
const details = () => ip('-details', 'link', 'show', 'lvn0')
const json = () => JSON.parse(ip('-details', '-json', 'link', 'show', 'lvn0'))[0].linkinfo

test('a device is added with its options, and shows them', () => {
  ip('link', 'add', 'lvn0', 'type', 'lvn', 'mode', 'multi')
  expect(details()).toContain('lvn mode multi capacity 65536 df inherit tunnels 0 rules 0 ')
  expect(json()).toMatchObject({
    info_kind: 'lvn',
    info_data: { mode: 'multi', capacity: 65_536, df: 'inherit', tunnels: 0, rules: 0 },
  })
})

test('what can be changed is changed, and what cannot is refused with the sentence of the kernel', () => {
  ip('link', 'add', 'lvn0', 'type', 'lvn', 'mode', 'multi', 'capacity', '7', 'df', 'set')
  ip('link', 'set', 'lvn0', 'type', 'lvn', 'capacity', '9', 'df', 'unset')
  expect(details()).toContain('lvn mode multi capacity 9 df unset ')
  expect(() => ip('link', 'set', 'lvn0', 'type', 'lvn', 'mode', 'fixed')).toThrow(
    'the mode of a device cannot be changed',
  )
})

test('packets dropped are shown by reason', () => {
  ip('link', 'add', 'lvn0', 'type', 'lvn', 'mode', 'multi')
  ns.ip('addr add 10.64.0.1/24 dev lvn0', 'link set lvn0 up')
  expect(ns.try('ping', '-c1', '-W1', '10.64.0.2').status).not.toBe(0)
  const drops = json().info_data.drops
  expect(drops).toMatchObject({ 'no-rule': expect.any(Number), 'bad-source': 0 })
  expect(drops['no-rule']).toBeGreaterThan(0)
  // In text, only what has happened.
  expect(details()).toMatch(/ rules 0 drops no-rule \d+ (?!bad-source)/)
})

test.each([
  ['mode both', '"mode" is one of: fixed multi'],
  ['df maybe', '"df" is one of: inherit set unset'],
  ['capacity 0', '"capacity" is a number from 1 to 65536'],
  ['mode fixed mode multi', '"mode" is duplicate'],
  ['mode', 'Command line is not complete'],
  ['colour red', 'unknown option "colour"'],
])('refused: type lvn %s', (options, sentence) => {
  expect(() => ip('link', 'add', 'lvn0', 'type', 'lvn', ...options.split(' '))).toThrow(sentence)
  expect(ns.run('ip', '-json', 'link')).not.toContain('lvn0')
})
