// SPDX-License-Identifier: MIT
/** Which values from before the kmod plane keeps with the index of their interface: on a client that only holds links. */
import { expect, test } from 'vitest'
import { formatAlias } from '../../../native/host/alias.ts'
import { Batch } from '../../../native/kmod/batch.ts'
import type { KmodClient, KmodLink } from '../../../native/kmod/client.ts'
import type { LinkAttributes } from '../../../native/kmod/generated.ts'
import { snapshotPlane } from '../../../native/kmod/snapshot.ts'
import { decodeUserData, encodeUserData } from '../../../native/kmod/userdata.ts'
import type { Owner } from '../../../src/model/state.ts'

const owner: Owner = { overlay: 'mitte', node: 'gw' }
const forwarding = (name: string, family = 4) => `net/ipv${family}/conf/${name}/forwarding`

function world() {
  const link = (name: string, ifindex: number): KmodLink => ({
    ...{ name, ifindex, mtu: 1500, up: true, hardwareType: 1, kind: null, alias: null, lvn: null },
  })
  const userdata = encodeUserData({ owner, underlays: [], saved: [] })
  const lvn: LinkAttributes = { mode: 'multi', capacity: 16, userdata }
  const device: KmodLink = { ...link('lvn0', 9), alias: formatAlias(owner), lvn }
  let links: readonly KmodLink[] = [link('eth0', 2), link('eth1', 3), device]
  const change = (ifindex: number, to: (old: KmodLink) => KmodLink) => {
    links = links.map((old) => (old.ifindex === ifindex ? to(old) : old))
  }
  const client = {
    links: () => links,
    tunnels: () => [],
    rules: () => [],
    changeLinkAttributes: ({ ifindex }: KmodLink, attributes: LinkAttributes) =>
      change(ifindex, (old) => ({ ...old, lvn: { ...old.lvn, ...attributes } })),
  } as unknown as KmodClient
  return {
    save(...values: readonly (readonly [path: string, value: string])[]) {
      const results = new Batch(client).run(
        values.map(([path, value]) => ({
          op: 'save',
          kind: 'saved',
          saved: { device: 'lvn0', path, value },
        })),
      )
      expect(results).toEqual(values.map(() => ({ status: 'done' })))
    },
    rename: (ifindex: number, name: string) => change(ifindex, (old) => ({ ...old, name })),
    saved: () => Object.fromEntries(snapshotPlane(client).saved.map(({ path, value }) => [path, value])),
    indexes: () =>
      decodeUserData(links.find(({ name }) => name === 'lvn0')?.lvn?.userdata)?.saved.map(
        ({ ifindex }) => ifindex,
      ),
  }
}

test('a forwarding value that is not that of `all` goes with its interface', () => {
  const { save, rename, saved, indexes } = world()
  save([forwarding('all'), '0'], [forwarding('default'), '1'])
  save([forwarding('eth0'), '1'], [forwarding('eth1'), '0'], [forwarding('eth1', 6), '0'])
  expect(indexes()).toEqual([0, 0, 2, 0, 3])
  rename(2, 'lan0')
  rename(3, 'eth0')
  expect(saved()).toEqual({
    [forwarding('all')]: '0',
    [forwarding('default')]: '1',
    [forwarding('lan0')]: '1',
    [forwarding('eth1')]: '0',
    [forwarding('eth0', 6)]: '0',
  })
})
