// SPDX-License-Identifier: MIT
/**
 * What `allow`, `deny` and `expect` are about, and what is held against them.
 */
import { describe, expect, it } from 'vitest'
import { marked, readFile, sentences } from '../../support/resolved.ts'

const overlay = (lines: string) =>
  `overlay o {
net 10.64.0.0/16, fd42:64::/48
hub gw { listen 198.51.100.10; address 10.64.0.1, fd42:64::1; routes 192.168.0.0/16 }
spoke a { endpoint nat; address 10.64.1.1; routes 192.168.7.0/24, 10.64.1.0/24 }
spoke b { endpoint nat; address 10.64.2.1, fd42:64::2; routes 172.16.0.0/12 }
spoke six { endpoint nat; address fd42:64::6 }
spoke none { endpoint nat; address 10.64.2.300 }
${lines}
}`.replace(/.*300.*\n/, '')

const read = (lines: string) => readFile(overlay(lines))
const found = (lines: string) => read(lines).findings

/** The one finding of these lines. */
function says(code: string, lines: string) {
  const { text, finding } = marked(code, overlay(lines))
  expect(readFile(text).findings).toEqual([finding])
}

describe('a policy', () => {
  const ends = (text: string) => read(`allow ${text}`).topology.policies.map(({ from, to }) => [from, to])
  const [any, a] = [{ kind: 'any' }, { kind: 'node', node: 'a' }]
  const prefix = (text: string) => ({ kind: 'prefix', prefix: text })

  it.each([
    ['any -> any', any, any],
    ['a -> any', a, any],
    ['any -> a', any, a],
    ['10.64.1.1 -> a', prefix('10.64.1.1/32'), a],
    ['fd42:64::9 -> any', prefix('fd42:64::9/128'), any],
    ['a -> 10.64.0.0/16', a, prefix('10.64.0.0/16')],
    ['a -> 192.168.7.9', a, prefix('192.168.7.9/32')],
    ['a -> 0.0.0.0/0', a, prefix('0.0.0.0/0')],
    ['a -> ::/0', a, prefix('::/0')],
    ['10.64.1.1 -> 10.64.2.1', prefix('10.64.1.1/32'), prefix('10.64.2.1/32')],
  ])('is from and to nodes, addresses, prefixes: %s', (text, from, to) => {
    expect(ends(text)).toEqual([[from, to]])
    expect(found(`allow ${text}`)).toEqual([])
  })

  it('is that of its overlay, as it was written', () => {
    const { topology } = read('deny a -> b\nallow b -> a')
    expect(topology.policies).toMatchObject([
      { overlay: 'o', action: 'deny', from: { node: 'a' } },
      { overlay: 'o', action: 'allow', from: { node: 'b' } },
    ])
    const [{ span }] = topology.policies as [(typeof topology.policies)[0]]
    expect(span.source.text.slice(span.start, span.end)).toBe('deny a -> b')
  })

  it.each([
    ['LVN2123', 'allow «x» -> a'],
    ['LVN2123', 'deny a -> «x»'],
    ['LVN2131', 'allow «10.65.0.1» -> a'],
    ['LVN2131', 'deny a -> «10.65.0.0/16»'],
    ['LVN2131', 'allow «fd43::/48» -> any'],
    ['LVN2001', 'allow «10.64.0.300» -> a'],
    ['LVN2003', 'allow «10.64.0.1/24» -> a'],
    ['LVN2132', '«allow 10.64.1.1 -> fd42:64::1»'],
    ['LVN2132', '«deny fd42:64::/48 -> 10.64.0.0/16»'],
  ])('is refused: %s `%s`', (code, line) => {
    says(code, line)
    expect(read(line.replace(/[«»]/g, '')).topology.policies).toEqual([])
  })

  it('of a node and an address of another family is none of ours to judge', () => {
    expect(found('allow six -> 10.64.0.1\ndeny 10.64.0.0/16 -> any')).toEqual([])
  })

  it('says of an address what was written, and which networks there are', () => {
    expect(sentences(read('allow 10.65.0.1 -> a'))).toEqual([
      'no packet of this overlay is from or to 10.65.0.1 | its networks are 10.64.0.0/16, fd42:64::/48',
    ])
    expect(sentences(read('allow 10.65.0.0/16 -> a'))[0]).toContain('from or to 10.65.0.0/16 |')
  })

  it('may be about everything where the networks are not known', () => {
    const hub = 'hub gw { listen 198.51.100.10; address 10.64.0.1 }'
    expect(readFile(`overlay o { net x; ${hub}; allow gw -> 192.0.2.1 }`).findings).toEqual(['LVN2100 2:17'])
  })

  it('says each unknown name once, with one that is near', () => {
    expect(sentences(read('allow nowhere -> six\nallow nowhere -> gw\ndeny nowhere -> siy'))).toEqual([
      'there is no node named `nowhere`',
      'there is no node named `siy` | did you mean `six`?',
    ])
  })

  it('may name a node that could not be read', () => {
    expect(
      found('spoke ? { }\nallow x -> 10.64.1.1\nexpect ping x -> a').filter((each) => !/^LVN1/.test(each)),
    ).toEqual([])
  })

  it('is asked about each prefix by itself', () => {
    says('LVN2131', 'allow 10.64.1.1 -> a\nallow a -> «10.65.0.1»\nallow b -> 10.64.1.1')
    expect(found('allow a -> 10.65.0.1\nallow b -> 10.65.0.1').length).toBe(2)
  })
})

