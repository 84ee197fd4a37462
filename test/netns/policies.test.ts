// SPDX-License-Identifier: MIT
/**
 * Policies in force: a hub between three spokes, brought up through the interpreter from a topology made by hand.
 *
 *     rathaus 10.64.1.1, fd42:64:1::1 ══╗
 *     kirche  10.64.2.1, fd42:64:2::1 ══╬══ gw1 10.64.0.1, fd42:64::1 ─── lan 10.64.200.0/24
 *     museum  10.64.3.1, fd42:64:3::1 ══╝
 */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { applyFilter, readFilters } from '../../native/host/filter/index.ts'
import { openKernel } from '../../native/index.ts'
import { withNetns } from '../../native/netns.ts'
import { applyPlan, observe, planDestroyFromState, planFromState, wantsOf } from '../../src/interp/index.ts'
import { compileFamily } from '../../src/interp/policy-program.ts'
import type { Plan } from '../../src/interp/types.ts'
import type { Kernel } from '../../src/model/kernel.ts'
import type { Node, Policy, Topology } from '../../src/model/topology.ts'
import { lvnPath } from '../support/cli.ts'
import { Host, type Machine, type SpokeMachine } from '../support/host.ts'
import { connect, Netns, until } from '../support/netns.ts'
import { anyPrefix, policy, withPolicies } from '../support/policies.ts'
import { at, hub, overlay, spoke, topology } from '../support/topologies.ts'

const names = ['rathaus', 'kirche', 'museum'] as const
type Name = (typeof names)[number]
const v4: Readonly<Record<string, string>> = {
  gw1: '10.64.0.1',
  rathaus: '10.64.1.1',
  kirche: '10.64.2.1',
  museum: '10.64.3.1',
}
const v6: Readonly<Record<string, string>> = {
  gw1: 'fd42:64::1',
  rathaus: 'fd42:64:1::1',
  kirche: 'fd42:64:2::1',
  museum: 'fd42:64:3::1',
}

const noNames = new Map()
let gw: Host
let lan: Netns
let bare: Topology
const spokes = {} as Record<Name, SpokeMachine>
let rulesetBefore: string

function inside<T>(machine: Machine, use: (kernel: Kernel) => T): T {
  return withNetns(machine.ns.path, () => {
    const kernel = openKernel('auto')
    try {
      return use(kernel)
    } finally {
      kernel.close()
    }
  })
}

function planned(machine: Machine, node: Node, policies: readonly Policy[]): Plan {
  const file = withPolicies(bare, ...policies)
  return inside(machine, (kernel) =>
    planFromState(observe(kernel, wantsOf(file, [node], noNames)), file, [node], noNames),
  )
}

function applied(machine: Machine, node: Node, policies: readonly Policy[]): Plan {
  const plan = planned(machine, node, policies)
  const report = inside(machine, (kernel) => applyPlan(kernel, plan))
  expect(report.steps.find(({ error }) => error)?.error).toBeUndefined()
  expect(report).toMatchObject({ outcome: 'done', residue: [] })
  return plan
}

const hubNode = () => bare.overlays[0]?.hub as Node
const enforce = (...policies: readonly Policy[]) => applied(gw, hubNode(), policies)
const changesOf = (plan: Plan) => plan.steps.map(({ change }) => `${change.op} ${change.id}`)
const ruleset = () => gw.ns.run('nft', 'list', 'ruleset')

const pings = (from: Netns, to: string, ...more: string[]) =>
  from.try('ping', '-c1', '-W1', ...more, to).status === 0

/** A server that sends back what it reads. */
async function echo(on: Netns, host: string, port: number): Promise<ChildProcess> {
  const source = `require('net').createServer(s=>s.on('error',()=>{}).pipe(s)).listen(${port},'${host}',()=>console.log('up'))`
  const server = on.start(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => server.stdout?.once('data', resolve))
  return server
}

