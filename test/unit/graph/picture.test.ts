// SPDX-License-Identifier: MIT
/**
 * What must hold of every picture: all nodes, each once, nothing on top of anything, well-formed whatever the texts.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderDot } from '../../../src/graph/dot.ts'
import { pictureOf } from '../../../src/graph/index.ts'
import { type Panel, type Placed, panelOf } from '../../../src/graph/layout.ts'
import { type LinkState, linkStates, tunnelViews } from '../../../src/graph/live.ts'
import { mermaidRefusal, renderMermaid } from '../../../src/graph/mermaid.ts'
import type { Picture, PictureNode } from '../../../src/graph/picture.ts'
import { mostDrawn } from '../../../src/graph/policies.ts'
import { renderSvg } from '../../../src/graph/svg.ts'
import { elementsOf, parseXml, textOf } from '../../support/xml.ts'

const anyText = fc.oneof(
  fc.constantFrom(
    'gw1',
    '10.64.0.1',
    '[2001:db8::1]:50000',
    '<b>&amp;"\'</b>',
    ']]>',
    'a\\',
    '#quot;',
    '\u0000\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
)
const texts = fc.array(anyText, { maxLength: 9 })

/** Any picture: hubs, spokes that join some of them, states or none. */
const anyPicture: fc.Arbitrary<Picture> = fc
  .record({
    hubs: fc.integer({ min: 1, max: 4 }),
    spokes: fc.array(
      fc.record({
        name: anyText,
        endpoints: texts,
        addresses: texts,
        subnets: texts,
        joins: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
      }),
      { maxLength: 40 },
    ),
    name: anyText,
    nets: texts,
    policies: fc.array(
      fc.record({
        action: fc.constantFrom('allow' as const, 'deny' as const),
        from: fc.oneof(fc.nat(60), anyText),
        to: fc.oneof(fc.nat(60), anyText),
      }),
      { maxLength: 2 * mostDrawn },
    ),
    states: fc.option(fc.array(fc.constantFrom(...linkStates), { minLength: 1, maxLength: 5 })),
  })
  .map(({ hubs, spokes, name, nets, policies, states }) => ({
    seenFrom: states === null ? null : ['x/gw'],
    overlays: [
      {
        name,
        nets,
        hubs: Array.from({ length: hubs }, (_, i) => nodeOf(`h${i}`, `hub${i}`, 'hub')),
        spokes: spokes.map((spoke, i) => ({ ...nodeOf(`s${i}`, spoke.name, 'spoke'), ...spoke })),
        joins: pairsOf(hubs).map(([a, b]) => ({
          hubs: [`h${a}`, `h${b}`] as const,
          state: states === null ? null : (states[0] as LinkState),
        })),
        links: spokes.flatMap(({ joins }, i) =>
          [...new Set(joins.map((hub) => hub % hubs))].map((hub, k) => ({
            hub: `h${hub}`,
            spoke: `s${i}`,
            preferred: k === 0,
            state: states === null ? null : (states[i % states.length] as LinkState),
          })),
        ),
        policies: policies.map(({ action, from, to }) => {
          const end = (of: number | string) => {
            const node = spokes.length === 0 ? undefined : spokes[Number(of) % spokes.length]
            return typeof of === 'number' && node !== undefined
              ? { node: `s${of % spokes.length}`, text: node.name }
              : { node: null, text: String(of) }
          }
          return { action, from: end(from), to: end(to) }
        }),
      },
    ],
  }))

/** Each two of the numbers below `count`. */
function pairsOf(count: number): readonly (readonly [number, number])[] {
  return Array.from({ length: count }, (_, a) => a).flatMap((a) =>
    Array.from({ length: count - a - 1 }, (_, i) => [a, a + i + 1] as const),
  )
}

function nodeOf(id: string, name: string, role: 'hub' | 'spoke'): PictureNode {
  return { id, name, role, device: 'lvn0', endpoints: ['203.0.113.7:50000'], addresses: [], subnets: [] }
}

const clean = (text: string) =>
  text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')

