// SPDX-License-Identifier: MIT
/**
 * Every sentence that planning refuses with, one function per code. LVN4xxx: the file is right, but this
 * node's kernel cannot be brought to it; nothing has been changed. LVN52xx: so for its policies. LVN53xx: so for its
 * hubs. LVN64xx: which node is meant is unclear.
 * It finds nothing out by itself.
 */
import { ExitCode, LvnError } from '../diag/error.ts'
import type { Span } from '../diag/source.ts'

type At = Span | undefined

export function deviceTaken(device: string, kind: string | null, span: At): LvnError {
  const what = kind === null ? '' : ` (kind ${kind})`
  return refuse('LVN4001', `the device name ${device} is taken by a foreign device${what}`, span, {
    hint: 'give the device another name in the file; a device that is not ours is never changed',
  })
}

export function deviceOfAnother(device: string, owner: string, span: At): LvnError {
  return refuse('LVN4001', `the device name ${device} is taken: it belongs to ${owner}`, span, {
    hint: `give the device another name, or \`lvn destroy ${owner}\` first`,
  })
}

export function deviceMadeByHand(device: string, span: At): LvnError {
  return refuse('LVN4001', `the device name ${device} is taken: that device was made by hand`, span, {
    hint: `give the device another name, or \`lvn dev del ${device}\``,
  })
}

export function routeTaken(route: string, where: string, span: At): LvnError {
  return refuse('LVN4002', `${route} cannot be set: another route to it ${where} is in its place`, span, {
    hint: 'remove that route or change the net; a route that is not ours is never changed',
  })
}

export function routeTwice(route: string, devices: readonly string[], span: At): LvnError {
  return refuse('LVN4002', `${route} is wanted on two devices of this node: ${devices.join(' and ')}`, span, {
    hint: 'overlays that meet on one node need nets that differ',
  })
}

export function endpointInside(endpoint: string, why: string, span: At): LvnError {
  return refuse('LVN4003', `the endpoint ${endpoint} lies inside the overlay: ${why}`, span, {
    hint: 'an endpoint is an address of the underlay, reached without the overlay',
  })
}

export function mtuTooSmall(device: string, mtu: number, least: number, family: string, span: At): LvnError {
  return refuse('LVN4004', `underlay MTU too small: ${device} could carry ${mtu} bytes`, span, {
    hint: `${family} inside the overlay needs ${least} bytes or more`,
  })
}

export function mapFull(device: string, wanted: number, room: number, grows: boolean, span: At): LvnError {
  return refuse(
    'LVN4005',
    `map full: ${device} has room for ${room} tunnels, the file asks for ${wanted}`,
    span,
    {
      hint: grows
        ? 'the room is set when a device is made: `lvn destroy` and `lvn apply` make it anew, larger'
        : 'this is the most that the data plane can hold on one device',
    },
  )
}

export function noSuchSysctl(path: string, span: At): LvnError {
  return refuse('LVN4006', `this kernel has no ${path}`, span, {
    hint: path.startsWith('net/ipv6/') ? 'IPv6 is switched off here, but the overlay carries it' : undefined,
  })
}

export function tooManyDestinations(node: string, wanted: number, most: number, span: At): LvnError {
  return refuse('LVN4020', `${node} has ${wanted} networks of its own, a device takes ${most}`, span, {
    hint: 'join its routes to larger networks',
  })
}

export function underlayOnModule(node: string, span: At): LvnError {
  return refuse(
    'LVN4021',
    `${node} limits its underlay to some interfaces, which the kmod plane cannot`,
    span,
    {
      hint: 'use the eBPF plane (`--plane ebpf`), or take `underlay` out and let nftables drop the packets: on the kmod plane they pass its input chains',
    },
  )
}

export function noTable(device: string, most: number, span: At): LvnError {
  return refuse('LVN4022', `no routing table is left for the routes of ${device} outside its nets`, span, {
    hint: `L-VN uses ${most} tables, from 7600: \`ip rule\` shows who has them`,
  })
}

export function fixedOfSeveral(hub: string, peers: number, span: At): LvnError {
  return refuse('LVN5301', `${hub} has a fixed device, which takes one tunnel, but ${peers} peers`, span, {
    hint: 'peers are its spokes and all other hubs: take `mode fixed` away',
  })
}

/** `owner` null: it is not of L-VN at all. */
export function filterTaken(table: string, owner: string | null, span: At): LvnError {
  const whose = owner === null ? 'is not ours' : `belongs to ${owner}`
  return refuse('LVN5201', `the policies cannot be enforced: the nftables table ${table} ${whose}`, span, {
    hint:
      owner === null
        ? `rename it or delete it (\`nft delete table inet ${table}\`); a table that is not ours is never changed`
        : `give the device another name, or \`lvn destroy ${owner}\` first`,
  })
}

export function unknownNode(wanted: string, near: string | undefined, names: readonly string[]): LvnError {
  const meant = near === undefined ? '' : `did you mean \`${near}\`? `
  return usage('LVN6401', `the file has no node \`${wanted}\``, `${meant}nodes: ${listed(names)}`)
}

export function noNodeHere(hostname: string, names: readonly string[]): LvnError {
  return usage(
    'LVN6402',
    `this host (${hostname}) is no node of the file`,
    `say which with --node, one of ${listed(names)}, or add \`match hostname ${hostname}\` to it`,
  )
}

export function severalNodesHere(overlay: string, by: string, names: readonly string[]): LvnError {
  return usage(
    'LVN6403',
    `by ${by} this host is several nodes of overlay ${overlay}: ${listed(names)}`,
    `say which with --node ${names[0]}`,
  )
}

export function noSuchOwner(wanted: string, here: readonly string[]): LvnError {
  const what = `there is no file \`${wanted}\`, and no overlay or node of that name on this host`
  const hint = here.length === 0 ? 'no overlay has anything here' : `here: ${listed(here)}`
  return usage('LVN6404', what, hint)
}

/** Names for a sentence; a long list is cut. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ')
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown
}

function refuse(code: string, message: string, span: At, more: { hint: string | undefined }): LvnError {
  return new LvnError(code, ExitCode.rolledBack, message, { span, hint: more.hint })
}

function usage(code: string, message: string, hint: string): LvnError {
  return new LvnError(code, ExitCode.usage, message, { hint })
}
