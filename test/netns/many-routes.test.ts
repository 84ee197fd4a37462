// SPDX-License-Identifier: MIT
/**
 * A host that carries a large part of the Internet's routes: they are none of an overlay's business.
 *
 *   host eth0 ─── router, gateway of 200,000 routes
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lvnPath } from '../support/cli.ts'
import { Host } from '../support/host.ts'

const many = 200_000
/** As an object, with the message that it was read from, such a route takes more than a kilobyte. */
const bytesPerRoute = 200

let host: Host

beforeEach(() => {
  host = new Host()
})

afterEach(() => host.dispose())

const file = () =>
  host.file(
    'mitte.lvn',
    `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10; device lvn0 { address 10.64.0.1 } }
  spoke a { endpoint 203.0.113.7; address 10.64.1.1 }
}
`,
  )

/** Runs `lvn`; the most memory that it held, in bytes. */
function memoryOf(status: number, ...args: string[]): number {
  const tell =
    'data:text/javascript,process.on("exit",()=>console.error("rss",process.resourceUsage().maxRSS))'
  const ran = host.ns.tryWith({ NO_COLOR: '1' }, process.execPath, '--import', tell, lvnPath, ...args)
  if (ran.status !== status) throw new Error(`lvn ${args.join(' ')} exited ${ran.status}\n${ran.stderr}`)
  return Number(/rss (\d+)/.exec(ran.stderr)?.[1]) * 1024
}

test('memory of plan, apply and destroy does not grow with the routes of others', () => {
  const path = file()
  const commands: readonly (readonly [number, ...string[]])[] = [
    [2, 'plan', path],
    [0, 'apply', path, '--yes'],
    [0, 'plan', path],
    [0, 'destroy', path, '--yes'],
  ]
  const before = commands.map((command) => memoryOf(...command))
  const destinations = Array.from(
    { length: many },
    (_, i) => `${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`,
  )
  const routes = destinations.map((destination) => `route add ${destination} via 198.51.100.1`)
  for (let at = 0; at < many; at += 10_000) host.ns.ip(...routes.slice(at, at + 10_000))
  const after = commands.map((command) => memoryOf(...command))
  const grown = after.map((bytes, i) => Math.round((bytes - (before[i] as number)) / 2 ** 20))
  console.log(`with ${many} routes, MiB more: ${grown.join(', ')}`)
  for (const mebibytes of grown) expect(mebibytes).toBeLessThan((many * bytesPerRoute) / 2 ** 20)
})
