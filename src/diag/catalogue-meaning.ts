// SPDX-License-Identifier: MIT
/**
 * Messages of the resolver, LVN2001 to LVN2999. Part of the catalogue. Where two places contradict each
 * other, the later one is the span and the earlier one is related.
 */
import type { Diagnostic } from './error.ts'
import { printable, problem, quote } from './message.ts'
import type { Span } from './source.ts'

// ---- values -----------------------------------------------------------------------------------------

export function invalidAddress(span: Span, text: string): Diagnostic {
  const six = text.includes(':')
  let hint = six
    ? 'up to eight groups of one to four hexadecimal digits, `::` at most once: `fd42:64::1`'
    : 'four numbers from 0 to 255, without leading zeros: `10.64.0.1`'
  if (/^\d+(\.\d+){1,2}$/.test(text)) hint = 'all four numbers are written: `10.64.0.1`'
  const [, host, port] = /^(.*[^:]):(\d+)$/.exec(text) ?? []
  if (six && port !== undefined && (port.length === 5 || text.split(':').length === 9))
    hint = `with a port it is written \`[${host}]:${port}\``
  return problem('LVN2001', span, `${quote(text)} is not an ${six ? 'IPv6' : 'IPv4'} address`, { hint })
}

/** `bits` is 32 or 128. */
export function invalidPrefixLength(span: Span, text: string, bits: number): Diagnostic {
  return problem('LVN2002', span, `${quote(text)} has no valid prefix length`, {
    hint: `the length is from /0 to /${bits}, without leading zeros`,
  })
}

/** `network` is the prefix with the host bits cleared. */
export function hostBitsSet(span: Span, text: string, network: string): Diagnostic {
  return problem('LVN2003', span, `${quote(text)} is an address inside a network, not a network`, {
    hint: `the network is \`${network}\``,
  })
}

export function portOutOfRange(span: Span, text: string): Diagnostic {
  return problem('LVN2004', span, `${quote(text)} is not a UDP port`, {
    hint: 'ports are from 1 to 65535',
  })
}

export function mtuOutOfRange(span: Span, text: string): Diagnostic {
  return problem('LVN2005', span, `an MTU of ${printable(text)} is not possible`, {
    hint: 'an MTU is from 576 to 65535 bytes, or `auto`',
  })
}

/** `six` is an IPv6 address or prefix of the node. */
export function mtuTooSmallForIpv6(span: Span, mtu: number, six: Span): Diagnostic {
  return problem('LVN2006', span, `an MTU of ${mtu} is too small for IPv6`, {
    hint: 'IPv6 needs 1280 bytes at least',
    related: [{ message: 'this node carries IPv6', span: six }],
  })
}

export function keepaliveOutOfRange(span: Span, text: string): Diagnostic {
  return problem('LVN2007', span, `${quote(text)} is not possible here`, {
    hint: 'keepalive times are from 100ms to 24h',
  })
}

/** Both are texts of durations; `other` is the place of the one that is not at `span`, where there is one. */
export function deadNotLarger(span: Span, every: string, dead: string, other: Span | undefined): Diagnostic {
  return problem('LVN2008', span, `dead after ${dead} is not longer than a keepalive every ${every}`, {
    hint: 'let a few keepalives be lost before a peer counts as dead: `keepalive every 20s, dead after 90s`',
    related: other === undefined ? undefined : [{ message: 'the other time is set here', span: other }],
  })
}

/** `what` reads like `a hub`. */
export function invalidName(span: Span, what: string): Diagnostic {
  return problem('LVN2009', span, `this is not a name for ${what}`, {
    hint: 'names are 1 to 63 of the letters a to z, digits, `_`, `-` and `.`',
  })
}

export function invalidDeviceName(span: Span): Diagnostic {
  return problem('LVN2010', span, 'this is not a name for a network device', {
    hint: 'device names are 1 to 15 bytes, without blanks, `/`, `:` and `%`, and not `lo`, `all` or `default`',
  })
}

