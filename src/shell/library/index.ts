// SPDX-License-Identifier: MIT
/**
 * The package for programs: `import { openNetwork } from 'lvn'`. What is exported here is documented in
 * docs/library.md and kept; everything else of the house may change.
 */
export { parse } from '../../../grammar/parser.ts'
export { print } from '../../../grammar/printer.ts'
export { type Diagnostic, ExitCode, LvnError, type Related, type Severity } from '../../diag/error.ts'
export { renderHuman, renderJson } from '../../diag/render.ts'
export { type Position, Source, type Span } from '../../diag/source.ts'
export { planToJson } from '../../interp/index.ts'
export type {
  ApplyProgress,
  ApplyReport,
  Change,
  Foreign,
  Names,
  Note,
  Pending,
  Plan,
  Prune,
  Step,
} from '../../interp/types.ts'
export {
  type Address,
  type Endpoint,
  type Family,
  formatEndpoint,
  hostPrefix,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../../model/address.ts'
export { isByHand } from '../../model/hand.ts'
export type {
  Drops,
  LiveDevice,
  LiveRule,
  LiveState,
  LiveTunnel,
  OnDead,
  Owner,
  PlaneName,
  TunnelCounters,
} from '../../model/state.ts'
export type { DeviceMode, Keepalive, Node, NodeEndpoint, Overlay, Topology } from '../../model/topology.ts'
export type {
  DeletedTunnel,
  DeviceChange,
  NewDevice,
  NewRule,
  NewTunnel,
  Permission,
  Result,
  TunnelChange,
  TunnelRef,
} from '../../primitives/index.ts'
export type { LivePolicy } from '../cli/format-policies.ts'
export { type Checked, type CheckOptions, checkFile, checkText, type PlanOptions, planOf } from './files.ts'
export { type Network, type NetworkOptions, openNetwork } from './network.ts'
export type { Applied, OverlayOptions } from './overlay.ts'
