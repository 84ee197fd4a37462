// SPDX-License-Identifier: MIT
/**
 * One statement with everything in it worked out. Blocks are handed back to the caller's `block`. Part of phase 1.
 * Undefined always means: reported, go on without it.
 */
import type * as ast from '../../../grammar/ast.ts'
import { type Env, placed } from './env.ts'
import type * as flat from './flat.ts'
import { fill, fillAll, fillName, moved, slots } from './slots.ts'
import { allKnown } from './value.ts'

type Simple = Exclude<flat.Statement, { kind: Block }>
type Block = 'lvn' | 'overlay' | 'hub' | 'spoke' | 'device' | 'signalling' | 'on' | 'template' | 'import'

/** A statement without a block. Where the parser has done its work, no other comes here. */
export function flatten(statement: Exclude<ast.Statement, ast.Control>, env: Env): Simple | undefined {
  const filled = filledIn(statement, env)
  if (filled === undefined || env.notes.length === 0) return filled
  return { ...filled, span: placed(statement.span, env) }
}

function filledIn(statement: Exclude<ast.Statement, ast.Control>, env: Env): Simple | undefined {
  const word = statement.kind
  switch (statement.kind) {
    case 'net':
    case 'routes': {
      const prefixes = fillAll(statement.prefixes, slots.prefix, word, env)
      return prefixes && { ...statement, prefixes }
    }
    case 'address': {
      const addresses = fillAll(statement.addresses, slots.address, word, env)
      return addresses && { ...statement, addresses }
    }
    case 'listen':
      return listen(statement, env)
    case 'endpoint': {
      const endpoint = fill(statement.endpoint, slots.endpoint, word, env)
      return endpoint && { ...statement, endpoint }
    }
    case 'match': {
      const hostnames = fillAll(statement.hostnames, slots.hostname, 'match hostname', env)
      return hostnames && { ...statement, hostnames }
    }
    case 'port': {
      const port = fill(statement.port, slots.integer, word, env)
      return port && { ...statement, port }
    }
    case 'mtu': {
      const mtu = fill(statement.mtu, slots.mtu, word, env)
      return mtu && { ...statement, mtu }
    }
    case 'keepalive':
      return keepalive(statement, env)
    case 'underlay': {
      const interfaces = fillAll(statement.interfaces, slots.interface, word, env)
      return interfaces && { ...statement, interfaces }
    }
    case 'via': {
      const hubs = fillAll(statement.hubs, slots.hub, word, env)
      return hubs && { ...statement, hubs }
    }
    case 'prefer': {
      const hub = fill(statement.hub, slots.hub, word, env)
      return hub && { ...statement, hub }
    }
    case 'mode':
      return { ...statement, mode: moved(statement.mode, env) }
    case 'auth':
      return { ...statement, auth: moved(statement.auth, env) }
    case 'cert':
    case 'key':
    case 'ca': {
      const path = fillName(statement.path, env)
      return path && { ...statement, path }
    }
    case 'allow':
    case 'deny': {
      const from = fill(statement.from, slots.policyEnd, word, env)
      const to = fill(statement.to, slots.policyEnd, word, env)
      return from && to && { ...statement, from, to }
    }
    case 'expect':
      return expectation(statement, env)
    default:
      return undefined
  }
}

function listen(statement: ast.Listen, env: Env): flat.Listen | undefined {
  const parts = statement.endpoints.map((written) => {
    if (written.kind !== 'translated') return fillAll([written], slots.listen, 'listen', env)
    const outside = fill(written.outside, slots.listen, 'listen', env)
    const inside = fill(written.inside, slots.listen, 'at', env)
    return outside && inside && [{ ...written, outside, inside, span: placed(written.span, env) }]
  })
  return allKnown(parts) ? { ...statement, endpoints: parts.flat() } : undefined
}

function keepalive(statement: ast.Keepalive, env: Env): flat.Keepalive | undefined {
  const time = (written: ast.Keepalive['every'], word: string) =>
    written === null ? null : fill(written, slots.duration, word, env)
  const every = time(statement.every, 'keepalive every')
  const dead = time(statement.dead, 'dead after')
  return every === undefined || dead === undefined ? undefined : { ...statement, every, dead }
}

function expectation(statement: ast.Expect, env: Env): flat.Expect | undefined {
  const word = `expect ${statement.what}`
  const from = fill(statement.from, slots.expectEnd, word, env)
  const to = fill(statement.to, slots.expectEnd, word, env)
  const within = statement.within && fill(statement.within, slots.duration, 'within', env)
  const least = statement.least && fill(statement.least, slots.rate, word, env)
  if (from === undefined || to === undefined || within === undefined || least === undefined) return undefined
  return { ...statement, from, to, within, least }
}
