// SPDX-License-Identifier: MIT
/**
 * A walk from file to file: an overlay of up to two hubs and several spokes, and moves that rename, swap, re-home, add,
 * drop and readdress. Which move and of whom is drawn from a number, so that a list of numbers is a walk, and a shorter
 * list a shorter one.
 *
 * Sites 1 to 6 are machines: the hub `anchor`, the spokes `one` and `two`, which no move touches, two spokes and a hub that
 * are moved. Spokes elsewhere are in the file alone.
 */
import { siteAddress } from './sites.ts'

interface Hub {
  readonly site: number
  name: string
  which: number
  port: number
}

interface Spoke {
  /** Where it is; null: behind a NAT. */
  site: number | null
  readonly home: number
  name: string
  which: number
  port: number
  /** Third byte of its inner address. */
  inner: number
  routed: boolean
  /** Sites of hubs. */
  via: number[]
  seconds: number
}

export interface Draft {
  overlay: string
  seconds: number
  routed: boolean
  hubs: Hub[]
  spokes: Spoke[]
}

export const sitesOfWalk = 6
/** Inner addresses of the two spokes that no move touches. */
export const untouched = ['10.64.1.1', '10.64.2.1'] as const

const names = [
  'kirche',
  'dom',
  'dach',
  'rathaus',
  'hafen',
  'markt',
  'turm',
  'tor',
  'ber',
  'fra',
  'bln',
  'muc',
]
const machines = [4, 5]
const elsewhere = [7, 8, 9]

export function firstDraft(): Draft {
  const spoke = (site: number, name: string, inner: number): Spoke => ({
    ...{ site, home: site, name, which: 1, port: 50_000, inner, routed: false, via: [1], seconds: 20 },
  })
  return {
    ...{ overlay: 'mitte', seconds: 20, routed: false },
    hubs: [
      { site: 1, name: 'anchor', which: 1, port: 50_000 },
      { site: 6, name: 'fra', which: 1, port: 50_000 },
    ],
    spokes: [
      spoke(2, 'one', 1),
      spoke(3, 'two', 2),
      spoke(4, 'kirche', 4),
      { ...spoke(5, 'dom', 5), via: [1, 6] },
      spoke(7, 'dach', 7),
    ],
  }
}

export function textOf({ overlay, seconds, routed, hubs, spokes }: Draft): string {
  const nameAt = (site: number) => hubs.find((hub) => hub.site === site)?.name as string
  const hubLines = hubs.map(
    ({ site, name, which, port }) =>
      `hub ${name} { listen ${siteAddress(site, which)}:${port}; address 10.64.0.${site}${routed && site === 1 ? '; routes 10.64.200.0/24' : ''} }`,
  )
  const spokeLines = spokes.map((spoke) => {
    const { site, which, port, inner, via } = spoke
    const endpoint = site === null ? 'nat' : `${siteAddress(site, which)}:${port}`
    const routes = spoke.routed ? `; routes 10.64.${inner}.0/24` : ''
    const homes = `via ${via.map(nameAt).join(', ')}; keepalive every ${spoke.seconds}s`
    return `spoke ${spoke.name} { endpoint ${endpoint}; address 10.64.${inner}.1${routes}; ${homes} }`
  })
  const lines = ['net 10.64.0.0/16', `keepalive every ${seconds}s`, ...hubLines, ...spokeLines]
  return `lvn 1\noverlay ${overlay} {\n  ${lines.join('\n  ')}\n}\n`
}

/** Draws from one number, again and again. */
class Draw {
  private rest: number

  constructor(number: number) {
    this.rest = number >>> 0
  }

  below(count: number): number {
    // Of a linear congruential generator (Numerical Recipes) the upper bits.
    this.rest = (Math.imul(this.rest, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.rest / 2 ** 32) * count)
  }

  from<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)]
  }

  some<T>(list: readonly T[], count: number): T[] {
    const left = [...list]
    return Array.from({ length: Math.min(count, left.length) }, () =>
      left.splice(this.below(left.length), 1),
    ).flat()
  }
}

/** The next file; also what was done, in words. */
export function moved(before: Draft, number: number): { readonly draft: Draft; readonly move: string } {
  const draft = structuredClone(before)
  const draw = new Draw(number)
  const [move, make] = moves[draw.below(moves.length)] as (typeof moves)[number]
  make(draft, draw)
  return { draft, move }
}

const movable = ({ spokes }: Draft) => spokes.filter(({ name }) => name !== 'one' && name !== 'two')
const freeName = ({ hubs, spokes }: Draft, draw: Draw) => {
  const taken = new Set([...hubs, ...spokes].map(({ name }) => name))
  return draw.from(names.filter((name) => !taken.has(name))) as string
}
const freeInner = ({ spokes }: Draft, draw: Draw) => {
  const taken = new Set(spokes.map(({ inner }) => inner))
  return draw.from(Array.from({ length: 20 }, (_, i) => i + 4).filter((inner) => !taken.has(inner))) as number
}

/** Hands what `take` takes from each of them to the next. */
function round<K extends keyof Spoke>(of: readonly Spoke[], ...keys: readonly K[]): void {
  const had = of.map((spoke) => keys.map((key) => spoke[key]))
  for (const [i, spoke] of of.entries())
    for (const [k, key] of keys.entries()) spoke[key] = had[(i + 1) % of.length]?.[k] as Spoke[K]
}

