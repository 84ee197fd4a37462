// SPDX-License-Identifier: MIT
/**
 * What each function gives, at the borders of what it takes, and what is said beyond them.
 */
import { describe, expect, it } from 'vitest'
import { describe as described } from '../../../src/interp/resolve/value.ts'
import { workedOut } from '../../support/worked-out.ts'

describe('a function', () => {
  it.each([
    ['host(10.64.1.0/24, 0)', 'the address 10.64.1.0'],
    ['host(10.64.1.0/24, 255)', 'the address 10.64.1.255'],
    ['host(10.64.1.0/24, -1)', 'the address 10.64.1.255'],
    ['host(10.64.1.0/24, -256)', 'the address 10.64.1.0'],
    ['host(10.64.1.0/24, 0 - 1)', 'the address 10.64.1.255'],
    ['host(10.64.1.7/32, 0)', 'the address 10.64.1.7'],
    ['host(fd42::/64, 0)', 'the address fd42::'],
    ['host(fd42::/64, 65538)', 'the address fd42::1:2'],
    ['host(fd42::ff00/120, 254)', 'the address fd42::fffe'],
    ['host(fd42::/64, -1)', 'the address fd42::ffff:ffff:ffff:ffff'],
    ['host(::/0, -1)', 'the address ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['subnet(10.64.0.0/16, /24, 0)', 'the prefix 10.64.0.0/24'],
    ['subnet(10.64.0.0/16, /24, 255)', 'the prefix 10.64.255.0/24'],
    ['subnet(10.64.0.0/16, 16, 0)', 'the prefix 10.64.0.0/16'],
    ['subnet(10.64.0.0/16, /32, 65535)', 'the prefix 10.64.255.255/32'],
    ['subnet(fd42:64::/48, /64, 7)', 'the prefix fd42:64:0:7::/64'],
    ['subnet(fd42:64::/48, /128, 7)', 'the prefix fd42:64::7/128'],
    ['subnet(fd42:64::/48, 64, 65535)', 'the prefix fd42:64:0:ffff::/64'],
    ['subnet(::/0, /128, 5)', 'the prefix ::5/128'],
    ['network(10.64.7.9, /24)', 'the prefix 10.64.7.0/24'],
    ['network(10.64.7.9, /0)', 'the prefix 0.0.0.0/0'],
    ['network(10.64.7.9, 32)', 'the prefix 10.64.7.9/32'],
    ['network(10.64.7.0/24, /16)', 'the prefix 10.64.0.0/16'],
    ['network(10.64.7.0/24, /24)', 'the prefix 10.64.7.0/24'],
    ['network(fd42::1, /128)', 'the prefix fd42::1/128'],
    ['first(10.64.7.0/24)', 'the address 10.64.7.0'],
    ['first(fd42:64::/48)', 'the address fd42:64::'],
    ['last(10.64.7.0/30)', 'the address 10.64.7.3'],
    ['last(fd42::/126)', 'the address fd42::3'],
    ['length(10.64.7.0/24)', 'the prefix length /24'],
    ['length(::/0)', 'the prefix length /0'],
    ['family(::1)', 'the number 6'],
    ['family(10.64.0.1)', 'the number 4'],
    ['family(fd42::/16)', 'the number 6'],
    ['family(10.64.0.0/16)', 'the number 4'],
    ['count([])', 'the number 0'],
    ['count([1, [2, 3]])', 'the number 2'],
    ['count([::1])', 'the number 1'],
    ['count(-1..1)', 'the number 3'],
    ['count(3..3)', 'the number 1'],
    ['count(1..5)', 'the number 5'],
    ['count(5..4)', 'the number 0'],
    ['count(5..1)', 'the number 0'],
    ['contains(10.64.0.0/16, 10.64.255.255)', '`true`'],
    ['contains(10.64.0.0/16, 10.65.0.0)', '`false`'],
    ['contains(10.64.0.0/16, 10.64.0.0/16)', '`true`'],
    ['contains(10.64.0.0/16, 10.64.0.0/15)', '`false`'],
    ['contains(fd42::/16, fd42:1::)', '`true`'],
    ['disjoint([])', '`true`'],
    ['disjoint([10.64.1.0/24])', '`true`'],
    ['disjoint([10.64.1.0/24, 10.64.2.0/24, fd42::/16])', '`true`'],
    ['disjoint([10.64.2.0/24, 10.64.1.0/24, 10.64.0.0/24])', '`true`'],
    ['disjoint([10.64.1.0/24, 10.64.3.0/24, 10.64.1.7])', '`false`'],
    ['disjoint([10.64.1.7, 10.64.3.0/24, 10.64.1.0/24])', '`false`'],
    ['disjoint([10.64.1.255, 10.64.1.0/24])', '`false`'],
    ['disjoint([10.64.1.7, 10.64.1.7])', '`false`'],
    ['disjoint([10.64.3.0/24, 10.64.1.0/24, 10.64.2.0/23])', '`false`'],
  ])('%s gives %s', (expression, value) => {
    const { value: given, said } = workedOut(expression)
    expect(said).toEqual([])
    expect(given && described(given)).toBe(value)
  })

  it.each([
    ['host(10.64.1.0/24, 256)', 'LVN2113 at 256: 10.64.1.0/24 has no address number 256'],
    ['host(10.64.1.0/24, -257)', 'LVN2113 at -257: 10.64.1.0/24 has no address number -257'],
    [
      'host(10.64.1.1, 1)',
      'LVN2105 at 10.64.1.1: this argument should be a prefix, and is the address 10.64.1.1',
    ],
    [
      'host(10.64.1.0/24, /1)',
      'LVN2105 at /1: this argument should be a number, and is the prefix length /1',
    ],
    ['subnet(10.64.0.0/16, /15, 0)', 'LVN2115 at /15: /15 is no length for a part of 10.64.0.0/16'],
    ['subnet(10.64.0.0/16, /33, 0)', 'LVN2115 at /33: /33 is no length for a part of 10.64.0.0/16'],
    ['subnet(10.64.0.0/16, /24, 256)', 'LVN2114 at 256: 10.64.0.0/16 has no /24 number 256'],
    ['subnet(10.64.0.0/16, /24, -1)', 'LVN2114 at -1: 10.64.0.0/16 has no /24 number -1'],
    ['network(10.64.7.9, -1)', 'LVN2115 at -1: /-1 is no length for a part of 10.64.7.9/0'],
    ['network(10.64.7.9, /33)', 'LVN2115 at /33: /33 is no length for a part of 10.64.7.9/0'],
    ['network(fd42::1, /129)', 'LVN2115 at /129: /129 is no length for a part of fd42::1/0'],
    ['network(10.64.7.0/24, /25)', 'LVN2115 at /25: /25 is no length for a part of 10.64.7.0/0'],
    [
      'contains(10.64.0.0/16, fd42::1)',
      'LVN2116 at fd42::1: fd42::1 and 10.64.0.0/16 are not of one family, IPv4 or IPv6',
    ],
    [
      'contains(fd42::/16, 10.64.0.0/16)',
      'LVN2116 at 10.64.0.0/16: 10.64.0.0/16 and fd42::/16 are not of one family, IPv4 or IPv6',
    ],
    [
      'disjoint([10.64.1.0/24, 7, "x"])',
      'LVN2105 at [10.64.1.0/24, 7, "x"]: ' +
        'this argument should be addresses and prefixes in the list, and is the number 7',
    ],
    ['disjoint(1..2)', 'LVN2105 at 1..2: this argument should be a list, and is the range 1..2'],
    ['count()', 'LVN2106 at count(): 1 argument wanted here, 0 given'],
    ['host(10.64.0.0/16)', 'LVN2106 at host(10.64.0.0/16): 2 arguments wanted here, 1 given'],
    ['first(::/0, 1)', 'LVN2106 at first(::/0, 1): 1 argument wanted here, 2 given'],
    ['hots(::/0, 1)', 'LVN2103 at hots: there is no function `hots`'],
    ['toString(1)', 'LVN2103 at toString: there is no function `toString`'],
    ['host(nothing, "x")', 'LVN2100 at nothing: nothing here is named `nothing`'],
    ['host(::/0, nothing)', 'LVN2100 at nothing: nothing here is named `nothing`'],
  ])('%s is refused', (expression, said) => {
    const { value, said: all } = workedOut(expression)
    expect(value).toBeUndefined()
    expect(all).toEqual([said])
  })
})

describe('a function that is used wrongly', () => {
  it.each([
    ['host(1)', 'host(PREFIX, N)'],
    ['subnet(1)', 'subnet(PREFIX, /LENGTH, N)'],
    ['network(1)', 'network(ADDRESS, /LENGTH)'],
    ['first(1)', 'first(PREFIX)'],
    ['last(1)', 'last(PREFIX)'],
    ['length(1)', 'length(PREFIX)'],
    ['family(1)', 'family(ADDRESS)'],
    ['count(1)', 'count(LIST)'],
    ['contains(1)', 'contains(PREFIX, ADDRESS)'],
    ['disjoint(1)', 'disjoint(LIST)'],
    ['disjoint([1])', 'disjoint(LIST)'],
  ])('%s is told how it is written', (expression, usage) => {
    expect(workedOut(expression).hints).toEqual([`it is written \`${usage}\``])
  })

  it('and whose name is none, which one may be meant', () => {
    expect(workedOut('hots(::/0, 1)').hints).toEqual(['did you mean `host`?'])
    expect(workedOut('quite-another(1)').hints).toEqual([
      'the functions are `host`, `subnet`, `network`, `first`, `last`, `length`, `family`, `count`, ' +
        '`contains` and `disjoint`',
    ])
  })
})
