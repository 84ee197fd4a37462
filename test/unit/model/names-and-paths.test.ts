// SPDX-License-Identifier: MIT
/** Small rules of texts that the kernel knows: interface names, paths of sysctls, lists of reserved ports. */
import { describe, expect, it, test } from 'vitest'
import { filterTable, maxLabelBytes, openFamily } from '../../../src/model/filter.ts'
import { hand, isByHand, ownerText } from '../../../src/model/hand.ts'
import { interfaceNameHint, isInterfaceName } from '../../../src/model/interface-name.ts'
import { aliasPrefix } from '../../../src/model/kernel.ts'
import { policyEndText } from '../../../src/model/policy.ts'
import {
  reservedPort,
  reservedPortOf,
  reservedPortPath,
  withReservedPort,
} from '../../../src/model/reserved-ports.ts'
import { isSelective } from '../../../src/model/selective.ts'
import { dropReasons, maxDestinations } from '../../../src/model/state.ts'
import { interfaceOf, pathOn } from '../../../src/model/sysctl-path.ts'

describe('an interface name', () => {
  it.each(['a', 'lvn0', 'br-lan', 'eth0.7', '...', 'x'.repeat(15), 'ü'.repeat(7)])('may be %s', (name) =>
    expect(isInterfaceName(name)).toBe(true),
  )

  it.each([
    ...['', '.', '..', 'x'.repeat(16), 'ü'.repeat(8)],
    ...['a b', 'a\tb', 'a\n', 'a/b', 'a:b', 'lvn%d', 'a\0b'],
  ])('is not %j', (name) => expect(isInterfaceName(name)).toBe(false))

  it('is explained by what it may hold', () => {
    expect(interfaceNameHint).toBe('1 to 15 bytes, no white space, `/`, `:` or `%`')
  })
})

describe('the path of a sysctl', () => {
  it.each([
    ['net/ipv4/conf/eth0/forwarding', 'eth0', 'net/ipv4/conf/wan/forwarding'],
    ['net/ipv6/conf/eth0.7/accept_ra', 'eth0.7', 'net/ipv6/conf/wan/accept_ra'],
  ])('%s is of %s', (path, name, other) => {
    expect(interfaceOf(path)).toBe(name)
    expect(pathOn(path, 'wan')).toBe(other)
    // A name may have what means something to a replacement.
    expect(pathOn(path, "$&$'")).toBe(path.replace(name, () => "$&$'"))
  })

  it.each([
    'net/ipv4/conf/all/forwarding',
    'net/ipv6/conf/default/forwarding',
    'net/ipv4/ip_local_reserved_ports',
    'net/ipv5/conf/eth0/forwarding',
    'net/ipv4/neigh/eth0/delay',
    'net/ipv4/conf/eth0',
    'net/ipv4/conf//forwarding',
    'net/ipv4/conf/eth0/',
    'net/ipv4/conf/eth0/forwarding/',
    'x/net/ipv4/conf/eth0/forwarding',
  ])('%s is of no interface', (path) => expect(interfaceOf(path)).toBeUndefined())
})

describe('reserved ports', () => {
  it.each([
    ['', 7, '0'],
    ['7', 7, '1'],
    ['5-9', 5, '1'],
    ['5-9', 9, '1'],
    ['5-9', 4, '0'],
    ['5-9', 10, '0'],
    ['1,3,5-6', 6, '1'],
    ['1,3,5-6', 2, '0'],
  ])('%j has %i: %s', (list, port, has) => expect(reservedPort(list, port)).toBe(has))

  it.each([
    ['', 7, '1', '7'],
    [' ', 7, '1', '7'],
    ['7', 7, '1', '7'],
    ['1-3', 7, '1', '1-3,7'],
    ['7', 7, '0', ''],
    ['1-3,7', 7, '0', '1-3'],
    ['7', 8, '0', '7'],
    ['5-9', 7, '0', '5-6,8-9'],
    ['5-9', 3, '0', '5-9'],
    ['5-9', 5, '0', '6-9'],
    ['5-9', 9, '0', '5-8'],
    ['5-7', 6, '0', '5,7'],
    ['5-9', 7, '1', '5-6,8-9,7'],
    ['1,3', 2, '0', '1,3'],
  ])('%j with %i set to %s is %j', (list, port, value, after) => {
    expect(withReservedPort(list, port, value)).toBe(after)
  })

  it('are each a path of their own', () => {
    expect(reservedPortPath(50_000)).toBe('net/ipv4/ip_local_reserved_ports/50000')
    const of = (port: string) => reservedPortOf(`net/ipv4/ip_local_reserved_ports/${port}`)
    expect(['1', '65535'].map(of)).toEqual([1, 65535])
    expect(['0', '65536', '1.5', 'x', '', '-1'].map(of)).toEqual([null, null, null, null, null, null])
    expect(reservedPortOf('net/ipv4/ip_local_reserved_ports')).toBeNull()
    expect(reservedPortOf('net/ipv4/ip_local_reserved_portz/50000')).toBeNull()
  })
})

test('what was made by hand has an owner that no overlay can be', () => {
  expect(hand).toEqual({ overlay: '+', node: 'hand' })
  expect(`${aliasPrefix}${hand.overlay}/${hand.node}`).toBe('lvn:+/hand')
  expect([isByHand(hand), isByHand({ overlay: 'mitte', node: 'hand' })]).toEqual([true, false])
  expect([hand, { overlay: 'mitte', node: 'gw1' }].map(ownerText)).toEqual(['by hand', 'mitte/gw1'])
})

test.each([
  [{ kind: 'any' } as const, 'any'],
  [{ kind: 'node', node: 'kirche' } as const, 'kirche'],
  [{ kind: 'prefix', prefix: '10.64.0.0/20' as never } as const, '10.64.0.0/20'],
  [{ kind: 'prefix', prefix: '10.64.0.1/32' as never } as const, '10.64.0.1'],
  [{ kind: 'prefix', prefix: 'fd42::/32' as never } as const, 'fd42::/32'],
  [{ kind: 'prefix', prefix: 'fd42::1/128' as never } as const, 'fd42::1'],
])('the end %j of a policy is written %s', (end, text) => expect(policyEndText(end)).toBe(text))

test('a route is for some packets only by its TOS or by its source', () => {
  expect(isSelective({})).toBe(false)
  expect(isSelective({ tos: 0 })).toBe(true)
  expect(isSelective({ from: '::/0' as never })).toBe(true)
})

test('a filter is a table of the device, and a family without policies lets all pass', () => {
  expect(filterTable('lvn0')).toBe('lvn_lvn0')
  expect(openFamily).toEqual({ sources: [], lists: [{ targets: [], otherwise: 'allow' }] })
  expect(maxLabelBytes).toBe(128)
})

test('a device takes 64 destinations, and counts what it drops by ten reasons', () => {
  expect(maxDestinations).toBe(64)
  expect(new Set(dropReasons).size).toBe(10)
})
