// SPDX-License-Identifier: MIT
/**
 * One overlay, from all blocks that write it, with everything in them worked out. Part of phase 1.
 */
import type * as ast from '../../../grammar/ast.ts'
import { standAlone } from '../../../grammar/places.ts'
import { unknownNode } from '../../diag/catalogue.ts'
import type { Span } from '../../diag/source.ts'
import { suggest } from '../../diag/suggest.ts'
import { type Env, placed } from './env.ts'
import { expandBody, expandNode, ofRole } from './expand-node.ts'
import type * as flat from './flat.ts'
import { flatten } from './flatten.ts'
import { merge } from './merge.ts'
import { Names } from './names.ts'
import { fillName } from './slots.ts'
import { listOf } from './value.ts'
import { checkAssertion, type Visitor, walk } from './walk.ts'

/** One block, and where it stands. */
export interface OverlayPart {
  readonly block: ast.Overlay
  readonly name: ast.NameLiteral
  readonly env: Env
}

interface Override {
  readonly on: ast.On
  readonly env: Env
}

/** `parts` are of one name; the last one names the overlay's place. */
export function expandOverlay(parts: readonly OverlayPart[]): flat.Overlay {
  const { block, name, env } = parts.at(-1) as OverlayPart
  if (parts.length === 1 && block.body.plain && env.notes.length === 0)
    return block as unknown as flat.Overlay
  const expansion = new Expansion()
  for (const part of parts) expansion.add(part)
  expansion.override()
  expansion.assert()
  const body = { ...block.body, statements: expansion.statements, damaged: expansion.damaged }
  return { ...block, name, body } as flat.Overlay
}

class Expansion {
  readonly statements: flat.OverlayStatement[] = []
  damaged = false
  private readonly overrides: Override[] = []
  private readonly assertions: (readonly [ast.Assert, Env])[] = []
  private readonly scopes: { readonly names: Names; readonly span: Span }[] = []

  add({ block, env }: OverlayPart): void {
    const scope = { ...env, names: new Names(env.names) }
    this.scopes.push({ names: scope.names, span: block.span })
    walk(block.body, scope, {
      statement: (statement, inner) => this.statement(statement, inner),
      assertion: this.assertion,
      damaged: () => {
        this.damaged = true
      },
    })
  }

  private readonly assertion: Visitor['assertion'] = (written, env) => {
    this.assertions.push([written, env])
  }

  private statement(statement: Exclude<ast.Statement, ast.Control>, env: Env): void {
    if (statement.kind === 'on') {
      this.overrides.push({ on: statement, env })
      return
    }
    const made =
      statement.kind === 'hub' || statement.kind === 'spoke'
        ? expandNode(statement, env, this.assertion)
        : flatten(statement, env)
    if (made === undefined) this.damaged ||= !standAlone.has(statement.kind)
    else this.statements.push(made as flat.OverlayStatement)
  }

  /** Once all nodes are there, so that an `on` may stand anywhere. */
  override(): void {
    if (this.overrides.length === 0) return
    const places = new Map<string, number>()
    for (const [i, statement] of this.statements.entries()) {
      if (statement.kind === 'hub' || statement.kind === 'spoke') places.set(statement.name.text, i)
    }
    for (const { on, env } of this.overrides) {
      const name = fillName(on.name, env)
      const over = expandBody(on.body, env, this.assertion)
      if (name === undefined) continue
      const place = places.get(name.text)
      if (place !== undefined) this.overrideOne(place, over, env)
      else if (!this.damaged) {
        const near = suggest(name.text, [...places.keys()])
        env.report(unknownNode(placed(on.name.span, env), name.text, 'node', near))
      }
    }
  }

  private overrideOne(place: number, over: ReturnType<typeof expandBody>, env: Env): void {
    const node = this.statements[place] as flat.Hub | flat.Spoke
    const said = ofRole(over, node.kind, node.name.text, env)
    if (node.body === null) return
    const statements = merge(node.body.statements, said.statements)
    const body = { ...node.body, statements, damaged: node.body.damaged || said.damaged }
    this.statements[place] = { ...node, body } as flat.Hub | flat.Spoke
  }

  /** Once everything is counted. */
  assert(): void {
    const named = (kind: 'hub' | 'spoke') =>
      this.statements.flatMap((statement) =>
        statement.kind === kind ? [{ kind: 'text' as const, text: statement.name.text }] : [],
      )
    const known = this.damaged ? undefined : { hub: named('hub'), spoke: named('spoke') }
    for (const { names, span } of this.scopes) {
      const list = (items: ReturnType<typeof named> | undefined) => items && listOf(items)
      names.defineLate('hubs', list(known?.hub), span)
      names.defineLate('spokes', list(known?.spoke), span)
    }
    for (const [written, env] of this.assertions) checkAssertion(written, env)
  }
}
