// SPDX-License-Identifier: MIT
/**
 * A strict reader of the XML that we write: well-formed or an error. No DTD, no processing instructions beside the
 * declaration.
 */

export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly (Element | string)[]
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  '#10': '\n',
}
const attribute = /\s+([A-Za-z_][\w.:-]*)="([^"<]*)"/y

export function parseXml(text: string): Element {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none of them is what is asked
  const foreign = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.exec(text)
  if (foreign !== null) throw new Error(`a character that is none of XML, at ${foreign.index}`)
  let at = /^(<\?xml version="1\.0" encoding="UTF-8"\?>\s*)?/.exec(text)?.[0].length ?? 0
  const root = element()
  if (text.slice(at).trim() !== '') throw new Error(`something after the root, at ${at}`)
  return root

  function element(): Element {
    const name = /<([A-Za-z_][\w.:-]*)/y
    name.lastIndex = at
    const tag = name.exec(text)?.[1]
    if (tag === undefined) throw new Error(`no element at ${at}: ${text.slice(at, at + 40)}`)
    at = name.lastIndex
    const attributes: Record<string, string> = {}
    for (attribute.lastIndex = at; ; at = attribute.lastIndex) {
      const found = attribute.exec(text)
      if (found === null) break
      const [, key, value] = found as unknown as [string, string, string]
      if (key in attributes) throw new Error(`attribute ${key} twice, at ${at}`)
      attributes[key] = decoded(value)
    }
    const end = /\s*(\/?)>/y
    end.lastIndex = at
    const closed = end.exec(text)
    if (closed === null) throw new Error(`the tag ${tag} does not end, at ${at}`)
    at = end.lastIndex
    return { name: tag, attributes, children: closed[1] === '/' ? [] : content(tag) }
  }

  function content(tag: string): (Element | string)[] {
    const children: (Element | string)[] = []
    for (;;) {
      const next = text.indexOf('<', at)
      if (next < 0) throw new Error(`${tag} is not closed`)
      if (next > at) children.push(decoded(text.slice(at, next)))
      at = next
      const close = `</${tag}>`
      if (text.startsWith('</', at)) {
        if (!text.startsWith(close, at)) throw new Error(`${tag} is open at ${at}`)
        at += close.length
        return children
      }
      children.push(element())
    }
  }
}

/** The element and all below it. */
export function elementsOf(root: Element): Element[] {
  return [root, ...root.children.flatMap((child) => (typeof child === 'string' ? [] : elementsOf(child)))]
}

/** All text below. */
export function textOf(root: Element): string {
  return root.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('')
}

function decoded(text: string): string {
  if (/&(?!(amp|lt|gt|quot|#39|#10);)/.test(text)) throw new Error(`a bare & in ${text}`)
  return text.replace(/&([^;]+);/g, (_, name: string) => entities[name] as string)
}
