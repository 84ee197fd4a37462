// SPDX-License-Identifier: MIT
/**
 * Arbitrary syntax trees, as the parser could have made them: every statement, comments and empty lines
 * anywhere, names that need quotes. Spans are empty; `withoutPlaces` makes trees comparable.
 */
import fc from 'fast-check'
import type * as ast from '../../grammar/ast.ts'
import {
  address,
  addressEndpoint,
  duration,
  endpointSlot,
  expression,
  integer,
  name,
  nameEndpoint,
  naming,
  narrowSlot,
  prefix,
  rate,
  slot,
  source,
  span,
  text,
  variable,
  word,
} from './arbitrary-expression.ts'

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

/** Mostly short; now and then longer than a line. */
function list<T>(item: fc.Arbitrary<T>) {
  return fc.oneof(
    { weight: 4, arbitrary: fc.array(item, { minLength: 1, maxLength: 9 }) },
    { weight: 1, arbitrary: fc.array(item, { minLength: 9, maxLength: 18 }) },
  )
}

function body<S extends ast.Statement>(...kinds: fc.Arbitrary<unknown>[]): fc.Arbitrary<ast.Body<S>> {
  return fc
    .record({
      statements: fc.array(fc.oneof(...kinds) as fc.Arbitrary<S>, { maxLength: 4 }),
      damaged: fc.constant(false),
      plain: fc.constant(true),
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

/** `let`, `for`, `if` and `assert` among statements of these kinds. */
function withControl(...kinds: fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown>[] {
  const block = body<ast.Statement>(...kinds)
  const branch = fc.record({ condition: expression, body: block })
  return [
    ...kinds,
    statement('let', { name: variable, value: expression }),
    statement('assert', { condition: expression, message: fc.option(text) }),
    statement('for', { name: variable, values: expression, body: block }),
    statement('if', {
      branches: fc.array(branch, { minLength: 1, maxLength: 2 }),
      otherwise: fc.option(block),
    }),
  ]
}

const keepalive = fc
  .tuple(fc.option(slot(duration)), slot(duration), fc.boolean(), trivia)
  .map(([every, time, both, trivia]): ast.Keepalive => {
    const dead = every === null || both ? time : null
    return { kind: 'keepalive', every: every ?? null, dead, span, trivia }
  })
const addresses = statement('address', { addresses: list(slot(address)) })
const device = statement('device', {
  name: naming,
  body: fc.option(
    body<ast.DeviceStatement>(
      ...withControl(
        addresses,
        statement('mtu', { mtu: slot(fc.oneof(integer, word('auto'))) }),
        statement('mode', { mode: word('fixed', 'multi') }),
      ),
    ),
  ),
})
const auth = statement('auth', { auth: word('mutual', 'server', 'none') })
const inNode = [
  addresses,
  device,
  keepalive,
  auth,
  statement('routes', { prefixes: list(slot(prefix)) }),
  statement('port', { port: slot(integer) }),
  statement('match', { hostnames: list(narrowSlot(name)) }),
  statement('underlay', { interfaces: list(narrowSlot(name)) }),
]
const pemFiles = (['cert', 'key', 'ca'] as const).map((kind) => statement(kind, { path: naming }))
const inHub = [
  ...inNode,
  statement('listen', {
    endpoints: list(
      fc.oneof(
        endpointSlot(addressEndpoint),
        fc.record({
          kind: fc.constant('translated' as const),
          outside: endpointSlot(addressEndpoint),
          inside: endpointSlot(addressEndpoint),
          span: fc.constant(span),
        }),
      ),
    ),
  }),
  statement('signalling', {
    port: integer.map((port) => ({ kind: 'bare-port', port, span })),
    body: fc.option(body<ast.PemFile>(...pemFiles)),
  }),
]
const inSpoke = [
  ...inNode,
  statement('endpoint', { endpoint: endpointSlot(fc.oneof(addressEndpoint, nameEndpoint, word('nat'))) }),
  statement('via', { hubs: list(narrowSlot(name)) }),
  statement('prefer', { hub: narrowSlot(name) }),
]
const use = fc.record({
  kind: fc.constant('use' as const),
  template: name,
  arguments: fc.option(fc.array(expression, { maxLength: 2 })),
  span: fc.constant(span),
})

function node(kind: 'hub' | 'spoke', ...kinds: fc.Arbitrary<unknown>[]) {
  const block = body<ast.HubStatement>(...withControl(...kinds))
  return fc.oneof(
    statement(kind, { name: naming, from: fc.constant(null), body: block }),
    statement(kind, { name: naming, from: use, body: fc.option(block) }),
  )
}

const policyEnd = narrowSlot(fc.oneof(name, address, prefix, word('any')))
const policies = (['allow', 'deny'] as const).map((kind) =>
  statement(kind, { from: policyEnd, to: policyEnd }),
)
const expectEnd = narrowSlot(fc.oneof(name, address))
const expectation = fc.oneof(
  fc.record({ what: fc.constant('ping'), within: fc.option(slot(duration)), least: fc.constant(null) }),
  fc.record({ what: fc.constant('no ping'), within: fc.constant(null), least: fc.constant(null) }),
  fc.record({ what: fc.constant('throughput'), within: fc.constant(null), least: slot(rate) }),
)
const expect = fc
  .tuple(expectation, statement('expect', { from: expectEnd, to: expectEnd }))
  .map(([what, rest]) => ({ ...rest, ...what }))
const inEither = withControl(...inHub, ...inSpoke)
const overlay = statement('overlay', {
  name: naming,
  body: body<ast.OverlayStatement>(
    ...withControl(
      statement('net', { prefixes: list(slot(prefix)) }),
      statement('port', { port: slot(integer) }),
      keepalive,
      auth,
      node('hub', ...inHub),
      node('spoke', ...inSpoke),
      statement('on', { name: naming, body: body<ast.HubStatement>(...inEither) }),
      ...policies,
      expect,
    ),
  ),
})
const inFile = withControl(
  overlay,
  expect,
  statement('import', { path: name }),
  statement('template', {
    name,
    parameters: fc.option(fc.array(variable, { maxLength: 3 })),
    body: body<ast.HubStatement>(...inEither),
  }),
)
const header = trivia.map((trivia): ast.Header => {
  return firstOfBody({ kind: 'lvn', version: { kind: 'integer', text: '1', value: 1, span }, span, trivia })
})

export const arbitraryFile: fc.Arbitrary<ast.AstFile> = fc
  .record({
    header,
    statements: fc.array(fc.oneof(...inFile) as fc.Arbitrary<ast.FileStatement>, { maxLength: 4 }),
    closing: fc.array(comment, { maxLength: 2 }),
  })
  .map(({ header, statements, closing }) => ({
    kind: 'file',
    source,
    header,
    body: { statements, damaged: false, plain: true, span, oneLine: false, opening: null, closing },
  }))

/** A tree without spans and layout: what has to survive printing. */
export function withoutPlaces(file: ast.AstFile): unknown {
  const dropped = ['span', 'source', 'oneLine', 'plain']
  return JSON.parse(JSON.stringify(file, (key, value) => (dropped.includes(key) ? undefined : value)))
}
