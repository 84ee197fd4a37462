// SPDX-License-Identifier: MIT
/**
 * Devices, tunnels and rules made, changed and deleted one by one or many at once, without a file: the terms of
 * `ipudp_conf`, the tool of the original. Everything acts on the kernel that it is given, at once. Files, locks,
 * namespaces and command lines are not known here.
 */
export type { Result } from './bulk.ts'
export { addDevice, type DeviceChange, deleteDevice, type NewDevice, setDevice } from './device.ts'
export { listObjects, type Objects } from './list.ts'
export { addRule, addRules, deleteRule, deleteRules, type NewRule, setRule } from './rule.ts'
export {
  addTunnel,
  addTunnels,
  type DeletedTunnel,
  deleteTunnel,
  deleteTunnels,
  type NewTunnel,
  setTunnel,
  type TunnelChange,
} from './tunnel.ts'
export type { Permission, TunnelRef } from './work.ts'
