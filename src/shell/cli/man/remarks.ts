// SPDX-License-Identifier: MIT
/**
 * The remarks below a command's help, taken apart: paragraphs, and sections of indented lines under a title. Pure.
 */

export interface RemarkParts {
  readonly paragraphs: readonly string[]
  readonly sections: readonly { readonly title: string; readonly lines: readonly string[] }[]
}

export function remarkParts(remarks: string): RemarkParts {
  const paragraphs: string[] = []
  const sections: { title: string; lines: string[] }[] = []
  for (const block of remarks.split(/\n\s*\n/)) {
    const [first = '', ...rest] = block.split('\n')
    if (/^\S.*:$/.test(first) && rest.length > 0 && rest.every((line) => line.startsWith(' '))) {
      sections.push({ title: sectionTitle(first.slice(0, -1)), lines: rest.map((line) => line.slice(2)) })
    } else if (block.trim() !== '') {
      paragraphs.push(block)
    }
  }
  return { paragraphs, sections }
}

/** What man(7) calls it. */
function sectionTitle(title: string): string {
  if (title === 'Example') return 'Examples'
  return title === 'Exit codes' ? 'Exit status' : title
}
