// SPDX-License-Identifier: MIT
/**
 * Statements of a node over those it has already, from a template or before an `on`: what can be said once is
 * replaced, what is a list adds up. Part of phase 1.
 */
import type * as flat from './flat.ts'

type NodeStatement = flat.NodeStatement

const onlyOnce: ReadonlySet<NodeStatement['kind'] | flat.DeviceStatement['kind']> = new Set([
  'endpoint',
  'port',
  'keepalive',
  'device',
  'prefer',
  'auth',
  'signalling',
  'mtu',
  'mode',
] as const)

export function merge(
  base: readonly NodeStatement[],
  over: readonly NodeStatement[],
): readonly NodeStatement[] {
  if (base.length === 0) return over
  if (over.length === 0) return base
  const replaced = new Map(base.map((statement) => [statement.kind, statement]))
  const added = over.map((statement): NodeStatement => {
    const before = replaced.get(statement.kind)
    if (statement.kind === 'keepalive' && before?.kind === 'keepalive')
      return { ...statement, every: statement.every ?? before.every, dead: statement.dead ?? before.dead }
    if (statement.kind === 'device' && before?.kind === 'device') return mergeDevice(before, statement)
    return statement
  })
  return [...kept(base, over), ...added]
}

function mergeDevice(base: flat.Device, over: flat.Device): flat.Device {
  if (over.body === null || base.body === null) return { ...over, body: over.body ?? base.body }
  const statements = [...kept(base.body.statements, over.body.statements), ...over.body.statements]
  return { ...over, body: { ...over.body, statements, damaged: base.body.damaged || over.body.damaged } }
}

/** What `over` does not replace. */
function kept<S extends NodeStatement | flat.DeviceStatement>(base: readonly S[], over: readonly S[]): S[] {
  const said = new Set(over.map(({ kind }) => kind))
  return base.filter(({ kind }) => !(onlyOnce.has(kind) && said.has(kind)))
}
