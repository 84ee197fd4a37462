// SPDX-License-Identifier: MIT
/**
 * Which ways through the overlay a transition of a walk leaves as they are: those on which no packet may be lost.
 */
import { type Draft, type InnerAddresses, ofHub, ofSpoke } from './walk.ts'

/** From one machine to another, by the numbers of their sites. */
export type Way = readonly [from: number, to: number, family: keyof InnerAddresses]

/** The inner addresses of the node at a site; undefined: there is none. */
export function innerAddresses({ hubs, spokes }: Draft, site: number): InnerAddresses | undefined {
  if (hubs.some((hub) => hub.site === site)) return ofHub(site)
  const spoke = spokes.find(({ home }) => home === site)
  return spoke && ofSpoke(spoke.inner)
}

/** Both ends and the hubs between them with all that a packet depends on; undefined: one of the ends is not there. */
function described(draft: Draft, [from, to]: Way): string | undefined {
  const ends = [from, to].map((site) => ({
    hub: draft.hubs.find((hub) => hub.site === site),
    spoke: draft.spokes.find(({ home }) => home === site),
  }))
  if (ends.some(({ hub, spoke }) => hub === undefined && spoke === undefined)) return undefined
  const homes = ends.map(({ hub, spoke }) => hub?.site ?? spoke?.via[0])
  // With routes a host forwards on all its interfaces. Linux turns that off for all of them at once, those of a hub's device
  // too, until the next write.
  const forwards = ends.some(({ spoke }) => spoke?.via[0] === 1) && draft.routed
  const hubs = draft.hubs.filter(({ site }) => homes.includes(site))
  const spokes = ends.flatMap(({ spoke }) => (spoke === undefined ? [] : [spoke]))
  return JSON.stringify([
    hubs.map(({ site, name, which, port }) => [site, name, which, port]),
    // A spoke of one hub has a device of another mode than a spoke of several: it is made anew when that changes.
    spokes.map(({ home, name, which, port, inner, via }) => [
      ...[home, name, which, port, inner],
      ...[via[0], via.length > 1],
    ]),
    homes,
    forwards,
  ])
}

/** Are both ends there before and after, and the way between them the same? */
export function isUntouched(before: Draft, after: Draft, way: Way): boolean {
  const was = described(before, way)
  return was !== undefined && was === described(after, way)
}
