// SPDX-License-Identifier: MIT
/**
 * Every sentence that a plane refuses a tunnel or a rule with before the kernel is asked, one function per reason, the
 * same on every plane. It finds nothing out by itself.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import { type Endpoint, type Family, formatEndpoint, type Prefix } from '../../src/model/address.ts'

export function full(device: string, capacity: number): LvnError {
  return refuse('LVN5001', device, `it is full: it was made for ${tunnels(capacity)}`, {
    hint: 'destroy the overlay and apply it again to make the device larger',
  })
}

export function sameRemote(
  device: string,
  holder: string,
  name: string,
  remote: Endpoint,
  localPort: number,
): LvnError {
  const where = `${formatEndpoint(remote)} on local port ${localPort}`
  return refuse('LVN5002', device, `tunnels ${holder} and ${name} have the same remote endpoint ${where}`)
}

export function noUnderlay(device: string, name: string, underlay: string): LvnError {
  return refuse('LVN5004', device, `the underlay interface ${underlay} of tunnel ${name} is not there`, {
    hint: 'plan again: the way to the remote endpoint has changed',
  })
}

export function tooManyPorts(device: string, most: number): LvnError {
  return refuse('LVN5005', device, `its tunnels have more than ${most} local ports`)
}

export function tooManyLocals(device: string, most: number): LvnError {
  return refuse('LVN5006', device, `its tunnels have more than ${most} local endpoints`)
}

export function noTunnel(device: string, prefix: Prefix, tunnel: string): LvnError {
  return refuse('LVN5007', device, `rule ${prefix}: no tunnel ${tunnel}`)
}

export function fullOfRules(device: string, most: number, family: Family): LvnError {
  return refuse('LVN5008', device, `it is full: it was made for ${most} IPv${family} rules`, {
    hint: 'join prefixes into larger ones, or destroy the overlay and apply it again',
  })
}

export function idTaken(device: string, id: number): LvnError {
  return refuse('LVN5014', device, `tunnel id ${id} is taken`)
}

export function noSuchId(device: string, id: number, capacity: number): LvnError {
  return refuse('LVN5014', device, `there is no tunnel id ${id}: it was made for ${tunnels(capacity)}`)
}

export function idIsKept(device: string, name: string, id: number): LvnError {
  return refuse('LVN5014', device, `tunnel ${name} has the id ${id}, which cannot be changed`)
}

/** `why`: whose socket is where. */
export function portTaken(device: string, why: string): LvnError {
  return refuse('LVN5020', device, `it cannot receive on ${why}`, {
    hint: 'stop that program or give the overlay another port',
  })
}

/** Nobody would send, check or miss the control packets that these are for. */
export function noControl(device: string, name: string, what: 'key' | 'removal'): LvnError {
  const wish = what === 'removal' ? 'remove a dead tunnel by itself' : 'hold a key'
  return refuse('LVN5015', device, `tunnel ${name}: the ebpf plane cannot ${wish}`, {
    hint: 'the kernel module can: `--plane kmod`',
  })
}

function tunnels(count: number): string {
  return count === 1 ? '1 tunnel' : `${count} tunnels`
}

function refuse(code: string, device: string, reason: string, options: { hint?: string } = {}): LvnError {
  return new LvnError(code, ExitCode.rolledBack, `device ${device}: ${reason}`, options)
}