describe('an SVG', () => {
  it('is well-formed, and has every node once', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        const [overlay] = picture.overlays
        const nodes = [...(overlay?.hubs ?? []), ...(overlay?.spokes ?? [])]
        const svg = parseXml(renderSvg(picture))
        const drawn = elementsOf(svg).flatMap(({ attributes }) => attributes['data-node'] ?? [])
        expect(drawn).toEqual(nodes.map(({ name }) => clean(`${overlay?.name}/${name}`)))
        const arrows = elementsOf(svg).flatMap(({ attributes }) => attributes['data-policy'] ?? [])
        const policies = (overlay?.policies ?? []).map(({ action, from, to }) =>
          clean(`${action} ${from.text} -> ${to.text}`),
        )
        expect(arrows).toEqual(policies.length > mostDrawn ? [] : policies)
      }),
    )
  })

  it('says every state that there is in its legend, and no other', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        const legend = elementsOf(parseXml(renderSvg(picture))).map(textOf)
        const states = picture.overlays.flatMap(({ links, joins }) =>
          [...joins, ...links].flatMap(({ state }) => state ?? []),
        )
        for (const state of linkStates) {
          const count = states.filter((other) => other === state).length
          const line = legend.filter((text) => new RegExp(`^${state}: .* \\(\\d+\\)$`).test(text))
          expect(line.map((text) => Number(/\((\d+)\)$/.exec(text)?.[1]))).toEqual(count === 0 ? [] : [count])
        }
      }),
    )
  })
})

describe('a layout', () => {
  it('puts no card on another one, none out of the panel, and no text out of its card', () => {
    fc.assert(
      fc.property(anyPicture, ({ overlays }) => {
        for (const panel of overlays.map(panelOf)) {
          const cards = [...panel.hubs, ...panel.spokes]
          for (const [i, a] of cards.entries()) {
            expect(inside(a, panel)).toBe(true)
            expect(cards.slice(i + 1).filter((b) => meet(boxOf(a), boxOf(b)))).toEqual([])
            for (const { text } of a.card.lines)
              expect(72 + text.length * 6.65).toBeLessThanOrEqual(a.card.width)
          }
          const rows = panel.policies.map((row): Box => {
            const { x, y, from, to } = row
            for (const { text, width } of [from, to])
              expect(16 + text.length * 6.65).toBeLessThanOrEqual(width)
            expect(to.x).toBeGreaterThanOrEqual(from.x + from.width + 40)
            return [x, y, x + to.x + to.width, y + 20]
          })
          for (const [i, row] of rows.entries()) {
            expect([...cards.map(boxOf), ...rows.slice(i + 1)].filter((box) => meet(row, box))).toEqual([])
            expect(row[2]).toBeLessThanOrEqual(panel.width)
            expect(row[3]).toBeLessThanOrEqual(panel.height)
          }
        }
      }),
    )
  })

  it('leads no line through a card', () => {
    fc.assert(
      fc.property(anyPicture, ({ overlays }) => {
        for (const panel of overlays.map(panelOf)) {
          for (const { x1, x2, y1, y2 } of [...panel.mesh, ...panel.wires, ...panel.stubs]) {
            const line = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)] as const
            expect([...panel.hubs, ...panel.spokes].filter((placed) => meet(boxOf(placed), line))).toEqual([])
          }
        }
      }),
    )
  })

  it.each([1, 5, 30, 200, 2000])('has a page of sensible shape for %i spokes', (count) => {
    const spokes = Array.from({ length: count }, (_, i) => nodeOf(`s${i}`, `spoke${i}`, 'spoke'))
    const links = spokes.map(({ id }) => ({ hub: 'h', spoke: id, preferred: true, state: null }))
    const panel = panelOf({
      name: 'x',
      nets: [],
      hubs: [nodeOf('h', 'gw', 'hub')],
      spokes,
      joins: [],
      links,
      policies: [],
    })
    expect(panel.width / panel.height).toBeGreaterThan(0.6)
    expect(panel.width / panel.height).toBeLessThan(2.5)
  })
})

type Box = readonly [left: number, top: number, right: number, bottom: number]

function boxOf({ card, x, y }: Placed): Box {
  return [x, y, x + card.width, y + card.height]
}

