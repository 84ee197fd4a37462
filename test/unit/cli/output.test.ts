// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { wantsColor } from '../../../src/shell/cli/output.ts'

describe('wantsColor', () => {
  it.each([
    ['a terminal', {}, true, true, true],
    ['a pipe', {}, true, false, false],
    ['NO_COLOR', { NO_COLOR: '1' }, true, true, false],
    ['an empty NO_COLOR', { NO_COLOR: '' }, true, true, true],
    ['FORCE_COLOR on a pipe', { FORCE_COLOR: '1' }, true, false, true],
    ['an empty FORCE_COLOR on a pipe', { FORCE_COLOR: '' }, true, false, true],
    ['FORCE_COLOR=0 on a terminal', { FORCE_COLOR: '0' }, true, true, false],
    ['FORCE_COLOR against NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false, true],
    ['--no-color against FORCE_COLOR', { FORCE_COLOR: '1' }, false, true, false],
    ['a dumb terminal', { TERM: 'dumb' }, true, true, false],
  ])('with %s', (_name, env, flag, terminal, wanted) => {
    expect(wantsColor(env, flag, terminal)).toBe(wanted)
  })
})