/** Does a new connection get an answer? */
function connects(from: Netns, host: string, port: number): boolean {
  const source = `
    const s=require('net').connect({host:'${host}',port:${port},timeout:1500})
    s.on('connect',()=>s.write('x')).on('data',()=>process.exit(0))
    s.on('error',()=>process.exit(1)).on('timeout',()=>process.exit(1))`
  return from.try(process.execPath, '-e', source).status === 0
}

/** An ICMP message with a text of its own, which answers nothing. */
function sendIcmp(from: Netns, source: string, to: string, type: number, code: number): void {
  const family = to.includes(':') ? 'socket.AF_INET6' : 'socket.AF_INET'
  const program = `
import socket, struct
v6 = ${to.includes(':') ? 'True' : 'False'}
body = bytes(24) + b'smuggled text'
def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
head = lambda c: struct.pack('!BBH', ${type}, ${code}, c)
s = socket.socket(${family}, socket.SOCK_RAW, 58 if v6 else 1)
s.bind(('${source}', 0))
s.sendto(head(0 if v6 else checksum(head(0) + body)) + body, ('${to}', 0))`
  from.run('python3', '-c', program)
}

function counted(on: Netns, family: '4' | '6'): number {
  return Number(/packets (\d+)/.exec(on.run('nft', 'list', 'counter', 'inet', 'seen', `n${family}`))?.[1])
}

beforeAll(() => {
  gw = new Host('policy')
  lan = new Netns('lan')
  connect(
    { ns: gw.ns, dev: 'lan0', addresses: ['10.64.200.1/24'] },
    { ns: lan, dev: 'eth0', addresses: ['10.64.200.2/24'] },
  )
  lan.run('ip', 'route', 'add', 'default', 'via', '10.64.200.1')
  for (const name of names) spokes[name] = gw.addSpoke(name)
  bare = topology(
    overlay(
      ['10.64.0.0/16', 'fd42:64::/32'],
      hub('gw1', ['198.51.100.10'], {
        addresses: [v4.gw1 as string, v6.gw1 as string],
        routes: ['10.64.200.0/24'],
      }),
      names.map((name) =>
        spoke(name, at(spokes[name].v4), { addresses: [v4[name] as string, v6[name] as string] }),
      ),
    ),
  )
  // Somebody else's tables: one like any, one with a name that begins as ours do.
  gw.ns.run('nft', 'add', 'table', 'inet', 'theirs')
  gw.ns.run('nft', 'add', 'chain', 'inet', 'theirs', 'in', '{ type filter hook input priority 5; }')
  gw.ns.run('nft', 'add', 'table', 'inet', 'lvn_eth0')
  rulesetBefore = ruleset()
  for (const [i, name] of names.entries()) {
    applied(spokes[name], bare.overlays[0]?.spokes[i] as Node, [])
  }
})

afterAll(() => {
  lan?.dispose()
  gw?.dispose()
})

const ns = (name: Name) => spokes[name].ns
const deny = policy('deny', 'rathaus', 'kirche')

