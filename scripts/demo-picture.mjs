// SPDX-License-Identifier: MIT
/**
 * The resolved topology of a file as a small text picture, and the addresses that the demo needs of it.
 */
import { readFileSync } from 'node:fs'

/** Of the file's first overlay. `spoke` is its first spoke. */
export async function topologyPicture(file) {
  const { tsImport } = await import('tsx/esm/api')
  const load = (path) => tsImport(path, import.meta.url)
  const { Source } = await load('../src/diag/source.ts')
  const { parse } = await load('../grammar/parser.ts')
  const { resolve } = await load('../src/interp/1-resolve.ts')
  const { formatEndpoint } = await load('../src/model/address.ts')
  const parsed = parse(new Source(file, readFileSync(file, 'utf8')))
  const { hub, spokes } = resolve([parsed.file]).topology.overlays[0]
  return {
    picture: draw(hub, spokes, formatEndpoint),
    nodes: [hub, ...spokes].map((node) => node.name),
    hub: { name: hub.name, inside: hub.device.addresses[0], outside: hub.listens[0].address },
    spoke: { name: spokes[0].name },
  }
}

function draw(hub, spokes, formatEndpoint) {
  const wide = Math.max(...spokes.map((spoke) => spoke.name.length))
  const inside = (node) => node.device.addresses.join(', ')
  const lines = [
    `  ${hub.name}   ${inside(hub)}`,
    `   |     at ${hub.listens.map(formatEndpoint).join(' and ')}`,
  ]
  for (const [i, spoke] of spokes.entries()) {
    const more = i < spokes.length - 1 ? '|' : ' '
    const outside = spoke.endpoint.kind === 'address' ? formatEndpoint(spoke.endpoint) : spoke.endpoint.kind
    lines.push(
      '   |',
      `   +====  ${spoke.name.padEnd(wide)}   ${inside(spoke)}`,
      `   ${more}      at ${outside}`,
    )
    for (const route of spoke.routes) lines.push(`   ${more}        \\--  ${route}`)
  }
  return lines.join('\n')
}
