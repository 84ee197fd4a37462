// SPDX-License-Identifier: MIT
/**
 * Namespaces, building blocks, TUN devices and the lock on a real kernel.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addon } from '../../native/addon/index.ts'
import * as build from '../../native/host/build.ts'
import { hostNetwork } from '../../native/host/index.ts'
import { acquireLock, lockHolder } from '../../native/lock.ts'
import { createNetns, deleteNetns, listNetns, openNetns, withNetns } from '../../native/netns.ts'
import { createTun } from '../../native/tun.ts'
import { LvnError } from '../../src/diag/error.ts'
import type { Address } from '../../src/model/address.ts'
import { Netns } from '../support/netns.ts'
import { squat } from '../support/squatter.ts'

function errorOf(call: () => unknown): LvnError {
  try {
    call()
  } catch (error) {
    if (error instanceof LvnError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('namespaces', () => {
  const name = `lvnt-${process.pid}-made`
  afterEach(() => void deleteNetns(name))

  test('are made, listed, entered and deleted as `ip netns` does', () => {
    const own = addon().netnsCookie()
    createNetns(name)
    expect(listNetns()).toContain(name)
    expect(addon().netnsCookie()).toBe(own)
    expect(withNetns(name, () => addon().netnsCookie())).not.toBe(own)
    expect(() =>
      withNetns(name, () => {
        throw new Error('within')
      }),
    ).toThrow('within')
    expect(addon().netnsCookie()).toBe(own)
    expect(errorOf(() => createNetns(name)).message).toBe(`there is a network namespace ${name} already`)
    expect(deleteNetns(name)).toBe(true)
    expect(deleteNetns(name)).toBe(false)
    expect(existsSync(`/run/netns/${name}`)).toBe(false)
    expect(errorOf(() => withNetns(name, () => {})).message).toBe(`there is no network namespace ${name}`)
  })

  test('what is none is not entered', () => {
    expect(errorOf(() => withNetns('/dev/tty', () => {})).exitCode).toBe(64)
    const error = errorOf(() => withNetns('/etc/passwd', () => {}))
    expect([error.message, error.exitCode]).toEqual(['/etc/passwd is no network namespace', 64])
  })

  test.each(['', '.', '..', 'a/b', 'x'.repeat(256), 'a\0b'])('%j cannot name one', (bad) => {
    expect(errorOf(() => createNetns(bad)).exitCode).toBe(64)
    expect(errorOf(() => deleteNetns(bad)).exitCode).toBe(64)
  })
})

describe('building blocks', () => {
  let a: Netns
  let b: Netns
  beforeEach(() => {
    a = new Netns('a')
    b = new Netns('b')
  })
  afterEach(() => {
    a.dispose()
    b.dispose()
  })

  test('join two namespaces so that they can talk', () => {
    const fd = openNetns(b.name)
    withNetns(a.name, () => build.makeVeth({ name: 'v0' }, { name: 'v1', netnsFd: fd }))
    addon().close(fd)
    for (const [ns, device, host] of [
      [a, 'v0', 1],
      [b, 'v1', 2],
    ] as const) {
      withNetns(ns.name, () => {
        build.setMtu(device, 1400)
        build.addAddress(device, `192.0.2.${host}/24`)
        build.addAddress(device, `2001:db8::${host}/64`)
        build.linkUp(device)
      })
    }
    withNetns(a.name, () => {
      build.addRoute({ destination: 'default', device: 'v0', gateway: '192.0.2.2' as Address })
      build.addRoute({ destination: 'default', device: 'v0', gateway: 'fe80::1' as Address, onlink: true })
      build.writeSysctl('net/ipv4/ip_forward', '1')
      expect(build.readSysctl('net/ipv4/ip_forward')).toBe('1')
    })
    expect(a.run('ping', '-c1', '-W5', '192.0.2.2')).toContain('1 received')
    expect(a.run('ping', '-c1', '-W5', '2001:db8::2')).toContain('1 received')
    expect(a.run('ip', 'route', 'show', 'default')).toContain('via 192.0.2.2 dev v0 proto static')
    expect(a.run('ip', '-6', 'route', 'show', 'default')).toContain('via fe80::1 dev v0 proto static')
    expect(b.run('ip', 'link', 'show', 'v1')).toContain('mtu 1400')
    withNetns(a.name, () => build.deleteLink('v0'))
    expect(b.try('ip', 'link', 'show', 'v1').status).not.toBe(0)
  })

  test('say what is wrong', () => {
    withNetns(a.name, () => {
      expect(errorOf(() => build.linkUp('nix')).message).toBe('there is no interface nix')
      expect(errorOf(() => build.makeVeth({ name: 'a b' }, { name: 'v1' })).message).toContain(
        'cannot name an interface',
      )
      expect(errorOf(() => build.addAddress('lo', '192.0.2.1')).message).toContain(
        'no address with a prefix length',
      )
      expect(errorOf(() => build.setMtu('lo', -5)).message).toContain('cannot change the interface lo: ')
    })
  })
})

describe('a TUN device', () => {
  let ns: Netns
  beforeEach(() => {
    ns = new Netns('tun')
  })
  afterEach(() => ns.dispose())
  const names = () => {
    const host = withNetns(ns.name, hostNetwork)
    const links = host.snapshot().links.filter(({ kind }) => kind === 'tun')
    host.close()
    return links.map(({ name }) => name)
  }

  test('goes with its descriptor until it is made persistent', () => {
    const tun = withNetns(ns.name, () => createTun('lvnt0'))
    expect(names()).toEqual(['lvnt0'])
    tun.close()
    tun.close()
    expect(names()).toEqual([])
    const kept = withNetns(ns.name, () => createTun('lvnt0'))
    kept.persist()
    kept.close()
    expect(names()).toEqual(['lvnt0'])
  })

  test('never takes over one that is there', () => {
    ns.run('ip', 'tuntap', 'add', 'lvnt0', 'mode', 'tun')
    expect(errorOf(() => withNetns(ns.name, () => createTun('lvnt0'))).message).toContain(
      'is the name taken?',
    )
    expect(errorOf(() => createTun('lvn%d')).message).toContain('cannot name an interface')
  })
})

describe('the lock', () => {
  const name = `lvnt-${process.pid}`

  test('is free again after release', () => {
    const lock = acquireLock(name)
    const error = errorOf(() => acquireLock(name))
    expect(error.exitCode).toBe(6)
    expect(error.message).toContain(`process ${process.pid} (`)
    lock.release()
    lock.release()
    acquireLock(name).release()
  })

  test('names another process, and goes with it when it is killed', async () => {
    const module = fileURLToPath(new URL('../../native/lock.ts', import.meta.url))
    const script = `import(${JSON.stringify(module)}).then(({ acquireLock }) => {
      acquireLock(${JSON.stringify(name)})
      console.log('held')
      setInterval(() => {}, 1000)
    })`
    const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(child.stdout, 'data')
      expect(errorOf(() => acquireLock(name)).message).toContain(`process ${child.pid} (`)
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    acquireLock(name).release()
  })

  test('is not taken by who only asks for its holder', () => {
    expect(lockHolder(name)).toBeNull()
    const lock = acquireLock(name)
    expect(lockHolder(name)).toBe(process.pid)
    expect(errorOf(() => acquireLock(name)).exitCode).toBe(6)
    lock.release()
    expect(lockHolder(name)).toBeNull()
  })

  test('can be neither taken nor looked at by another user, whose sockets are no lock either', async () => {
    const ns = new Netns('lock')
    try {
      withNetns(ns.name, () => acquireLock().release())
      expect(await squat(ns)).toEqual(['@lvn', '@lvn-confirm', '@lvn-change'])
      withNetns(ns.name, () => {
        acquireLock().release()
        acquireLock('confirm').release()
        expect([lockHolder('change'), lockHolder('confirm')]).toEqual([null, null])
      })
    } finally {
      ns.dispose()
    }
  })

  /** Two processes ask for the lock, the second while the first has it: what the second is told. */
  const twice = (ns: Netns, ...around: readonly string[]) => {
    const module = fileURLToPath(new URL('../../native/lock.ts', import.meta.url))
    const script = `import(${JSON.stringify(module)}).then(({ acquireLock }) => {
      acquireLock()
      if (process.argv[1] !== 'first') return
      console.log(process.pid)
      const words = [...process.execArgv, 'second']
      const { stderr } = require('node:child_process').spawnSync(process.execPath, words, { encoding: 'utf8' })
      console.log(stderr)
    })`
    const node = [process.execPath, '--import', 'tsx', '-e', script, 'first']
    return ns.try(...(around as [string, ...string[]]), ...node)
  }
  const readOnlyRun = 'mount -t tmpfs -o mode=755 tmpfs /run && mount -o remount,ro /run && exec "$@"'

  test('is a socket where the root of a user namespace has no /run to write to', () => {
    const ns = new Netns('lock')
    try {
      const { stdout } = twice(ns, 'unshare', '-Urnm', 'sh', '-c', readOnlyRun, 'sh')
      const [pid] = stdout.split('\n')
      expect(stdout).toMatch(
        new RegExp(`LvnError: process ${pid} \\(.*\\) is at work in this network namespace`),
      )
    } finally {
      ns.dispose()
    }
  })

  test('is a file for the root of a user namespace that has a /run of its own', () => {
    const ns = new Netns('lock')
    try {
      const own = 'mount -t tmpfs tmpfs /run && "$@" && ls /run/lvn/locks'
      const { stdout } = twice(ns, 'unshare', '-Urnm', 'sh', '-c', own, 'sh')
      const [pid] = stdout.split('\n')
      expect(stdout).toMatch(
        new RegExp(`LvnError: process ${pid} \\(.*\\) is at work in this network namespace`),
      )
      expect(stdout).toMatch(/^\d+\.change$/m)
    } finally {
      ns.dispose()
    }
  })

  test.each([
    ['is read-only', 'mount -o remount,ro /run', 'it cannot be made'],
    ['has become read-only', 'mkdir -p /run/lvn/locks; mount -o remount,ro /run', 'it is read-only'],
    ['has a folder that all may write to', 'mkdir -m 777 /run/lvn', 'others than its owner may write to it'],
    ['has a folder of another user', 'mkdir /run/lvn; chown 65534 /run/lvn', 'it belongs to user 65534'],
    ['has a link in its place', 'mkdir /run/elsewhere; ln -s elsewhere /run/lvn', 'it is no folder'],
  ])('is refused where /run %s', (_, script, message) => {
    const ns = new Netns('lock')
    try {
      const own = `mount -t tmpfs -o mode=755 tmpfs /run && ${script}; exec "$@"`
      const { stderr } = twice(ns, 'unshare', '--mount', 'sh', '-c', own, 'sh')
      expect(stderr).toContain(`/run/lvn cannot hold locks: ${message}`)
      expect(stderr).toContain("code: 'LVN7032'")
    } finally {
      ns.dispose()
    }
  })

  test('is one for each network namespace', () => {
    const ns = new Netns('lock')
    const lock = acquireLock(name)
    withNetns(ns.name, () => acquireLock(name)).release()
    lock.release()
    ns.dispose()
  })
})