describe('a policy that never counts', () => {
  it.each([
    '«allow a -> b»; ‹deny a -> b›',
    '«allow a -> b»; ‹allow a -> b›',
    '«allow a -> b»; ‹deny a -> any›',
    '«allow a -> b»; ‹deny any -> b›',
    '«allow a -> b»; ‹deny any -> any›',
    '«allow any -> b»; ‹deny any -> any›',
    '«allow a -> any»; ‹deny any -> any›',
    '«allow any -> any»; ‹deny any -> any›',
    '«allow 10.64.1.1 -> b»; ‹deny 10.64.1.1/32 -> b›',
    '«allow b -> 10.64.1.0/24»; ‹deny b -> 10.64.1.0/24›',
    '«allow 10.64.1.0/24 -> b»; ‹deny any -> b›',
    '«allow a -> b»; allow b -> a; ‹deny a -> b›',
  ])('has one below that is about all of its packets: %s', (lines) => {
    says('LVN2143', lines)
  })

  it('is a warning that names the action', () => {
    const { diagnostics } = read('allow a -> b\ndeny a -> b')
    expect(diagnostics).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('this `allow` never counts') },
    ])
  })

  it('points to the one that counts: the narrowest of those below', () => {
    says('LVN2143', '«allow a -> b»; ‹deny a -> b›; deny b -> a')
    const three = read('allow a -> b; allow a -> b; deny a -> b').findings
    expect(three.map((each) => each.replace(/\d+:/g, ''))).toEqual(['LVN2143 1 < 15', 'LVN2143 15 < 29'])
  })

  it.each([
    'deny any -> b; allow a -> b',
    'deny any -> any; allow a -> any; allow any -> b',
    'allow a -> b; allow b -> a',
    'allow a -> b; deny a -> six',
    'allow a -> b; deny six -> b',
    'allow any -> b; deny a -> b',
    'allow a -> any; deny a -> b',
    'allow 10.64.1.0/24 -> b; deny 10.64.1.1 -> b',
    'allow a -> b; deny b -> any',
    'allow a -> b; deny any -> a',
    'allow 10.64.1.1 -> b; deny a -> b',
  ])('is none of %s', (lines) => {
    expect(found(lines)).toEqual([])
  })

  it('is none that a `for` has written, or a file that another one continues', () => {
    expect(found('for i in 1..1 { allow a -> b }; deny any -> any')).toEqual([])
    expect(found('allow a -> b; for i in 1..1 { deny any -> any }').length).toBe(1)
    const files = { lib: `lvn 1\n${overlay('allow a -> b')}` }
    expect(readFile('import "lib"\noverlay o { deny any -> any }', files).findings).toEqual([])
  })

  it('is none of another overlay', () => {
    const other =
      'overlay p { net 10.70.0.0/16; hub gw { listen 198.51.100.11; address 10.70.0.1 }; deny any -> any }'
    expect(readFile(`${overlay('allow a -> b')}\n${other}`).findings).toEqual([])
  })
})