export function invalidHostName(span: Span): Diagnostic {
  return problem('LVN2011', span, 'this is not a host name', {
    hint: 'labels of letters, digits and inner hyphens, joined by dots: `gw1.example.org`',
  })
}

/** `what` reads like `unspecified`, `multicast`. */
export function endpointNotUnicast(span: Span, address: string, what: string): Diagnostic {
  const hint =
    what === 'link-local' ? 'use a global or private address' : 'name the one address of the interface'
  return problem('LVN2012', span, `${address} is ${what}: no endpoint can have it`, { hint })
}

// ---- twice ------------------------------------------------------------------------------------------

export function duplicateOverlay(span: Span, name: string, first: Span): Diagnostic {
  return problem('LVN2020', span, `a second overlay is named ${quote(name)}`, {
    related: [{ message: 'the first one', span: first }],
  })
}

export function duplicateNode(span: Span, name: string, first: Span): Diagnostic {
  return problem('LVN2021', span, `a second node is named ${quote(name)}`, {
    hint: 'node names are unique within an overlay',
    related: [{ message: 'the first one', span: first }],
  })
}

/** `owner` is the node that has the address already. */
export function duplicateAddress(span: Span, address: string, owner: string, first: Span): Diagnostic {
  return problem('LVN2022', span, `${address} is already an address of ${quote(owner)}`, {
    related: [{ message: 'given here first', span: first }],
  })
}

/** `text` and `other` are what stands at the two places, in two ways the same; `owner` is the node of the other place. */
export function overlap(span: Span, text: string, other: string, owner: string, otherSpan: Span): Diagnostic {
  return problem('LVN2023', span, `${text} is already behind ${quote(owner)}`, {
    hint: 'packets for it go through one tunnel: a part of it, with a longer prefix, may be behind another node',
    related: [{ message: `${other} is here`, span: otherSpan }],
  })
}

export function duplicateEndpoint(span: Span, endpoint: string, owner: string, first: Span): Diagnostic {
  return problem('LVN2024', span, `${printable(endpoint)} is already an endpoint of ${quote(owner)}`, {
    hint: 'nodes behind one address need different ports',
    related: [{ message: 'given here first', span: first }],
  })
}

export function duplicateHostname(span: Span, hostname: string, owner: string, first: Span): Diagnostic {
  return problem('LVN2025', span, `the host ${quote(hostname)} is already ${quote(owner)}`, {
    hint: 'a host is one node of an overlay',
    related: [{ message: 'matched here first', span: first }],
  })
}

/** A statement with one value is there twice in one place. `word` is its first word. */
export function saidTwice(span: Span, word: string, first: Span): Diagnostic {
  return problem('LVN2026', span, `\`${word}\` is already set here`, {
    hint: 'keep one of the two',
    related: [{ message: 'set here first', span: first }],
  })
}

/** One value of a list is there twice. */
export function listedTwice(span: Span, text: string, first: Span): Diagnostic {
  return problem('LVN2027', span, `${printable(text)} is already in this list`, {
    related: [{ message: 'listed here first', span: first }],
  })
}

/** Two nodes that are the same host in different overlays have a device of one name. */
export function deviceClash(span: Span, device: string, hostname: string, first: Span): Diagnostic {
  return problem('LVN2028', span, `${quote(hostname)} would have two devices named ${quote(device)}`, {
    hint: 'give the device of one overlay another name: `device lvn1`',
    related: [{ message: 'the first one', span: first }],
  })
}

// ---- missing or too many ----------------------------------------------------------------------------

export function noNet(span: Span, overlay: string): Diagnostic {
  return problem('LVN2030', span, `overlay ${quote(overlay)} has no \`net\``, {
    hint: 'say which addresses it may use: `net 10.64.0.0/16, fd42:64::/48`',
  })
}

