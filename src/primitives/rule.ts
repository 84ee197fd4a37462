// SPDX-License-Identifier: MIT
/**
 * Rules one by one: which inner destinations go into which tunnel of a multi device.
 */
import type { Prefix } from '../model/address.ts'
import type { Kernel } from '../model/kernel.ts'
import type { LiveDevice, LiveRule, PlaneState, RuleSpec } from '../model/state.ts'
import { fixedHasNoRules, noSuchRule, ruleThere } from './refusals.ts'
import { carryOut, findDevice, findTunnel, mayTouch, type Permission, type TunnelRef } from './work.ts'

export interface NewRule {
  readonly device: string
  /** Inner destination; on receive, the inner source must be in a rule of its tunnel. */
  readonly prefix: Prefix
  readonly tunnel: TunnelRef
}

/** @throws LvnError: the prefix has a rule, the device is fixed, there is no such tunnel. */
export function addRule(kernel: Kernel, wish: NewRule, permission: Permission = {}): LiveRule {
  const { state, device, spec } = lookUp(kernel, wish, permission)
  if (device.mode === 'fixed') throw fixedHasNoRules(device.name)
  const there = findRule(state, spec)
  if (there !== undefined) throw ruleThere(device.name, spec.prefix, there.tunnel)
  carryOut(kernel, [{ operation: { op: 'add', kind: 'rule', spec }, undo: [] }])
  return spec
}

/** Points the rule of this prefix to another tunnel; no packet is lost in between. */
export function setRule(kernel: Kernel, wish: NewRule, permission: Permission = {}): LiveRule {
  const { state, spec } = lookUp(kernel, wish, permission)
  if (findRule(state, spec) === undefined) throw noSuchRule(spec.device, spec.prefix)
  carryOut(kernel, [{ operation: { op: 'set', kind: 'rule', spec }, undo: [] }])
  return spec
}

export function deleteRule(
  kernel: Kernel,
  device: string,
  prefix: Prefix,
  permission: Permission = {},
): LiveRule {
  const state = kernel.plane.snapshot()
  mayTouch(findDevice(kernel, state, device), permission)
  const spec = findRule(state, { device, prefix })
  if (spec === undefined) throw noSuchRule(device, prefix)
  carryOut(kernel, [{ operation: { op: 'delete', kind: 'rule', spec }, undo: [] }])
  return spec
}

function lookUp(
  kernel: Kernel,
  wish: NewRule,
  permission: Permission,
): { state: PlaneState; device: LiveDevice; spec: RuleSpec } {
  const state = kernel.plane.snapshot()
  const device = findDevice(kernel, state, wish.device)
  mayTouch(device, permission)
  const tunnel = findTunnel(state, wish.device, wish.tunnel).name
  return { state, device, spec: { device: wish.device, prefix: wish.prefix, tunnel } }
}

function findRule(
  state: PlaneState,
  { device, prefix }: Pick<RuleSpec, 'device' | 'prefix'>,
): LiveRule | undefined {
  return state.rules.find((rule) => rule.device === device && rule.prefix === prefix)
}
