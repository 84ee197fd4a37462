// SPDX-License-Identifier: MIT
/**
 * What may stand where a value stands: the literal that belongs there, whatever gives one, or a sentence that says
 * what is wanted. And that every place is known by the turn of the `for` that it is in.
 */
import { describe, expect, it } from 'vitest'
import { marked, meaning, readFile, sentences } from '../../support/resolved.ts'

const hub = 'hub gw { listen 198.51.100.10; address 10.64.0.1 }'
const spoke = 'spoke a { endpoint nat; address 10.64.0.2 }'
const overlay = (body: string) => `overlay o { net 10.64.0.0/16; ${body} }`

describe('a value of another kind', () => {
  const unquote =
    'they are written without quotes, or worked out: `host(PREFIX, N)`, `subnet(PREFIX, /LENGTH, N)`'
  const rates = 'rates are written with `kbit`, `mbit` and `gbit`: `100mbit`'
  const network = 'the prefix that it lies in is `network(ADDRESS, /24)`'
  const cases: readonly (readonly [statement: string, value: string, said: string])[] = [
    ['address v', '"x"', `\`address\` wants an address, and this is the text "x" | ${unquote}`],
    [
      'address v',
      '10.64.0.0/24',
      '`address` wants an address, and this is the prefix 10.64.0.0/24 | an address of it is `host(PREFIX, 1)`',
    ],
    ['address v', '7', '`address` wants an address, and this is the number 7'],
    ['routes v', '"x"', `\`routes\` wants a prefix, and this is the text "x" | ${unquote}`],
    ['routes v', '10.64.0.9', `\`routes\` wants a prefix, and this is the address 10.64.0.9 | ${network}`],
    ['routes v', '5s', '`routes` wants a prefix, and this is the duration 5s'],
    ['endpoint v', '7', '`endpoint` wants an underlay address or a host name, and this is the number 7'],
    [
      'endpoint v',
      '[192.0.2.1, 192.0.2.2]',
      '`endpoint` wants an underlay address or a host name, and this is the list [192.0.2.1, 192.0.2.2]',
    ],
    ['endpoint v', '[7]', '`endpoint` wants an underlay address or a host name, and this is the list [7]'],
    [
      'match hostname v',
      '192.0.2.1',
      '`match hostname` wants a host name, and this is the address 192.0.2.1',
    ],
    ['port v', '"x"', '`port` wants a number, and this is the text "x"'],
    [
      'keepalive every v',
      '5',
      '`keepalive every` wants a duration, and this is the number 5 | a duration has a unit: `20s`',
    ],
    ['keepalive dead after v', '"x"', '`dead after` wants a duration, and this is the text "x"'],
    ['underlay v', '7', '`underlay` wants the name of an interface, and this is the number 7'],
    ['via v', '10.64.0.1', '`via` wants the name of a hub, and this is the address 10.64.0.1'],
    ['prefer v', '7', '`prefer` wants the name of a hub, and this is the number 7'],
    ['device lvn1 { mtu v }', '/24', '`mtu` wants a number of bytes, and this is the prefix length /24'],
  ]
  it.each(cases)('is refused: `%s` with %s', (statement, value, said) => {
    const file = readFile(`let v = ${value}\n${overlay(`${hub}; ${spoke}; on a { ${statement} }`)}`)
    expect(sentences(file)).toEqual([said])
  })

  const names = 'a hub listens on addresses, not on host names'
  it.each([
    [
      'listen v',
      '"gw.example"',
      `\`listen\` wants an underlay address, and this is the text "gw.example" | ${names}`,
    ],
    [
      'listen v',
      'gw.example:5',
      `\`listen\` wants an underlay address, and this is the endpoint gw.example:5 | ${names}`,
    ],
    ['listen v', '10.0.0.0/8', '`listen` wants an underlay address, and this is the prefix 10.0.0.0/8'],
    ['listen v at 10.0.0.5', '7', '`listen` wants an underlay address, and this is the number 7'],
    ['listen 198.51.100.10 at v', '7', '`at` wants an underlay address, and this is the number 7'],
  ])('is refused: `%s` with %s', (statement, value, said) => {
    const file = readFile(`let v = ${value}\n${overlay(`hub gw { ${statement}; address 10.64.0.1 }`)}`)
    expect(sentences(file)).toEqual([said])
  })

  it.each([
    ['net v', '10.64.0.9', `\`net\` wants a prefix, and this is the address 10.64.0.9 | ${network}`],
    ['allow v -> any', '7', '`allow` wants a node, an address or a prefix, and this is the number 7'],
    ['deny any -> v', '7', '`deny` wants a node, an address or a prefix, and this is the number 7'],
    [
      'expect ping v -> gw',
      '10.64.0.0/24',
      '`expect ping` wants a node or an address, and this is the prefix 10.64.0.0/24',
    ],
    ['expect no ping gw -> v', '7', '`expect no ping` wants a node or an address, and this is the number 7'],
    ['expect ping a -> gw within v', '"x"', '`within` wants a duration, and this is the text "x"'],
    [
      'expect throughput a -> gw >= v',
      '5',
      `\`expect throughput\` wants a rate, and this is the number 5 | ${rates}`,
    ],
  ])('is refused: `%s` with %s', (statement, value, said) => {
    const file = readFile(`let v = ${value}\n${overlay(`${hub}; ${spoke}; ${statement}`)}`)
    expect(sentences(file)).toEqual([said])
    expect(file.topology).toMatchObject({ policies: [], expects: [] })
  })
})

