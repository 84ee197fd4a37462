// SPDX-License-Identifier: MIT
/**
 * `lvn show policies` and `lvn monitor` on a hub: what its nftables table enforces, and who does what to it.
 *
 *     hub gw eth0 198.51.100.10 ─── router
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lvnPath } from '../support/cli.ts'
import { Host } from '../support/host.ts'
import { monitorIn } from '../support/monitor.ts'
import { until } from '../support/netns.ts'

let hub: Host

const source = (...policies: readonly string[]) => `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10; device lvn0 { address 10.64.0.1 } }
  spoke a { endpoint 203.0.113.1; address 10.64.1.1 }
  spoke b { endpoint 203.0.113.2; address 10.64.2.1 }
${policies.map((policy) => `  ${policy}\n`).join('')}}
`
const apply = (...policies: readonly string[]) =>
  hub.expectLvn(0, 'apply', hub.file('mitte.lvn', source(...policies)), '--yes')
const nft = (...words: string[]) => hub.ns.run('nft', ...words)

beforeEach(() => {
  hub = new Host('gw')
})
afterEach(() => hub.dispose())

describe('lvn show', () => {
  test('lists the policies of a hub in the order of the file, and says when their filter was changed', () => {
    apply()
    expect(hub.expectLvn(0, 'show', 'policies').stdout).toBe('No policies.\n')
    expect(hub.expectLvn(0, 'show').stdout).toMatch(/\n\nNo policies\.\n$/)
    apply('deny any -> b', 'allow a -> b')
    const table = hub.expectLvn(0, 'show', 'policies').stdout
    expect(table.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['DEVICE', 'NODE', 'FILTER', 'POLICY'],
      ['lvn0', 'mitte/gw', 'intact', 'deny any -> b'],
      ['lvn0', 'mitte/gw', 'intact', 'allow a -> b'],
      ['2 policies'],
      [''],
    ])
    expect(hub.expectLvn(0, 'show').stdout.endsWith(`\n\n${table}`)).toBe(true)
    nft('flush', 'chain', 'inet', 'lvn_lvn0', 'flows')
    const owner = { overlay: 'mitte', node: 'gw' }
    const damaged = { device: 'lvn0', owner, intact: false }
    expect(JSON.parse(hub.expectLvn(0, 'show', 'policies', '--json').stdout)).toEqual({
      formatVersion: 1,
      policies: ['deny any -> b', 'allow a -> b'].map((policy) => ({ ...damaged, policy })),
    })
    expect(JSON.parse(hub.expectLvn(0, 'show', '--json').stdout).policies).toHaveLength(2)
    expect(JSON.parse(hub.expectLvn(0, 'show', 'policy', '--json').stdout).policies).toHaveLength(2)
  })
})

describe('lvn monitor', () => {
  test('tells what becomes of the policies of a hub, whoever changes them', async () => {
    apply()
    // So rarely that only what the kernel tells can be seen.
    const lines = await monitorIn(hub.ns, 'policies', '--interval', '1h')
    const told = () => lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))
    const expected: string[] = []
    const tells = async (...more: readonly string[]) => {
      expected.push(...more)
      await until(`it says ${more.join(', ')}`, () => lines.length >= expected.length)
      expect(told()).toEqual(expected)
    }
    apply('deny a -> b')
    await tells('+ filter lvn0 of 1 policy', '  + policy deny a -> b')
    apply('deny a -> b', 'deny b -> a')
    await tells('~ filter lvn0', '  + policy deny b -> a')
    nft('add', 'table', 'inet', 'theirs')
    nft('add', 'table', 'inet', 'lvn_eth0')
    nft('flush', 'chain', 'inet', 'lvn_lvn0', 'flows')
    await tells('~ filter lvn0 is not whole: somebody changed it')
    apply('deny a -> b', 'deny b -> a')
    await tells('~ filter lvn0 is whole again')
    nft('delete', 'table', 'inet', 'lvn_lvn0')
    await tells('- filter lvn0', '  - policy deny a -> b', '  - policy deny b -> a')
  })

  test('tells programs of everything that an apply makes and a destroy takes away', async () => {
    const lines = await monitorIn(hub.ns, '--json', '--interval', '100ms')
    const news = () => lines.slice(1).map((line) => JSON.parse(line))
    const subjects = ['devices', 'tunnels', 'rules', 'policies']
    expect(JSON.parse(lines[0] as string)).toMatchObject({ formatVersion: 1, watching: subjects })
    const objects = [
      'device lvn0',
      ...['tunnel lvn0/a', 'tunnel lvn0/b', 'rule lvn0 10.64.1.1/32', 'rule lvn0 10.64.2.1/32'],
      'filter lvn0',
    ]
    const told = (op: string) => news().filter((each) => each.op === op)
    apply('deny a -> b')
    await until('everything came', () => told('add').length >= objects.length)
    expect(
      told('add')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(objects.toSorted())
    expect(told('add').find(({ kind }) => kind === 'filter')).toMatchObject({
      ...{ before: null, fields: [], time: expect.stringMatching(/^\d{4}-.*Z$/) },
      after: {
        device: 'lvn0',
        owner: { overlay: 'mitte', node: 'gw' },
        policies: ['deny a -> b'],
        intact: true,
      },
    })
    expect(told('add').find(({ id }) => id === 'tunnel lvn0/a').after).toMatchObject({ state: 'unheard' })
    hub.expectLvn(0, 'destroy', hub.file('mitte.lvn', source('deny a -> b')), '--yes')
    await until('everything went', () => told('remove').length >= objects.length)
    expect(
      told('remove')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(objects.toSorted())
    expect(told('remove').find(({ kind }) => kind === 'filter')).toMatchObject({ after: null })
  })

  test('ends when nobody reads it any more, and refuses what it cannot watch', async () => {
    apply()
    const reader = hub.ns.start(
      'sh',
      ['-c', `"$0" "$1" monitor --json --interval 100ms | head -1; echo ended`, process.execPath, lvnPath],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let printed = ''
    reader.stdout?.on('data', (bytes: Buffer) => {
      printed += bytes
    })
    await until('it watches', () => printed.includes('watching'))
    hub.ns.run('ip', 'link', 'set', 'lvn0', 'down')
    await until('it has ended', () => printed.includes('ended'))
    expect(hub.lvn('monitor', 'polices')).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('did you mean `policies`?'),
    })
    expect(hub.lvn('monitor', '--interval', '1')).toMatchObject({ status: 64 })
    expect(hub.lvn('monitor', '--interval', 'off')).toMatchObject({ status: 64 })
  })
})
