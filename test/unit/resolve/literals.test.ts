// SPDX-License-Identifier: MIT
/**
 * What ports, MTUs, names, endpoints and times may be, at the border of each, and what is said beyond it.
 */
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { spanText } from '../../../src/diag/message.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import type { Node } from '../../../src/model/topology.ts'
import { workedOut } from '../../support/worked-out.ts'

interface Read {
  readonly gw: Node
  readonly spoke: Node | undefined
  /** `CODE at PLACE`, and where else it points. */
  readonly said: readonly string[]
}

/** `lines` of an overlay that has a network and a hub. */
function read(lines: string, hub = 'listen 198.51.100.10'): Read {
  const body = `net 10.64.0.0/16, fd42:64::/48\nhub gw { ${hub}; address 10.64.0.1 }\n${lines}`
  const parsed = parse(new Source('main.lvn', `lvn 1\noverlay o {\n${body}\n}\n`))
  const { topology, diagnostics } = resolve([parsed.file])
  const said = [...parsed.diagnostics, ...diagnostics].map(({ code, span, related }) =>
    [`${code} at ${span && spanText(span)}`, ...(related ?? []).map(({ span }) => spanText(span))].join(', '),
  )
  const made = topology.overlays[0]
  return { gw: made?.hub as Node, spoke: made?.spokes[0], said }
}

const spoke = (endpoint: string, more = '') => `spoke s { endpoint ${endpoint}; address 10.64.1.1; ${more} }`

describe('a port', () => {
  it.each([1, 65535])('may be %i', (port) => {
    const { gw, said } = read('', `listen 198.51.100.10:${port}; port ${port}`)
    expect([said, gw.port, gw.listens[0]?.port]).toEqual([[], port, port])
  })

  it.each([0, 65536])('is not %i', (port) => {
    expect(read('', `listen 198.51.100.10; port ${port}`).said).toEqual([`LVN2004 at ${port}`])
    expect(read('', `listen 198.51.100.10:${port}`).said).toEqual([`LVN2004 at ${port}`])
    expect(read(spoke(`tower.example:${port}`)).said).toEqual([`LVN2004 at ${port}`])
    expect(read(spoke(`203.0.113.7:${port}`)).said).toEqual([`LVN2004 at ${port}`])
  })
})

describe('an MTU', () => {
  it.each([
    ['576', 576],
    ['65535', 65535],
    ['auto', 'auto'],
  ])('may be %s', (text, mtu) => {
    const { spoke: made, said } = read(spoke('nat', `device lvn1 { mtu ${text} }`))
    expect([said, made?.device.mtu]).toEqual([[], mtu])
  })

  it.each(['575', '65536'])('is not %s', (text) => {
    const { spoke: made, said } = read(spoke('nat', `device lvn1 { mtu ${text} }`))
    expect([said, made?.device.mtu]).toEqual([[`LVN2005 at ${text}`], 'auto'])
  })
})

describe('the name of a node', () => {
  it.each(['a', 'gw-1_b.c', '.a', 'a.', 'Z9', 'x'.repeat(63)])('may be %s', (name) => {
    expect(read(spoke('nat').replace('spoke s', `spoke "${name}"`)).said).toEqual([])
  })

  it.each(['a b', 'a/b', 'ä', '.', '...', 'x'.repeat(64), ' a', 'a '])('is not `%s`', (name) => {
    expect(read(spoke('nat').replace('spoke s', `spoke "${name}"`)).said).toEqual([`LVN2009 at "${name}"`])
  })

  it('that is none is named for what it is', () => {
    const messages = (text: string) =>
      resolve([parse(new Source('main.lvn', text)).file]).diagnostics.map(({ message }) => message)
    const text =
      'lvn 1\noverlay "a b" { net 10.0.0.0/8; hub "c d" { listen 198.51.100.10; address 10.0.0.1 } }'
    expect(messages(text)).toEqual(['this is not a name for an overlay', 'this is not a name for a hub'])
  })
})

describe('the name of a device', () => {
  it.each(['lvn0', 'a', '-', 'x'.repeat(15), 'a.b', '...', 'lo0', '!~', 'a-9;'])('may be %s', (name) => {
    expect(read(spoke('nat', `device "${name}"`)).said).toEqual([])
  })

  it.each(['.', '..', 'lo', 'all', 'default', 'x'.repeat(16), 'a/b', 'a:b', 'a%b', 'a b', 'ä'])(
    'is not `%s`',
    (name) => {
      expect(read(spoke('nat', `device "${name}"`)).said.map((each) => each.slice(0, 7))).toEqual(['LVN2010'])
    },
  )
})

