// SPDX-License-Identifier: MIT
/**
 * Bodies of `if` and `for` that were passed over: those that no node, no turn and no template has come through are
 * looked at in the end (`unused.ts`). Part of phase 1.
 */
import type * as ast from '../../../grammar/ast.ts'

type Body = ast.Body<ast.Statement>

/** `Env`: where something is worked out. `env` is that of the first time. */
export interface Passed<Env> {
  readonly body: Body
  /** What was to decide about it; null where nothing was, or it has been asked. */
  readonly condition: ast.Expression | null
  readonly env: Env
}

export class Branches<Env> {
  private readonly taken = new Set<Body>()
  private readonly passed = new Map<Body, Passed<Env>>()

  take(body: Body): void {
    this.taken.add(body)
  }

  pass(body: Body, condition: ast.Expression | null, env: Env): void {
    if (!this.passed.has(body)) this.passed.set(body, { body, condition, env })
  }

  /** Also those that are added while one goes through them. */
  *never(): Generator<Passed<Env>> {
    for (const each of this.passed.values()) if (!this.taken.has(each.body)) yield each
  }
}
