// SPDX-License-Identifier: MIT
/**
 * Ways through the syntax tree that need not know every kind of node: the tree is plain data, and whatever
 * has a kind and a span is a node.
 */
import { type AstFile, type Body, bodiesOf, type Statement } from '../../grammar/ast.ts'
import type { Span } from '../diag/source.ts'

export interface TreeNode {
  readonly kind: string
  readonly span: Span
}

const notChildren = new Set(['span', 'trivia', 'opening', 'closing', 'source'])

/** The nodes right below a node, a body or the file, in the order of their fields. */
export function childrenOf(parent: object): TreeNode[] {
  const found: TreeNode[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) value.forEach(visit)
    else if ('kind' in value && 'span' in value) found.push(value as TreeNode)
    else visitFields(value)
  }
  const visitFields = (value: object): void => {
    for (const [key, field] of Object.entries(value)) if (!notChildren.has(key)) visit(field)
  }
  visitFields(parent)
  return found
}

/** From the outermost statement to the innermost node at `offset`; a place right behind a node is at it. */
export function pathAt(file: AstFile, offset: number): TreeNode[] {
  const path: TreeNode[] = []
  let level: object | undefined = file
  while (level !== undefined) {
    const at: TreeNode | undefined = childrenOf(level).findLast(
      ({ span }) => span.start <= offset && offset <= span.end,
    )
    if (at !== undefined) path.push(at)
    level = at
  }
  return path
}

/** The blocks within a body, outer before inner. */
export function* allBodies(body: Body<Statement>): Generator<Body<Statement>> {
  for (const statement of body.statements) {
    for (const inner of bodiesOf(statement)) {
      yield inner
      yield* allBodies(inner)
    }
  }
}

/** Is `offset` on the word that the statement starts with? */
export function onKeyword(statement: Statement, offset: number): boolean {
  const { source, start } = statement.span
  const word = /^\w+/.exec(source.text.slice(start, start + 40))?.[0] ?? ''
  return start <= offset && offset <= start + word.length
}
