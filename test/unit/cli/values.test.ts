// SPDX-License-Identifier: MIT
/**
 * Values of the command line: what is read, and what is refused with a sentence.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { duration } from '../../../src/shell/cli/text.ts'
import { tunnelRef } from '../../../src/shell/cli/tunnel-ref.ts'
import {
  readDuration,
  readEndpoint,
  readInteger,
  readList,
  readPrefix,
} from '../../../src/shell/cli/values.ts'

describe('endpoints', () => {
  it.each([
    ['192.0.2.1', { address: '192.0.2.1' }],
    ['192.0.2.1:5000', { address: '192.0.2.1', port: 5000 }],
    ['2001:db8::1', { address: '2001:db8::1' }],
    ['[2001:DB8::1]', { address: '2001:db8::1' }],
    ['[2001:db8::1]:5000', { address: '2001:db8::1', port: 5000 }],
  ])('reads %s', (text, endpoint) => expect(readEndpoint(text, '--remote')).toEqual(endpoint))

  it.each([
    '',
    'berlin',
    '192.0.2',
    '192.0.2.1:',
    '192.0.2.1:x',
    '2001:db8::1]:5',
    '[192.0.2.1',
    'fe80::1%eth0',
  ])('refuses `%s`', (text) =>
    expect(() => readEndpoint(text, '--remote')).toThrow(/--remote takes an IP address/),
  )
})

describe('durations', () => {
  it('reads what is printed', () => {
    const ms = fc.oneof(
      fc.integer({ min: 1, max: 999 }),
      fc.integer({ min: 1, max: 86_400 }).map((s) => s * 1000),
    )
    fc.assert(fc.property(ms, (n) => readDuration(duration(n), '--dead') === n))
  })

  it.each([
    ['off', 0],
    ['1h30m', 5_400_000],
    ['5m', 300_000],
    ['1s500ms', 1500],
  ])('reads %s', (text, ms) => expect(readDuration(text, '--dead')).toBe(ms))

  it.each(['', '20', '20 s', '-1s', '1s1m', '20sec', '1.5s'])('refuses `%s`', (text) =>
    expect(() => readDuration(text, '--dead')).toThrow(/--dead takes a duration/),
  )
})

describe('prefixes', () => {
  it.each([
    ['10.1.0.0/16', '10.1.0.0/16'],
    ['10.1.0.7', '10.1.0.7/32'],
    ['FD42::1', 'fd42::1/128'],
    ['fd42:0::/32', 'fd42::/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
  ])('reads %s', (text, prefix) => expect(readPrefix(text)).toBe(prefix))

  it('refuses host bits with what was meant', () => {
    expect(() => readPrefix('10.1.2.3/16')).toThrow(
      expect.objectContaining({ hint: 'did you mean `10.1.0.0/16`?' }),
    )
  })

  it.each(['', '10.1.0.0/33', '10.1/16', 'x'])('refuses `%s`', (text) =>
    expect(() => readPrefix(text)).toThrow(/is no prefix/),
  )
})

it('reads whole numbers and lists', () => {
  expect(readInteger('007', '--id')).toBe(7)
  expect(() => readInteger('7x', '--id')).toThrow('--id takes a whole number, not `7x`')
  expect(readList('eth0,,eth1')).toEqual(['eth0', 'eth1'])
})

it('takes a tunnel by name or id, not by both, not by neither', () => {
  expect([tunnelRef('a', undefined), tunnelRef(undefined, '7'), tunnelRef('7', undefined)]).toEqual([
    'a',
    7,
    '7',
  ])
  expect(() => tunnelRef('a', '7')).toThrow(/not by both/)
  expect(() => tunnelRef(undefined, undefined)).toThrow(/which tunnel/)
})
