// SPDX-License-Identifier: MIT
/**
 * What the kmod plane makes of the interfaces that the kernel has, and of its refusals: on a client that keeps
 * interfaces as the kernel does. Carried out by a real kernel in test/netns/plane.
 */
import { expect, test } from 'vitest'
import { Batch } from '../../../native/kmod/batch.ts'
import type { KmodClient, KmodLink } from '../../../native/kmod/client.ts'
import { decodeUserData, encodeUserData, type UserData } from '../../../native/kmod/userdata.ts'
import { netnsCookie } from '../../../native/netns.ts'
import type { OperationResult, PlaneOperation } from '../../../src/model/kernel.ts'
import { device } from '../../support/plane-world.ts'

const owner = { overlay: 'test', node: 'lvn0' }
const forwarding = { path: 'net/ipv6/conf/eth0/forwarding', value: '0', ifindex: 0 }
const acceptRa = (name: string) => `net/ipv6/conf/${name}/accept_ra`

const link = (ifindex: number, name: string, userData: Omit<UserData, 'owner'> | null = null): KmodLink => ({
  ...{ ifindex, name, hardwareType: 1, up: true, mtu: 1400, alias: null },
  kind: userData === null ? null : 'lvn',
  lvn: userData === null ? null : { mode: 'multi', userdata: encodeUserData({ owner, ...userData }) },
})

class Kernel {
  links: readonly KmodLink[]
  /** Of links, as they were asked for. */
  readonly changes: object[] = []
  /** Which of them is refused, from 1 on; 0: none. */
  refused = 0
  afterAdd: () => void = () => {}

  constructor(...links: KmodLink[]) {
    this.links = links
  }

  run(...operations: PlaneOperation[]): OperationResult[] {
    const client: Partial<Record<keyof KmodClient, unknown>> = {
      links: () => this.links,
      addLink: (made: object, lvn: object) => {
        this.links = [...this.links, { ...link(9, ''), ...made, kind: 'lvn', lvn } as KmodLink]
        this.afterAdd()
      },
      deleteLink: ({ ifindex }: KmodLink) => {
        this.links = this.links.filter((each) => each.ifindex !== ifindex)
      },
      changeLink: ({ ifindex }: KmodLink, change: object) => {
        this.changes.push(change)
        if (this.changes.length === this.refused) throw new Error('the kernel refuses it')
        this.set(ifindex, (was) => ({ ...was, ...change }))
      },
      changeLinkAttributes: ({ ifindex }: KmodLink, lvn: object) =>
        this.set(ifindex, (was) => ({ ...was, lvn: { ...was.lvn, ...lvn } as KmodLink['lvn'] })),
    }
    return new Batch(client as KmodClient).run(operations)
  }

  saved(name: string) {
    return decodeUserData(this.links.find((each) => each.name === name)?.lvn?.userdata)?.saved
  }

  private set(ifindex: number, change: (was: KmodLink) => KmodLink): void {
    this.links = this.links.map((each) => (each.ifindex === ifindex ? change(each) : each))
  }
}

const save = (path: string, value: string): PlaneOperation => ({
  op: 'save',
  kind: 'saved',
  saved: { device: 'lvn0', path, value },
})

test('values saved in another namespace give way to those of this one', () => {
  const before = [{ path: acceptRa('eth0'), value: '1', ifindex: 2 }]
  const saved = (home: string | undefined) => {
    const kernel = new Kernel(
      link(2, 'wan0'),
      link(3, 'lvn0', { underlays: [], saved: before, ...(home === undefined ? {} : { home }) }),
    )
    expect(kernel.run(save('net/ipv4/ip_forward', '0'))).toEqual([{ status: 'done' }])
    return kernel.saved('lvn0')?.map(({ path }) => path)
  }
  const forward = 'net/ipv4/ip_forward'
  expect(saved('1')).toEqual([forward])
  expect(saved(netnsCookie())).toEqual([acceptRa('wan0'), forward])
  expect(saved(undefined)).toEqual([acceptRa('wan0'), forward])
})

test('a value goes with the interface that has its name by now, and with none where there is none', () => {
  const before = ['eth0', 'gone0', 'lan0', 'all'].map((name, i) => ({
    path: acceptRa(name),
    value: `${i}`,
    ifindex: i === 3 ? 0 : i + 20,
  }))
  const kernel = new Kernel(
    link(2, 'eth0'),
    link(22, 'lan1'),
    link(3, 'lvn0', { underlays: [], saved: [...before, forwarding] }),
  )
  kernel.run(save(acceptRa('lan1'), '9'), save(acceptRa('eth0'), '9'), save('net/ipv4/ip_forward', '0'))
  expect(kernel.saved('lvn0')?.map(({ path, ifindex }) => [path, ifindex])).toEqual([
    [acceptRa('eth0'), 2],
    [acceptRa('gone0'), 0],
    [acceptRa('lan1'), 22],
    [acceptRa('all'), 0],
    [forwarding.path, 2],
    ['net/ipv4/ip_forward', 0],
  ])
})

test('after a refusal the device is as it was, and takes no advice', () => {
  const kernel = new Kernel(link(3, 'lvn0', { underlays: [], saved: [] }))
  const was = kernel.links
  kernel.refused = 2
  const spec = device('lvn0', 'multi', 1000)
  const [result] = kernel.run({ op: 'set', kind: 'device', spec, capacity: 4 })
  expect(result?.status).toBe('failed')
  expect(kernel.links).toMatchObject(was)
  expect(kernel.changes).toMatchObject([
    { mtu: 1000 },
    { addrGenMode: 'none' },
    { mtu: 1400 },
    { addrGenMode: 'none' },
  ])
})

test('a new device that was renamed at once is taken away, and no other that has its name', () => {
  const kernel = new Kernel(link(2, 'eth0'))
  kernel.afterAdd = () => {
    const [eth0, made] = kernel.links as [KmodLink, KmodLink]
    kernel.links = [eth0, { ...made, name: 'lan0' }, link(10, 'lvn0')]
  }
  const spec = device('lvn0', 'multi', 1400, 'eth0')
  const [result] = kernel.run({ op: 'add', kind: 'device', spec, capacity: 4 })
  expect(result).toMatchObject({ status: 'failed', error: { code: 'LVN5010' } })
  expect(kernel.links.map(({ name }) => name)).toEqual(['eth0', 'lvn0'])
})
