// SPDX-License-Identifier: MIT
/**
 * Which way the parser goes, by the next token alone. Chevrotain works that out from all paths through the rules, at
 * every start, which takes as long as reading a thousand lines; for one token it is enough to know what each part
 * can start with. It knows no rule; a test holds its answers against Chevrotain's.
 */
import {
  Alternation,
  type ILookaheadStrategy,
  type IProduction,
  type IToken,
  LLkLookaheadStrategy,
  NonTerminal,
  Option,
  Repetition,
  RepetitionWithSeparator,
  type Rule,
  Terminal,
} from 'chevrotain'

type ForAlternation = Parameters<ILookaheadStrategy['buildLookaheadForAlternation']>[0]
type ForOptional = Parameters<ILookaheadStrategy['buildLookaheadForOptional']>[0]
/** The parser, which the answers are methods of. */
interface Ahead {
  LA_FAST(howMuch: number): IToken
}

interface Start {
  /** Indices of the token types that it can start with; those of a category are among them one by one. */
  readonly types: ReadonlySet<number>
  /** Can it be nothing at all? */
  readonly empty: boolean
}

/** Answers for `OR` without gates, `OPTION` and `MANY`; the rest is left to Chevrotain. */
export class OneTokenLookahead extends LLkLookaheadStrategy {
  private readonly known = new Map<Rule, Start>()

  constructor() {
    super({ maxLookahead: 1 })
  }

  override buildLookaheadForAlternation(wanted: ForAlternation): (this: Ahead) => number | undefined {
    const { definition } = find(wanted.rule, Alternation, wanted.prodOccurrence)
    const starts = definition.map((alternative) => this.startOf(alternative))
    if (wanted.hasPredicates || starts.some(({ empty }) => empty))
      return super.buildLookaheadForAlternation(wanted)
    const choices: number[] = []
    for (const [choice, { types }] of starts.entries()) for (const type of types) choices[type] ??= choice
    return function () {
      return choices[this.LA_FAST(1).tokenTypeIdx]
    }
  }

  override buildLookaheadForOptional(wanted: ForOptional): (this: Ahead) => boolean {
    const { prodType, rule, prodOccurrence } = wanted
    if (prodType !== 'Option' && prodType !== 'Repetition') return super.buildLookaheadForOptional(wanted)
    const part = find(rule, prodType === 'Option' ? Option : Repetition, prodOccurrence)
    const { types, empty } = this.startOfSequence(part.definition)
    if (empty) return () => true
    const enters: boolean[] = []
    for (const type of types) enters[type] = true
    return function () {
      return enters[this.LA_FAST(1).tokenTypeIdx] === true
    }
  }

  private startOf(part: IProduction): Start {
    if (part instanceof Terminal) return { types: typesOf(part), empty: false }
    if (part instanceof NonTerminal) return this.startOfRule(part.referencedRule)
    if (part instanceof Alternation) {
      const starts = part.definition.map((alternative) => this.startOf(alternative))
      const types = new Set(starts.flatMap((start) => [...start.types]))
      return { types, empty: starts.some(({ empty }) => empty) }
    }
    const { types, empty } = this.startOfSequence(partsOf(part))
    return { types, empty: empty || optional.some((kind) => part instanceof kind) }
  }

  private startOfSequence(parts: readonly IProduction[]): Start {
    const types = new Set<number>()
    for (const part of parts) {
      const start = this.startOf(part)
      for (const type of start.types) types.add(type)
      if (!start.empty) return { types, empty: false }
    }
    return { types, empty: true }
  }

  private startOfRule(rule: Rule): Start {
    const known = this.known.get(rule) ?? this.startOfSequence(rule.definition)
    this.known.set(rule, known)
    return known
  }
}

const optional = [Option, Repetition, RepetitionWithSeparator]

/** Precondition: the part is there, within `rule` itself. */
function find<P extends IProduction>(rule: Rule, kind: new (...of: never[]) => P, idx: number): P {
  const open: IProduction[] = [...rule.definition]
  for (const part of open) {
    if (part instanceof kind && (part as { idx?: number }).idx === idx) return part
    if (!(part instanceof NonTerminal)) for (const inner of partsOf(part)) open.push(inner)
  }
  throw new TypeError(`${rule.name} has no ${kind.name} ${idx}`)
}

function partsOf(part: IProduction): readonly IProduction[] {
  return (part as { definition?: readonly IProduction[] }).definition ?? []
}

function typesOf({ terminalType: { tokenTypeIdx, categoryMatches } }: Terminal): Set<number> {
  return new Set([tokenTypeIdx as number, ...(categoryMatches ?? [])])
}
