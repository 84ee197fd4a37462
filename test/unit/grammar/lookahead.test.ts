// SPDX-License-Identifier: MIT
import {
  Alternation,
  createToken,
  EmbeddedActionsParser,
  type IToken,
  LLkLookaheadStrategy,
  Option,
  Repetition,
  type Rule,
  type TokenType,
} from 'chevrotain'
import { describe, expect, it } from 'vitest'
import { OneTokenLookahead } from '../../../grammar/lookahead.ts'
import { LvnParser } from '../../../grammar/rules.ts'
import { tokenTypes } from '../../../grammar/tokens.ts'

interface Part {
  readonly idx: number
  readonly definition: readonly unknown[]
}

/** Every place of a rule where the parser chooses. */
function choices(parts: readonly unknown[]): Part[] {
  return parts.flatMap((part) => {
    const inner = part instanceof Object && 'definition' in part && !('referencedRule' in part)
    if (!inner) return []
    const own = [Alternation, Option, Repetition].some((kind) => part instanceof kind) ? [part as Part] : []
    return [...own, ...choices(part.definition as readonly unknown[])]
  })
}

/** What a strategy answers at a place to each type of token. */
function answers(strategy: OneTokenLookahead, rule: Rule, part: Part, types: readonly TokenType[]) {
  const common = { prodOccurrence: part.idx, rule, maxLookahead: 1, dynamicTokensEnabled: false }
  const prodType = part instanceof Option ? 'Option' : 'Repetition'
  const answer: (this: { LA_FAST(): IToken }) => unknown =
    part instanceof Alternation
      ? strategy.buildLookaheadForAlternation({ ...common, hasPredicates: false })
      : strategy.buildLookaheadForOptional({ ...common, prodType })
  return types.map((type) => {
    const token = { tokenType: type, tokenTypeIdx: type.tokenTypeIdx as number } as IToken
    return `${type.name}: ${answer.call({ LA_FAST: () => token })}`
  })
}

function compare(rules: readonly Rule[], types: readonly TokenType[]): number {
  let compared = 0
  const chevrotain = new LLkLookaheadStrategy({ maxLookahead: 1 })
  for (const rule of rules) {
    for (const part of choices(rule.definition)) {
      expect(answers(new OneTokenLookahead(), rule, part, types), `${rule.name} ${part.idx}`).toEqual(
        answers(chevrotain as OneTokenLookahead, rule, part, types),
      )
      compared++
    }
  }
  return compared
}

describe('the next token', () => {
  it('leads where Chevrotain would go, everywhere in the grammar', () => {
    const rules = Object.values(new LvnParser().getGAstProductions())
    expect(compare(rules, tokenTypes)).toBeGreaterThan(50)
  })

  it('leads there too where parts can be empty', () => {
    const [a, b, c] = ['A', 'B', 'C'].map((name) => createToken({ name, pattern: name })) as [
      TokenType,
      TokenType,
      TokenType,
    ]
    class Small extends EmbeddedActionsParser {
      constructor() {
        super([a, b, c], { skipValidations: true })
        this.performSelfAnalysis()
      }
      top = this.RULE('top', () => {
        this.OPTION(() => this.SUBRULE(this.maybe))
        this.MANY(() => {
          this.OPTION2(() => this.CONSUME(a))
          this.CONSUME(b)
        })
        this.OR([
          { ALT: () => this.CONSUME2(b) },
          { ALT: () => this.SUBRULE2(this.maybe) },
          { ALT: () => this.CONSUME2(c) },
        ])
      })
      maybe = this.RULE('maybe', () => {
        this.OPTION(() => this.CONSUME(c))
      })
    }
    expect(compare(Object.values(new Small().getGAstProductions()), [a, b, c])).toBe(5)
  })
})