const moves: readonly (readonly [string, (draft: Draft, draw: Draw) => void])[] = [
  [
    'a spoke is renamed',
    (draft, draw) => {
      const spoke = draw.from(movable(draft))
      if (spoke !== undefined) spoke.name = freeName(draft, draw)
    },
  ],
  ['spokes swap their names', (draft, draw) => round(draw.some(movable(draft), 2), 'name')],
  ['spokes hand their names round', (draft, draw) => round(draw.some(movable(draft), 3), 'name')],
  ['spokes swap their inner addresses', (draft, draw) => round(draw.some(movable(draft), 2), 'inner')],
  [
    'spokes elsewhere swap their places',
    (draft, draw) =>
      round(
        draw.some(
          movable(draft).filter(({ home }) => home > sitesOfWalk),
          2,
        ),
        'site',
        'which',
        'port',
      ),
  ],
  [
    'spokes hand all that they are round',
    (draft, draw) => round(draw.some(movable(draft), 3), 'name', 'inner', 'routed', 'via'),
  ],
  [
    'a spoke has another address',
    (draft, draw) => {
      const spoke = draw.from(movable(draft))
      if (spoke !== undefined) spoke.which = 1 + draw.below(4)
    },
  ],
  [
    'a spoke has another port',
    (draft, draw) => {
      const spoke = draw.from(movable(draft))
      if (spoke !== undefined) spoke.port = 50_000 + draw.below(3)
    },
  ],
  [
    'a spoke has another inner address',
    (draft, draw) => {
      const spoke = draw.from(movable(draft))
      if (spoke !== undefined) spoke.inner = freeInner(draft, draw)
    },
  ],
  [
    'a spoke has a network behind it, or none',
    (draft, draw) => {
      const spoke = draw.from(movable(draft))
      if (spoke !== undefined) spoke.routed = !spoke.routed
    },
  ],
  [
    'a spoke has another home',
    (draft, draw) => {
      const spoke = draw.from(movable(draft))
      if (spoke !== undefined) spoke.via = draw.some(draft.hubs, 1 + draw.below(2)).map(({ site }) => site)
    },
  ],
  [
    'a spoke keeps its NAT open at another pace',
    (draft, draw) => {
      const spoke = draw.from(movable(draft))
      if (spoke !== undefined) spoke.seconds = 5 + draw.below(20)
    },
  ],
  [
    'a spoke elsewhere goes behind a NAT, or comes out',
    (draft, draw) => {
      const spoke = draw.from(movable(draft).filter(({ home }) => home > sitesOfWalk))
      if (spoke !== undefined) spoke.site = spoke.site === null ? spoke.home : null
    },
  ],
  [
    'a spoke goes',
    (draft, draw) => {
      const spoke = draw.from(movable(draft))
      draft.spokes = draft.spokes.filter((each) => each !== spoke)
    },
  ],
  [
    'a spoke comes',
    (draft, draw) => {
      const taken = new Set(draft.spokes.map(({ home }) => home))
      const home = draw.from([...machines, ...elsewhere].filter((site) => !taken.has(site)))
      if (home === undefined) return
      draft.spokes.splice(draw.below(draft.spokes.length + 1), 0, {
        ...{
          site: home,
          home,
          name: freeName(draft, draw),
          which: 1 + draw.below(4),
          port: 50_000 + draw.below(2),
        },
        ...{ inner: freeInner(draft, draw), routed: draw.below(2) === 1, via: [1], seconds: 20 },
      })
    },
  ],
  [
    'one goes, and another has its place under another name',
    (draft, draw) => {
      const spoke = draw.from(movable(draft))
      if (spoke === undefined) return
      draft.spokes = draft.spokes.filter((each) => each !== spoke)
      draft.spokes.push({ ...spoke, name: freeName(draft, draw), inner: freeInner(draft, draw) })
    },
  ],
  [
    'the second hub is renamed',
    (draft, draw) => {
      const hub = draft.hubs[1]
      if (hub !== undefined) hub.name = freeName(draft, draw)
    },
  ],
  [
    'the second hub listens elsewhere',
    (draft, draw) => {
      const hub = draft.hubs[1]
      if (hub !== undefined) [hub.which, hub.port] = [1 + draw.below(4), 50_000 + draw.below(3)]
    },
  ],
  [
    'the second hub and a spoke swap their names',
    (draft, draw) => {
      const [hub, spoke] = [draft.hubs[1], draw.from(movable(draft))]
      if (hub !== undefined && spoke !== undefined) [hub.name, spoke.name] = [spoke.name, hub.name]
    },
  ],
  [
    'the second hub goes, or comes',
    (draft, draw) => {
      if (draft.hubs.length === 1) {
        draft.hubs.push({ site: 6, name: freeName(draft, draw), which: 1 + draw.below(4), port: 50_000 })
        return
      }
      draft.hubs.pop()
      for (const spoke of draft.spokes) spoke.via = [1]
    },
  ],
  [
    'the first hub has a network behind it, or none',
    (draft) => {
      draft.routed = !draft.routed
    },
  ],
  [
    'the overlay is renamed',
    (draft) => {
      draft.overlay = draft.overlay === 'mitte' ? 'nord' : 'mitte'
    },
  ],
  [
    'hubs keep their tunnels at another pace',
    (draft, draw) => {
      draft.seconds = 10 + draw.below(20)
    },
  ],
]
