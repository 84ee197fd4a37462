// SPDX-License-Identifier: MIT
/**
 * The rules of what an overlay or a node has: networks, addresses, endpoints, times, devices.
 */
import { expectedValue } from '../../src/diag/catalogue.ts'
import type * as ast from '../ast.ts'
import * as literals from '../literals.ts'
import { Comma, keywords, Newline } from '../tokens.ts'
import { Blocks } from './blocks.ts'

export abstract class Settings extends Blocks {
  protected net = this.listed(
    'net',
    literals.prefix,
    (prefixes, base): ast.Net => ({ kind: 'net', prefixes, ...base }),
  )
  protected routes = this.listed(
    'routes',
    literals.prefix,
    (prefixes, base): ast.Routes => ({ kind: 'routes', prefixes, ...base }),
  )
  protected address = this.listed(
    'address',
    literals.address,
    (addresses, base): ast.Address => ({ kind: 'address', addresses, ...base }),
  )
  protected listen = this.RULE('listenStatement', () => {
    const first = this.CONSUME(keywords.listen)
    const endpoints = this.SUBRULE(this.values, {
      ARGS: ['listen', literals.listen, 'at'],
    }) as ast.Listen['endpoints']
    return this.ACTION((): ast.Listen | undefined => {
      return endpoints.length === 0 ? undefined : { kind: 'listen', endpoints, ...this.base(first) }
    })
  })
  protected endpoint = this.single(
    'endpoint',
    literals.endpoint,
    (endpoint, base): ast.Endpoint => ({ kind: 'endpoint', endpoint, ...base }),
  )
  protected port = this.single(
    'port',
    literals.port,
    (port, base): ast.Port => ({ kind: 'port', port, ...base }),
  )
  protected mtu = this.single('mtu', literals.mtu, (mtu, base): ast.Mtu => ({ kind: 'mtu', mtu, ...base }))
  protected mode = this.single(
    'mode',
    literals.oneWord(['fixed', 'multi']),
    (mode, base): ast.Mode => ({ kind: 'mode', mode, ...base }),
  )

  protected underlay = this.listed(
    'underlay',
    literals.interfaceName,
    (interfaces, base): ast.Underlay => ({ kind: 'underlay', interfaces, ...base }),
  )
  protected via = this.listed(
    'via',
    literals.hubName,
    (hubs, base): ast.Via => ({ kind: 'via', hubs, ...base }),
  )
  protected prefer = this.single(
    'prefer',
    literals.hubName,
    (hub, base): ast.Prefer => ({ kind: 'prefer', hub, ...base }),
  )
  protected auth = this.single(
    'auth',
    literals.oneWord(['mutual', 'server', 'none']),
    (auth, base): ast.Auth => ({ kind: 'auth', auth, ...base }),
  )

  protected match = this.RULE('matchStatement', () => {
    const first = this.CONSUME(keywords.match)
    this.SUBRULE(this.value, { ARGS: ['match', literals.oneWord(['hostname'])] })
    const hostnames = this.SUBRULE(this.values, {
      ARGS: ['hostname', literals.hostname],
    }) as ast.Match['hostnames']
    return this.ACTION((): ast.Match | undefined => {
      return hostnames.length === 0 ? undefined : { kind: 'match', hostnames, ...this.base(first) }
    })
  })

  protected keepalive = this.RULE('keepaliveStatement', () => {
    const first = this.CONSUME(keywords.keepalive)
    const times: KeepaliveTimes = { every: null, dead: null }
    this.SUBRULE(this.keepaliveTime, { ARGS: [times] })
    this.MANY(() => {
      this.CONSUME(Comma)
      this.MANY2(() => this.CONSUME(Newline))
      this.SUBRULE2(this.keepaliveTime, { ARGS: [times] })
    })
    return this.ACTION((): ast.Keepalive | undefined => {
      if (times.every === null && times.dead === null) return undefined
      return { kind: 'keepalive', ...times, ...this.base(first) }
    })
  })

  private keepaliveTime = this.RULE('keepaliveTime', (times: KeepaliveTimes) => {
    const word = this.SUBRULE(this.value, { ARGS: ['keepalive', literals.keepaliveWord] }) as
      | ast.WordLiteral<'every' | 'dead'>
      | undefined
    this.OPTION({
      GATE: () => word?.text === 'dead',
      DEF: () => this.SUBRULE2(this.value, { ARGS: ['dead', literals.oneWord(['after'])] }),
    })
    const after = word?.text === 'dead' ? 'dead after' : 'every'
    const time = this.SUBRULE3(this.value, { ARGS: [after, literals.duration] }) as
      | ast.Slot<ast.DurationLiteral>
      | undefined
    this.ACTION(() => {
      if (word === undefined || time === undefined) return
      if (times[word.text] !== null) this.fail(expectedValue(word.span, 'the other time', 'keepalive'))
      else times[word.text] = time
    })
  })

  protected device = this.RULE('deviceStatement', () => {
    const first = this.CONSUME(keywords.device)
    const name = this.SUBRULE(this.value, { ARGS: ['device', literals.naming] }) as ast.Naming | undefined
    const body = this.OPTION({
      GATE: () => this.braceFollows() || this.braceMissing('device'),
      DEF: () => this.SUBRULE(this.block, { ARGS: ['device', this.label('device', name)] }),
    })
    return this.ACTION((): ast.Device | undefined => {
      if (name === undefined) return undefined
      return { kind: 'device', name, body: (body ?? null) as ast.Device['body'], ...this.base(first) }
    })
  })

  protected signalling = this.RULE('signallingStatement', () => {
    const first = this.CONSUME(keywords.signalling)
    const port = this.SUBRULE(this.value, { ARGS: ['signalling', literals.barePort] }) as
      | ast.PortLiteral
      | undefined
    const body = this.OPTION({
      GATE: () => this.braceFollows() || this.braceMissing('signalling'),
      DEF: () => this.SUBRULE(this.block, { ARGS: ['signalling', 'signalling'] }),
    })
    return this.ACTION((): ast.Signalling | undefined => {
      if (port === undefined) return undefined
      return { kind: 'signalling', port, body: (body ?? null) as ast.Signalling['body'], ...this.base(first) }
    })
  })

  protected cert = this.pemFile('cert')
  protected key = this.pemFile('key')
  protected ca = this.pemFile('ca')

  /** `word file "..."` */
  private pemFile(word: ast.PemFile['kind']) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      this.SUBRULE(this.value, { ARGS: [word, literals.oneWord(['file'])] })
      const path = this.SUBRULE2(this.value, { ARGS: ['file', literals.anyPath] }) as ast.Naming | undefined
      return this.ACTION((): ast.PemFile | undefined => {
        return path === undefined ? undefined : { kind: word, path, ...this.base(first) }
      })
    })
  }
}

interface KeepaliveTimes {
  every: ast.Keepalive['every']
  dead: ast.Keepalive['dead']
}
