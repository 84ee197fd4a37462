// SPDX-License-Identifier: MIT
/**
 * Arbitrary syntax trees, as the parser could have made them: every statement, comments and empty lines
 * anywhere, names that need quotes. Spans are empty; `withoutPlaces` makes trees comparable.
 */
import fc from 'fast-check'
import type * as ast from '../../grammar/ast.ts'
import { Source } from '../../src/diag/source.ts'

const source = new Source('arbitrary', '')
const span = { source, start: 0, end: 0 }

const address4 = fc.tuple(...new Array(4).fill(fc.nat(299))).map((parts) => parts.join('.'))
const address6 = fc.constantFrom('::', '::1', 'fd42:64::1', 'dead:beef::', '::ffff:10.0.0.1', '2001:DB8::10')
const addressText = fc.oneof(address4, address6)
const digits = fc.nat(99999).map(String)
const anyName = fc.oneof(
  fc.constantFrom(
    'gw1',
    'dach-2',
    'a.b-c.d',
    'xn--p1',
    'dead',
    'hub',
    'every',
    'nat',
    'auto',
    'for',
    '4you',
    '',
  ),
  fc.string({ maxLength: 8 }).filter((text) => !/[\n\r]/.test(text)),
)

const name = anyName.map((text): ast.NameLiteral => ({ kind: 'name', text, span }))
const address = addressText.map((text): ast.AddressLiteral => ({ kind: 'address', text, span }))
const prefix = fc
  .tuple(addressText, fc.nat(140))
  .map(([text, length]): ast.PrefixLiteral => ({ kind: 'prefix', text: `${text}/${length}`, span }))
const integer = digits.map(
  (text): ast.IntegerLiteral => ({ kind: 'integer', text, value: Number(text), span }),
)
const duration = fc
  .tuple(
    fc.nat(9),
    fc.integer({ min: 1, max: 99 }),
    fc.constantFrom(['h', 3_600_000], ['m', 60_000], ['s', 1000], ['ms', 1]),
  )
  .map(([hours, n, [unit, factor]]): ast.DurationLiteral => {
    const long = hours > 0 && unit !== 'h'
    const ms = n * (factor as number) + (long ? hours * 3_600_000 : 0)
    return { kind: 'duration', text: `${long ? `${hours}h` : ''}${n}${unit}`, ms, span }
  })
const port = fc.option(integer)
const addressEndpoint = fc
  .tuple(address, port)
  .map(([host, port]): ast.EndpointLiteral => ({ kind: 'endpoint', host, port, span }))
const nameEndpoint = fc
  .tuple(
    name.filter(({ text }) => !/[:[\]]/.test(text)),
    port,
  )
  .map(([host, port]): ast.EndpointLiteral => ({ kind: 'endpoint', host, port, span }))

function word<W extends string>(...words: W[]): fc.Arbitrary<ast.WordLiteral<W>> {
  return fc.constantFrom(...words).map((text) => ({ kind: 'word', text, span }))
}

const comment = fc.record({
  text: fc.string({ maxLength: 12 }).map((text) => `#${text.replace(/[\n\r]/g, '')}`.trimEnd()),
  blankBefore: fc.boolean(),
})
const trivia: fc.Arbitrary<ast.Trivia> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ leading: [], trailing: null, blankBefore: false }) },
  {
    weight: 1,
    arbitrary: fc.record({
      leading: fc.array(comment, { maxLength: 2 }),
      trailing: fc.option(comment.map(({ text }) => ({ text, blankBefore: false }))),
      blankBefore: fc.boolean(),
    }),
  },
)

function statement<K extends ast.Statement['kind'], R>(
  kind: K,
  parts: { [P in keyof R]: fc.Arbitrary<R[P]> },
) {
  return fc.record({ kind: fc.constant(kind), ...parts, span: fc.constant(span), trivia })
}

function list<T>(item: fc.Arbitrary<T>) {
  return fc.array(item, { minLength: 1, maxLength: 9 })
}

