// SPDX-License-Identifier: MIT
/**
 * What a pipeline may do: the built command in a folder that has no addon, run by a user who may do nothing.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyPlan, observe, planApply } from '../../../src/interp/index.ts'
import { snapshotToJson } from '../../../src/model/snapshot.ts'
import { lvnPath } from '../../support/cli.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, overlay, spoke, topology } from '../../support/topologies.ts'

const source = `lvn 1

overlay mitte {
  net 10.64.0.0/16
  hub gw1 { listen 198.51.100.10; address 10.64.0.1 }
  spoke s1 { endpoint 203.0.113.1; address 10.64.1.1 }
  spoke byname { endpoint node.example; address 10.64.2.1 }
  spoke away { endpoint nat; address 10.64.3.1; routes 10.64.3.0/24 }
}
`
const nobody = '65534'
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lvn-ci-'))
  cpSync(dirname(lvnPath), join(folder, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('lvn.node'),
  })
  writeFileSync(join(folder, 'mitte.lvn'), source)
  writeFileSync(join(folder, 'gw1.json'), JSON.stringify(snapshotToJson(await stateOfNode())))
  chmodSync(folder, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** gw1 as it was when its file had s1 alone, at another place. */
async function stateOfNode() {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }], 'gw1.example')
  kernel.route('203.0.113.0/24', 'eth0')
  const file = topology(
    overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] }), [
      spoke('s1', at('203.0.113.99'), { addresses: ['10.64.1.1'] }),
    ]),
  )
  const resolveName = async () => []
  applyPlan(kernel, await planApply(kernel, file, [file.overlays[0]?.hub as never], { resolveName }))
  return observe(kernel)
}

function lvn(...args: string[]) {
  const words = [process.execPath, join(folder, 'dist/lvn.js'), ...args]
  const drop = [
    '--reuid',
    nobody,
    '--regid',
    nobody,
    '--clear-groups',
    '--inh-caps=-all',
    '--bounding-set=-all',
  ]
  const [command, ...rest] = process.getuid?.() === 0 ? ['setpriv', ...drop, ...words] : words
  const env = { PATH: process.env.PATH, NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(command as string, rest, {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const ids = (...args: string[]) =>
  JSON.parse(lvn('plan', 'mitte.lvn', '--json', ...args).stdout).operations.map(
    ({ op, id }: { op: string; id: string }) => `${op} ${id}`,
  )

describe('without the addon and without any right', () => {
  it('the addon is not there, and what needs it says so', () => {
    expect(existsSync(join(folder, 'dist/lvn.node'))).toBe(false)
    const ran = lvn('show')
    expect(ran).toMatchObject({ status: 7, stdout: '' })
    expect(ran.stderr).toContain('dist/lvn.node has not been built')
  })

  it('files are checked and laid out', () => {
    expect(lvn('check', 'mitte.lvn')).toMatchObject({ status: 0, stderr: '' })
    expect(lvn('fmt', '--check', 'mitte.lvn').status).not.toBe(7)
  })

  it('a node with nothing on it is planned for, hub or spoke', () => {
    expect(lvn('plan', 'mitte.lvn', '--against', 'none', '--node', 'gw1')).toMatchObject({
      status: 2,
      stderr: '',
    })
    expect(ids('--against', 'none', '--node', 'gw1')).toEqual([
      'add device lvn0',
      'add address lvn0 10.64.0.1',
      ...['add tunnel lvn0/s1', 'add tunnel lvn0/byname', 'add tunnel lvn0/away'],
      ...['add rule lvn0 10.64.1.1/32', 'add rule lvn0 10.64.2.1/32', 'add rule lvn0 10.64.3.1/32'],
      ...['add rule lvn0 10.64.3.0/24', 'change sysctl net/ipv4/conf/all/send_redirects'],
      ...['add sysctl net/ipv4/conf/lvn0/forwarding', 'add sysctl net/ipv4/conf/lvn0/send_redirects'],
      'change sysctl net/ipv4/ip_local_reserved_ports/50000',
      'add route 10.64.0.0/16',
    ])
    expect(ids('--against', 'none', '--node', 'away')).toContain('add tunnel lvn0/gw1')
  })

  it('names are not looked up, and that is said', () => {
    const { stdout } = lvn('plan', 'mitte.lvn', '--against', 'none', '--node', 'gw1')
    expect(stdout).toContain('tunnel lvn0/byname: the name node.example is not looked up here')
    expect(stdout).toContain('host names: not looked up in a plan against a snapshot')
    expect(lvn('plan', 'mitte.lvn', '--against', 'none', '--node', 's1').stdout).not.toContain('host names:')
  })

  it('a node is planned for as its snapshot shows it, and known by what it holds', () => {
    expect(ids('--against', 'gw1.json')).toEqual([
      'change tunnel lvn0/s1',
      'add tunnel lvn0/byname',
      'add tunnel lvn0/away',
      ...['add rule lvn0 10.64.2.1/32', 'add rule lvn0 10.64.3.1/32', 'add rule lvn0 10.64.3.0/24'],
    ])
  })

  it('a plan is saved', () => {
    chmodSync(folder, 0o777)
    expect(lvn('plan', 'mitte.lvn', '--against', 'gw1.json', '--out', 'gw1.plan').status).toBe(2)
    expect(existsSync(join(folder, 'gw1.plan'))).toBe(true)
    for (const command of ['plan', 'check', 'fmt', 'graph']) {
      const { status, stdout, stderr } = lvn(command, 'gw1.plan')
      expect([command, status]).toEqual([command, 3])
      expect(stdout + stderr).toMatch(/LVN6116.*a saved plan.*\nhelp: `lvn apply gw1\.plan` carries it out/)
    }
    expect(lvn('plan', 'mitte.lvn', '--against', 'gw1.json', '--out', 'no/where.plan').status).toBe(74)
    chmodSync(folder, 0o755)
  })

  it.each([
    [['--against', 'none'], 64, 'say it with --node, one of gw1, s1, byname, away'],
    [['--against', 'none', '--node', 'gw2'], 64, 'did you mean `gw1`?'],
    [['--against', 'none.json'], 3, 'none.json: no such file'],
    [['--against', 'mitte.lvn'], 3, 'mitte.lvn is no snapshot: it is not JSON'],
    [
      ['--against', 'old.json'],
      3,
      'old.json is no snapshot: formatVersion: this lvn reads snapshots of version 1',
    ],
  ])('%j ends with exit code %i', (args, status, says) => {
    writeFileSync(join(folder, 'old.json'), '{"formatVersion": 7}')
    const ran = lvn('plan', 'mitte.lvn', ...args)
    expect(ran).toMatchObject({ status, stdout: '' })
    expect(ran.stderr).toContain(says)
  })
})
