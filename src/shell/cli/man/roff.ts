// SPDX-License-Identifier: MIT
/**
 * Text as roff source. Pure.
 */

/** `\`code\`` becomes bold; what roff would take for a request or an escape is kept from it. */
export function text(plain: string): string {
  return plain.split('\n').map(line).join('\n')
}

export function bold(plain: string): string {
  return `\\fB${escaped(plain)}\\fR`
}

export function italic(plain: string): string {
  return `\\fI${escaped(plain)}\\fR`
}

function line(plain: string): string {
  const parts = plain.split(/`([^`]+)`/)
  const roff = parts.map((part, i) => (i % 2 === 1 ? bold(part) : escaped(part))).join('')
  return /^[.']/.test(roff) ? `\\&${roff}` : roff
}

/** groff reads ASCII: other characters by their code points, hyphens as the character that people type. */
function escaped(plain: string): string {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/[^\n\x20-\x7e]/gu, (c) => `\\[u${hex(c)}]`)
}

function hex(character: string): string {
  return (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')
}
