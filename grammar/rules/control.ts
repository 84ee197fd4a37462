// SPDX-License-Identifier: MIT
/**
 * The rules of what steers other statements: values, loops, conditions, templates and overrides.
 */
import type { IOrAlt } from 'chevrotain'
import { missingAssign, missingIn, unclosedBracket } from '../../src/diag/catalogue.ts'
import type * as ast from '../ast.ts'
import * as literals from '../literals.ts'
import { Assign, Comma, Else, In, keywords, LParen, Newline, RParen } from '../tokens.ts'
import { Ends } from './ends.ts'

export abstract class Control extends Ends {
  protected let = this.RULE('letStatement', () => {
    const first = this.CONSUME(keywords.let)
    const name = this.SUBRULE(this.value, { ARGS: ['let', literals.variable] }) as ast.NameLiteral | undefined
    const assign = this.OPTION(() => this.CONSUME(Assign))
    this.ACTION(() => {
      if (assign === undefined) this.fail(missingAssign(this.here(), name?.text))
    })
    const value = this.SUBRULE(this.expression, { ARGS: ['=', 0] })
    return this.ACTION((): ast.Let | undefined => {
      this.computed++
      if (name === undefined || value === undefined) return undefined
      return { kind: 'let', name, value, ...this.base(first) }
    })
  })

  protected for = this.RULE('forStatement', () => {
    const first = this.CONSUME(keywords.for)
    const name = this.SUBRULE(this.value, { ARGS: ['for', literals.variable] }) as ast.NameLiteral | undefined
    const within = this.OPTION(() => this.CONSUME(In))
    this.ACTION(() => {
      if (within === undefined) this.fail(missingIn(this.here(), name?.text))
    })
    const values = this.SUBRULE(this.expression, { ARGS: ['in', 0] })
    const body = this.SUBRULE(this.block, { ARGS: [this.place(), this.label('for', name)] })
    return this.ACTION((): ast.For | undefined => {
      this.computed++
      if (name === undefined || values === undefined || body === undefined) return undefined
      return { kind: 'for', name, values, body, ...this.base(first) }
    })
  })

  protected if = this.RULE('ifStatement', () => {
    const first = this.CONSUME(keywords.if)
    const branches: (ast.Branch | undefined)[] = [this.SUBRULE(this.branch)]
    let otherwise: ast.Body<ast.Statement> | undefined
    this.MANY({
      GATE: () => otherwise === undefined && this.elseFollows(),
      DEF: () => {
        this.MANY2(() => this.CONSUME(Newline))
        this.CONSUME(Else)
        const alternatives: IOrAlt<void>[] = [
          {
            ALT: () => {
              this.CONSUME2(keywords.if)
              branches.push(this.SUBRULE2(this.branch))
            },
          },
          {
            ALT: () => {
              otherwise = this.SUBRULE(this.block, { ARGS: [this.place(), 'else'] })
            },
          },
        ]
        // A block whose brace is missing could start with an `if` too.
        this.OR({ DEF: alternatives, IGNORE_AMBIGUITIES: true })
      },
    })
    return this.ACTION((): ast.If | undefined => {
      this.computed++
      const whole = branches.filter((branch) => branch !== undefined)
      if (whole.length < branches.length) return undefined
      return { kind: 'if', branches: whole, otherwise: otherwise ?? null, ...this.base(first) }
    })
  })

  private branch = this.RULE('branch', (): ast.Branch | undefined => {
    const condition = this.SUBRULE(this.expression, { ARGS: ['if', 0] })
    const body = this.SUBRULE(this.block, { ARGS: [this.place(), 'if'] })
    return this.ACTION(() => (condition && body ? { condition, body } : undefined))
  })

  protected assert = this.RULE('assertStatement', () => {
    const first = this.CONSUME(keywords.assert)
    const condition = this.SUBRULE(this.expression, { ARGS: ['assert', 0] })
    const message = this.OPTION(() => {
      this.CONSUME(Comma)
      this.MANY(() => this.CONSUME(Newline))
      return this.SUBRULE(this.value, { ARGS: ['assert', literals.text] }) as ast.Text | undefined
    })
    return this.ACTION((): ast.Assert | undefined => {
      this.computed++
      return condition && { kind: 'assert', condition, message: message ?? null, ...this.base(first) }
    })
  })

  protected on = this.RULE('onStatement', () => {
    const first = this.CONSUME(keywords.on)
    const name = this.SUBRULE(this.value, { ARGS: ['on', literals.naming] }) as ast.Naming | undefined
    const body = this.SUBRULE(this.block, { ARGS: ['node', this.label('on', name)] })
    return this.ACTION((): ast.On | undefined => {
      this.computed++
      if (name === undefined || body === undefined) return undefined
      return { kind: 'on', name, body: body as ast.On['body'], ...this.base(first) }
    })
  })

  protected template = this.RULE('templateStatement', () => {
    const first = this.CONSUME(keywords.template)
    const name = this.SUBRULE(this.value, { ARGS: ['template', literals.name] }) as
      | ast.NameLiteral
      | undefined
    const parameters = this.OPTION(() => this.SUBRULE(this.parameters))
    const body = this.SUBRULE(this.block, { ARGS: ['template', this.label('template', name)] })
    return this.ACTION((): ast.Template | undefined => {
      if (name === undefined || body === undefined) return undefined
      return {
        kind: 'template',
        name,
        parameters: parameters ?? null,
        body: body as ast.Template['body'],
        ...this.base(first),
      }
    })
  })

  private parameters = this.RULE('parameters', (): ast.NameLiteral[] => {
    const open = this.CONSUME(LParen)
    const names = this.OPTION({
      GATE: () => this.itemFollows(RParen),
      DEF: () => this.SUBRULE(this.values, { ARGS: ['(', literals.variable] }),
    }) as ast.NameLiteral[] | undefined
    const close = this.OPTION2(() => this.CONSUME(RParen))
    this.ACTION(() => {
      if (close === undefined) this.fail(unclosedBracket(this.span(open), ')', this.here()))
    })
    return names ?? []
  })
}
