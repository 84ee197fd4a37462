// SPDX-License-Identifier: MIT
/**
 * Which filters change: the tables with a name of ours that a transaction of nftables touches, by whomever. What has
 * become of them is for others to read.
 */
import { tablePrefix } from '../../../src/model/filter.ts'
import {
  decodeTableEvent,
  hasNoNftables,
  NETLINK_NETFILTER,
  NFNLGRP_NFTABLES,
} from '../../netlink/nftables.ts'
import { NetlinkSocket } from '../../netlink/socket.ts'

/**
 * Calls back with the devices after each transaction that touched tables of theirs, and with null when the kernel
 * dropped messages, until the returned function is called. A kernel without nftables never does.
 */
export function watchFilters(onChange: (devices: readonly string[] | null) => void): () => void {
  const socket = open()
  if (socket === null) return () => undefined
  const touched = new Set<string>()
  const stop = socket.watch((message) => {
    const event = message === null ? 'lost' : decodeTableEvent(message)
    if (event === 'lost') onChange(null)
    else if (event === 'end') {
      const devices = [...touched]
      touched.clear()
      if (devices.length > 0) onChange(devices)
    } else if (event?.table.startsWith(tablePrefix)) touched.add(event.table.slice(tablePrefix.length))
  })
  return () => {
    stop()
    socket.close()
  }
}

function open(): NetlinkSocket | null {
  try {
    return new NetlinkSocket(NETLINK_NETFILTER, [NFNLGRP_NFTABLES])
  } catch (error) {
    if (hasNoNftables(error)) return null
    throw error
  }
}
