// SPDX-License-Identifier: MIT
import { Chalk } from 'chalk'
import { describe, expect, it } from 'vitest'
import { harmless, jsonText, wantsColor } from '../../../src/shell/cli/output.ts'

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

describe('what could drive a terminal', () => {
  const esc = '\u001b'

  it.each([
    ['an escape', `a${esc}[2Jb`, 'a·[2Jb'],
    ['a title', `${esc}]0;owned\u0007`, '·]0;owned·'],
    ['a control of eight bits', 'a\u009b2Jb', 'a·2Jb'],
    ['a return to the start of the line', 'bad\rgood', 'bad·good'],
    ['a colour', `${esc}[31mred${esc}[39m`, '·[31mred·[39m'],
    ['a turn of the direction', 'a\u202egnp.exe', 'a·gnp.exe'],
    ['a break that is none to us', 'a\u2028b', 'a·b'],
  ])('as %s becomes dots', (_, text, shown) => {
    expect(harmless(text, false)).toBe(shown)
    expect(JSON.parse(jsonText({ text }))).toEqual({ text })
    expect(harmless(jsonText({ text }, 2), false)).toBe(jsonText({ text }, 2))
  })

  it.each([0, 3, 4, 5, 7, 8, 9, 30, 37, 40, 47, 49, 90, 97])('as code %i passes with no colour', (code) => {
    expect(harmless(`a${esc}[${code}mb`, true)).toBe(`a·[${code}mb`)
  })

  it('is let through as the codes of every role', () => {
    const colours = new Chalk({ level: 1 })
    for (const role of [
      colours.red.bold,
      colours.yellow,
      colours.cyan,
      colours.bold,
      colours.dim,
      colours.green,
    ]) {
      expect(harmless(role('text'), true)).toBe(role('text'))
    }
  })

  it('is let through as our own colours, line breaks and tabs', () => {
    const text = `${esc}[31m${esc}[1merror${esc}[22m${esc}[39m\tgrün 网 👩‍💻\n`
    expect(harmless(text, true)).toBe(text)
    expect(harmless(`${text}${esc}[2J`, true)).toBe(`${text}·[2J`)
    expect(harmless('a\r\nb', false)).toBe('a\nb')
  })
})