export function noHub(span: Span, overlay: string): Diagnostic {
  return problem('LVN2031', span, `overlay ${quote(overlay)} has no hub`, {
    hint: 'add one: `hub gw1 { listen 198.51.100.10; address 10.64.0.1 }`',
  })
}

export function noListen(span: Span, hub: string): Diagnostic {
  return problem('LVN2033', span, `hub ${quote(hub)} listens nowhere`, {
    hint: 'give its underlay address: `listen 198.51.100.10`',
  })
}

/** `what` reads like `hub`. */
export function noAddress(span: Span, what: string, name: string): Diagnostic {
  return problem('LVN2034', span, `${what} ${quote(name)} has no address in the overlay`, {
    hint: 'give it one: `address 10.64.1.1`',
  })
}

export function noEndpoint(span: Span, spoke: string): Diagnostic {
  return problem('LVN2035', span, `spoke ${quote(spoke)} has no endpoint`, {
    hint: 'say where it is reached: `endpoint 203.0.113.7`, or `endpoint nat`',
  })
}

/** `span` is the first one too many. */
export function tooManySpokes(span: Span, most: number): Diagnostic {
  return problem('LVN2036', span, `an overlay has ${most} spokes at most`)
}

/** `span` is the `mode`'s. */
export function fixedHub(span: Span, spokes: number): Diagnostic {
  return problem('LVN2037', span, `a hub in mode \`fixed\` has exactly one spoke, this one has ${spokes}`, {
    hint: 'write `mode multi`, or nothing: it is the default of hubs',
  })
}

// ---- addresses that cannot work ---------------------------------------------------------------------

/** `nets` is never empty. */
export function outsideNets(span: Span, text: string, nets: readonly string[], netSpan: Span): Diagnostic {
  return problem('LVN2040', span, `${text} is outside the overlay's networks`, {
    hint: `choose one within ${nets.join(', ')}, or extend \`net\``,
    related: [{ message: 'the networks are set here', span: netSpan }],
  })
}

/** `sample` is one of at least two addresses of the family, all of them outside. */
export function allOutsideNets(
  span: Span,
  family: number,
  nets: readonly string[],
  sample: string,
  sampleSpan: Span,
): Diagnostic {
  return problem('LVN2043', span, `no IPv${family} address of the overlay is within ${nets.join(', ')}`, {
    hint: 'let `net` name the networks that the addresses are from',
    related: [{ message: `${sample} is one of them`, span: sampleSpan }],
  })
}

export function endpointInside(span: Span, address: string, net: string, netSpan: Span): Diagnostic {
  return problem(
    'LVN2041',
    span,
    `the endpoint ${address} lies inside the overlay: its tunnel would run in itself`,
    {
      hint: 'an endpoint is an address of the underlay; for the internet through a node, `routes 0.0.0.0/0` at that node',
      related: [{ message: `${net} is the overlay's own`, span: netSpan }],
    },
  )
}

/** `family` is 4 or 6; `listenSpan` is the hub's first `listen`. */
export function noListenOfFamily(span: Span, family: number, hub: string, listenSpan: Span): Diagnostic {
  const sample = family === 6 ? '[2001:db8:1::1]' : '198.51.100.10'
  return problem(
    'LVN2042',
    span,
    `this endpoint is IPv${family}, but hub ${quote(hub)} does not listen on IPv${family}`,
    {
      hint: `let the hub listen on both: \`listen ..., ${sample}\``,
      related: [{ message: 'the hub listens here', span: listenSpan }],
    },
  )
}

/** `listen OUTSIDE at INSIDE`, of two families. */
export function translatedFamilies(span: Span, outside: string, inside: string): Diagnostic {
  return problem('LVN2044', span, `${outside} and ${inside} are of two families`, {
    hint: 'a NAT in front of a hub keeps the family: `listen 198.51.100.10 at 10.0.0.5`',
  })
}