describe('a host name', () => {
  const longest = [...new Array(3).fill('x'.repeat(63)), 'x'.repeat(61)].join('.')

  it.each([
    ['tower', 'tower'],
    ['GW-1.Example.org', 'gw-1.example.org'],
    ['a', 'a'],
    ['_dmarc.my_host', '_dmarc.my_host'],
    ['9to5.7a', '9to5.7a'],
    ['7.a7', '7.a7'],
    [longest, longest],
  ])('may be %s', (text, host) => {
    const { spoke: made, said } = read(spoke(`"${text}:7"`, `match hostname "${text}"`))
    expect(said).toEqual([])
    expect(made?.endpoint).toMatchObject({ kind: 'name', host, port: 7 })
    expect(made?.hostnames).toEqual([host])
  })

  it.each([
    `${longest}x`,
    `${longest.slice(0, -2)}.xx`,
    'x'.repeat(64),
    '-a',
    'a-',
    'a..b',
    'a.',
    'a.7',
    'a.10',
    'a b',
    'a.-b',
    'ä',
  ])('is not `%s`', (text) => {
    const { said } = read(spoke(`"${text}:7"`))
    expect(said.map((each) => each.slice(0, 7))).toEqual(['LVN2011'])
    const { spoke: made } = read(spoke('nat', `match hostname "${text}"`))
    expect(made?.hostnames).toEqual([])
  })
})

describe('an endpoint', () => {
  it('is an address with its port, or with that of the node', () => {
    expect(read(spoke('203.0.113.7:7')).spoke?.endpoint).toMatchObject({ address: '203.0.113.7', port: 7 })
    expect(read(spoke('203.0.113.7', 'port 9')).spoke?.endpoint).toMatchObject({ port: 9 })
    expect(read(spoke('nat')).spoke?.endpoint).toMatchObject({ kind: 'nat' })
  })

  it.each([
    ['203.0.113.256', 'LVN2001 at 203.0.113.256'],
    ['127.0.0.1', 'LVN2012 at 127.0.0.1'],
    ['127.0.0.1:7', 'LVN2012 at 127.0.0.1:7'],
    ['0.0.0.0', 'LVN2012 at 0.0.0.0'],
    ['[fe80::1]:7', 'LVN2012 at [fe80::1]:7'],
    ['203.0.113.7:0', 'LVN2004 at 0'],
    ['tower.example:0', 'LVN2004 at 0'],
    ['"a..b"', 'LVN2011 at "a..b"'],
    ['"a..b:7"', 'LVN2011 at "a..b:7"'],
  ])('is not %s', (text, said) => {
    const { spoke: made, said: all } = read(spoke(text))
    expect(all).toEqual([said])
    expect(made?.endpoint).toBeNull()
  })

  it('says all that is wrong with it', () => {
    expect(read(spoke('203.0.113.256:0')).said).toEqual(['LVN2001 at 203.0.113.256:0', 'LVN2004 at 0'])
    expect(read(spoke('"a..b:0"')).said.map((each) => each.slice(0, 7))).toEqual(['LVN2011', 'LVN2004'])
  })
})

describe('a listen', () => {
  const listens = (text: string) => {
    const { gw, said } = read('', `listen ${text}; port 9`)
    return { said, listens: gw.listens.map(({ address, port, local }) => ({ address, port, local })) }
  }

  it('is where the host itself is, too, but for one behind a NAT', () => {
    expect(listens('198.51.100.10')).toEqual({
      said: [],
      listens: [{ address: '198.51.100.10', port: 9, local: { address: '198.51.100.10', port: 9 } }],
    })
    expect(listens('198.51.100.10:7 at 10.0.0.5:8').listens).toEqual([
      { address: '198.51.100.10', port: 7, local: { address: '10.0.0.5', port: 8 } },
    ])
  })

  it('keeps its port behind a NAT where no other is written', () => {
    expect(listens('198.51.100.10:7 at 10.0.0.5').listens).toMatchObject([{ port: 7, local: { port: 7 } }])
    expect(listens('198.51.100.10 at 10.0.0.5').listens).toMatchObject([{ port: 9, local: { port: 9 } }])
    expect(listens('198.51.100.10 at 10.0.0.5:8').listens).toMatchObject([{ port: 9, local: { port: 8 } }])
  })

  it('has its places, the inner one where it is written', () => {
    const { gw } = read('', 'listen 198.51.100.10 at 10.0.0.5, 198.51.100.11')
    expect(gw.listens.map(({ span, localSpan }) => [spanText(span), spanText(localSpan)])).toEqual([
      ['198.51.100.10', '10.0.0.5'],
      ['198.51.100.11', '198.51.100.11'],
    ])
  })

  it.each([
    ['198.51.100.256', 'LVN2001 at 198.51.100.256'],
    ['198.51.100.256 at 10.0.0.5', 'LVN2001 at 198.51.100.256'],
    ['198.51.100.10 at 10.0.0.256', 'LVN2001 at 10.0.0.256'],
    ['127.0.0.1 at 10.0.0.5', 'LVN2012 at 127.0.0.1'],
    ['198.51.100.10 at 127.0.0.1', 'LVN2012 at 127.0.0.1'],
    ['198.51.100.10 at [fd00::5]:7', 'LVN2044 at 198.51.100.10 at [fd00::5]:7'],
    ['[2001:db8::1]:7 at 10.0.0.5', 'LVN2044 at [2001:db8::1]:7 at 10.0.0.5'],
  ])('is not %s', (text, said) => {
    expect(listens(text)).toEqual({ said: [said], listens: [] })
  })
})