/** Each `$name` of it is a place for a value. */
const everything = `overlay o {
  net $net, fd42:64::/48; port $port; keepalive every $every, dead after $dead
  hub gw {
    listen $listen, $outside at $inside
    address $address; match hostname $host; underlay $up
    device lvn7 { mtu $mtu; mode multi }
    signalling :8443 { cert file "c"; key file "k"; ca file "a" }
  }
  hub fra { listen 198.51.100.11; address 10.64.0.9; auth none }
  spoke a { endpoint $host; address 10.64.0.2; routes $route; via $fra, gw; prefer $fra }
  spoke b { endpoint $endpoint; address 10.64.0.3 }
  spoke c { endpoint $named; address 10.64.0.4 }
  spoke d { endpoint $inside; address 10.64.0.5 }
  allow a -> $address; deny $route -> $b; allow $net -> $fra
  expect ping a -> $address within $every
  expect no ping $b -> gw
  expect throughput $fra -> $b >= $rate
}`

const literals: Readonly<Record<string, string>> = {
  net: '10.64.0.0/16',
  port: '51000',
  every: '5s',
  dead: '2m',
  listen: '[2001:db8::1]:7',
  outside: '198.51.100.10',
  inside: '192.0.2.7',
  address: '10.64.0.1',
  host: 'gate.example',
  up: 'eth0',
  mtu: '1400',
  route: '10.64.7.0/24',
  fra: 'fra',
  b: 'b',
  endpoint: '203.0.113.7:6000',
  named: 'b.example:6001',
  rate: '10mbit',
}

const written = (value: (name: string) => string) =>
  everything.replace(/\$(\w+)/g, (_, name: string) => value(name))

describe('a file', () => {
  const plain = readFile(written((name) => literals[name] as string))

  it('has a place for everything', () => {
    expect(plain.findings).toEqual([])
    expect(meaning(plain.topology)).toMatchObject({
      overlays: [{ name: 'o', hubs: [{ name: 'gw' }, { name: 'fra' }], spokes: { length: 4 } }],
      policies: { length: 3 },
      expects: { length: 3 },
    })
  })

  const words = new Set(['host', 'up', 'fra', 'b', 'named'])
  const lets = Object.entries(literals).map(([name, literal]) => {
    return `let the-${name} = ${words.has(name) ? `"${literal}"` : literal}`
  })

  it.each([
    ['names of values', (name: string) => `the-${name}`],
    ['values in parentheses', (name: string) => `(the-${name})`],
    [
      'lists of one address',
      (name: string) => (/^(address|listen|inside)$/.test(name) ? `[the-${name}]` : `the-${name}`),
    ],
  ])('means the same with %s in it', (_, value) => {
    const file = readFile(`${lets.join('\n')}\n${written(value)}`)
    expect(file.findings).toEqual([])
    expect(meaning(file.topology)).toEqual(meaning(plain.topology))
  })

  it('means the same where it is the only turn of a `for`', () => {
    const file = readFile(`for i in 1..1 {\n${written((name) => literals[name] as string)}\n}`)
    expect(file.findings).toEqual([])
    expect(meaning(file.topology)).toEqual(meaning(plain.topology))
  })
})

describe('an expression', () => {
  it.each([
    ['port 3 + 4', []],
    ['port (7)', []],
    ['port -7 + 14', []],
    ['port not true', ['`port` wants a number, and this is `false`']],
    ['port 1 == 2', ['`port` wants a number, and this is `false`']],
    ['port [7]', ['`port` wants a number, and this is the list [7]']],
    ['routes subnet(10.64.0.0/16, /24, 7)', []],
  ])('stands where a value may stand: `%s`', (statement, said) => {
    const file = readFile(overlay(`${hub}; spoke a { endpoint nat; address 10.64.0.2; ${statement} }`))
    expect(sentences(file)).toEqual(said)
    const port = statement.startsWith('port') && said.length === 0 ? 7 : 50000
    expect(file.topology.overlays[0]?.spokes[0]?.port).toBe(port)
  })
})

