// SPDX-License-Identifier: MIT
/**
 * A thousand spokes on one hub. Twenty of them are there, on one underlay segment behind the router; packets
 * for the others end at the router.
 *
 *   hub gw eth0 ─── router ─┬─ s50
 *                           ├─ s100
 *                           ┆
 *                           └─ s1000
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Host, type SpokeMachine } from '../support/host.ts'
import { reaches } from '../support/plane-world.ts'

const total = 1_000
const every = 50

let hub: Host
let file: string
const present = new Map<number, SpokeMachine>()

const inner = (n: number) => `10.64.${n >> 8}.${n & 255}`

beforeAll(() => {
  hub = new Host('gw')
  for (let n = every; n <= total; n += every) present.set(n, hub.addSpoke(`s${n}`))
  const spokes = Array.from({ length: total }, (_, i) => {
    const n = i + 1
    const endpoint = present.get(n)?.v4 ?? `192.0.2.${1 + (n % 250)}:${50_000 + n}`
    return `  spoke s${n} { endpoint ${endpoint}; address ${inner(n)}, fd42:64:0:${n.toString(16)}::1 }`
  })
  file = hub.file(
    'farm.lvn',
    `lvn 1
overlay farm {
  net 10.64.0.0/16, fd42:64::/48
  hub gw { listen 198.51.100.10; address 10.64.0.0, fd42:64::1 }
${spokes.join('\n')}
}
`,
  )
})

afterAll(() => hub.dispose())

function timed(what: string, ...args: string[]) {
  const begun = performance.now()
  const ran = hub.expectLvn(0, ...args)
  console.log(`${what} of ${total} spokes: ${((performance.now() - begun) / 1000).toFixed(2)} s`)
  return ran
}

test('a thousand spokes go up, twenty of them answer, and nothing is left', async () => {
  const before = hub.facts()
  timed('apply', 'apply', file, '--yes')
  timed('second plan', 'plan', file)
  const { tunnels } = JSON.parse(hub.expectLvn(0, 'show', 'tunnels', '--json').stdout)
  expect(tunnels).toHaveLength(total)
  for (const machine of present.values()) machine.expectLvn(0, 'apply', file, '--yes')
  for (const n of present.keys()) {
    await reaches(hub.ns, inner(n))
    await reaches(hub.ns, `fd42:64:0:${n.toString(16)}::1`)
  }
  const [first, last] = [present.get(every), present.get(total)] as [SpokeMachine, SpokeMachine]
  await reaches(first.ns, inner(total))
  await reaches(last.ns, inner(every))
  timed('destroy', 'destroy', file, '--yes')
  expect(hub.facts()).toBe(before)
})