describe('a prefix', () => {
  it.each([
    ['10.64.1.0/24', []],
    ['10.64.1.1/24', ['LVN2003 at 10.64.1.1/24']],
    ['10.64.1.0/33', ['LVN2002 at 10.64.1.0/33']],
    ['10.64.256.0/33', ['LVN2001 at 10.64.256.0/33']],
    ['fd42:64::1/64', ['LVN2003 at fd42:64::1/64']],
    ['fd42:64::/129', ['LVN2002 at fd42:64::/129']],
  ])('%s is said to be %j', (text, said) => {
    expect(read(spoke('nat', `routes ${text}`)).said).toEqual(said)
  })

  it('has as many bits as its family', () => {
    expect(workedOut('10.0.0.0/33').hints[0]).toContain('/32')
    expect(workedOut('fd42::/129').hints[0]).toContain('/128')
  })
})

describe('a keepalive', () => {
  const times = (statement: string, above = '') => {
    const { spoke: made, said } = read(`${above}\n${spoke('nat', statement)}`)
    return [made?.keepalive.intervalMs, made?.keepalive.deadMs, ...said]
  }

  it.each([
    ['', [20_000, 90_000]],
    ['keepalive every 100ms', [100, 90_000]],
    ['keepalive dead after 24h', [20_000, 86_400_000]],
    ['keepalive every 1s, dead after 2s', [1000, 2000]],
    ['keepalive every 89999ms', [89_999, 90_000]],
  ])('`%s` is %j', (statement, made) => {
    expect(times(statement)).toEqual(made)
  })

  it.each([
    ['keepalive every 99ms', [20_000, 90_000, 'LVN2007 at 99ms']],
    ['keepalive dead after 86400001ms', [20_000, 90_000, 'LVN2007 at 86400001ms']],
    ['keepalive every 99ms, dead after 30s', [20_000, 30_000, 'LVN2007 at 99ms']],
    ['keepalive every 90s', [20_000, 90_000, 'LVN2008 at 90s']],
    ['keepalive dead after 20s', [20_000, 90_000, 'LVN2008 at 20s']],
    ['keepalive every 5s, dead after 5s', [20_000, 90_000, 'LVN2008 at 5s, 5s']],
    ['keepalive every 2m, dead after 1m', [20_000, 90_000, 'LVN2008 at 1m, 2m']],
  ])('`%s` is refused: %j', (statement, made) => {
    expect(times(statement)).toEqual(made)
  })

  it('that contradicts the overlay points at its line', () => {
    const above = 'keepalive every 5s, dead after 30s'
    expect(times('keepalive every 40s', above)).toEqual([5000, 30_000, 'LVN2008 at 40s, 30s'])
    expect(times('keepalive dead after 4s', above)).toEqual([5000, 30_000, 'LVN2008 at 4s, 5s'])
  })

  it('that contradicts what it is without a word says so', () => {
    const messages = (statement: string) => {
      const { file } = parse(new Source('main.lvn', `lvn 1\noverlay o { ${statement} }`))
      return resolve([file]).diagnostics.map(({ message }) => message)
    }
    expect(messages('keepalive every 2m')).toContain('dead after 90s is not longer than a keepalive every 2m')
    expect(messages('keepalive dead after 1s')).toContain(
      'dead after 1s is not longer than a keepalive every 20s',
    )
  })

  it('that is wrong only in the overlay is said once', () => {
    expect(times('keepalive every 99ms', 'keepalive every 95s')).toEqual([
      20_000,
      90_000,
      'LVN2008 at 95s',
      'LVN2007 at 99ms',
    ])
  })
})
