// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest'
import type { Address } from '../../../src/model/address.ts'
import { unfitEndpoint } from '../../../src/model/endpoint-address.ts'

test.each([
  ['0.0.0.0', 'unspecified'],
  ['0.255.255.255', 'unspecified'],
  ['1.0.0.0', null],
  ['126.255.255.255', null],
  ['127.0.0.1', 'loopback'],
  ['128.0.0.0', null],
  ['169.253.255.255', null],
  ['169.254.0.1', 'link-local'],
  ['169.255.0.0', null],
  ['223.255.255.255', null],
  ['224.0.0.0', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::2', null],
  ['::ffff:10.0.0.1', 'IPv4-mapped'],
  ['::fffe:10.0.0.1', null],
  ['::7fff:10.0.0.1', null],
  ['::ff:10.0.0.1', null],
  ['1::ffff:10.0.0.1', null],
  ['2080::1', null],
  ['64:ff9b::1', null],
  ['2001:db8::1', null],
  ['fd42::1', null],
  ['fe7f::1', null],
  ['fe80::1', 'link-local'],
  ['febf::1', 'link-local'],
  ['fec0::1', null],
  ['ff02::1', 'multicast'],
])('%s as an endpoint: %s', (address, what) => {
  expect(unfitEndpoint(address as Address)).toBe(what)
})
