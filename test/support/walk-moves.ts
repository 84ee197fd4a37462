// SPDX-License-Identifier: MIT
/** What a walk can do to a file in one transition. */
import { Draw } from './draw.ts'
import { type Draft, type Hub, type Spoke, sitesOfWalk } from './walk.ts'

const names = 'kirche dom dach rathaus hafen markt turm tor ber fra bln muc'.split(' ')
const machines = [4, 5]
const elsewhere = [7, 8, 9]

/** The next file; also what was done, in words. */
export function moved(before: Draft, number: number): { readonly draft: Draft; readonly move: string } {
  const draft = structuredClone(before)
  const draw = new Draw(number)
  const [move, make] = moves[draw.below(moves.length)] as (typeof moves)[number]
  make(draft, draw)
  return { draft, move }
}

type Make = (draft: Draft, draw: Draw) => void

const movable = ({ spokes }: Draft) => spokes.filter(({ name }) => name !== 'one' && name !== 'two')
const isElsewhere = ({ home }: Spoke) => home > sitesOfWalk
const freeName = ({ hubs, spokes }: Draft, draw: Draw) => {
  const taken = new Set([...hubs, ...spokes].map(({ name }) => name))
  return draw.from(names.filter((name) => !taken.has(name))) as string
}
const freeInner = ({ spokes }: Draft, draw: Draw) => {
  const taken = new Set(spokes.map(({ inner }) => inner))
  return draw.from(Array.from({ length: 20 }, (_, i) => i + 4).filter((inner) => !taken.has(inner))) as number
}

/** Hands what the keys say from each of them to the next. */
function round<K extends keyof Spoke>(of: readonly Spoke[], ...keys: readonly K[]): void {
  const had = of.map((spoke) => keys.map((key) => spoke[key]))
  for (const [i, spoke] of of.entries())
    for (const [k, key] of keys.entries()) spoke[key] = had[(i + 1) % of.length]?.[k] as Spoke[K]
}

/** Changes one of the spokes that are moved, if there is one. */
const toSpoke =
  (
    change: (spoke: Spoke, draft: Draft, draw: Draw) => void,
    which: (spoke: Spoke) => boolean = () => true,
  ): Make =>
  (draft, draw) => {
    const spoke = draw.from(movable(draft).filter(which))
    if (spoke !== undefined) change(spoke, draft, draw)
  }

/** Changes the second hub, if there is one. */
const toHub =
  (change: (hub: Hub, draft: Draft, draw: Draw) => void): Make =>
  (draft, draw) => {
    const [, hub] = draft.hubs
    if (hub !== undefined) change(hub, draft, draw)
  }

const someMtu = (draw: Draw) => draw.from([null, 1400, 1380, 1300]) as number | null

function drop(draft: Draft, spoke: Spoke): void {
  draft.spokes = draft.spokes.filter((each) => each !== spoke)
}

