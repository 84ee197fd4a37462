// SPDX-License-Identifier: MIT
/**
 * The kernel's own tool for netlink (tools/net/ynl of its sources) with spec/lvn.yaml: the description is valid
 * in the kernel's schema, and what the tool makes of it is what a running module understands. LVN_YNL names the
 * folder of the sources; of them, tools/net/ynl and Documentation/netlink are used.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addLink } from '../support/lvn-link.ts'
import { Netns } from '../support/netns.ts'

const sources = process.env.LVN_YNL ?? ''
const tool = join(sources, 'tools/net/ynl/cli.py')
const arguments_ = [
  ...[tool, '--spec', 'spec/lvn.yaml', '--output-json'],
  ...['--schema', join(sources, 'Documentation/netlink/genetlink-legacy.yaml')],
]

/** Why this cannot be tested here; null where it can. */
function missing(): string | null {
  if (sources === '') return 'LVN_YNL names no kernel sources'
  if (!existsSync(tool)) return `there is no ${tool}`
  const modules = spawnSync('python3', ['-c', 'import jsonschema, yaml'])
  return modules.status === 0 ? null : 'Python lacks jsonschema or yaml'
}
const reason = missing()

let ns: Netns
let ifindex: number

beforeEach((context) => {
  // Where the sources are there for certain, a skipped test would hide that it never runs.
  if (reason !== null && process.env.LVN_VM === 'debug') throw new Error(reason)
  if (reason !== null) context.skip(reason)
  ns = new Netns('ynl')
  ns.run('ip', 'addr', 'add', '192.0.2.1/32', 'dev', 'lo')
  ns.run('ip', 'addr', 'add', '2001:db8::1/128', 'dev', 'lo', 'nodad')
  ifindex = addLink(ns, 'lvn0', { mode: 'multi', capacity: 16 })
})

afterEach(() => ns?.dispose())

/** What the tool prints, a line each. Throws with its output where it fails. */
const ynl = (...more: string[]): readonly unknown[] =>
  ns
    .run('python3', ...arguments_, ...more)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const request = (name: string, attributes: object, ...more: string[]) =>
  ynl(...more, '--do', name, '--json', JSON.stringify(attributes))

const dump = (name: string) => ynl('--dump', name, '--json', JSON.stringify({ ifindex }))[0]

const peer = {
  id: 3,
  name: 'peer',
  'local-port': 50_000,
  'remote-port': 50_001,
  'keepalive-interval': 0,
  'dead-time': 0,
  'on-dead': 'remove',
}
/** The tool takes addresses as bytes in network order. */
const made = {
  ...peer,
  'local-address': 'c0000201',
  'remote-address': 'c0000202',
  key: '00'.repeat(16),
}
const seen = { ...peer, 'local-address': '192.0.2.1', 'remote-address': '192.0.2.2', state: 'up' }

test('tunnels are made, read, changed and deleted', () => {
  request('tunnel-new', { ...made, ifindex })
  const stats = expect.objectContaining({ 'rx-packets': 0, 'tx-bytes': 0, dropped: 0 })
  expect(dump('tunnel-get')).toEqual([expect.objectContaining({ ...seen, ifindex, stats })])
  request('tunnel-set', { ifindex, id: 3, 'on-dead': 'keep', 'keepalive-interval': 5_000 })
  expect(request('tunnel-get', { ifindex, name: 'peer' })).toEqual([
    expect.objectContaining({ ...seen, ifindex, 'on-dead': 'keep', 'keepalive-interval': 5_000 }),
  ])
  request('tunnel-del', { ifindex, name: 'peer' })
  expect(dump('tunnel-get')).toEqual([])
})

test('rules are made, read, pointed elsewhere and deleted', () => {
  request('tunnel-new', { ...made, ifindex })
  request('tunnel-new', {
    ...made,
    ifindex,
    id: 4,
    name: 'other',
    'remote-port': 50_002,
    key: '11'.repeat(16),
  })
  const v4 = { ifindex, prefix: '0a400000', 'prefix-len': 16 }
  const v6 = { ifindex, prefix: `fd42${'00'.repeat(14)}`, 'prefix-len': 64 }
  request('rule-new', { ...v4, tunnel: 3 })
  request('rule-new', { ...v6, tunnel: 3 })
  request('rule-set', { ...v6, tunnel: 4 })
  expect(dump('rule-get')).toEqual(
    expect.arrayContaining([
      { ifindex, prefix: '10.64.0.0', 'prefix-len': 16, tunnel: 3 },
      { ifindex, prefix: 'fd42::', 'prefix-len': 64, tunnel: 4 },
    ]),
  )
  request('rule-del', v4)
  expect(dump('rule-get')).toEqual([{ ifindex, prefix: 'fd42::', 'prefix-len': 64, tunnel: 4 }])
})

test('local endpoints are made, read and deleted', () => {
  const local = { ifindex, address: `20010db8${'00'.repeat(11)}01`, port: 50_003 }
  request('local-new', local)
  expect(dump('local-get')).toEqual([{ ifindex, address: '2001:db8::1', port: 50_003, tunnels: 0 }])
  request('local-del', local)
  expect(dump('local-get')).toEqual([])
})

test('a refusal is shown with its sentence', () => {
  const rule = { ifindex, prefix: '0a400000', 'prefix-len': 16, tunnel: 3 }
  const { status, stdout } = ns.try(
    'python3',
    ...[...arguments_, '--do', 'rule-new', '--json', JSON.stringify(rule)],
  )
  expect([status, stdout]).toEqual([1, expect.stringContaining('no such tunnel')])
})
