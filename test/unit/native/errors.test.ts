// SPDX-License-Identifier: MIT
/** Errnos by the names that the kernel's documentation has, and what they mean for a path. */
import { describe, expect, it } from 'vitest'
import { errnoText } from '../../../native/errors.ts'
import { lookUpPaths } from '../../../native/host/snapshot.ts'
import { refused } from '../../../native/netlink/error.ts'
import type { Rtnetlink } from '../../../native/netlink/rtnetlink.ts'
import type { Address } from '../../../src/model/address.ts'

/** It has no links, and answers each question with this errno. */
const answering = (errno: number) =>
  ({
    links: () => [],
    batch: () => [{ error: refused('ask', errno, null, null), replies: [] }],
  }) as unknown as Rtnetlink

describe('an errno', () => {
  it('of 95 is called EOPNOTSUPP, as the kernel has it', () => {
    expect(errnoText(95)).toEqual(['EOPNOTSUPP', 'operation not supported'])
    expect(errnoText(17)[0]).toBe('EEXIST')
  })

  it.each([95, 97, 101])('of %i means that there is no path', (errno) => {
    const remote = '2001:db8::1' as Address
    expect(lookUpPaths(answering(errno), [remote])).toEqual([{ remote, via: null }])
  })

  it('of another kind is an error', () => {
    expect(() => lookUpPaths(answering(12), ['2001:db8::1' as Address])).toThrow()
  })
})
