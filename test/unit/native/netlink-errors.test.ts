// SPDX-License-Identifier: MIT
/** What a user reads when the kernel says no, says nothing, or says what is no netlink. */
import { describe, expect, test } from 'vitest'
import { malformed, NetlinkError, refused, unanswered } from '../../../native/netlink/error.ts'
import { ExitCode } from '../../../src/diag/error.ts'

const what = 'add the route 10.0.0.0/8'
const nothing = { kernelMessage: null, offset: null }

describe('a refusal', () => {
  test("says the kernel's own sentence, where it gave one, and the errno", () => {
    const error = refused(what, 22, 'Nexthop has invalid gateway', 28)
    expect(error).toBeInstanceOf(NetlinkError)
    expect(error).toMatchObject({
      ...{ name: 'NetlinkError', code: 'LVN7021', exitCode: ExitCode.internal },
      message: 'cannot add the route 10.0.0.0/8: Nexthop has invalid gateway (EINVAL)',
      ...{ errno: 'EINVAL', kernelMessage: 'Nexthop has invalid gateway', offset: 28 },
    })
  })

  test('says what the errno means, where the kernel gave no sentence', () => {
    expect(refused(what, 17, null, null)).toMatchObject({
      message: 'cannot add the route 10.0.0.0/8: file already exists (EEXIST)',
      ...{ errno: 'EEXIST', ...nothing },
    })
  })

  test('for want of a privilege says which, whatever the kernel said', () => {
    expect(refused(what, 1, 'Operation needs a privilege', 4)).toMatchObject({
      ...{ name: 'NetlinkError', code: 'LVN7002', exitCode: ExitCode.noPlane },
      message: expect.stringContaining('CAP_NET_ADMIN'),
      ...{ errno: 'EPERM', kernelMessage: 'Operation needs a privilege', offset: 4 },
    })
  })
})

test('bytes that are no netlink are told as such', () => {
  expect(malformed('attribute of 3 bytes at 0')).toMatchObject({
    ...{ code: 'LVN7022', exitCode: ExitCode.internal },
    message: 'malformed netlink message: attribute of 3 bytes at 0',
    ...{ errno: 'EBADMSG', ...nothing },
  })
})

test.each([
  ['ENOBUFS', 'the kernel dropped its answer, the receive buffer was full'],
  ['EINTR', 'the kernel kept changing while it was read'],
  ['ETIMEDOUT', 'the kernel did not answer'],
] as const)('no answer is told with its reason: %s', (errno, reason) => {
  expect(unanswered(what, errno)).toMatchObject({
    ...{ code: 'LVN7023', exitCode: ExitCode.internal },
    message: `cannot add the route 10.0.0.0/8: ${reason} (${errno})`,
    ...{ errno, ...nothing },
  })
})
