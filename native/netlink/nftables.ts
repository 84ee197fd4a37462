// SPDX-License-Identifier: MIT
/**
 * Which nftables tables there are (<linux/netfilter/nf_tables.h>): one question to the kernel that needs no
 * process. What is in a table is read with the command `nft`.
 */
import { isErrno } from '../errors.ts'
import { Attributes } from './attributes.ts'
import { Encoder } from './bytes.ts'
import type { NetlinkMessage } from './message.ts'
import { NetlinkSocket, type Request } from './socket.ts'

export const NETLINK_NETFILTER = 12

const NFNL_SUBSYS_NFTABLES = 10
const NFT_MSG_GETTABLE = 1
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

/** Null: a table of another family. */
export function decodeInetTable({ payload }: Pick<NetlinkMessage, 'payload'>): string | null {
  if (payload[0] !== NFPROTO_INET) return null
  return new Attributes(payload, headerSize).text(NFTA_TABLE_NAME) ?? null
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
    if (isErrno(error, ...without)) return []
    throw error
  }
}
