// SPDX-License-Identifier: MIT
/**
 * A local user without any right who attaches to the TUN interface of a device, which is there for good. Attached, he
 * could write packets as if they came out of a tunnel, or delete the device.
 *
 *     ns: lvn0, a device of the eBPF plane; lo is its underlay
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tcxAttacher } from '../../native/ebpf/attach.ts'
import {
  attachCutter,
  attachEncap,
  attachReceivers,
  type FoundDevice,
  findDevices,
  releaseDevice,
} from '../../native/ebpf/device.ts'
import { openEbpfPlane } from '../../native/ebpf/plane.ts'
import { formatAlias } from '../../native/host/alias.ts'
import { type Links, openLinks } from '../../native/host/links.ts'
import { withNetns } from '../../native/netns.ts'
import { Netns } from '../support/netns.ts'
import { add, applyAll, device, snapshot } from '../support/plane-world.ts'

const open = () => openEbpfPlane()
const spec = device('lvn0', 'multi', 1400, 'lo')
const capacity = 4
let ns: Netns

beforeEach(() => {
  ns = new Netns('attach')
  ns.ip('link set lo up')
})
afterEach(() => ns.dispose())

/** Numbers of <linux/if_tun.h>: TUNSETIFF with IFF_TUN and IFF_NO_PI, then TUNSETPERSIST or TUNSETOWNER. */
const attachTo = (name: string, ...more: string[]) => `
import errno, fcntl, struct, sys
tun = open('/dev/net/tun', 'r+b', buffering=0)
try:
    fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH22x', b'${name}', 0x1001))
except OSError as error:
    sys.exit(errno.errorcode[error.errno])
${more.join('\n')}
print('attached')`
const persist = (on: 0 | 1) => `fcntl.ioctl(tun, 0x400454cb, ${on})`
const giveTo = (user: number) => `fcntl.ioctl(tun, 0x400454cc, ${user})`
const offerChecksums = 'fcntl.ioctl(tun, 0x400454d0, 1)'

const python = (script: string) => ['/usr/bin/python3', '-c', script] as const
const rights = ['--clear-groups', '--inh-caps=-all', '--bounding-set=-all'] as const

/** What becomes of nobody's attempt: `attached`, or the errno's name. */
function asNobody(script: string): string {
  const { stdout, stderr } = ns.try('setpriv', '--reuid=65534', '--regid=65534', ...rights, ...python(script))
  return (stdout + stderr).trim()
}

/** A device like one of a version that gave its interface no owner, otherwise whole. */
function makeOlder(): void {
  ns.run(...python(attachTo('lvn0', offerChecksums, persist(1))))
  withNetns(ns.path, () => {
    const links = openLinks()
    try {
      const { ifindex } = links.get('lvn0')
      links.set(ifindex, { mtu: spec.mtu, alias: formatAlias(spec.owner), up: true })
      attachEncap(spec, ifindex, capacity, tcxAttacher)
      withDevice(links, ({ maps }) => {
        if (maps === null) throw new Error('the program has no maps')
        attachReceivers(maps, [links.get('lo')], tcxAttacher)
        attachCutter(maps, links.get('lo'), tcxAttacher)
      })
    } finally {
      links.close()
    }
  })
}

function withDevice(links: Links, use: (device: FoundDevice) => void): void {
  const [found] = findDevices(links.all(), tcxAttacher)
  if (found === undefined) throw new Error('there is no device')
  try {
    use(found)
  } finally {
    releaseDevice(found)
  }
}

const isIntact = () => snapshot(ns, open).devices.map(({ name, intact }) => [name, intact])
const mend = () => applyAll(ns, open, [{ op: 'set', kind: 'device', spec, capacity }])
const ifindex = () => JSON.parse(ns.run('ip', '-j', 'link', 'show', 'lvn0'))[0].ifindex

test('a user without rights cannot attach to a device, nor delete it', () => {
  applyAll(ns, open, [add.device(spec, capacity)])
  expect(isIntact()).toEqual([['lvn0', true]])
  expect(asNobody(attachTo('lvn0', persist(0)))).toBe('EPERM')
  expect(isIntact()).toEqual([['lvn0', true]])
})

test('a device of an older version, to which everybody may attach, is found and mended where it is', () => {
  makeOlder()
  const before = ifindex()
  expect(asNobody(attachTo('lvn0'))).toBe('attached')
  expect(isIntact()).toEqual([['lvn0', false]])
  mend()
  expect(isIntact()).toEqual([['lvn0', true]])
  expect(asNobody(attachTo('lvn0'))).toBe('EPERM')
  expect(ifindex()).toBe(before)
})

test('a device that a user has made his own is taken back', () => {
  makeOlder()
  expect(asNobody(attachTo('lvn0', giveTo(65534)))).toBe('attached')
  expect(isIntact()).toEqual([['lvn0', false]])
  mend()
  expect(isIntact()).toEqual([['lvn0', true]])
  expect(asNobody(attachTo('lvn0'))).toBe('EPERM')
})

test('who is attached already is named as what keeps the device from being mended', async () => {
  makeOlder()
  const words = [...rights, ...python(attachTo('lvn0', 'print("here", flush=True)', 'sys.stdin.read()'))]
  const child = ns.start('setpriv', ['--reuid=65534', '--regid=65534', ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    await new Promise((resolve) => child.stdout?.once('data', resolve))
    expect(mend).toThrow('a process is attached to the TUN device lvn0')
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.stdin?.end()
    await ended
  }
  mend()
  expect(isIntact()).toEqual([['lvn0', true]])
})
