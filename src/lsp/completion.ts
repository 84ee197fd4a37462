// SPDX-License-Identifier: MIT
/**
 * What can be written at a place: statements that may stand there, or values that may follow in the statement.
 * Looks at the characters before the place only, and takes names from whatever analysis there is.
 */
import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  InsertTextFormat,
} from 'vscode-languageserver'
import { type Place, statementsOf } from '../../grammar/places.ts'
import { isPlainName, type Keyword, keywords } from '../../grammar/tokens.ts'
import { Source } from '../diag/source.ts'
import { nodesOf } from '../model/topology.ts'
import type { Analysis } from './analysis.ts'
import { type Candidate, type CandidateKind, candidatesFor, type Names } from './candidates.ts'
import { contextAt } from './context.ts'
import { rangeOf } from './places.ts'
import { snippets } from './snippets.ts'
import { isNode, isValue } from './symbols.ts'
import { keywordMeanings, meaningOfWord, meaningText } from './vocabulary.ts'

/** More are not sent at once: the editor asks again when more of the word is there. */
const most = 200

export interface CompletionOptions {
  /** The editor fills in places of an inserted text. */
  readonly snippets: boolean
}

/** `known` may be of an earlier version of `text`: only its names are taken. */
export function completionAt(
  text: string,
  offset: number,
  known: Analysis,
  options: CompletionOptions,
): CompletionList {
  const { blocks, statement, word, wordStart, within } = contextAt(text, offset)
  if (within !== 'code') return { isIncomplete: false, items: [] }
  const range = rangeOf({ source: new Source('', text), start: wordStart, end: offset })
  const place = placeOf(blocks)
  const items = statement === '' ? statements(place) : values()
  const fitting = items.filter(({ label }) => label.toLowerCase().startsWith(word.toLowerCase()))
  return {
    isIncomplete: fitting.length > most,
    items: fitting.slice(0, most).map((item) => ({
      ...item,
      textEdit: { range, newText: item.insertText ?? item.label },
    })),
  }

  function statements(place: Place): CompletionItem[] {
    const headed = known.file.header !== null
    return statementsOf[place]
      .filter((keyword) => keyword !== 'lvn' || !headed)
      .map((keyword, i) => statementItem(keyword, i, options.snippets))
  }

  function values(): CompletionItem[] {
    const keyword = /^[\w-]+(?= )/.exec(statement)?.[0] ?? ''
    if (!Object.hasOwn(keywords, keyword)) return []
    return candidatesFor(keyword as Keyword, statement, namesFor(known, blocks, offset)).map(valueItem)
  }
}

/** Loops and conditions leave the place as it is. */
function placeOf(blocks: readonly string[]): Place {
  const heads: Readonly<Record<string, Place>> = {
    overlay: 'overlay',
    hub: 'hub',
    spoke: 'spoke',
    device: 'device',
    signalling: 'signalling',
    template: 'template',
    on: 'node',
  }
  let place: Place = 'file'
  for (const block of blocks) {
    const head = /^\w+/.exec(block)?.[0] ?? ''
    if (Object.hasOwn(heads, head)) place = heads[head] as Place
  }
  return place
}

function statementItem(keyword: Keyword, order: number, filledIn: boolean): CompletionItem {
  const meaning = keywordMeanings[keyword]
  const snippet = filledIn ? snippets[keyword] : undefined
  return {
    label: keyword,
    kind: CompletionItemKind.Keyword,
    detail: meaning.usage,
    documentation: { kind: 'markdown', value: meaningText(meaning) },
    sortText: String(order).padStart(3, '0'),
    ...(snippet === undefined ? {} : { insertText: snippet, insertTextFormat: InsertTextFormat.Snippet }),
  }
}

const kinds: Readonly<Record<CandidateKind, CompletionItemKind>> = {
  word: CompletionItemKind.Keyword,
  hub: CompletionItemKind.Class,
  node: CompletionItemKind.Class,
  template: CompletionItemKind.Function,
  value: CompletionItemKind.Variable,
  function: CompletionItemKind.Function,
}

function valueItem({ text, kind }: Candidate, order: number): CompletionItem {
  const meaning = kind === 'word' ? meaningOfWord(text) : undefined
  const quoted = kind !== 'word' && !isPlainName(text)
  return {
    label: text,
    kind: kinds[kind],
    sortText: String(order).padStart(6, '0'),
    ...(quoted ? { insertText: `"${text}"` } : {}),
    ...(meaning === undefined
      ? {}
      : { detail: meaning.usage, documentation: { kind: 'markdown', value: meaningText(meaning) } }),
  }
}

function namesFor({ symbols, topology }: Analysis, blocks: readonly string[], offset: number): Names {
  const overlay = /^overlay (?:"([^"]*)"|(\S+))/
    .exec(blocks[0] ?? '')
    ?.slice(1)
    .find(Boolean)
  const ours = (name: string | null) => overlay === undefined || name === overlay
  const named = (role?: 'hub') => {
    const given = symbols.entries.filter(
      (symbol) => isNode(symbol) && ours(symbol.overlay) && (role === undefined || symbol.kind === role),
    )
    const made = topology.overlays.filter(({ name }) => ours(name)).flatMap(nodesOf)
    return unique([
      ...given.map(({ name }) => name),
      ...made.filter((node) => role === undefined || node.role === role).map(({ name }) => name),
    ])
  }
  return {
    hubs: () => named('hub'),
    nodes: () => named(),
    templates: () =>
      unique(symbols.entries.filter(({ kind }) => kind === 'template').map(({ name }) => name)),
    values: () =>
      unique(
        symbols.entries
          .filter((symbol) => isValue(symbol) && symbol.scope.start <= offset && offset <= symbol.scope.end)
          .map(({ name }) => name),
      ),
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)]
}
