// SPDX-License-Identifier: MIT
/**
 * What an editor that fills in places writes for the first word of a statement, in the protocol's notation of
 * snippets. A word that is not here is written alone.
 */
import type { Keyword } from '../../grammar/tokens.ts'

/** Each value becomes a place to fill in, with the value as proposal; the cursor ends behind the last one. */
function fill(texts: TemplateStringsArray, ...values: string[]): string {
  return texts.reduce((before, text, i) => `${before}\${${i}:${values[i - 1]}}${text}`)
}

const block = '{\n\t$0\n}'

export const snippets: { readonly [K in Keyword]?: string } = {
  lvn: 'lvn 1',
  overlay: `${fill`overlay ${'name'}`} ${block}`,
  keepalive: fill`keepalive every ${'20s'}, dead after ${'90s'}`,
  hub: `${fill`hub ${'name'}`} ${block}`,
  spoke: `${fill`spoke ${'name'}`} ${block}`,
  match: 'match hostname $0',
  device: `${fill`device ${'lvn0'}`} { $0 }`,
  signalling: fill`signalling :${'8443'} {
	cert file "${'hub.pem'}"
	key file "${'hub.key'}"
	ca file "${'ca.pem'}"
}`,
  cert: fill`cert file "${'hub.pem'}"`,
  key: fill`key file "${'hub.key'}"`,
  ca: fill`ca file "${'ca.pem'}"`,
  allow: fill`allow ${'any'} -> ${'any'}`,
  deny: fill`deny ${'any'} -> ${'any'}`,
  expect: fill`expect ping ${'from'} -> ${'to'}`,
  on: `${fill`on ${'node'}`} { $0 }`,
  template: `${fill`template ${'name'}(${'parameter'})`} ${block}`,
  import: fill`import "${'file.lvn'}"`,
  let: fill`let ${'name'} = ${'value'}`,
  for: `${fill`for ${'i'} in ${'1..10'}`} ${block}`,
  if: `${fill`if ${'condition'}`} ${block}`,
  assert: fill`assert ${'condition'}, "${'message'}"`,
}