describe('an expectation', () => {
  const end = (text: string) => read(`expect ping six -> ${text}`).topology.expects.map(({ to }) => to)

  it('is from and to nodes, or to an address of one', () => {
    expect(read('expect ping a -> b').topology.expects).toMatchObject([
      { overlay: 'o', from: { node: 'a', address: null }, to: { node: 'b', address: null } },
    ])
    expect(end('fd42:64::2')).toEqual([{ node: 'b', address: 'fd42:64::2' }])
    expect(end('fd42:64::1')).toEqual([{ node: 'gw', address: 'fd42:64::1' }])
  })

  it.each([
    ['10.64.1.1', 'a'],
    ['10.64.1.2', 'a'],
    ['192.168.6.1', 'gw'],
    ['192.168.7.1', 'a'],
    ['172.16.0.1', 'b'],
    ['172.31.255.255', 'b'],
  ])('to an address is one to the node that has the longest route to it: %s at %s', (address, node) => {
    const from = node === 'b' ? 'a' : 'b'
    expect(read(`expect ping ${from} -> ${address}`).topology.expects.map(({ to }) => to)).toEqual([
      { node, address },
    ])
    expect(found(`expect ping ${from} -> ${address}`)).toEqual([])
  })

  it('to an address is one to the longest route, whichever comes first, and be it the one to everything', () => {
    const { topology, findings } = readFile(`overlay o { net 10.64.0.0/16
      hub gw { listen 198.51.100.10; address 10.64.0.1; routes 192.168.7.0/24 }
      spoke a { endpoint nat; address 10.64.0.2; routes 192.168.0.0/16 }
      spoke b { endpoint nat; address 10.64.0.3; routes 0.0.0.0/0 }
      expect ping b -> 192.168.7.1; expect ping b -> 192.168.8.1; expect ping a -> 192.0.2.1 }`)
    expect(findings).toEqual([])
    expect(topology.expects.map(({ to }) => to.node)).toEqual(['gw', 'a', 'b'])
  })

  it('to an address prefers the node that has it to one that has a route to it', () => {
    const { topology, findings } = readFile(`overlay o { net 10.64.0.0/16
      hub gw { listen 198.51.100.10; address 10.64.0.1; routes 10.64.2.0/24 }
      spoke a { endpoint nat; address 10.64.2.1 }
      spoke b { endpoint nat; address 10.64.0.3; routes 10.64.2.0/25 }
      expect ping gw -> 10.64.2.1; expect ping gw -> 10.64.2.2; expect ping a -> 10.64.2.129 }`)
    expect(findings).toEqual([])
    expect(topology.expects.map(({ to }) => to.node)).toEqual(['a', 'b', 'gw'])
  })

  it.each([
    ['ping a -> b', { kind: 'ping', withinMs: null }],
    ['ping a -> b within 2s', { kind: 'ping', withinMs: 2000 }],
    ['ping a -> b within 1ms', { kind: 'ping', withinMs: 1 }],
    ['ping a -> b within 1h', { kind: 'ping', withinMs: 3_600_000 }],
    ['no ping a -> b', { kind: 'no-ping' }],
    ['throughput a -> b >= 10mbit', { kind: 'throughput', leastBitsPerSecond: 10_000_000 }],
    ['throughput a -> b >= 1kbit', { kind: 'throughput', leastBitsPerSecond: 1000 }],
    ['throughput a -> b >= 1000gbit', { kind: 'throughput', leastBitsPerSecond: 1e12 }],
  ])('is data: %s', (text, data) => {
    const { topology, findings } = read(`expect ${text}`)
    expect(findings).toEqual([])
    expect(topology.expects).toEqual([
      {
        ...data,
        overlay: 'o',
        from: { node: 'a', address: null },
        to: { node: 'b', address: null },
        span: expect.anything(),
      },
    ])
  })

  it.each([
    ['LVN2123', 'expect ping «x» -> a'],
    ['LVN2123', 'expect ping a -> «x»'],
    ['LVN2133', 'expect ping a -> «10.64.9.9»'],
    ['LVN2133', 'expect ping a -> «192.0.2.1»'],
    ['LVN2001', 'expect ping a -> «10.64.9.999»'],
    ['LVN2136', '«expect ping a -> a»'],
    ['LVN2136', '«expect ping a -> 10.64.1.1»'],
    ['LVN2136', '«expect throughput 192.168.7.7 -> a >= 1mbit»'],
    ['LVN2137', 'expect ping a -> b within «0s»'],
    ['LVN2137', 'expect ping a -> b within «61m»'],
    ['LVN2137', 'expect throughput a -> b >= «0kbit»'],
    ['LVN2137', 'expect throughput a -> b >= «1001gbit»'],
  ])('is refused: %s `%s`', (code, line) => {
    says(code, line)
    expect(read(line.replace(/[«»]/g, '')).topology.expects).toEqual([])
  })

  it('says what is possible', () => {
    expect(sentences(read('expect ping a -> b within 2h'))).toEqual([
      '`2h` is not possible here | a time to wait is from 1ms to 1h',
    ])
    expect(sentences(read('expect throughput a -> b >= 0gbit'))).toEqual([
      '`0gbit` is not possible here | a rate is from 1kbit to 1000gbit',
    ])
  })

  const six = '`six` is IPv6 only'
  it.each([
    ['ping a -> six', `\`expect ping\` can never be met: \`a\` is IPv4 only, ${six}`],
    ['ping six -> 10.64.0.1', `\`expect ping\` can never be met: ${six}, \`10.64.0.1\` is IPv4 only`],
    ['throughput six -> a >= 1mbit', `\`expect throughput\` can never be met: ${six}, \`a\` is IPv4 only`],
    ['no ping a -> six', `\`expect no ping\` can never be tried: \`a\` is IPv4 only, ${six}`],
    [
      'no ping 192.168.7.7 -> six',
      `\`expect no ping\` can never be tried: \`192.168.7.7\` is IPv4 only, ${six}`,
    ],
  ])('of two families is refused: %s', (text, said) => {
    expect(sentences(read(`expect ${text}`)).map((each) => each.split(' | ')[0])).toEqual([said])
  })

  it.each(['ping b -> six', 'ping six -> b', 'ping gw -> b', 'ping b -> 192.168.7.7', 'no ping six -> gw'])(
    'of a family that both ends have is none: %s',
    (text) => {
      expect(found(`expect ${text}`)).toEqual([])
    },
  )
})

