// SPDX-License-Identifier: MIT
/**
 * The rules of values: literals, expressions, and lists of either. They know no statement.
 */
import type { TokenType } from 'chevrotain'
import { danglingComma, expectedValue, unclosedBracket } from '../../src/diag/catalogue.ts'
import type * as ast from '../ast.ts'
import type { Reader } from '../literals.ts'
import * as literals from '../literals.ts'
import { operatorOf, precedenceOf } from '../operators.ts'
import { Recovery } from '../recovery.ts'
import { Comma, isName, LBracket, LParen, Newline, Operator, RBracket, RParen, Value } from '../tokens.ts'

export abstract class Expressions extends Recovery {
  /** How much of what was read so far has to be worked out. */
  protected computed = 0

  protected value = this.RULE('value', (word: string, reader: Reader<unknown>): unknown => {
    const computes = this.ACTION(() => this.computes(reader))
    const least = this.ACTION(() => (reader.computed === 'operand' ? Infinity : 0))
    const computed = this.OPTION({
      GATE: () => computes,
      DEF: () => this.SUBRULE(this.expression, { ARGS: [word, least] }),
    })
    const token = this.OPTION2({
      GATE: () => !computes && !this.newStatement(),
      DEF: () => this.CONSUME(Value),
    })
    return this.ACTION(() => {
      if (computes) {
        const settled = computed && reader.settle?.(computed)
        if (settled === undefined) this.computed++
        return settled ?? computed
      }
      const literal = this.readValue(token, word, reader)
      if ((literal as ast.Naming | undefined)?.kind === 'text') this.computed++
      return literal
    })
  })

  /** `least`: how tightly an operator has to join to belong to it. */
  protected expression = this.RULE(
    'expression',
    (word: string, least: number): ast.Expression | undefined => {
      let left = this.SUBRULE(this.operand, { ARGS: [word] })
      let count = 0
      this.MANY({
        GATE: () => this.operatorFollows(least, count),
        DEF: () => {
          const token = this.CONSUME(Operator)
          const next = this.ACTION(() => precedenceOf(token) + 1)
          const right = this.SUBRULE(this.expression, { ARGS: [token.image, next] })
          this.ACTION(() => {
            count++
            left = binary(left, operatorOf(token), right)
          })
        },
      })
      return this.ACTION(() => (this.misjoined() ? undefined : left))
    },
  )

  private operand = this.RULE('operand', (word: string): ast.Expression | undefined => {
    const room = this.ACTION(() => this.deeper())
    const read = this.OPTION({
      GATE: () => room,
      DEF: () =>
        this.OR([
          { ALT: () => this.SUBRULE(this.group) },
          { ALT: () => this.SUBRULE(this.list) },
          { ALT: () => this.SUBRULE(this.term, { ARGS: [word] }) },
        ]),
    })
    this.ACTION(() => {
      this.higher()
      if (read === undefined) this.fail(expectedValue(this.here(), 'a value', word))
    })
    return read
  })

  /** A literal, a name, a call, or `not` and what follows it. */
  private term = this.RULE('term', (word: string): ast.Expression | undefined => {
    const first = this.CONSUME(Value)
    const negates = () => first.image === 'not' && this.valueFollows()
    const operand = this.OPTION({
      GATE: negates,
      DEF: () => this.SUBRULE(this.expression, { ARGS: ['not', 3] }),
    })
    const items = this.OPTION2({
      GATE: () => operand === undefined && isName(first),
      DEF: () => this.SUBRULE(this.arguments),
    })
    return this.ACTION(() => {
      if (items === null) return undefined
      if (operand !== undefined) return { kind: 'not', operand, span: this.since(first) }
      if (items === undefined) return this.readValue(first, word, literals.operand)
      const name: ast.NameLiteral = { kind: 'name', text: first.image, span: this.span(first) }
      return { kind: 'call', name, arguments: items, span: this.since(first) }
    })
  })

  private group = this.RULE('group', (): ast.Group | undefined => {
    const open = this.CONSUME(LParen)
    this.MANY(() => this.CONSUME(Newline))
    const inner = this.SUBRULE(this.expression, { ARGS: ['(', 0] })
    this.MANY2(() => this.CONSUME2(Newline))
    const close = this.OPTION(() => this.CONSUME(RParen))
    return this.ACTION(() => {
      if (close === undefined) this.fail(unclosedBracket(this.span(open), ')', this.here()))
      return inner === undefined ? undefined : { kind: 'group', inner, span: this.since(open) }
    })
  })

