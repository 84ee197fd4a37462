// SPDX-License-Identifier: MIT
/**
 * One `hub`, `spoke` or `on` with its template, worked out: a node's statements as if they had been written one
 * by one. Part of phase 1.
 */
import type * as ast from '../../../grammar/ast.ts'
import { standAlone } from '../../../grammar/places.ts'
import { unknownTemplate, wrongRole, wrongTemplateArguments } from '../../diag/catalogue.ts'
import type { Span } from '../../diag/source.ts'
import { suggest } from '../../diag/suggest.ts'
import { type Env, placed } from './env.ts'
import { evaluate } from './evaluate.ts'
import type * as flat from './flat.ts'
import { flatten } from './flatten.ts'
import { merge } from './merge.ts'
import { type KnownTemplate, Names } from './names.ts'
import { fillName, moved } from './slots.ts'
import type { Value } from './value.ts'
import { type Visitor, walk } from './walk.ts'

type Block = flat.Hub | flat.Spoke
type NodeBody = NonNullable<Block['body']>
type OnAssertion = Visitor['assertion']

interface Statements<S> {
  readonly statements: S[]
  damaged: boolean
}

/** Undefined: its name is wrong, which has been reported. */
export function expandNode(node: ast.Hub | ast.Spoke, env: Env, assertion: OnAssertion): Block | undefined {
  if (node.from === null && node.body?.plain && node.name.kind === 'name' && env.notes.length === 0) {
    return node as unknown as Block
  }
  const name = fillName(node.name, env)
  const base = node.from === null ? none() : fromTemplate(node.from, env, assertion)
  const own = node.body === null ? none() : expandBody(node.body, env, assertion)
  if (name === undefined) return undefined
  const inherited = ofRole(base, node.kind, name.text, env)
  const statements = merge(inherited.statements, own.statements)
  const { span, oneLine, opening, closing } = node.body ?? noBody(node.span)
  const damaged = inherited.damaged || own.damaged
  const body = { statements, damaged, plain: true, span, oneLine, opening, closing } as NodeBody
  return { ...node, span: placed(node.span, env), name, from: null, body } as Block
}

function noBody(span: Span): Omit<NodeBody, 'statements' | 'damaged' | 'plain'> {
  return { span, oneLine: true, opening: null, closing: [] }
}

/** The statements of a node's block, or of an `on`. */
export function expandBody(
  body: ast.Body<ast.Statement>,
  env: Env,
  assertion: OnAssertion,
): Statements<flat.NodeStatement> {
  return expandInto<flat.NodeStatement>(body, env, assertion, (statement, inner) => {
    if (statement.kind === 'device') return expandDevice(statement, inner, assertion)
    if (statement.kind === 'signalling') return expandSignalling(statement, inner, assertion)
    return flatten(statement, inner) as flat.NodeStatement | undefined
  })
}

/** Those of a template or an `on` that a node of this role can have; the others are reported. */
export function ofRole(
  { statements, damaged }: Statements<flat.NodeStatement>,
  role: 'hub' | 'spoke',
  node: string,
  env: Env,
): Statements<flat.NodeStatement> {
  const others = role === 'hub' ? ['endpoint', 'via', 'prefer'] : ['listen', 'signalling']
  const wrong = statements.filter(({ kind }) => others.includes(kind))
  for (const { kind, span } of wrong) env.report(wrongRole(span, kind, role, node))
  if (wrong.length === 0) return { statements, damaged }
  return { statements: statements.filter((statement) => !wrong.includes(statement)), damaged: true }
}

function expandInto<S>(
  body: ast.Body<ast.Statement>,
  env: Env,
  assertion: OnAssertion,
  expand: (statement: Exclude<ast.Statement, ast.Control>, env: Env) => S | undefined,
): Statements<S> {
  const made: Statements<S> = { statements: [], damaged: false }
  const damaged = () => {
    made.damaged = true
  }
  const statement: Visitor['statement'] = (written, inner) => {
    const one = expand(written, inner)
    if (one !== undefined) made.statements.push(one)
    else if (!standAlone.has(written.kind)) damaged()
  }
  walk(body, { ...env, names: new Names(env.names) }, { statement, assertion, damaged })
  return made
}

function expandDevice(device: ast.Device, env: Env, assertion: OnAssertion): flat.Device | undefined {
  const name = fillName(device.name, env)
  const span = placed(device.span, env)
  const made = device.body && expandInto(device.body, env, assertion, flatten)
  if (name === undefined) return undefined
  return { ...device, name, span, body: device.body && ({ ...device.body, ...made } as flat.Device['body']) }
}

function expandSignalling(signalling: ast.Signalling, env: Env, assertion: OnAssertion): flat.Signalling {
  const made = signalling.body && expandInto(signalling.body, env, assertion, flatten)
  const { port } = signalling
  return {
    ...signalling,
    port: { ...port, port: moved(port.port, env), span: placed(port.span, env) },
    span: placed(signalling.span, env),
    body: signalling.body && ({ ...signalling.body, ...made } as flat.Signalling['body']),
  }
}

// ---- templates --------------------------------------------------------------------------------------

interface Looked {
  readonly known: KnownTemplate
  readonly values: readonly (Value | undefined)[]
}

/** The template that is meant and its arguments, as many as it takes. */
export function lookUpTemplate(use: ast.Use, env: Env): Looked | undefined {
  const { text, span } = use.template
  const known = env.names.findTemplate(text)
  const values = (use.arguments ?? []).map((argument) => evaluate(argument, env))
  if (known === undefined) {
    if (env.names.misses(text)) {
      const near = suggest(text, env.names.allTemplates())
      env.report(unknownTemplate(placed(span, env), text, near))
    }
    return undefined
  }
  const wanted = known.template.parameters?.length ?? 0
  if (wanted === values.length) return { known, values }
  const at = placed(use.span, env)
  env.report(wrongTemplateArguments(at, usageOf(known), wanted, values.length, known.template.name.span))
  return undefined
}

function fromTemplate(use: ast.Use, env: Env, assertion: OnAssertion): Statements<flat.NodeStatement> {
  const looked = lookUpTemplate(use, env)
  if (looked === undefined) return { statements: [], damaged: true }
  const { known, values } = looked
  const names = new Names(known.names)
  for (const [i, parameter] of (known.template.parameters ?? []).entries()) {
    names.define(parameter.text, values[i], parameter.span, env.report)
  }
  known.used = true
  const note = { message: `in template \`${use.template.text}\`, used here`, span: use.span }
  const made = expandBody(known.template.body, { ...env, names, notes: [note, ...env.notes] }, assertion)
  return values.includes(undefined) ? { ...made, damaged: true } : made
}

function usageOf({ template }: KnownTemplate): string {
  return `${template.name.text}(${(template.parameters ?? []).map(({ text }) => text).join(', ')})`
}

function none(): Statements<flat.NodeStatement> {
  return { statements: [], damaged: false }
}
