// SPDX-License-Identifier: MIT
/**
 * How many rules there are of each prefix length, kept while rules come and go: the programs look up one length after
 * the other, and only those that are in use.
 */
import { type Family, familyOf, type Prefix, prefixLength } from '../../src/model/address.ts'

export class LengthsInUse {
  private readonly rules: Record<Family, Map<number, number>> = { 4: new Map(), 6: new Map() }
  private readonly totals: Record<Family, number> = { 4: 0, 6: 0 }

  /** One rule more, or one less. */
  count(prefix: Prefix, by: 1 | -1): void {
    const family = familyOf(prefix)
    const length = prefixLength(prefix)
    const now = (this.rules[family].get(length) ?? 0) + by
    if (now === 0) this.rules[family].delete(length)
    else this.rules[family].set(length, now)
    this.totals[family] += by
  }

  /** Rules of a family. */
  total(family: Family): number {
    return this.totals[family]
  }

  /** Lengths with a rule, the longest first. */
  of(family: Family): readonly number[] {
    return [...this.rules[family].keys()].sort((a, b) => b - a)
  }
}
