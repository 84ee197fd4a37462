// SPDX-License-Identifier: MIT
/**
 * What a kernel holds to enforce an overlay's policies on a hub: a filter, one for each device. A filter knows
 * addresses only; the policies it was made from are kept with it as text, for people. Plain JSON-able data.
 */
import type { Address } from './address.ts'
import type { Owner } from './owner.ts'
import type { Policy } from './topology.ts'

export type Verdict = Policy['action']

/** `first` ≤ `last`, of one family, both within. */
export interface AddressRange {
  readonly first: Address
  readonly last: Address
}

/** Verdicts on new flows of some sources by where they go. */
export interface TargetList {
  /** Disjoint and ascending. */
  readonly targets: readonly (AddressRange & { readonly verdict: Verdict })[]
  /** For what none of `targets` holds. `base`: as the family's first list says, which never says it. */
  readonly otherwise: Verdict | 'base'
}

export interface FamilyFilter {
  /** Which list counts for a source; disjoint and ascending. The first list counts for all others. */
  readonly sources: readonly (AddressRange & { readonly list: number })[]
  /** Never empty; each but the first is some source's. */
  readonly lists: readonly TargetList[]
}

/**
 * New flows that enter or leave by the device are let through or not by their addresses; answers and errors of
 * flows always pass, and so do errors to this host and from it.
 */
export interface FilterSpec {
  readonly device: string
  readonly owner: Owner
  /** The policies in source order, as `deny rathaus -> kirche`; each at most `maxLabelBytes` long. */
  readonly policies: readonly string[]
  readonly ipv4: FamilyFilter
  readonly ipv6: FamilyFilter
}

export interface LiveFilter extends Omit<FilterSpec, 'owner'> {
  /** Null: somebody else's table has the name of ours; the rest is then empty. */
  readonly owner: Owner | null
  /** False when a part of it is missing or was changed; the next apply makes it anew. */
  readonly intact: boolean
}

/** Bytes of UTF-8 that nftables keeps as a comment (NFTNL_UDATA_COMMENT_MAXLEN). */
export const maxLabelBytes = 128

/** A family without policies: everything passes. */
export const openFamily: FamilyFilter = { sources: [], lists: [{ targets: [], otherwise: 'allow' }] }

/** The nftables table (family inet) of a device's filter. */
export function filterTable(device: string): string {
  return `${tablePrefix}${device}`
}

/** What the names of our tables begin with. */
export const tablePrefix = 'lvn_'
