// SPDX-License-Identifier: MIT
/**
 * The package's examples of a network, run by its own name in a network namespace; and files applied by a program.
 *
 *     hub eth0 192.0.2.1 ─── eth0 192.0.2.2 peer
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { acquireLock } from '../../native/lock.ts'
import { withNetns } from '../../native/netns.ts'
import { checkText, LvnError, openNetwork } from '../../src/shell/library/index.ts'
import { Examples } from '../support/library-examples.ts'
import { connect, Netns } from '../support/netns.ts'
import { planeKinds } from '../support/planes.ts'

let hub: Netns
let peer: Netns
beforeEach(() => {
  hub = new Netns('hub')
  peer = new Netns('peer')
  connect(
    { ns: hub, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: peer, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
})
afterEach(() => {
  hub.dispose()
  peer.dispose()
})

const applied = /^\{ add: \d+, change: \d+, remove: 0 \}\ndone 0 kept\n\[ 'deny kirche -> gw1' \]\n0\n$/

test.each(planeKinds.map(([name]) => name.replace(/-.*/, '')))(
  'does what its page shows on %s, and leaves nothing behind',
  (plane) => {
    const before = hub.run('ip', '-d', 'link')
    const examples = new Examples((text) =>
      text.replace("netns: 'hub'", `netns: '${hub.name}', plane: '${plane}'`),
    )
    try {
      const ran = examples.files
        .filter((file) => examples.needsKernel(file))
        .map((file) =>
          spawnSync(process.execPath, ['--import', 'tsx', file], { cwd: examples.folder, encoding: 'utf8' }),
        )
      expect(ran.map(({ status, stdout, stderr }) => [status, stdout, stderr])).toEqual([
        [0, expect.stringMatching(applied), ''],
        [0, '1 eth0 0\nberlin 50001\n', ''],
        [0, 'spoke0\nspoke1\nthere is no route to 203.0.113.9\ntrue\n2\n', ''],
      ])
    } finally {
      examples.dispose()
    }
    expect(hub.run('ip', '-d', 'link')).toBe(before)
  },
)

describe('a file that a program applies', () => {
  const text = (spokes: number, endpoint = '192.0.2.2') => `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw1 { listen 192.0.2.1; address 10.64.0.1 }
${Array.from({ length: spokes }, (_, i) => `  spoke s${i} { endpoint ${endpoint}:${50_000 + i}; address 10.64.1.${i + 1} }`).join('\n')}
}
`
  let state: string
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'lvn-library-'))
    vi.stubEnv('LVN_STATE_DIR', state)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(state, { recursive: true })
  })
  const lvn = (...args: string[]) => hub.lvn({ LVN_STATE_DIR: state }, ...args)

  test('is in the history, so that the command leads back, and out of it again when it is destroyed', async () => {
    const network = openNetwork({ netns: hub.name })
    try {
      const [one, two] = [await checkText(text(1), 'one'), await checkText(text(2), 'two')]
      expect(await network.apply(one)).toMatchObject({
        report: { outcome: 'done', residue: [] },
        notKept: null,
      })
      const steps: string[] = []
      await network.apply(two, { onProgress: ({ phase }) => steps.push(phase) })
      expect(new Set(steps)).toEqual(new Set(['apply', 'verify']))
      expect(
        network
          .tunnels()
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['s0', 's1'])
      expect(await network.apply(two)).toMatchObject({ plan: { steps: [] }, report: { outcome: 'done' } })
      expect(lvn('rollback', '--yes').status).toBe(0)
      expect(network.tunnels().map(({ name }) => name)).toEqual(['s0'])
      expect(network.destroy(one)).toMatchObject({ report: { outcome: 'done' }, notKept: null })
      expect(network.devices()).toEqual([])
      const history = JSON.parse(lvn('history', '--json').stdout)
      expect(history.map(({ command, files }: Record<string, unknown>) => [command, files])).toEqual([
        ['destroy', ['one']],
        ['rollback', ['one']],
        ['apply', ['two']],
        ['apply', ['one']],
      ])
    } finally {
      network.close()
    }
  })

  test('is the last word to `lvn confirm`, whatever became of an apply before it', async () => {
    const network = openNetwork({ netns: hub.name })
    try {
      const file = join(state, 'file.lvn')
      writeFileSync(file, text(1))
      const two = await checkText(text(2), 'two')
      const last = () => JSON.parse(lvn('confirm', '--status', '--json').stdout).last
      const takenBack = () => {
        expect(lvn('apply', file, '--yes', '--confirm', '5m').status).toBe(0)
        expect(lvn('confirm', '--revert').status).toBe(0)
        expect(lvn('confirm').status).toBe(4)
      }
      takenBack()
      await network.apply(two)
      expect(last()).toMatchObject({ source: 'two', outcome: 'not-needed' })
      expect(lvn('confirm')).toMatchObject({ status: 0, stdout: expect.stringContaining('two, applied at ') })
      takenBack()
      expect((await network.apply(two)).plan.steps).toEqual([])
      expect(last()).toMatchObject({ source: 'two', outcome: 'not-needed' })
      takenBack()
      network.destroy(two)
      expect(last()).toMatchObject({ source: 'two', outcome: 'not-needed' })
    } finally {
      network.close()
    }
  })

  test('is refused with the error of the package, and changes nothing, where it cannot be', async () => {
    const network = openNetwork({ netns: hub.name })
    try {
      const refused = (promise: Promise<unknown>) =>
        promise.then(
          () => null,
          (error: unknown) => (error instanceof LvnError ? [error.code, error.exitCode] : error),
        )
      const good = await checkText(text(1))
      expect(await refused(network.apply(await checkText('lvn 1\noverlay {')))).toEqual(['LVN0106', 3])
      expect(await refused(network.plan(good, { node: 'gw9' }))).toEqual([expect.stringMatching(/^LVN/), 64])
      const lock = withNetns(hub.path, () => acquireLock())
      try {
        expect(await refused(network.apply(good))).toEqual([expect.stringMatching(/^LVN/), 6])
      } finally {
        lock.release()
      }
      expect(network.devices()).toEqual([])
    } finally {
      network.close()
    }
  })

  test('has its host names looked up, and the program stays in its own namespace', async () => {
    const network = openNetwork({ netns: hub.name })
    try {
      const own = readlinkSync('/proc/thread-self/ns/net')
      const named = await checkText(text(1, 'localhost'))
      const { plan, report } = await network.apply(named)
      // The name was looked up, and the answer is no endpoint that another host could have.
      expect(report.outcome).toBe('done')
      expect(plan.pending.map(({ reason }) => reason)).toEqual([expect.stringContaining('127.0.0.1')])
      expect(network.tunnels()[0]?.remote).toBeNull()
      expect(readlinkSync('/proc/thread-self/ns/net')).toBe(own)
      network.destroy(named)
    } finally {
      network.close()
    }
  })
})
