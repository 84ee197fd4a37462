// SPDX-License-Identifier: MIT
/**
 * `lvn tun add|set|del|list`: tunnels by hand, behind options, sentences and JSON.
 */
import { ExitCode } from '../../../diag/error.ts'
import { type Endpoint, type Family, formatEndpoint } from '../../../model/address.ts'
import type { LiveTunnel, OnDead } from '../../../model/state.ts'
import type { Keepalive } from '../../../model/topology.ts'
import {
  addTunnel,
  deleteTunnel,
  listObjects,
  setTunnel,
  type TunnelChange,
} from '../../../primitives/index.ts'
import { inOrder } from '../format-show.ts'
import { formatTunnels } from '../format-tunnels.ts'
import type { Session } from '../globals.ts'
import { readKeyFile } from '../key-file.ts'
import { withKernel, withLockedKernel } from '../node.ts'
import { count } from '../text.ts'
import { tunnelRef } from '../tunnel-ref.ts'
import { optional, readDuration, readEndpoint, readInteger, unfit } from '../values.ts'

interface ChosenOptions {
  readonly id?: string
  readonly force?: boolean
}

interface TunnelOptions extends ChosenOptions {
  readonly local?: string
  readonly localPort?: string
  readonly remote?: string
  readonly remotePort?: string
  readonly family?: '4' | '6'
  readonly underlay?: string
  readonly keepalive?: string
  readonly dead?: string
  readonly onDead?: OnDead
  readonly keyFile?: string
}

export async function add(
  session: Session,
  device: string,
  name: string | undefined,
  given: TunnelOptions,
): Promise<ExitCode> {
  const wish = { device, name, id: optional(given.id, readInteger, '--id'), ...(await changeOf(given)) }
  const made = await withLockedKernel(session.options, (kernel) => addTunnel(kernel, wish, given))
  return told(session, 'added', made)
}

export async function set(
  session: Session,
  device: string,
  name: string | undefined,
  given: TunnelOptions,
): Promise<ExitCode> {
  const ref = tunnelRef(name, given.id)
  const change = await changeOf(given)
  const made = await withLockedKernel(session.options, (kernel) =>
    setTunnel(kernel, device, ref, change, given),
  )
  return told(session, 'changed', made)
}

export async function del(
  { options, output }: Session,
  device: string,
  name: string | undefined,
  given: ChosenOptions,
): Promise<ExitCode> {
  const ref = tunnelRef(name, given.id)
  const gone = await withLockedKernel(options, (kernel) => deleteTunnel(kernel, device, ref, given))
  const rules = gone.rules.length === 0 ? '' : ` with ${count(gone.rules.length, 'rule')}`
  if (output.json) output.resultJson(gone)
  else output.result(`deleted: tunnel ${device}/${gone.tunnel.name}${rules}`)
  return ExitCode.done
}

export async function list({ options, output }: Session, device: string | undefined): Promise<ExitCode> {
  const tunnels = await withKernel(options, (kernel) => inOrder(listObjects(kernel, device)).tunnels)
  if (output.json) output.resultJson(tunnels)
  else output.result(formatTunnels(tunnels, output.paint))
  return ExitCode.done
}

async function changeOf(given: TunnelOptions): Promise<TunnelChange> {
  return {
    local: sideOf('local', given.local, given.localPort),
    remote: given.remote === 'none' ? null : sideOf('remote', given.remote, given.remotePort),
    family: given.family === undefined ? undefined : (Number(given.family) as Family),
    underlay: given.underlay,
    keepalive: keepaliveOf(given),
    onDead: given.onDead,
    key: given.keyFile === undefined ? undefined : await readKeyFile(given.keyFile),
  }
}

function sideOf(
  side: 'local' | 'remote',
  text: string | undefined,
  port: string | undefined,
): Partial<Endpoint> | undefined {
  if (text === undefined && port === undefined) return undefined
  const endpoint: Partial<Endpoint> = optional(text, readEndpoint, `--${side}`) ?? {}
  if (port === undefined) return endpoint
  if (endpoint.port !== undefined)
    throw unfit(`--${side} has a port already, and --${side}-port is given too`)
  return { ...endpoint, port: readInteger(port, `--${side}-port`) }
}

function keepaliveOf({ keepalive, dead }: TunnelOptions): Partial<Keepalive> {
  return {
    ...(keepalive === undefined ? {} : { intervalMs: readDuration(keepalive, '--keepalive') }),
    ...(dead === undefined ? {} : { deadMs: readDuration(dead, '--dead') }),
  }
}

function told({ output }: Session, verb: string, tunnel: LiveTunnel): ExitCode {
  const { device, name, id, local, remote, underlay } = tunnel
  const to = remote === null ? 'unknown' : `${formatEndpoint(remote)} over ${underlay}`
  if (output.json) output.resultJson(tunnel)
  else output.result(`${verb}: tunnel ${device}/${name} id ${id} local ${formatEndpoint(local)} remote ${to}`)
  return ExitCode.done
}
