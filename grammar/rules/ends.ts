// SPDX-License-Identifier: MIT
/**
 * The rules of who may and who shall: policies and expectations, from one end to another.
 */
import { expectedValue, missingArrow } from '../../src/diag/catalogue.ts'
import type * as ast from '../ast.ts'
import type { Reader } from '../literals.ts'
import * as literals from '../literals.ts'
import { Arrow, keywords, Operator, Value } from '../tokens.ts'
import { Settings } from './settings.ts'

export abstract class Ends extends Settings {
  protected allow = this.policy('allow')
  protected deny = this.policy('deny')

  /** `word FROM -> TO` */
  private policy(word: ast.Policy['kind']) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      const ends = this.SUBRULE(this.ends, { ARGS: [word, literals.policyEnd] })
      return this.ACTION((): ast.Policy | undefined => {
        return ends && { kind: word, ...(ends as Pick<ast.Policy, 'from' | 'to'>), ...this.base(first) }
      })
    })
  }

  protected expect = this.RULE('expectStatement', () => {
    const first = this.CONSUME(keywords.expect)
    const what = this.SUBRULE(this.value, {
      ARGS: ['expect', literals.oneWord(['ping', 'no', 'throughput'])],
    }) as ast.WordLiteral<'ping' | 'no' | 'throughput'> | undefined
    this.OPTION({
      GATE: () => what?.text === 'no',
      DEF: () => this.SUBRULE2(this.value, { ARGS: ['no', literals.oneWord(['ping'])] }),
    })
    const ends = this.SUBRULE(this.ends, {
      ARGS: [what?.text === 'throughput' ? 'throughput' : 'ping', literals.expectEnd],
    })
    const within = this.OPTION2({
      GATE: () => what?.text === 'ping' && this.LA(1).image === 'within',
      DEF: () => {
        this.CONSUME(Value)
        return this.SUBRULE3(this.value, { ARGS: ['within', literals.duration] })
      },
    }) as ast.Expect['within'] | undefined
    const least = this.OPTION3({
      GATE: () => what?.text === 'throughput',
      DEF: () => this.SUBRULE(this.atLeast),
    })
    return this.ACTION((): ast.Expect | undefined => {
      if (what === undefined || ends === undefined) return undefined
      if (what.text === 'throughput' && least === undefined) {
        this.fail(expectedValue(this.here(), '`>=` and a rate', 'throughput', 'for example `>= 100mbit`'))
        return undefined
      }
      return {
        kind: 'expect',
        what: what.text === 'no' ? 'no ping' : what.text,
        ...(ends as Pick<ast.Expect, 'from' | 'to'>),
        within: within ?? null,
        least: least ?? null,
        ...this.base(first),
      }
    })
  })

  private atLeast = this.RULE('atLeast', () => {
    const sign = this.CONSUME(Operator)
    this.ACTION(() => {
      if (sign.image !== '>=') this.fail(expectedValue(this.span(sign), '`>=` and a rate', 'throughput'))
    })
    return this.SUBRULE(this.value, { ARGS: ['>=', literals.rate] }) as ast.Slot<ast.RateLiteral> | undefined
  })

  /** `FROM -> TO` */
  private ends = this.RULE('ends', (word: string, reader: Reader<unknown>) => {
    const from = this.SUBRULE(this.value, { ARGS: [word, reader] })
    const arrow = this.OPTION(() => this.CONSUME(Arrow))
    this.ACTION(() => {
      if (arrow === undefined) this.fail(missingArrow(this.here(), word))
    })
    const to = this.SUBRULE2(this.value, { ARGS: ['->', reader] })
    return this.ACTION(() =>
      from === undefined || arrow === undefined || to === undefined ? undefined : { from, to },
    )
  })
}
