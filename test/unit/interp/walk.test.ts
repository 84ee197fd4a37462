// SPDX-License-Identifier: MIT
/**
 * Walks from file to file on kernels in memory, one for each machine: every plan is carried out, the next one is empty, and
 * what is there in the end is what the last file alone would have made.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SimKernel } from '../../support/sim-kernel.ts'
import { bring, leave, siteAddress, topologyOf } from '../../support/sites.ts'
import { firstDraft, sitesOfWalk, textOf } from '../../support/walk.ts'
import { moved } from '../../support/walk-moves.ts'
import '../../support/seed.ts'

function kernelOf(site: number): SimKernel {
  const addresses = [1, 2, 3, 4].map((which) => `${siteAddress(site, which)}/24`)
  const kernel = new SimKernel([{ name: 'eth0', addresses }])
  kernel.route('0.0.0.0/0', 'eth0')
  return kernel
}

/** Is a node of the file at that site? */
const isThere = (text: string, site: number) => text.includes(`${siteAddress(site).replace(/1$/, '')}`)

it('every file after every other is reached at hubs and spokes, and nothing of the old ones stays', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 30, maxLength: 60 }), (numbers) => {
      const sites = Array.from({ length: sitesOfWalk }, (_, i) => ({ site: i + 1, kernel: kernelOf(i + 1) }))
      let draft = firstDraft()
      let text = textOf(draft)
      const done: string[] = []
      const bringAll = () => {
        const topology = topologyOf(text)
        for (const { site, kernel } of sites) {
          try {
            if (isThere(text, site)) bring(kernel, topology)
            else leave(kernel)
          } catch (error) {
            throw new Error(`site ${site} after ${done.join('; ')}\n${text}`, { cause: error })
          }
        }
      }
      bringAll()
      for (const number of numbers) {
        const next = moved(draft, number)
        draft = next.draft
        text = textOf(draft)
        done.push(next.move)
        bringAll()
      }
      for (const { site, kernel } of sites) {
        if (!isThere(text, site)) continue
        const direct = kernelOf(site)
        bring(direct, topologyOf(text))
        // A device's size depends on what was there when it was made; what a tunnel has learned stays.
        for (const [key, tunnel] of direct.tunnels)
          if (tunnel.remote === null) for (const of of [kernel, direct]) of.tunnels.delete(key)
        const comparable = (of: SimKernel) =>
          JSON.parse(JSON.stringify(of.dump()).replace(/\\"capacity\\":\d+/g, ''))
        expect(comparable(kernel)).toEqual(comparable(direct))
      }
    }),
    { numRuns: 25, endOnFailure: true },
  )
}, 600_000)