describe('an endpoint in quotes', () => {
  const endpointOf = (text: string) => {
    const { topology, findings } = readFile(
      `let v = "${text}"\n${overlay(`${hub}; spoke a { endpoint v; address 10.64.0.2 }`)}`,
    )
    return findings.length > 0 ? findings : meaning(topology)
  }
  it.each([
    ['gate.example', { host: 'gate.example', port: 50000 }],
    ['gate.example:7', { host: 'gate.example', port: 7 }],
    ['gate.example:65535', { host: 'gate.example', port: 65535 }],
  ])('is a host name, with its port or without: %s', (text, endpoint) => {
    expect(endpointOf(text)).toMatchObject({
      overlays: [{ spokes: [{ endpoint: { kind: 'name', ...endpoint } }] }],
    })
  })

  it.each([
    ['gate.example:0', 'LVN2004'],
    ['gate.example:65536', 'LVN2004'],
    ['gate.example:', 'LVN2104'],
    ['gate.example:x7', 'LVN2104'],
    ['gate.example:7x', 'LVN2104'],
    ['2001:db8::1', 'LVN2104'],
    ['[2001:db8::1]:7', 'LVN2104'],
    ['', 'LVN2011'],
  ])('is no address, and has a port that there is: %s', (text, code) => {
    expect(endpointOf(text)).toEqual([expect.stringMatching(`^${code} `)])
  })
})

describe('what is wrong in a `for`', () => {
  it.each([
    ['LVN2003', 'net «10.65.0.1/24»'],
    ['LVN2004', 'port «0»'],
    ['LVN2007', 'keepalive every «1ms»'],
    ['LVN2007', 'keepalive dead after «1ms»'],
    ['LVN2012', 'spoke "b" { endpoint «127.0.0.1»; address 10.64.0.3 }'],
    ['LVN2012', 'spoke "b" { endpoint «127.0.0.1:7»; address 10.64.0.3 }'],
    ['LVN2004', 'spoke "b" { endpoint 192.0.2.1:«0»; address 10.64.0.3 }'],
    ['LVN2001', 'spoke "b" { endpoint «192.0.2.256»; address 10.64.0.3 }'],
    ['LVN2001', 'spoke "b" { endpoint nat; address «10.64.0.300» }'],
    ['LVN2003', 'spoke "b" { endpoint nat; address 10.64.0.3; routes «10.64.1.1/24» }'],
    ['LVN2027', 'spoke "b" { endpoint nat; address 10.64.0.3; via ‹gw›, «gw» }'],
    ['LVN2123', 'spoke "b" { endpoint nat; address 10.64.0.3; via «gx» }'],
    ['LVN2123', 'spoke "b" { endpoint nat; address 10.64.0.3; prefer «gx» }'],
    ['LVN2010', 'spoke "b" { endpoint nat; address 10.64.0.3; underlay «lo» }'],
    ['LVN2011', 'spoke "b" { endpoint nat; address 10.64.0.3; match hostname «"x y"» }'],
    ['LVN2010', 'spoke "b" { endpoint nat; device «lo» { address 10.64.0.3 } }'],
    ['LVN2005', 'spoke "b" { endpoint nat; device d { address 10.64.0.3; mtu «9» } }'],
    ['LVN2026', 'spoke "b" { endpoint nat; device d { address 10.64.0.3; ‹mode multi›; «mode fixed» } }'],
    ['LVN2026', 'spoke "b" { endpoint nat; address 10.64.0.3; ‹auth none›; «auth mutual» }'],
    ['LVN2026', 'spoke "b" { endpoint nat; address 10.64.0.3; ‹device d›; «device e» }'],
    ['LVN2034', 'spoke «"b"» { endpoint nat }'],
    ['LVN2009', 'spoke «"b c"» { endpoint nat; address 10.64.0.3 }'],
    ['LVN2012', 'hub "h" { listen «127.0.0.1»; address 10.64.0.3 }'],
    ['LVN2044', 'hub "h" { listen «198.51.100.9 at [2001:db8::2]»; address 10.64.0.3 }'],
    ['LVN2012', 'hub "h" { listen 198.51.100.9 at «127.0.0.1»; address 10.64.0.3 }'],
    [
      'LVN2026',
      'hub "h" { listen 198.51.100.9; address 10.64.0.3; auth none; ‹signalling :1›; «signalling :2» }',
    ],
    ['LVN2004', 'hub "h" { listen 198.51.100.9; address 10.64.0.3; auth none; signalling «:0» }'],
    [
      'LVN2026',
      'hub "h" { listen 198.51.100.9; address 10.64.0.3; auth none; signalling :1 { ‹key file "k"›; «key file "l"» } }',
    ],
    ['LVN2138', 'hub "h" { listen 198.51.100.9; address 10.64.0.3; «signalling :1» }'],
    ['LVN2012', 'on "a" { endpoint «127.0.0.1» }'],
    ['LVN2123', 'on «"x"» { endpoint nat }'],
    ['LVN2123', 'allow a -> «nowhere»'],
    ['LVN2131', 'allow a -> «10.0.0.1»'],
    ['LVN2132', '«deny 10.64.0.1 -> fd42::/16»'],
    ['LVN2123', 'expect ping a -> «nowhere»'],
    ['LVN2136', '«expect ping a -> a»'],
    ['LVN2137', 'expect ping a -> gw within «0s»'],
    ['LVN2117', 'assert «i == 8»'],
  ])('is said with its turn: %s %s', (code, statement) => {
    const { text, finding } = marked(
      code,
      `overlay o {\nnet 10.64.0.0/16, fd42::/32; ${hub}; ${spoke}\nfor i in 7..7 { ${statement} }\n}`,
    )
    expect(readFile(text).findings).toEqual([`${finding} in 4:5`])
  })
})
