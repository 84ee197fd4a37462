// SPDX-License-Identifier: MIT
/**
 * Spoke, hub and overlay are renamed while packets flow: a node that has another name changes its marks in place and
 * loses nothing, and where its peers then know it by that name, packets go on.
 *
 *     site 2, kirche ─── site 1, hub ─── site 3, dach
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emulated, planeKinds } from '../../support/planes.ts'
import { linesOf, Sites } from '../../support/sites.ts'
import { StreamOfPings } from '../../support/stream-of-pings.ts'

const file = (overlay: string, hub: string, spoke: string) => `lvn 1
overlay ${overlay} {
  net 10.64.0.0/16
  hub ${hub} { listen 10.9.1.1; address 10.64.0.1 }
  spoke ${spoke} { endpoint 10.9.2.1; address 10.64.2.1 }
  spoke dach { endpoint 10.9.3.1; address 10.64.3.1 }
  spoke hafen { endpoint nat; address 10.64.4.1 }
  deny hafen -> ${spoke}
}
`

let sites: Sites
let streams: StreamOfPings[]

afterEach(() => {
  for (const stream of streams) stream.stop()
  sites?.dispose()
})

/** Packets go on after `work`; how many of each stream were lost in the course of it. */
async function lostDuring(work: () => void): Promise<readonly number[]> {
  for (const stream of streams) await stream.answers(2)
  const before = streams.map((stream) => stream.lost().length)
  work()
  for (const stream of streams) await stream.answers(5)
  return streams.map((stream, i) => stream.lost().length - (before[i] as number))
}

/** What a site's plan for the file does to its device; it is carried out. */
const deviceLines = (site: number, text: string) =>
  linesOf(sites.site(site).apply(text)).filter((line) => line.includes(' device '))

describe.each(planeKinds)('plane %s', (_, open) => {
  beforeEach(async () => {
    streams = []
    sites = new Sites(3, open)
    for (const site of sites.sites) site.apply(file('mitte', 'gw1', 'kirche'))
    for (const [site, address] of [
      [2, '10.64.3.1'],
      [3, '10.64.0.1'],
    ] as const) {
      streams.push(await StreamOfPings.start(sites.site(site).ns.path, address, emulated ? 50 : 5))
    }
  })

  test('a spoke, its hub and the overlay have other names, in place, and packets flow', async () => {
    const [spoke, hub, overlay] = [
      file('mitte', 'gw1', 'dom'),
      file('mitte', 'core', 'dom'),
      file('nord', 'core', 'dom'),
    ]
    const none = streams.map(() => 0)
    const renamed = (site: number, text: string, line: string) =>
      lostDuring(() => expect(deviceLines(site, text)).toEqual([`~ device lvn0 ${line}`]))
    expect(await renamed(2, spoke, 'node kirche → dom')).toEqual(none)
    // The others have a tunnel of another name to it.
    for (const site of [1, 3]) await lostDuring(() => sites.site(site).apply(spoke))
    expect(await renamed(1, hub, 'node gw1 → core')).toEqual(none)
    for (const site of [2, 3]) await lostDuring(() => sites.site(site).apply(hub))
    for (const site of [1, 2, 3]) {
      expect(await renamed(site, overlay, 'overlay mitte → nord')).toEqual(none)
    }
  })
})
