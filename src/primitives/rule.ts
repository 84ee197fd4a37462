// SPDX-License-Identifier: MIT
/**
 * Rules one by one: which inner destinations go into which tunnel of a multi device.
 */
import type { Prefix } from '../model/address.ts'
import type { Kernel } from '../model/kernel.ts'
import type { LiveDevice, LiveRule, RuleSpec } from '../model/state.ts'
import { type Intent, inBulk, type Result, single } from './bulk.ts'
import type { Ledger } from './ledger.ts'
import { fixedHasNoRules, noSuchRule, ruleThere } from './refusals.ts'
import { mayTouch, type Permission, type TunnelRef } from './work.ts'

export interface NewRule {
  readonly device: string
  /** Inner destination; on receive, the inner source must be in a rule of its tunnel. */
  readonly prefix: Prefix
  readonly tunnel: TunnelRef
}

/** @throws LvnError: the prefix has a rule, the device is fixed, there is no such tunnel. */
export function addRule(kernel: Kernel, wish: NewRule, permission: Permission = {}): LiveRule {
  return single(addRules(kernel, [wish], permission))
}

/** The same for many, with a result for each. */
export function addRules(
  kernel: Kernel,
  wishes: readonly NewRule[],
  permission: Permission = {},
): readonly Result<LiveRule>[] {
  return inBulk(kernel, wishes, (ledger, wish) => {
    const { device, spec } = lookUp(ledger, wish, permission)
    if (device.mode === 'fixed') throw fixedHasNoRules(device.name)
    const there = ledger.rule(device.name, spec.prefix)
    if (there !== undefined) throw ruleThere(device.name, spec.prefix, there.tunnel)
    return intent('add', spec)
  })
}

/** Points the rule of this prefix to another tunnel; no packet is lost in between. */
export function setRule(kernel: Kernel, wish: NewRule, permission: Permission = {}): LiveRule {
  const changed = inBulk(kernel, [wish], (ledger) => {
    const { spec } = lookUp(ledger, wish, permission)
    if (ledger.rule(spec.device, spec.prefix) === undefined) throw noSuchRule(spec.device, spec.prefix)
    return intent('set', spec)
  })
  return single(changed)
}

export function deleteRule(
  kernel: Kernel,
  device: string,
  prefix: Prefix,
  permission: Permission = {},
): LiveRule {
  return single(deleteRules(kernel, [{ device, prefix }], permission))
}

/** The same for many, with a result for each. */
export function deleteRules(
  kernel: Kernel,
  wishes: readonly Pick<NewRule, 'device' | 'prefix'>[],
  permission: Permission = {},
): readonly Result<LiveRule>[] {
  return inBulk(kernel, wishes, (ledger, { device, prefix }) => {
    mayTouch(ledger.device(device), permission)
    const spec = ledger.rule(device, prefix)
    if (spec === undefined) throw noSuchRule(device, prefix)
    return intent('delete', spec)
  })
}

function lookUp(
  ledger: Ledger,
  wish: NewRule,
  permission: Permission,
): { readonly device: LiveDevice; readonly spec: RuleSpec } {
  const device = ledger.device(wish.device)
  mayTouch(device, permission)
  const tunnel = ledger.tunnel(wish.device, wish.tunnel).name
  return { device, spec: { device: wish.device, prefix: wish.prefix, tunnel } }
}

function intent(op: 'add' | 'set' | 'delete', spec: RuleSpec): Intent<LiveRule> {
  return { steps: [{ operation: { op, kind: 'rule', spec }, undo: [] }], read: () => spec }
}
