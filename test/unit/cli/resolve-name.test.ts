// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { nameResolver } from '../../../src/shell/cli/resolve-name.ts'

describe('nameResolver', () => {
  it('answers with every address of a name, and with none for a name that is not there', async () => {
    const resolveName = nameResolver(20_000)
    const [local, literal, none] = await Promise.all(
      ['localhost', '2001:DB8::1', 'none.invalid'].map((host) => resolveName(host)),
    )
    expect(local?.some((address) => address === '127.0.0.1' || address === '::1')).toBe(true)
    expect([literal, none]).toEqual([['2001:db8::1'], []])
  })

  it('looks a name up once', () => {
    const resolveName = nameResolver()
    expect(resolveName('localhost')).toBe(resolveName('localhost'))
  })

  it('takes more names than a process can have arguments', async () => {
    const resolveName = nameResolver(60_000)
    // Literals, which no server is asked for: 3 MiB.
    const hosts = Array.from(
      { length: 80_000 },
      (_, i) => `2001:db8:aaaa:bbbb:cccc:dddd:${i >> 16}:${(i & 0xffff).toString(16)}`,
    )
    const found = await Promise.all(hosts.map((host) => resolveName(host)))
    expect(found.filter((addresses) => addresses.length === 1)).toHaveLength(hosts.length)
  })

  it('does not wait beyond the deadline', async () => {
    expect(await nameResolver(1)('localhost')).toEqual([])
  })
})
