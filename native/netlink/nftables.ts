// SPDX-License-Identifier: MIT
/**
 * Which nftables tables there are, and which of them change (<linux/netfilter/nf_tables.h>): what the kernel tells
 * without a process. What is in a table is read with the command `nft`.
 */
import { isErrno } from '../errors.ts'
import { Attributes } from './attributes.ts'
import { Encoder } from './bytes.ts'
import type { NetlinkMessage } from './message.ts'
import { NetlinkSocket, type Request } from './socket.ts'

export const NETLINK_NETFILTER = 12
/** NFNLGRP_NFTABLES of <linux/netfilter/nfnetlink.h>: a message for each object of a transaction, and one at its end. */
export const NFNLGRP_NFTABLES = 7

const NFNL_SUBSYS_NFTABLES = 10
const NFT_MSG_GETTABLE = 1
const NFT_MSG_NEWGEN = 15
/** The same number in chains, rules, sets, elements, objects and flow tables: NFTA_CHAIN_TABLE and so on. */
const NFTA_TABLE_NAME = 1
const NFPROTO_INET = 1
/** struct nfgenmsg: family, version, resource id. */
const headerSize = 4

/** Answers of a kernel that has no nftables. */
const without = ['EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EOPNOTSUPP', 'EINVAL', 'ENOENT']

export function listInetTables(): Request {
  return {
    what: 'list the nftables tables',
    type: (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETTABLE,
    payload: new Encoder().u8(NFPROTO_INET).u8(0).u16(0).done(),
  }
}

/** The table that an object is, or belongs to. Null: a table of another family. */
export function decodeInetTable({ payload }: Pick<NetlinkMessage, 'payload'>): string | null {
  if (payload[0] !== NFPROTO_INET) return null
  return new Attributes(payload, headerSize).text(NFTA_TABLE_NAME) ?? null
}

/** `end`: a transaction is over. Null: of another family, or not of nftables. */
export function decodeTableEvent({
  type,
  payload,
}: Pick<NetlinkMessage, 'type' | 'payload'>): { readonly table: string } | 'end' | null {
  if (type >> 8 !== NFNL_SUBSYS_NFTABLES) return null
  if ((type & 0xff) === NFT_MSG_NEWGEN) return 'end'
  const table = decodeInetTable({ payload })
  return table === null ? null : { table }
}

/** A kernel without nftables is nothing to wonder at. */
export function hasNoNftables(error: unknown): boolean {
  return isErrno(error, ...without)
}

/** Names of the tables of family inet in the thread's network namespace. */
export function inetTables(): readonly string[] {
  try {
    const socket = new NetlinkSocket(NETLINK_NETFILTER)
    try {
      return socket.dump(listInetTables()).flatMap((message) => decodeInetTable(message) ?? [])
    } finally {
      socket.close()
    }
  } catch (error) {
    if (hasNoNftables(error)) return []
    throw error
  }
}