function body<S extends ast.Statement>(...kinds: fc.Arbitrary<unknown>[]): fc.Arbitrary<ast.Body<S>> {
  return fc
    .record({
      statements: fc.array(fc.oneof(...kinds) as fc.Arbitrary<S>, { maxLength: 4 }),
      damaged: fc.constant(false),
      span: fc.constant(span),
      oneLine: fc.boolean(),
      opening: fc.option(comment.map(({ text }) => ({ text, blankBefore: false }))),
      closing: fc.array(comment, { maxLength: 1 }),
    })
    .map(tidy)
}

/** Nothing at the start of a body has an empty line before it; no line break of any kind is on one line. */
function tidy<S extends ast.Statement>(body: ast.Body<S>): ast.Body<S> {
  const loose = ({ trivia }: S) => trivia.leading.length > 0 || trivia.trailing !== null || trivia.blankBefore
  const oneLine =
    body.oneLine && body.opening === null && !body.closing.length && !body.statements.some(loose)
  const [first, ...rest] = body.statements
  if (first === undefined) return { ...body, oneLine, closing: withoutBlank(body.closing) }
  return { ...body, oneLine, statements: [firstOfBody(first), ...rest] }
}

function firstOfBody<S extends ast.Statement>(statement: S): S {
  const { leading, trailing, blankBefore } = statement.trivia
  const trivia = { leading: withoutBlank(leading), trailing, blankBefore: leading.length > 0 && blankBefore }
  return { ...statement, trivia }
}

function withoutBlank(comments: readonly ast.Comment[]): ast.Comment[] {
  return comments.map((comment, i) => (i === 0 ? { ...comment, blankBefore: false } : comment))
}

const keepalive = fc
  .tuple(fc.option(duration), duration, fc.boolean(), trivia)
  .map(([every, time, both, trivia]): ast.Keepalive => {
    const dead = every === null || both ? time : null
    return { kind: 'keepalive', every, dead, span, trivia }
  })
const addresses = statement('address', { addresses: list(address) })
const device = statement('device', {
  name,
  body: fc.option(
    body<ast.DeviceStatement>(
      addresses,
      statement('mtu', { mtu: fc.oneof(integer, word('auto')) }),
      statement('mode', { mode: word('fixed', 'multi') }),
    ),
  ),
})
const inNode = [
  addresses,
  device,
  keepalive,
  statement('routes', { prefixes: list(prefix) }),
  statement('port', { port: integer }),
  statement('match', { hostnames: list(name) }),
]
const hub = statement('hub', {
  name,
  body: body<ast.HubStatement>(...inNode, statement('listen', { endpoints: list(addressEndpoint) })),
})
const spoke = statement('spoke', {
  name,
  body: body<ast.SpokeStatement>(
    ...inNode,
    statement('endpoint', { endpoint: fc.oneof(addressEndpoint, nameEndpoint, word('nat')) }),
  ),
})
const overlay = statement('overlay', {
  name,
  body: body<ast.OverlayStatement>(
    statement('net', { prefixes: list(prefix) }),
    statement('port', { port: integer }),
    keepalive,
    hub,
    spoke,
  ),
})
const header = trivia.map((trivia): ast.Header => {
  return firstOfBody({ kind: 'lvn', version: { kind: 'integer', text: '1', value: 1, span }, span, trivia })
})

export const arbitraryFile: fc.Arbitrary<ast.AstFile> = fc
  .record({
    header,
    statements: fc.array(overlay as fc.Arbitrary<ast.Overlay>, { maxLength: 3 }),
    closing: fc.array(comment, { maxLength: 2 }),
  })
  .map(({ header, statements, closing }) => ({
    kind: 'file',
    source,
    header,
    body: { statements, damaged: false, span, oneLine: false, opening: null, closing },
  }))

/** A tree without spans and layout: what has to survive printing. */
export function withoutPlaces(file: ast.AstFile): unknown {
  const dropped = ['span', 'source', 'oneLine']
  return JSON.parse(JSON.stringify(file, (key, value) => (dropped.includes(key) ? undefined : value)))
}