/** Touching is not meeting. */
function meet(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

function inside(placed: Placed, panel: Panel): boolean {
  const [left, top, right, bottom] = boxOf(placed)
  return left >= 0 && top >= 0 && right <= panel.width && bottom <= panel.height
}

describe('Mermaid and DOT', () => {
  it('have every node and every link once, and no text gets out of its quotes', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        const [overlay] = picture.overlays
        const ids = [...(overlay?.hubs ?? []), ...(overlay?.spokes ?? [])].map(({ id }) => id)
        const joins = (overlay?.joins ?? []).map(({ hubs }) => hubs.join(' '))
        const links = (overlay?.links ?? []).map(({ hub, spoke }) => `${hub} ${spoke}`)
        const joined = joins.length === 0 ? [] : (overlay?.hubs ?? []).map(({ id }) => id)
        const mermaid = renderMermaid(picture).split('\n')
        expect(mermaid.flatMap((line) => /^ {4}(\w+)(?:\[|\(\[)"[^"]*"/.exec(line)?.[1] ?? [])).toEqual(ids)
        expect(mermaid.flatMap((line) => linkOf(/^ {4}(\w+) (?:---|-\.-)(?:\|\w+\|)? (\w+)$/, line))).toEqual(
          links,
        )
        expect(mermaid.flatMap((line) => /^ {4}o1m === (\w+)$/.exec(line)?.[1] ?? [])).toEqual(joined)
        const dot = renderDot(picture).split('\n')
        expect(
          dot.flatMap((line) => /^ {4}(\w+) \[label="(?:[^"\\]|\\.)*"[^"]*\]$/.exec(line)?.[1] ?? []),
        ).toEqual(ids)
        expect(dot.flatMap((line) => linkOf(/^ {4}(\w+) -- (\w+)\b(?! \[dir)/, line))).toEqual([
          ...joins,
          ...links,
        ])
      }),
    )
  })
})

function linkOf(pattern: RegExp, line: string): string[] {
  const found = pattern.exec(line)
  return found === null ? [] : [`${found[1]} ${found[2]}`]
}

describe('a Mermaid chart', () => {
  const chart = (spokes: number, name: string) =>
    renderMermaid({
      seenFrom: null,
      overlays: [
        {
          ...{ name: 'x', nets: [], policies: [], joins: [], hubs: [nodeOf('h', 'gw', 'hub')] },
          spokes: Array.from({ length: spokes }, (_, i) => nodeOf(`s${i}`, name, 'spoke')),
          links: Array.from({ length: spokes }, (_, i) => {
            return { hub: 'h', spoke: `s${i}`, preferred: true, state: null }
          }),
        },
      ],
    })

  it('is refused by pages that draw so many lines and read so many characters, no more', () => {
    expect(mermaidRefusal(chart(500, 'ap'))).toBe(null)
    expect(mermaidRefusal(chart(501, 'ap'))).toMatch(/^501 lines, /)
    expect(mermaidRefusal(chart(500, 'a-name-that-is-somewhat-longer-than-that-of-others'))).toMatch(
      /^\d{5} characters, /,
    )
  })
})

describe('what a kernel says', () => {
  const live = {
    devices: [{ name: 'lvn0', owner: { overlay: 'mitte', node: 'kirche' } }],
    tunnels: [{ device: 'lvn0', name: 'gw1', remote: { address: '198.51.100.10', port: 50000 } }],
  }
  const views = tunnelViews(live as never, () => 'active')

  it('is the state of its own tunnels, from either end', () => {
    expect(views.observers).toEqual(['mitte/kirche'])
    expect(views.between('mitte', 'gw1', 'kirche')).toEqual({ state: 'active', spokeRemote: null })
  })

  it('is missing where there should be a tunnel, unseen where there need not be', () => {
    expect(views.between('mitte', 'gw2', 'kirche').state).toBe('missing')
    expect(views.between('mitte', 'gw1', 'dach').state).toBe('unseen')
    expect(views.between('nord', 'gw1', 'kirche').state).toBe('unseen')
  })

  it('is nothing where nobody asked', () => {
    expect(pictureOf({ overlays: [], policies: [], expects: [] }).seenFrom).toBe(null)
  })
})
