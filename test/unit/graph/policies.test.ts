// SPDX-License-Identifier: MIT
/**
 * Policies in pictures: an arrow each where they are few, what they have in common where they are many.
 */
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { Source } from '../../../src/diag/source.ts'
import { pictureFormats, pictureOf, render } from '../../../src/graph/index.ts'
import { mostDrawn } from '../../../src/graph/policies.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import { elementsOf, parseXml, textOf } from '../../support/xml.ts'

function pictureWith(spokes: number, policies: readonly string[]) {
  const text = `lvn 1
overlay city {
  net 10.64.0.0/16
  hub core { listen 198.51.100.10; address 10.64.0.1 }
  for i in 1..${spokes} { spoke "ap{i:03}" { endpoint nat; address host(10.64.0.0/16, i + 1) } }
${policies.map((policy) => `  ${policy}`).join('\n')}
}
`
  const { topology, diagnostics } = resolve([parse(new Source('city.lvn', text)).file])
  expect(diagnostics).toEqual([])
  return pictureOf(topology)
}

const name = (i: number) => `ap${String(i).padStart(3, '0')}`
const few = [
  'deny any -> ap001',
  'allow ap002 -> ap001',
  'deny 10.64.0.0/20 -> core',
  'deny ap003 -> 10.64.9.9',
]
const svgOf = (picture: ReturnType<typeof pictureWith>) => elementsOf(parseXml(render(picture, 'svg')))
const arrowsOf = (picture: ReturnType<typeof pictureWith>) =>
  svgOf(picture).flatMap(({ attributes }) => attributes['data-policy'] ?? [])
const linesOf = (picture: ReturnType<typeof pictureWith>, format: 'mermaid' | 'dot') =>
  render(picture, format)
    .split('\n')
    .map((line) => line.trim())

describe('few policies', () => {
  it.each([5, 200])('are arrows in source order between %i spokes', (spokes) => {
    const picture = pictureWith(spokes, few)
    expect(arrowsOf(picture)).toEqual(few)
    expect(svgOf(picture).map(textOf)).toContain(
      'policies: of those that match a new flow the last one counts',
    )
  })

  it('lead from node to node in Mermaid and DOT, and from what is no node to it', () => {
    const picture = pictureWith(5, few)
    const [core, first, second, third] = ['n1', 'n2', 'n3', 'n4']
    const mermaid = linesOf(picture, 'mermaid')
    expect(mermaid).toEqual(
      expect.arrayContaining([
        ...['o1e1{{"any"}}', 'o1e2{{"10.64.0.0/20"}}', 'o1e3{{"10.64.9.9"}}'],
        `o1e1 --x|1 deny| ${first}`,
        `${second} -->|2 allow| ${first}`,
        `o1e2 --x|3 deny| ${core}`,
        `${third} --x|4 deny| o1e3`,
        // The five links come before them.
        'linkStyle 5,7,8 stroke:#dc2626,stroke-width:2px',
        'linkStyle 6 stroke:#16a34a,stroke-width:2px',
      ]),
    )
    const dot = linesOf(picture, 'dot').filter((line) => line.includes('dir=forward'))
    expect(dot.map((line) => /^(\w+ -- \w+) .*arrowhead=(\w+),.*label="(.*)"/.exec(line)?.slice(1))).toEqual([
      [`o1e1 -- ${first}`, 'tee', '1 deny'],
      [`${second} -- ${first}`, 'normal', '2 allow'],
      [`o1e2 -- ${core}`, 'tee', '3 deny'],
      [`${third} -- o1e3`, 'tee', '4 deny'],
    ])
  })

  it('are nothing where there are none', () => {
    for (const format of pictureFormats)
      expect(render(pictureWith(5, []), format)).not.toMatch(/polic(y"|ies)/)
  })
})

describe('many policies', () => {
  const spokes = Array.from({ length: 200 }, (_, i) => name(i + 1))
  const many = [...spokes.slice(1).map((spoke) => `deny ${spoke} -> ap001`), 'allow 10.64.0.8 -> ap001']
  const summary = [
    'policies of city: 199 deny, 1 allow; of those that match a new flow the last one counts',
    '· deny 199 sources -> ap001',
    '· allow 10.64.0.8 -> ap001',
  ]

  it('are what they have in common, in the legend', () => {
    const picture = pictureWith(200, many)
    expect(arrowsOf(picture)).toEqual([])
    expect(svgOf(picture).map(textOf)).toEqual(expect.arrayContaining(summary))
    const dot = linesOf(picture, 'dot')
    expect(dot.filter((line) => line.includes('dir=forward'))).toEqual([])
    expect(dot).toContain(`label="${['overlay city, 10.64.0.0/16', ...summary].join('\\n')}"`)
    const mermaid = linesOf(picture, 'mermaid')
    expect(mermaid.filter((line) => /--x|-->/.test(line))).toEqual([])
    const note = summary.map((text) => text.replaceAll('>', '#62;')).join('<br>')
    expect(mermaid).toContain(`o1p>"${note}"]`)
  })

  it('are grouped by the end that tells more, and only so many groups are named', () => {
    const fans = spokes.slice(0, 20).flatMap((from) => [`deny ${from} -> ap100`, `deny ${from} -> ap101`])
    expect(svgOf(pictureWith(200, fans)).map(textOf)).toEqual(
      expect.arrayContaining(['· deny 20 sources -> ap100', '· deny 20 sources -> ap101']),
    )
    const pairs = spokes.slice(0, 40).map((from, i) => `deny ${from} -> ${name(i + 100)}`)
    const legend = svgOf(pictureWith(200, pairs)).map(textOf)
    expect(legend.filter((text) => text.startsWith('· '))).toEqual([
      ...pairs.slice(0, 6).map((policy) => `· ${policy}`),
      '· and 34 more such groups',
    ])
  })

  it(`begin above ${mostDrawn}`, () => {
    const picture = pictureWith(200, many.slice(0, mostDrawn))
    expect(arrowsOf(picture)).toHaveLength(mostDrawn)
    expect(
      svgOf(picture)
        .map(textOf)
        .filter((text) => text.startsWith('policies of')),
    ).toEqual([])
  })
})
