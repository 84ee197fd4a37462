// SPDX-License-Identifier: MIT
/**
 * What stands under the pointer: what a word means, what a name comes to, what a prefix or an address holds.
 */
import type { Hover } from 'vscode-languageserver'
import type { NameLiteral, Statement } from '../../grammar/ast.ts'
import type { Keyword } from '../../grammar/tokens.ts'
import type { Span } from '../diag/source.ts'
import { functions } from '../interp/resolve/functions.ts'
import { parseAddress, parsePrefix } from '../model/address.ts'
import { type Node, nodesOf } from '../model/topology.ts'
import type { Analysis } from './analysis.ts'
import { addressText, nodeText, overlayText, prefixText, valueText } from './cards.ts'
import { rangeOf } from './places.ts'
import { isNode, type SymbolEntry, symbolAt, touches } from './symbols.ts'
import { onKeyword, pathAt, type TreeNode } from './tree.ts'
import { keywordMeanings, meaningOfWord, meaningText } from './vocabulary.ts'

/** Null where there is nothing to say. */
export function hoverAt(analysis: Analysis, offset: number): Hover | null {
  const path = pathAt(analysis.file, offset)
  const found =
    aboutName(analysis, offset) ?? aboutLiteral(analysis, path.at(-1)) ?? aboutWord(analysis, path, offset)
  if (found === undefined) return null
  return { contents: { kind: 'markdown', value: found.text }, range: rangeOf(found.span) }
}

interface Found {
  readonly text: string
  readonly span: Span
}

function aboutName(analysis: Analysis, offset: number): Found | undefined {
  const { symbols, topology } = analysis
  const symbol = symbolAt(symbols, offset)
  if (symbol !== undefined) {
    const span = [symbol.span, ...symbol.uses].find((place) => touches(place, offset)) as Span
    const text = symbolText(symbol, analysis)
    return text === undefined ? undefined : { text, span }
  }
  const use = symbols.free.find(({ span }) => touches(span, offset))
  const node = use?.kind === 'node' ? allNodes(analysis).find(({ name }) => name === use.name) : undefined
  if (use !== undefined && node !== undefined) return { text: nodeText(node), span: use.span }
  // A name that is worked out: what it comes to, if that is one node.
  const made = topology.overlays
    .flatMap(nodesOf)
    .filter(({ span }) => span.source === analysis.source && touches(span, offset))
  return made[0] === undefined ? undefined : { text: madeText(made), span: made[0].span }
}

function madeText(nodes: readonly Node[]): string {
  const [first] = nodes
  if (nodes.length === 1) return nodeText(first as Node)
  const names = nodes.map(({ name }) => `\`${name}\``)
  const shown = names.length > 8 ? [...names.slice(0, 4), '…', ...names.slice(-2)] : names
  return `${nodes.length} nodes: ${shown.join(', ')}`
}

function symbolText(symbol: SymbolEntry, analysis: Analysis): string | undefined {
  if (isNode(symbol)) {
    const node = allNodes(analysis).find(
      ({ name, overlay }) => name === symbol.name && overlay === symbol.overlay,
    )
    return node && nodeText(node)
  }
  if (symbol.kind !== 'overlay') return valueText(symbol)
  const overlay = analysis.topology.overlays.find(({ name }) => name === symbol.name)
  return overlay && overlayText(overlay)
}

function allNodes({ topology }: Analysis): Node[] {
  return topology.overlays.flatMap(nodesOf)
}

function aboutLiteral(analysis: Analysis, node: TreeNode | undefined): Found | undefined {
  if (node === undefined || !('text' in node)) return undefined
  const { span } = node
  const text = String(node.text)
  if (node.kind === 'prefix') {
    const prefix = parsePrefix(text)
    return prefix && { text: prefixText(prefix, analysis.topology), span }
  }
  if (node.kind === 'address') {
    const address = parseAddress(text)
    return address && { text: addressText(address, analysis.topology), span }
  }
  return undefined
}

function aboutWord({ source }: Analysis, path: readonly TreeNode[], offset: number): Found | undefined {
  const statement = path.findLast((node) => 'trivia' in node) as Statement | undefined
  if (statement === undefined) return undefined
  if (onKeyword(statement, offset)) {
    const { start } = statement.span
    const span = { source, start, end: start + statement.kind.length }
    return { text: meaningText(keywordMeanings[statement.kind as Keyword]), span }
  }
  const [outer, inner] = path.slice(-2)
  if (outer?.kind === 'call' && inner?.kind === 'name') return aboutFunction(inner as NameLiteral)
  const span = wordAt(source.text, offset)
  const word = source.text.slice(span.start, span.end)
  const meaning = meaningOfWord(word === 'dead' || word === 'after' ? 'dead after' : word)
  return meaning && { text: meaningText(meaning), span: { source, ...span } }
}

function aboutFunction({ text, span }: NameLiteral): Found | undefined {
  if (!Object.hasOwn(functions, text)) return undefined
  return { text: `\`\`\`lvn\n${functions[text]?.usage}\n\`\`\``, span }
}

function wordAt(text: string, offset: number): { start: number; end: number } {
  const before = /\w*$/.exec(text.slice(Math.max(0, offset - 64), offset))?.[0] ?? ''
  const after = /^\w*/.exec(text.slice(offset, offset + 64))?.[0] ?? ''
  return { start: offset - before.length, end: offset + after.length }
}
