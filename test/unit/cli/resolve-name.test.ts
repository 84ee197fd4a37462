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

  it('does not wait beyond the deadline', async () => {
    expect(await nameResolver(1)('localhost')).toEqual([])
  })
})
