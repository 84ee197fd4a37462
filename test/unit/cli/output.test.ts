// SPDX-License-Identifier: MIT
import { Chalk } from 'chalk'
import { describe, expect, it } from 'vitest'
import { guessGlobals } from '../../../src/shell/cli/globals.ts'
import { harmless, jsonText, wantsColor } from '../../../src/shell/cli/output.ts'
import { typedIn } from '../../../src/shell/cli/typed.ts'

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

describe('a command in a sentence', () => {
  it.each([
    ['lvn-first-gw1', 'unless you call `lvn confirm`', 'unless you call `lvn --netns lvn-first-gw1 confirm`'],
    [
      '/run/netns/a',
      '`lvn confirm` keeps it, `lvn plan` shows',
      '`lvn --netns /run/netns/a confirm` keeps it, `lvn --netns /run/netns/a plan` shows',
    ],
    ["a b'c", 'saved: `lvn apply change.plan`', "saved: `lvn --netns 'a b'\\''c' apply change.plan`"],
    [
      'a',
      '`lvn lab down`, `lvn check x.lvn`, `lvn 1`, `lvn plans`',
      '`lvn lab down`, `lvn check x.lvn`, `lvn 1`, `lvn plans`',
    ],
    ['a', 'see `lvn apply --help`', 'see `lvn apply --help`'],
    ['$&', '`lvn show`', "`lvn --netns '$&' show`"],
    [undefined, '`lvn confirm`', '`lvn confirm`'],
  ])('names the namespace %s that it works in', (netns, text, typed) => {
    expect(typedIn(netns, text)).toBe(typed)
  })

  it.each([
    [['--netns', 'a', 'plan', 'x.lvn'], 'a'],
    [['--netns=a=b', 'plan', 'x.lvn', '--netns', 'c'], 'c'],
    [['plan', '--netns=a=b'], 'a=b'],
    [['plan', '--', '--netns', 'a'], undefined],
    [['plan', 'x.lvn'], undefined],
  ])('finds it in arguments that were not parsed: %j', (argv, netns) => {
    expect(guessGlobals(argv).netns).toBe(netns)
  })
})