  private list = this.RULE('list', (): ast.List | undefined => {
    const open = this.CONSUME(LBracket)
    const items = this.OPTION({
      GATE: () => this.itemFollows(RBracket),
      DEF: () => this.SUBRULE(this.items, { ARGS: ['['] }),
    })
    const close = this.OPTION2(() => this.CONSUME(RBracket))
    return this.ACTION(() => {
      if (close === undefined) this.fail(unclosedBracket(this.span(open), ']', this.here()))
      return items === null ? undefined : { kind: 'list', items: items ?? [], span: this.since(open) }
    })
  })

  /** Null: one of them could not be read. */
  protected arguments = this.RULE('arguments', (): ast.Expression[] | null => {
    const open = this.CONSUME(LParen)
    const items = this.OPTION({
      GATE: () => this.itemFollows(RParen),
      DEF: () => this.SUBRULE(this.items, { ARGS: ['('] }),
    })
    const close = this.OPTION2(() => this.CONSUME(RParen))
    return this.ACTION(() => {
      if (close === undefined) this.fail(unclosedBracket(this.span(open), ')', this.here()))
      return items === undefined ? [] : items
    })
  })

  protected itemFollows(close: TokenType): boolean {
    return this.LA(1).tokenType !== close
  }

  /** Is the next comma the last thing of a list? */
  private endsList(): boolean {
    let ahead = 2
    while (this.LA(ahead).tokenType === Newline) ahead++
    return this.LA(1).tokenType === Comma && this.LA(ahead).tokenType === RBracket
  }

  /** Values with commas between; line breaks may stand around each. Null: one of them could not be read. */
  private items = this.RULE('items', (word: string): ast.Expression[] | null => {
    const read: (ast.Expression | undefined)[] = []
    this.MANY(() => this.CONSUME(Newline))
    read.push(this.SUBRULE(this.expression, { ARGS: [word, 0] }))
    this.MANY2(() => this.CONSUME2(Newline))
    this.MANY3({
      GATE: () => !this.endsList(),
      DEF: () => {
        this.CONSUME(Comma)
        this.MANY4(() => this.CONSUME3(Newline))
        read.push(this.SUBRULE2(this.expression, { ARGS: [',', 0] }))
        this.MANY5(() => this.CONSUME4(Newline))
      },
    })
    this.OPTION({
      GATE: () => this.endsList(),
      DEF: () => {
        this.CONSUME2(Comma)
        this.MANY6(() => this.CONSUME5(Newline))
      },
    })
    const whole = read.filter((item) => item !== undefined)
    return whole.length === read.length ? whole : null
  })

  /** `joint`: the word that may join a second value of the same kind to each; absent: none may. */
  protected values = this.RULE(
    'values',
    (word: string, reader: Reader<unknown>, joint?: string): unknown[] => {
      const state = this.ACTION(() => this.beginList())
      const joins = () => joint !== undefined && this.LA(1).image === joint
      let last = this.SUBRULE(this.value, { ARGS: [word, reader] })
      this.OPTION({
        GATE: joins,
        DEF: () => {
          last = this.SUBRULE(this.translated, { ARGS: [last, reader] })
        },
      })
      const read = [last]
      this.MANY(() => {
        const comma = this.CONSUME(Comma)
        this.MANY2(() => this.CONSUME(Newline))
        this.ACTION(() => {
          this.nextOfList(state)
          if (!this.valueFollows() || this.newStatement()) {
            this.fail(danglingComma(this.span(comma), reader.what))
          }
        })
        last = this.SUBRULE2(this.value, { ARGS: [word, reader] })
        this.OPTION2({
          GATE: joins,
          DEF: () => {
            last = this.SUBRULE2(this.translated, { ARGS: [last, reader] })
          },
        })
        read.push(last)
      })
      return this.ACTION(() => {
        this.endList(state)
        return read.filter((literal) => literal !== undefined)
      })
    },
  )

  /** The word `at` and a second value. Undefined: one of the two could not be read. */
  private translated = this.RULE(
    'translated',
    (outside: unknown, reader: Reader<unknown>): ast.Translated | undefined => {
      const joint = this.CONSUME(Value)
      const inside = this.SUBRULE(this.value, { ARGS: [joint.image, reader] }) as
        | ast.Translated['inside']
        | undefined
      return this.ACTION(() => {
        if (outside === undefined || inside === undefined) return undefined
        const first = outside as ast.Translated['outside']
        const span = { ...first.span, end: inside.span.end }
        return { kind: 'translated', outside: first, inside, span }
      })
    },
  )
}

function binary(
  left: ast.Expression | undefined,
  operator: ast.Operator,
  right: ast.Expression | undefined,
): ast.Binary | undefined {
  if (left === undefined || right === undefined) return undefined
  const span = { ...left.span, end: right.span.end }
  return { kind: 'binary', operator, left, right, span }
}