describe('an expectation outside two overlays', () => {
  const hub = (name: string, n: number) => `hub ${name} { listen 198.51.100.${n}; address 10.${n}.0.1 }`
  const two = `overlay o { net 10.10.0.0/16; ${hub('gw', 10)}; spoke a { endpoint nat; address 10.10.0.2 } }
overlay p { net 10.11.0.0/16; ${hub('gw', 11)}; spoke b { endpoint nat; address 10.11.0.2 } }`
  const outside = (text: string) => readFile(`${two}\nexpect ping ${text}`)

  it.each([
    ['a -> 10.10.0.1', 'o', 'a', 'gw'],
    ['b -> 10.11.0.1', 'p', 'b', 'gw'],
    ['10.11.0.1 -> b', 'p', 'gw', 'b'],
  ])('is about the one that has its ends: %s', (text, of, from, to) => {
    const { topology, findings } = outside(text)
    expect(findings).toEqual([])
    expect(topology.expects).toMatchObject([{ overlay: of, from: { node: from }, to: { node: to } }])
  })

  it.each([
    ['LVN2134', '«gw» -> a'],
    ['LVN2134', 'b -> «gw»'],
    ['LVN2123', 'a -> «x»'],
    ['LVN2133', 'a -> «10.12.0.1»'],
  ])('is refused: %s `%s`', (code, text) => {
    const { text: plain, finding } = marked(code, `${two}\nexpect ping ${text}`)
    expect(readFile(plain).findings).toEqual([finding])
  })

  it('to an address that one of them may have is not refused', () => {
    const file = readFile(`${two.replace('10.11.0.2', '10.11.0.300')}\nexpect ping a -> 10.10.0.9`)
    expect(file.findings.map((each) => each.split(' ')[0])).toEqual(['LVN2001'])
  })

  it('stands in no overlay where its ends are in two', () => {
    expect(sentences(outside('a -> b'))).toEqual(['`a` and `b` are not of one overlay'])
    expect(sentences(outside('gw -> a'))[0]).toBe(
      '`gw` is a node of `o` and `p` | write the `expect` inside the overlay that it is about',
    )
    expect(outside('a -> b').topology.expects).toEqual([])
  })

  it('inside one is about that one', () => {
    const { topology, findings } = readFile(two.replace(/ }$/, '; expect ping gw -> b }'))
    expect(findings).toEqual([])
    expect(topology.expects).toMatchObject([{ overlay: 'p', from: { node: 'gw' } }])
    expect(
      readFile(two.replace(/ }$/, '; expect ping gw -> a }')).findings.map((each) => each.split(' ')[0]),
    ).toEqual(['LVN2123'])
  })

  it('says an unknown name once, with one that is near in either', () => {
    const file = readFile(
      `${two.replaceAll('spoke b', 'spoke tower')}\nexpect ping a -> towr\nexpect ping towr -> a`,
    )
    expect(sentences(file)).toEqual(['there is no node named `towr` | did you mean `tower`?'])
  })
})

describe('an end with addresses that could not be read', () => {
  const file = (address: string) =>
    readFile(`overlay o { net 10.64.0.0/16, fd42:64::/48
hub gw { listen 198.51.100.10; address 10.64.0.1 }
spoke a { endpoint nat; address fd42:64::2, ${address} }
expect ping a -> gw
expect ping a -> 10.64.7.7 }`)
      .findings.filter((each) => !/^LVN1/.test(each))
      .map((each) => each.split(' ')[0])

  it('may have every family, and every address', () => {
    expect(file('10.64.0.300')).toEqual(['LVN2001'])
    expect(file('?')).toEqual([])
    expect(file('x')).toEqual(['LVN2100'])
    expect(file('10.64.7.7')).toEqual(['LVN2136'])
  })
})
