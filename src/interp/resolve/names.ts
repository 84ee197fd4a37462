// SPDX-License-Identifier: MIT
/**
 * Which names mean what at a place: values and templates of this block, and of those around it. Part of phase 1.
 */
import type * as ast from '../../../grammar/ast.ts'
import { nameTwice } from '../../diag/catalogue.ts'
import type { Span } from '../../diag/source.ts'
import type { Value } from './value.ts'
import type { Report } from './values.ts'

interface Named {
  /** Undefined: what it should be was wrong and has been reported. */
  readonly value: Value | undefined
  readonly span: Span
}

export interface KnownTemplate {
  readonly template: ast.Template
  /** The names where it was written. */
  readonly names: Names
  /** A node has been made after it. */
  used: boolean
}

export class Names {
  private readonly outer: Names | null
  // Most blocks give no names: the tables are made when one does.
  private values: Map<string, Named> | undefined
  private templates: Map<string, KnownTemplate> | undefined
  private damaged = false
  private missed: Set<string> | undefined

  private readonly veiled: boolean

  /** `veil`: those of `outer` have unknown values here. */
  constructor(outer: Names | null = null, veil?: 'values are unknown') {
    this.outer = outer
    this.veiled = veil !== undefined
  }

  /** Undefined: no such name; `value` undefined: there is one, whose definition is wrong. */
  find(name: string): Named | undefined {
    const named = this.values?.get(name) ?? this.outer?.find(name)
    return this.veiled && named !== undefined ? { value: undefined, span: named.span } : named
  }

  findTemplate(name: string): KnownTemplate | undefined {
    return this.templates?.get(name) ?? this.outer?.findTemplate(name)
  }

  /** Something could not be read here, which may have given names. */
  damage(): void {
    this.damaged = true
  }

  /** Is an unknown name worth a report? Not where it may be known after all, and only once. */
  misses(name: string): boolean {
    if (this.damaged) return false
    if (this.outer !== null) return this.outer.misses(name)
    this.missed ??= new Set()
    const first = !this.missed.has(name)
    this.missed.add(name)
    return first
  }

  /** Names of blocks around may be given again, those of this one not. */
  define(name: string, value: Value | undefined, span: Span, report: Report): void {
    this.values ??= new Map()
    const first = this.values.get(name)
    if (first === undefined) this.values.set(name, { value, span })
    else report(nameTwice(span, name, first.span))
  }

  /** What the language itself knows in the end; a name that the file has given stays. */
  defineLate(name: string, value: Value | undefined, span: Span): void {
    this.values ??= new Map()
    if (this.find(name) === undefined) this.values.set(name, { value, span })
  }

  defineTemplate(template: ast.Template, report: Report): void {
    const { text, span } = template.name
    this.templates ??= new Map()
    const first = this.templates.get(text)
    if (first === undefined) this.templates.set(text, { template, names: this, used: false })
    else report(nameTwice(span, text, first.template.name.span))
  }

  /** Takes over what an imported file knows; `span` is the `import`'s. */
  adopt(other: Names, span: Span, report: Report): void {
    this.values ??= new Map()
    this.templates ??= new Map()
    for (const [name, named] of other.values ?? []) {
      const first = this.values.get(name)
      if (first === undefined) this.values.set(name, named)
      else if (first.span !== named.span) report(nameTwice(span, name, first.span))
    }
    for (const [name, known] of other.templates ?? []) {
      const first = this.templates.get(name)
      if (first === undefined) this.templates.set(name, known)
      else if (first !== known) report(nameTwice(span, name, first.template.name.span))
    }
  }

  /** Those that were written here, not imported. */
  ownTemplates(): KnownTemplate[] {
    return [...(this.templates?.values() ?? [])].filter(({ names }) => names === this)
  }

  /** For suggestions. */
  all(): string[] {
    return [...(this.values?.keys() ?? []), ...(this.outer?.all() ?? [])]
  }

  allTemplates(): string[] {
    return [...(this.templates?.keys() ?? []), ...(this.outer?.allTemplates() ?? [])]
  }
}
