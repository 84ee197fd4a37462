// SPDX-License-Identifier: MIT
/**
 * A new name for a node, an overlay, a template or a value, in all places at once. What would be no name, or
 * would mean something else afterwards, is refused with a sentence.
 */
import type { Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver'
import { isVariable } from '../../grammar/texts.ts'
import { isPlainName } from '../../grammar/tokens.ts'
import type { Span } from '../diag/source.ts'
import { nodesOf } from '../model/topology.ts'
import { type Analysis, uriOf } from './analysis.ts'
import { rangeOf } from './places.ts'
import { type SharedName, sharedNameAt } from './shared-names.ts'
import { isNode, isValue, type SymbolEntry, touches } from './symbols.ts'

export type Renamed = { readonly edit: WorkspaceEdit } | { readonly refusal: string }

/** What can be renamed at `offset`, and what is there now; null: nothing. */
export function renameableAt(
  analysis: Analysis,
  offset: number,
  open: readonly Analysis[] = [],
): { readonly range: Range; readonly placeholder: string } | null {
  const name = sharedNameAt(analysis, offset, open)
  const span = name?.places.find((place) => place.source === analysis.source && touches(place, offset))
  return name === undefined || span === undefined
    ? null
    : { range: rangeOf(span), placeholder: name.symbol.name }
}

/** `open` are the other texts in the editor: what imports the name is changed, too. */
export function renameAt(
  analysis: Analysis,
  offset: number,
  newName: string,
  open: readonly Analysis[] = [],
): Renamed {
  const name = sharedNameAt(analysis, offset, open)
  if (name === undefined) return { refusal: 'there is no name here that could be changed' }
  const refusal = malformed(name.symbol, newName) ?? collision(name, newName, analysis)
  if (refusal !== undefined) return { refusal }
  const newText = written(name.symbol, newName)
  const changes: Record<string, TextEdit[]> = {}
  for (const span of name.places) {
    const uri = uriOf(span, analysis, open)
    changes[uri] = [...(changes[uri] ?? []), { range: rangeOf(span), newText }]
  }
  return { edit: { changes } }
}

function malformed(symbol: SymbolEntry, name: string): string | undefined {
  if (isValue(symbol)) {
    return isVariable(name)
      ? undefined
      : `\`${name}\` is no name for a value: letters, digits, \`_\` and inner hyphens, and no word like \`and\``
  }
  return /^(?!\.+$)[A-Za-z0-9_.-]{1,63}$/.test(name)
    ? undefined
    : `\`${name}\` is no name: names are 1 to 63 letters, digits, \`_\`, \`-\` and \`.\``
}

function collision({ symbol, files }: SharedName, name: string, analysis: Analysis): string | undefined {
  const others = files
    .flatMap(({ entries }) => entries)
    .filter((other) => other !== symbol && other.name === name)
  const other = others.find((entry) => collides(symbol, entry))
  if (other !== undefined) return `there is already a ${kinds[other.kind]} \`${name}\``
  const made = analysis.topology.overlays
    .filter((overlay) => overlay.name === symbol.overlay || isValue(symbol))
    .flatMap(nodesOf)
    .find((node) => node.name === name && name !== symbol.name)
  return made === undefined || !(isNode(symbol) || isValue(symbol))
    ? undefined
    : `there is already a ${made.role} \`${name}\``
}

const kinds: Readonly<Record<SymbolEntry['kind'], string>> = {
  overlay: 'overlay',
  hub: 'hub',
  spoke: 'spoke',
  template: 'template',
  let: 'value',
  parameter: 'parameter',
  loop: 'value',
}

/** A word that may name a node or a value must not name both where both are known. */
function collides(a: SymbolEntry, b: SymbolEntry): boolean {
  if (isNode(a) && isNode(b)) return a.overlay === b.overlay
  if (isNode(a) || isValue(a)) return (isNode(b) || isValue(b)) && overlap(a.scope, b.scope)
  return a.kind === b.kind
}

/** Of two files: one imports the other. */
function overlap(a: Span, b: Span): boolean {
  return a.source !== b.source || (a.start < b.end && b.start < a.end)
}

/** `any` in a policy is everybody, unless it stands in quotes. */
function written(symbol: SymbolEntry, name: string): string {
  return isPlainName(name) && !(isNode(symbol) && name === 'any') ? name : `"${name}"`
}