const moves: readonly (readonly [move: string, make: Make])[] = [
  [
    'a spoke is renamed',
    toSpoke((spoke, draft, draw) => {
      spoke.name = freeName(draft, draw)
    }),
  ],
  ['spokes swap their names', (draft, draw) => round(draw.some(movable(draft), 2), 'name')],
  ['spokes hand their names round', (draft, draw) => round(draw.some(movable(draft), 3), 'name')],
  ['spokes swap their inner addresses', (draft, draw) => round(draw.some(movable(draft), 2), 'inner')],
  [
    'spokes elsewhere swap their places',
    (draft, draw) => round(draw.some(movable(draft).filter(isElsewhere), 2), 'site', 'which', 'port'),
  ],
  [
    'spokes hand all that they are round',
    (draft, draw) => round(draw.some(movable(draft), 3), 'name', 'inner', 'routed', 'via', 'mtu'),
  ],
  [
    'a spoke has another address',
    toSpoke((spoke, _, draw) => {
      spoke.which = 1 + draw.below(4)
    }),
  ],
  [
    'a spoke has another port',
    toSpoke((spoke, _, draw) => {
      spoke.port = 50_000 + draw.below(3)
    }),
  ],
  [
    'a spoke has another inner address',
    toSpoke((spoke, draft, draw) => {
      spoke.inner = freeInner(draft, draw)
    }),
  ],
  [
    'a spoke has a network behind it, or none',
    toSpoke((spoke) => {
      spoke.routed = !spoke.routed
    }),
  ],
  [
    'a spoke has another home',
    toSpoke((spoke, { hubs }, draw) => {
      spoke.via = draw.some(hubs, 1 + draw.below(2)).map(({ site }) => site)
    }),
  ],
  [
    'a spoke keeps its NAT open at another pace',
    toSpoke((spoke, _, draw) => {
      spoke.seconds = 5 + draw.below(20)
    }),
  ],
  [
    'a spoke takes packets of another size',
    toSpoke((spoke, _, draw) => {
      spoke.mtu = someMtu(draw)
    }),
  ],
  [
    'a spoke elsewhere goes behind a NAT, or comes out',
    toSpoke((spoke) => {
      spoke.site = spoke.site === null ? spoke.home : null
    }, isElsewhere),
  ],
  ['a spoke goes', toSpoke((spoke, draft) => drop(draft, spoke))],
  [
    'a spoke comes',
    (draft, draw) => {
      const taken = new Set(draft.spokes.map(({ home }) => home))
      const home = draw.from([...machines, ...elsewhere].filter((site) => !taken.has(site)))
      if (home === undefined) return
      draft.spokes.splice(draw.below(draft.spokes.length + 1), 0, {
        ...{ site: home, home, name: freeName(draft, draw) },
        ...{ which: 1 + draw.below(4), port: 50_000 + draw.below(2) },
        ...{ inner: freeInner(draft, draw), routed: draw.below(2) === 1, via: [1], seconds: 20, mtu: null },
      })
    },
  ],
  [
    'one goes, and another has its place under another name',
    toSpoke((spoke, draft, draw) => {
      drop(draft, spoke)
      draft.spokes.push({ ...spoke, name: freeName(draft, draw), inner: freeInner(draft, draw) })
    }),
  ],
  [
    'a spoke must not reach one elsewhere, or may again',
    toSpoke((spoke, draft, draw) => {
      const to = draw.from(elsewhere) as number
      const others = draft.denied.filter((pair) => pair.join() !== `${spoke.home},${to}`)
      draft.denied = others.length < draft.denied.length ? others : [...others, [spoke.home, to]]
    }),
  ],
  [
    'the first hub is renamed',
    (draft, draw) => {
      ;(draft.hubs[0] as Hub).name = freeName(draft, draw)
    },
  ],
  [
    'the second hub is renamed',
    toHub((hub, draft, draw) => {
      hub.name = freeName(draft, draw)
    }),
  ],
  [
    'the second hub listens elsewhere',
    toHub((hub, _, draw) => {
      hub.which = 1 + draw.below(4)
      hub.port = 50_000 + draw.below(3)
    }),
  ],
  [
    'the second hub and a spoke swap their names',
    toHub((hub, draft, draw) => {
      const spoke = draw.from(movable(draft))
      if (spoke !== undefined) [hub.name, spoke.name] = [spoke.name, hub.name]
    }),
  ],
  [
    'the second hub goes, or comes',
    (draft, draw) => {
      if (draft.hubs.length === 1) {
        const where = { which: 1 + draw.below(4), port: 50_000 }
        draft.hubs.push({ site: 6, name: freeName(draft, draw), ...where, mtu: null })
        return
      }
      draft.hubs.pop()
      for (const spoke of draft.spokes) spoke.via = [1]
    },
  ],
  [
    'a hub takes packets of another size',
    (draft, draw) => {
      const hub = draw.from(draft.hubs)
      if (hub !== undefined) hub.mtu = someMtu(draw)
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
