// SPDX-License-Identifier: MIT
/**
 * `lvn dev add|set|del|list`: devices by hand, behind options, sentences and JSON.
 */
import { ExitCode } from '../../../diag/error.ts'
import type { LiveDevice } from '../../../model/state.ts'
import type { DeviceMode } from '../../../model/topology.ts'
import { addDevice, deleteDevice, setDevice } from '../../../primitives/index.ts'
import { formatShow, inOrder } from '../format-show.ts'
import type { Session } from '../globals.ts'
import { withKernel, withLockedKernel } from '../node.ts'
import { optional, readInteger, readList } from '../values.ts'

interface ChangeOptions {
  readonly mtu?: string
  readonly capacity?: string
  readonly underlay?: string
  readonly force?: boolean
}

export async function add(
  { options, output }: Session,
  name: string,
  given: ChangeOptions & { readonly mode: DeviceMode },
): Promise<ExitCode> {
  const wish = { name, mode: given.mode, ...changeOf(given) }
  const made = await withLockedKernel(options, (kernel) => addDevice(kernel, wish))
  return told({ options, output }, 'added', made)
}

export async function set(
  { options, output }: Session,
  name: string,
  given: ChangeOptions,
): Promise<ExitCode> {
  const change = changeOf(given)
  const made = await withLockedKernel(options, (kernel) => setDevice(kernel, name, change, given))
  return told({ options, output }, 'changed', made)
}

export async function del(
  { options, output }: Session,
  name: string,
  given: Pick<ChangeOptions, 'force'>,
): Promise<ExitCode> {
  const gone = await withLockedKernel(options, (kernel) => deleteDevice(kernel, name, given))
  if (output.json) output.resultJson(gone)
  else output.result(`deleted: device ${gone.name}`)
  return ExitCode.done
}

export async function list({ options, output }: Session): Promise<ExitCode> {
  const state = await withKernel(options, (kernel) => inOrder(kernel.plane.snapshot()))
  if (output.json) output.resultJson(state.devices)
  else output.result(formatShow({ ...state, policies: [] }, ['devices'], output.paint))
  return ExitCode.done
}

function changeOf({ mtu, capacity, underlay }: ChangeOptions) {
  return {
    mtu: optional(mtu, readInteger, '--mtu'),
    capacity: optional(capacity, readInteger, '--capacity'),
    underlays: optional(underlay, readList, '--underlay'),
  }
}

function told({ output }: Session, verb: string, device: LiveDevice): ExitCode {
  const { name, mode, mtu, underlays } = device
  const over = underlays.length === 0 ? '' : ` over ${underlays.join(', ')}`
  if (output.json) output.resultJson(device)
  else output.result(`${verb}: device ${name} ${mode} mtu ${mtu}${over} (${device.plane} plane)`)
  return ExitCode.done
}
