// SPDX-License-Identifier: MIT
/**
 * `HostNetwork` of src/model/kernel.ts over rtnetlink, /proc/sys and nftables, in the network namespace that the thread
 * is in when it is opened. The data planes' own objects are not its business.
 */
import type { HostEvent, HostNetwork } from '../../src/model/kernel.ts'
import { RTM_ADDRESS } from '../netlink/address.ts'
import { decodeLink, RTM_LINK } from '../netlink/link.ts'
import type { NetlinkMessage } from '../netlink/message.ts'
import { RTM_ROUTE } from '../netlink/route.ts'
import { NETLINK_ROUTE, Rtnetlink } from '../netlink/rtnetlink.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import { applyOperations, type Seen } from './apply.ts'
import { readFilters } from './filter/index.ts'
import { watchFilters } from './filter/watch.ts'
import { readSysctl } from './proc-sys.ts'
import { lookUpPaths, readInterfaces, takeSnapshot } from './snapshot.ts'
import { lookUpWays } from './ways.ts'

/** RTNLGRP_* of <linux/rtnetlink.h>. */
const groups = { link: 1, address4: 5, route4: 7, address6: 9, route6: 11 } as const

/** Throws an LvnError (LVN7002, LVN7003) when no netlink socket can be had. */
export function hostNetwork(): HostNetwork {
  const rtnetlink = new Rtnetlink()
  const watchers = new Set<() => void>()
  let seen: Seen = new Map()
  return {
    snapshot: (nets, exact) => {
      const state = takeSnapshot(rtnetlink, nets, exact)
      seen = new Map(state.links.map(({ name, ifindex }) => [name, ifindex]))
      return state
    },
    interfaces: () => readInterfaces(rtnetlink),
    filters: readFilters,
    sysctls: (paths) => {
      const values = paths.map((path) => [path, readSysctl(path)] as const)
      return new Map(values.filter((entry): entry is readonly [string, string] => entry[1] !== undefined))
    },
    paths: (remotes) => lookUpPaths(rtnetlink, remotes),
    ways: (questions) => lookUpWays(rtnetlink, questions),
    apply: (operations, onProgress) => applyOperations(rtnetlink, operations, onProgress, seen),
    watch: (onEvent) => {
      const unwatch = watch(onEvent)
      const stop = () => {
        if (watchers.delete(stop)) unwatch()
      }
      watchers.add(stop)
      return stop
    },
    close: () => {
      for (const stop of watchers) stop()
      rtnetlink.close()
    },
  }
}

function watch(onEvent: (event: HostEvent) => void): () => void {
  const socket = new NetlinkSocket(NETLINK_ROUTE, Object.values(groups))
  const stop = socket.watch((message) => {
    const event: HostEvent | null = message === null ? { kind: 'overrun' } : eventOf(message)
    if (event !== null) onEvent(event)
  })
  const stopFilters = watchFilters((devices) => {
    if (devices === null) onEvent({ kind: 'overrun' })
    else for (const device of devices) onEvent({ kind: 'filter', device })
  })
  return () => {
    stopFilters()
    stop()
    socket.close()
  }
}

/** Null: not an event that anyone waits for. */
export function eventOf(message: NetlinkMessage): HostEvent | null {
  switch (message.type) {
    case RTM_LINK.new:
      return { kind: 'link', change: 'new', name: decodeLink(message).name }
    case RTM_LINK.delete:
      return { kind: 'link', change: 'removed', name: decodeLink(message).name }
    case RTM_ADDRESS.new:
      return { kind: 'address', change: 'new' }
    case RTM_ADDRESS.delete:
      return { kind: 'address', change: 'removed' }
    case RTM_ROUTE.new:
      return { kind: 'route', change: 'new' }
    case RTM_ROUTE.delete:
      return { kind: 'route', change: 'removed' }
    default:
      return null
  }
}
