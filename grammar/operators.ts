// SPDX-License-Identifier: MIT
/**
 * Which tokens join two values, and how tightly.
 */
import type { IToken } from 'chevrotain'
import type * as ast from './ast.ts'
import { Name, Operator } from './tokens.ts'

/** `and` and `or` are names elsewhere. */
export function isOperator(token: IToken): boolean {
  const word = token.tokenType === Name && (token.image === 'and' || token.image === 'or')
  return word || token.tokenType === Operator
}

/** What it does to the two. A single `=` that was meant to compare has been reported. */
export function operatorOf(token: IToken): ast.Operator {
  return token.image === '=' ? '==' : (token.image as ast.Operator)
}

/** How tightly an operator joins; of equals the left one goes first. */
export function precedenceOf(operator: IToken): number {
  return precedences[operatorOf(operator)]
}

const precedences: Readonly<Record<ast.Operator, number>> = {
  or: 1,
  and: 2,
  ...{ '==': 3, '!=': 3, '<': 3, '<=': 3, '>': 3, '>=': 3 },
  '..': 4,
  '+': 5,
  '-': 5,
  '*': 6,
}
