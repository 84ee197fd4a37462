// SPDX-License-Identifier: MIT
/**
 * A node with nothing on it, for plans that are made without its kernel: one underlay interface that has the addresses
 * the file gives the node, a default route of both families, the kernel's defaults. It takes the place of
 * what 2-observe reads; no kernel is asked.
 */
import { type Address, type Family, familyOf, type Prefix } from '../model/address.ts'
import { reservedPortsPath } from '../model/reserved-ports.ts'
import type { LiveState, LiveSysctl, PlaneName } from '../model/state.ts'
import type { Node } from '../model/topology.ts'
import { linkdownPath } from './desire.ts'
import { disabledByDefault } from './ipv6.ts'
import type { Note } from './types.ts'

const mtu = 1500
const maxTunnels = 65_536
const unspecified: Readonly<Record<Family, Address>> = { 4: '0.0.0.0' as Address, 6: '::' as Address }
const everywhere = ['0.0.0.0/0' as Prefix, '::/0' as Prefix]

export function bareState(nodes: readonly Node[], plane: PlaneName): LiveState {
  const underlay = underlayName(nodes)
  const link = (name: string, ifindex: number, kind: string | null) => ({
    ...{ name, ifindex, kind, mtu, up: true, hardwareType: 1, alias: null, owner: null },
  })
  return {
    hostname: nodes[0]?.name ?? '',
    links: [{ ...link('lo', 1, null), mtu: 65_536 }, link(underlay, 2, 'veth')],
    addresses: nodes
      .flatMap(underlayAddresses)
      .map((address) => ({ device: underlay, address, prefixLength: 0, owned: false })),
    routes: everywhere.map((destination) => ({
      ...{ destination, device: underlay, type: 'unicast' as const, metric: 0, mtu: null, owned: false },
    })),
    ipRules: [],
    devices: [],
    tunnels: [],
    rules: [],
    filters: [],
    saved: [],
    plane,
    maxTunnels,
    sysctls: defaults(['all', 'default', 'lo', underlay]),
    paths: [],
  }
}

/** What the reader of such a plan should know. */
export function bareNotes(nodes: readonly Node[]): Note[] {
  const assumed = `assumed: ${underlayName(nodes)} with an MTU of ${mtu} bytes and a default route`
  const unknown = nodes.some((node) => node.role === 'spoke' && node.endpoint?.kind !== 'address')
  return [
    { id: 'underlay', note: assumed },
    ...(unknown
      ? [
          {
            id: 'underlay',
            note: `its address is not in the file; ${unspecified[4]} or ${unspecified[6]} stands for it`,
          },
        ]
      : []),
  ]
}

function underlayName(nodes: readonly Node[]): string {
  return nodes.some(({ device }) => device.name === 'eth0') ? 'underlay0' : 'eth0'
}

/** A spoke's own address of a family that the file does not give stays open, so that its tunnel can be shown. */
function underlayAddresses(node: Node): Address[] {
  if (node.role === 'hub') return node.listens.map(({ local }) => local.address)
  const own = node.endpoint?.kind === 'address' ? [node.endpoint.address] : []
  const open = ([4, 6] as const).filter((family) => !own.some((address) => familyOf(address) === family))
  return [...own, ...open.map((family) => unspecified[family])]
}

function defaults(interfaces: readonly string[]): LiveSysctl[] {
  const per = interfaces.flatMap((name) => [
    { path: `net/ipv4/conf/${name}/forwarding`, value: '0' },
    { path: `net/ipv4/conf/${name}/send_redirects`, value: '1' },
    { path: `net/ipv4/conf/${name}/accept_redirects`, value: '1' },
    { path: `net/ipv6/conf/${name}/forwarding`, value: '0' },
  ])
  const disabled = { path: disabledByDefault, value: '0' }
  return [...per, disabled, { path: linkdownPath, value: '0' }, { path: reservedPortsPath, value: '' }]
}