describe('policies of a hub', () => {
  it('put nothing into nftables while there are none', async () => {
    enforce()
    await until('a spoke reaches another', () => pings(ns('rathaus'), v4.kirche as string))
    expect(ruleset()).toBe(rulesetBefore)
  })

  it('start no process where no table has a name of ours', () => {
    const snapshot = (on: Netns) =>
      on.try(
        ...(['unshare', '-m', 'sh', '-c'] as const),
        'mount --bind /bin/false "$(command -v nft)" && exec "$@"',
        ...['sh', process.execPath, lvnPath, 'snapshot'],
      )
    const ran = snapshot(ns('rathaus'))
    expect(JSON.parse(ran.stdout)).toMatchObject({ filters: [] })
    // Where there is one, the process is missed.
    expect(snapshot(gw.ns).stderr).toContain('cannot read the filter of eth0')
  })

  it('keep one from opening flows to another, and let the answers of the other way through', async () => {
    await echo(ns('kirche'), v4.kirche as string, 7000)
    await echo(ns('rathaus'), v4.rathaus as string, 7000)
    expect(connects(ns('rathaus'), v4.kirche as string, 7000)).toBe(true)
    expect(changesOf(enforce(deny))).toEqual(['add filter lvn0'])
    for (const address of [v4, v6]) {
      expect(pings(ns('rathaus'), address.kirche as string)).toBe(false)
      expect(pings(ns('kirche'), address.rathaus as string)).toBe(true)
      expect(pings(ns('rathaus'), address.museum as string)).toBe(true)
      expect(pings(ns('rathaus'), address.gw1 as string)).toBe(true)
    }
    expect(connects(ns('rathaus'), v4.kirche as string, 7000)).toBe(false)
    expect(connects(ns('kirche'), v4.rathaus as string, 7000)).toBe(true)
    expect(ns('rathaus').try('ping', '-c1', '-W1', v4.kirche as string).stdout).toContain('Packet filtered')
  })

  it('are read back as they were written: the second plan is empty', () => {
    expect(planned(gw, hubNode(), [deny]).steps).toEqual([])
    const many = [deny, policy('deny', 'any', '10.64.200.0/24'), policy('allow', 'museum', 'gw1'), deny]
    expect(changesOf(enforce(...many))).toEqual(['change filter lvn0'])
    expect(planned(gw, hubNode(), many).steps).toEqual([])
    expect(changesOf(enforce(deny))).toEqual(['change filter lvn0'])
  })

  it('hold for the hub itself and for what is behind it, both ways', () => {
    const ends = [policy('deny', 'rathaus', 'gw1'), policy('deny', 'gw1', 'kirche')]
    enforce(...ends)
    for (const address of [v4, v6]) {
      expect(pings(ns('rathaus'), address.gw1 as string)).toBe(false)
      expect(pings(gw.ns, address.rathaus as string)).toBe(true)
      expect(pings(gw.ns, address.kirche as string)).toBe(false)
      expect(pings(ns('kirche'), address.gw1 as string)).toBe(true)
    }
    expect(pings(ns('rathaus'), '10.64.200.2')).toBe(false)
    expect(pings(ns('museum'), '10.64.200.2')).toBe(true)
    expect(pings(lan, v4.kirche as string)).toBe(false)
    expect(pings(lan, v4.rathaus as string)).toBe(true)
    enforce(deny)
  })

  it('let the last that matches count', () => {
    enforce(
      policy('deny', 'any', 'any'),
      policy('allow', 'museum', 'any'),
      policy('deny', 'museum', 'kirche'),
    )
    expect(pings(ns('museum'), v4.rathaus as string)).toBe(true)
    expect(pings(ns('museum'), v6.kirche as string)).toBe(false)
    expect(pings(ns('kirche'), v4.rathaus as string)).toBe(false)
    enforce(deny)
  })

  it('never hold back the errors that path MTU discovery needs', () => {
    const closed = [policy('deny', 'any', 'any'), policy('allow', 'museum', 'rathaus')]
    enforce(...closed)
    // Not even where connections are not followed, and no error belongs to one.
    const untracked = ['prerouting', 'output'].map(
      (hook) =>
        `add chain inet raw ${hook} { type filter hook ${hook} priority raw; }; add rule inet raw ${hook} notrack`,
    )
    gw.ns.run('nft', ['add table inet raw', ...untracked].join('; '))
    ns('museum').run('ip', 'link', 'set', 'lvn0', 'mtu', '1400')
    gw.ns.run('ip', 'link', 'set', 'lvn0', 'mtu', '1300')
    const big = ns('museum').try('ping', '-c2', '-W1', '-M', 'do', '-s', '1340', v4.rathaus as string)
    expect(big.stdout + big.stderr).toMatch(/mtu = ?1300|mtu=1300/)
    const big6 = ns('museum').try('ping', '-c2', '-W1', '-M', 'do', '-s', '1340', v6.rathaus as string)
    expect(big6.stdout + big6.stderr).toMatch(/mtu = ?1300|mtu=1300/)
    gw.ns.run('nft', 'delete', 'table', 'inet', 'raw')
    enforce(deny)
  })

  it('let no errors and no neighbours through that belong to no flow', async () => {
    enforce(deny)
    const received = (name: Name, family: '4' | '6') => counted(ns(name), family)
    for (const name of ['kirche', 'museum'] as const)
      ns(name).run(
        'nft',
        [
          'add table inet seen',
          'add chain inet seen in { type filter hook input priority -300; }',
          'add counter inet seen n4',
          'add counter inet seen n6',
          'add rule inet seen in iifname lvn0 icmp type destination-unreachable counter name n4',
          'add rule inet seen in iifname lvn0 icmpv6 type { nd-neighbor-advert, packet-too-big } counter name n6',
        ].join('; '),
      )
    try {
      // To museum, which is not denied, they come: so they were well made. Those to kirche were sent before.
      for (const to of ['kirche', 'museum'] as const) {
        sendIcmp(ns('rathaus'), v4.rathaus as string, v4[to] as string, 3, 1)
        sendIcmp(ns('rathaus'), v6.rathaus as string, v6[to] as string, 136, 0)
        sendIcmp(ns('rathaus'), v6.rathaus as string, v6[to] as string, 2, 0)
      }
      await until(
        'museum has the errors',
        () => received('museum', '4') === 1 && received('museum', '6') >= 1,
      )
      expect(received('kirche', '4')).toBe(0)
      expect(received('kirche', '6')).toBe(0)
    } finally {
      for (const name of ['kirche', 'museum'] as const) ns(name).run('nft', 'delete', 'table', 'inet', 'seen')
    }
  })

  it('let the errors of allowed flows through', () => {
    enforce(policy('deny', 'any', 'any'), policy('allow', 'museum', 'rathaus'))
    const program = `
import socket, sys
s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(20)
s.connect((sys.argv[1], 9))
s.send(b'x')
try: s.recv(1)
except ConnectionRefusedError: print('refused')`
    for (const address of [v4, v6])
      expect(ns('museum').run('python3', '-c', program, address.rathaus as string)).toContain('refused')
    enforce(deny)
  })

  it('leave flows that are up alone when others change, and never let a denied packet through meanwhile', async () => {
    await echo(ns('museum'), v4.museum as string, 7001)
    const source = `
      const s=require('net').connect(7001,'${v4.museum}')
      s.on('connect',()=>s.write('x')).on('data',d=>{process.stdout.write(d);setImmediate(()=>s.write('x'))})
      s.on('error',e=>{console.error(e);process.exit(1)})`
    const flow = ns('rathaus').start(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'pipe'] })
    let answers = 0
    flow.stdout?.on('data', (bytes: Buffer) => {
      answers += bytes.length
    })
    await until('the flow is up', () => answers > 0)
    const flood = ns('rathaus').start('ping', ['-f', '-q', '-c', '1000000', v4.kirche as string], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let summary = ''
    flood.stdout?.on('data', (bytes: Buffer) => {
      summary += bytes
    })
    for (let i = 0; i < 6; i++) {
      enforce(deny, policy(i % 2 === 0 ? 'deny' : 'allow', 'kirche', 'museum'))
      const now = answers
      await until('the flow goes on', () => answers > now + 10)
    }
    expect(flow.exitCode).toBeNull()
    flood.kill('SIGINT')
    await until('ping has told its figures', () => summary.includes('received'))
    expect(summary).toMatch(/^[1-9]\d+ packets transmitted, 0 received/m)
    // A new flow is denied, the old one stays.
    enforce(deny, policy('deny', 'rathaus', 'museum'))
    const now = answers
    await until('the flow still goes on', () => answers > now + 10)
    expect(connects(ns('rathaus'), v4.museum as string, 7001)).toBe(false)
    flow.kill('SIGKILL')
    enforce(deny)
  })

  it('that somebody flushed are planned by name and mended alone', () => {
    const harms: readonly (readonly [string, string[]])[] = [
      // Takes all chains off their hooks.
      ['change filter lvn0', ['add', 'table', 'inet', 'lvn_lvn0', '{ flags dormant; }']],
      ['change filter lvn0', ['flush', 'table', 'inet', 'lvn_lvn0']],
      ['change filter lvn0', ['flush', 'chain', 'inet', 'lvn_lvn0', 'flows']],
      ['change filter lvn0', ['flush', 'map', 'inet', 'lvn_lvn0', 'sources4']],
      [
        'change filter lvn0',
        ['add', 'element', 'inet', 'lvn_lvn0', 'sources4', '{ 10.99.0.1 comment "x" : accept }'],
      ],
      ['change filter lvn0', ['add', 'rule', 'inet', 'lvn_lvn0', 'deny', 'accept']],
      ['add filter lvn0', ['delete', 'table', 'inet', 'lvn_lvn0']],
    ]
    for (const [change, harm] of harms) {
      gw.ns.run('nft', ...harm)
      expect(changesOf(enforce(deny))).toEqual([change])
      expect(planned(gw, hubNode(), [deny]).steps).toEqual([])
      expect(pings(ns('rathaus'), v4.kirche as string)).toBe(false)
    }
  })

  it('with a rule that does something else under its old comment are planned by name and mended', () => {
    enforce(deny)
    const listed = gw.ns.run('nft', '-a', 'list', 'chain', 'inet', 'lvn_lvn0', 'deny')
    const [, handle] = /comment "denied" # handle (\d+)/.exec(listed) as RegExpExecArray
    const rule = ['inet', 'lvn_lvn0', 'deny', 'handle', handle as string]
    gw.ns.run('nft', 'replace', 'rule', ...rule, 'accept', 'comment', '"denied"')
    expect(pings(ns('rathaus'), v4.kirche as string)).toBe(true)
    const found = withNetns(gw.ns.path, () => readFilters().find(({ device }) => device === 'lvn0'))
    expect(found).toMatchObject({ owner: { overlay: 'mitte', node: 'gw1' }, intact: false })
    expect(changesOf(enforce(deny))).toEqual(['change filter lvn0'])
    expect(planned(gw, hubNode(), [deny]).steps).toEqual([])
    expect(pings(ns('rathaus'), v4.kirche as string)).toBe(false)
  })

  it('that sleep are mended where nft prints invalid JSON of a table with flags, as 1.0.6 does at times', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lvn-nft-'))
    const { PATH = '' } = process.env
    const nft = gw.ns.run('sh', '-c', 'PATH=$PATH:/usr/sbin:/sbin command -v nft').trim()
    const script = `#!/bin/sh\n${nft} "$@" | sed 's/"handle": [0-9]*, "flags": .*/"flags": /'\n`
    try {
      writeFileSync(join(folder, 'nft'), script, { mode: 0o755 })
      gw.ns.run('nft', 'add', 'table', 'inet', 'lvn_lvn0', '{ flags dormant; }')
      vi.stubEnv('PATH', `${folder}:${PATH}`)
      expect(() => withNetns(gw.ns.path, () => JSON.parse(nftPrints()))).toThrow(SyntaxError)
      // Of somebody else, and asleep, too: its sets are printed with those of ours.
      gw.ns.run('nft', 'add', 'table', 'inet', 'lvn_theirs', '{ flags dormant; }')
      gw.ns.run('nft', 'add', 'set', 'inet', 'lvn_theirs', 'other', '{ type ipv4_addr; }')
      const owners = withNetns(gw.ns.path, () => readFilters().map(({ device, owner }) => [device, owner]))
      expect(owners).toContainEqual(['lvn0', { overlay: 'mitte', node: 'gw1' }])
      expect(owners).toContainEqual(['theirs', null])
      expect(changesOf(enforce(deny))).toEqual(['change filter lvn0'])
      expect(planned(gw, hubNode(), [deny]).steps).toEqual([])
    } finally {
      vi.unstubAllEnvs()
      gw.ns.run('nft', 'delete', 'table', 'inet', 'lvn_theirs')
      rmSync(folder, { recursive: true })
    }
    expect(pings(ns('rathaus'), v4.kirche as string)).toBe(false)

    function nftPrints(): string {
      return execFileSync('nft', ['-j', 'list', 'table', 'inet', 'lvn_lvn0'], { encoding: 'utf8' })
    }
  })

  it.each(['', '{ flags dormant; }'])(
    'leave a table alone that has the name of ours but not our mark %s',
    (flags) => {
      enforce()
      gw.ns.run('nft', 'add', 'table', 'inet', 'lvn_lvn0', flags)
      gw.ns.run('nft', 'add', 'chain', 'inet', 'lvn_lvn0', 'forward')
      const theirs = ruleset()
      expect(planned(gw, hubNode(), []).foreign).toMatchObject([{ id: 'table inet lvn_lvn0' }])
      expect(() => planned(gw, hubNode(), [deny])).toThrow(/lvn_lvn0 is not ours/)
      expect(ruleset()).toBe(theirs)
      gw.ns.run('nft', 'delete', 'table', 'inet', 'lvn_lvn0')
      enforce(deny)
    },
  )

  it('of any kind are read back as they were written', () => {
    const end = fc.oneof(fc.constant(null), fc.array(anyPrefix, { minLength: 1, maxLength: 3 }))
    const action = fc.constantFrom('allow' as const, 'deny' as const)
    const list = fc.array(fc.record({ action, from: end, to: end }), { minLength: 1, maxLength: 8 })
    withNetns(lan.path, () => {
      fc.assert(
        fc.property(list, fc.constantFrom('lvn0', 'lvn*', 'a+b~c'), (policies, device) => {
          const spec = {
            device,
            owner: { overlay: 'mitte', node: 'gw1' },
            policies: policies.map((_, i) => `deny a -> ${i}`),
            ipv4: compileFamily(policies, 4),
            ipv6: compileFamily(policies, 6),
          }
          const run = (op: 'add' | 'set' | 'delete') => applyFilter({ op, kind: 'filter', spec })
          run('add')
          run('set')
          expect(readFilters()).toEqual([{ ...spec, intact: true }])
          expect(() => run('add')).toThrow(/there already/)
          run('delete')
          run('delete')
          expect(readFilters()).toEqual([])
        }),
        { numRuns: 25 },
      )
    })
  })

  it('meet packets of the device alone, whatever its name', () => {
    const spec = {
      device: 'eth*',
      owner: { overlay: 'mitte', node: 'gw1' },
      policies: ['deny any -> any'],
      ipv4: compileFamily([{ action: 'deny', from: null, to: null }], 4),
      ipv6: compileFamily([{ action: 'deny', from: null, to: null }], 6),
    }
    withNetns(lan.path, () => applyFilter({ op: 'add', kind: 'filter', spec }))
    expect(pings(lan, '10.64.200.1')).toBe(true)
    withNetns(lan.path, () => applyFilter({ op: 'delete', kind: 'filter', spec }))
  })

  it('are gone with destroy, and nothing else is', () => {
    const destroy = inside(gw, (kernel) =>
      planDestroyFromState(observe(kernel, { remotes: [], sysctls: [] }), bare, [hubNode()]),
    )
    expect(changesOf(destroy).at(-1)).toBe('remove filter lvn0')
    expect(inside(gw, (kernel) => applyPlan(kernel, destroy))).toMatchObject({ outcome: 'done', residue: [] })
    expect(ruleset()).toBe(rulesetBefore)
  })
})
