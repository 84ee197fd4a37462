// SPDX-License-Identifier: MIT
/**
 * Statements as they are once everything in them is worked out: literals only, nothing that steers others. What
 * `expand` makes of a tree, and what a plain tree is from the start. Part of phase 1; types only.
 */
import type * as ast from '../../../grammar/ast.ts'
import type { Span } from '../../diag/source.ts'

/** `T` without whatever has to be worked out. */
type Flat<T> = T extends Span
  ? T
  : T extends ast.Computed | ast.Control | ast.On
    ? never
    : T extends readonly (infer U)[]
      ? readonly Flat<U>[]
      : T extends object
        ? { readonly [K in keyof T]: Flat<T[K]> }
        : T

export type Hub = Flat<ast.Hub>
export type Spoke = Flat<ast.Spoke>
export type Device = Flat<ast.Device>
export type Port = Flat<ast.Port>
export type Keepalive = Flat<ast.Keepalive>
export type Endpoint = Flat<ast.Endpoint>
export type Listen = Flat<ast.Listen>
export type Mtu = Flat<ast.Mtu>
export type Mode = Flat<ast.Mode>
export type Address = Flat<ast.Address>
export type Underlay = Flat<ast.Underlay>
export type Via = Flat<ast.Via>
export type Prefer = Flat<ast.Prefer>
export type Auth = Flat<ast.Auth>
export type Signalling = Flat<ast.Signalling>
export type PemFile = Flat<ast.PemFile>
export type Policy = Flat<ast.Policy>
export type PolicyEnd = Flat<ast.PolicyEnd>
export type Expect = Flat<ast.Expect>
export type ExpectEnd = Flat<ast.ExpectEnd>
export type Overlay = Flat<ast.Overlay>
export type OverlayStatement = Flat<ast.OverlayStatement>
export type NodeStatement = Flat<ast.HubStatement | ast.SpokeStatement>
export type DeviceStatement = Flat<ast.DeviceStatement>
export type Statement = Flat<ast.Statement>
