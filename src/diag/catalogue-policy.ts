// SPDX-License-Identifier: MIT
/**
 * Messages about several hubs, policies, expectations and signalling, LVN2130 to LVN2149. Part of the catalogue.
 */
import type { Diagnostic } from './error.ts'
import { doubt, problem, quote } from './message.ts'
import type { Span } from './source.ts'

/** `prefer` names a hub that is not among `via`; `via` is undefined where that was not written. */
export function preferNotVia(
  span: Span,
  hub: string,
  joined: readonly string[],
  via: Span | undefined,
): Diagnostic {
  return problem('LVN2130', span, `${quote(hub)} is not a hub that this spoke joins`, {
    hint: `write \`via ${[...joined, hub].join(', ')}\``,
    related: via === undefined ? undefined : [{ message: 'it joins these', span: via }],
  })
}

/** A prefix of a policy that has nothing to do with the overlay. */
export function policyOutside(span: Span, text: string, nets: readonly string[]): Diagnostic {
  return problem('LVN2131', span, `no packet of this overlay is from or to ${text}`, {
    hint: `its networks are ${nets.join(', ')}`,
  })
}

/** Both ends are addresses or prefixes. */
export function policyFamilies(span: Span, from: string, to: string): Diagnostic {
  return problem('LVN2132', span, `no packet goes from ${from} to ${to}: one is IPv4, the other IPv6`)
}

export function nobodysAddress(span: Span, address: string): Diagnostic {
  return problem('LVN2133', span, `no node has ${address}, as an address or in its routes`, {
    hint: 'name a node, or an address of one',
  })
}

/** Several overlays have a node of this name. */
export function ambiguousNode(span: Span, name: string, overlays: readonly string[]): Diagnostic {
  return problem('LVN2134', span, `${quote(name)} is a node of ${overlays.map(quote).join(' and ')}`, {
    hint: 'write the `expect` inside the overlay that it is about',
  })
}

export function expectAcross(span: Span, from: string, to: string): Diagnostic {
  return problem('LVN2135', span, `${quote(from)} and ${quote(to)} are not of one overlay`)
}

/** Sender and receiver are one node. */
export function expectItself(span: Span, node: string): Diagnostic {
  return problem('LVN2136', span, `both ends are ${quote(node)}: this says nothing about the overlay`)
}

/** `what` reads like `a duration`; zero or more than a day, or a rate of nothing. */
export function expectOutOfRange(span: Span, text: string, hint: string): Diagnostic {
  return problem('LVN2137', span, `${quote(text)} is not possible here`, { hint })
}

/** A node or an address, as it was written, and the family that it has alone. */
export interface FamilyEnd {
  readonly text: string
  readonly family: 4 | 6
}

function isOnly({ text, family }: FamilyEnd): string {
  return `${quote(text)} is IPv${family} only`
}

/** Each end has a family that the other has not. */
export function expectFamilies(span: Span, what: string, from: FamilyEnd, to: FamilyEnd): Diagnostic {
  return problem('LVN2139', span, `\`${what}\` can never be met: ${isOnly(from)}, ${isOnly(to)}`, {
    hint: 'give one of them an address of the other family, or expect something else',
  })
}

/** The same of an expectation that nothing arrives: that proves nothing. */
export function silenceByFamilies(span: Span, from: FamilyEnd, to: FamilyEnd): Diagnostic {
  return problem('LVN2142', span, `\`expect no ping\` can never be tried: ${isOnly(from)}, ${isOnly(to)}`, {
    hint: 'no packet goes from one to the other, whatever is denied: take the line away, or name addresses of one family',
  })
}

/** `later` is the policy that decides instead. */
export function policyOverruled(span: Span, action: string, later: Span): Diagnostic {
  return doubt(
    'LVN2143',
    span,
    `this \`${action}\` never counts: another policy below is about all of its packets`,
    {
      hint: 'of the policies that match, the last one written counts: exceptions stand behind the rule',
      related: [{ message: 'this one counts', span: later }],
    },
  )
}

/** `missing` reads like `key`. */
export function pemMissing(span: Span, missing: readonly string[]): Diagnostic {
  const words = missing.map((word) => `\`${word} file "${word}.pem"\``).join(' and ')
  return problem('LVN2138', span, `\`signalling\` lacks ${missing.map(quote).join(' and ')}`, {
    hint: `add ${words}, or \`auth none\``,
  })
}

/** Hubs are joined to each other. `span` is the `mode`'s, `other` the place of another hub's name. */
export function fixedAmongHubs(span: Span, other: Span): Diagnostic {
  return problem(
    'LVN2140',
    span,
    'a hub in mode `fixed` has one tunnel, and this one has other hubs beside it',
    {
      hint: 'write `mode multi`, or nothing: it is the default of hubs',
      related: [{ message: 'another hub', span: other }],
    },
  )
}

/** `span` is the `mode`'s, `via` the place of the second hub that the spoke joins. */
export function fixedOfSeveralHubs(span: Span, hubs: number, via: Span): Diagnostic {
  return problem(
    'LVN2141',
    span,
    `a device in mode \`fixed\` has one tunnel, and this spoke joins ${hubs} hubs`,
    {
      hint: 'write `mode multi`, or nothing: a spoke of several hubs is `multi` by itself',
      related: [{ message: 'one hub too many for `fixed`', span: via }],
    },
  )
}
