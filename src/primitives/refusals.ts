// SPDX-License-Identifier: MIT
/**
 * Every sentence that a primitive refuses with, one function for each. LVN45xx: nothing has been changed. It finds
 * nothing out by itself.
 */
import { ExitCode, LvnError } from '../diag/error.ts'
import { suggest } from '../diag/suggest.ts'
import type { Address, Family, Prefix } from '../model/address.ts'
import { ownerText } from '../model/hand.ts'
import type { Owner } from '../model/state.ts'

export function noSuchDevice(name: string, names: readonly string[], kind: string | null): LvnError {
  const what =
    kind === null
      ? `there is no device ${name}`
      : `${name} is no device of this data plane (its kind is ${kind})`
  return refuse('LVN4501', what, near(name, names) ?? '`lvn dev list` shows those that there are')
}

export function nameTaken(name: string): LvnError {
  return refuse('LVN4502', `there is an interface ${name} already`, `see \`lvn dev list\` and \`ip link\``)
}

export function ownedByOverlay(device: string, owner: Owner): LvnError {
  return refuse(
    'LVN4503',
    `device ${device} belongs to ${ownerText(owner)}: its overlay file says what it holds`,
    'change the file and apply it, or use --force; the next apply then takes the change back, unless it is the remote endpoint of an `endpoint nat` spoke',
  )
}

export function noSuchTunnel(device: string, tunnel: string | number, names: readonly string[]): LvnError {
  if (typeof tunnel === 'number') {
    return refuse('LVN4504', `device ${device} has no tunnel with the id ${tunnel}`, tunnelsOf(device))
  }
  return refuse(
    'LVN4504',
    `device ${device} has no tunnel ${tunnel}`,
    near(tunnel, names) ?? tunnelsOf(device),
  )
}

export function tunnelThere(device: string, name: string): LvnError {
  return refuse('LVN4505', `device ${device} has a tunnel ${name} already`, '`lvn tun set` changes it')
}

export function noSuchRule(device: string, prefix: Prefix): LvnError {
  return refuse('LVN4506', `device ${device} has no rule for ${prefix}`, `see \`lvn rule list ${device}\``)
}

export function ruleThere(device: string, prefix: Prefix, tunnel: string): LvnError {
  return refuse(
    'LVN4507',
    `device ${device} has a rule for ${prefix} already: it leads to ${tunnel}`,
    '`lvn rule set` points it to another tunnel',
  )
}

export function fixedHasNoRules(device: string): LvnError {
  return refuse(
    'LVN4508',
    `device ${device} is fixed: its one tunnel takes everything, without rules`,
    'rules need a device of mode multi',
  )
}

export function noUnderlay(name: string, names: readonly string[]): LvnError {
  return refuse('LVN4509', `there is no interface ${name}`, near(name, names))
}

export function notLocal(address: Address): LvnError {
  return refuse('LVN4510', `${address} is no address of this host`, 'see `ip address`')
}

export function noWay(remote: Address): LvnError {
  return refuse('LVN4511', `there is no route to ${remote}`, 'set one, or name the interface with --underlay')
}

export function insideItself(remote: Address, device: string): LvnError {
  return refuse(
    'LVN4512',
    `${remote} is reached through ${device}: the tunnel would run in itself`,
    'a remote endpoint is an address of the underlay, reached without the overlay',
  )
}

export function localNeeded(): LvnError {
  return wrong('a tunnel without a remote endpoint needs a local address', 'give it with --local')
}

export function remoteNeeded(): LvnError {
  return wrong('a remote port needs a remote address', 'give it with --remote')
}

export function otherFamily(what: string, address: Address, family: Family): LvnError {
  return wrong(`the ${what} address ${address} is not of IPv${family}`)
}

export function roomIsFixed(device: string, capacity: number, wanted: number): LvnError {
  return refuse(
    'LVN4513',
    `device ${device} was made for ${capacity} tunnels, and cannot be changed to ${wanted}`,
    'delete it and make it anew',
  )
}

export function hasTunnel(device: string, tunnel: string): LvnError {
  return refuse(
    'LVN4514',
    `device ${device} is fixed and has its one tunnel, ${tunnel}`,
    '`lvn tun set` changes it; more tunnels need a device of mode multi',
  )
}

export function noRoom(device: string, capacity: number): LvnError {
  return refuse(
    'LVN4515',
    `device ${device} was made for ${capacity} tunnels, and has them`,
    'take one away, or make a device with a larger --capacity',
  )
}

/** A value that cannot be, whatever the kernel holds: usage, exit 64. */
export function wrong(message: string, hint?: string): LvnError {
  return new LvnError('LVN4500', ExitCode.usage, message, { hint })
}

function refuse(code: string, message: string, hint: string | undefined): LvnError {
  return new LvnError(code, ExitCode.rolledBack, message, { hint })
}

function near(word: string, words: readonly string[]): string | undefined {
  const found = suggest(word, words)
  return found === undefined ? undefined : `did you mean \`${found}\`?`
}

function tunnelsOf(device: string): string {
  return `see \`lvn tun list ${device}\``
}
