// SPDX-License-Identifier: MIT
/**
 * Filters of devices as nftables tables: all that there are, and changes of one. Where no table has a name of ours,
 * no process is started.
 */

import { ExitCode, LvnError } from '../../../src/diag/error.ts'
import { filterTable, type LiveFilter, tablePrefix } from '../../../src/model/filter.ts'
import type { HostOperation } from '../../../src/model/kernel.ts'
import { inetTables } from '../../netlink/nftables.ts'
import { decodeTable } from './decode.ts'
import { tableContents } from './encode.ts'
import { type NftObject, nft, unreadableAnswer } from './nft.ts'

export type FilterOperation = Extract<HostOperation, { kind: 'filter' }>

/** Tables of others that have a name of ours have no owner. */
export function readFilters(): readonly LiveFilter[] {
  return ourNames().map(readFilter)
}

/**
 * Throws an LvnError when it cannot be done. What is not ours is never changed: an addition to it, or a change of
 * it, fails; a deletion leaves it as it is, as one of what is not there does.
 */
export function applyFilter({ op, spec }: FilterOperation): void {
  const { device } = spec
  const name = filterTable(device)
  const table = { family: 'inet', name }
  const what = `${op} the filter of ${device}`
  const there = ourNames().includes(device) ? readFilter(device) : null
  if (op === 'delete') {
    if (there !== null && there.owner !== null) nft(what, [{ delete: { table } }])
    return
  }
  if (there !== null && (op === 'add' || there.owner === null)) throw taken(what, name)
  // Added first, so that the deletion is right in any case; nobody sees the moment between: it is one transaction.
  const clear: NftObject[] = op === 'set' ? [{ add: { table } }, { delete: { table } }] : []
  nft(what, [...clear, { create: { table } }, ...tableContents(spec).map((object) => ({ add: object }))])
}

/** Devices by whose names there are tables. */
function ourNames(): readonly string[] {
  return inetTables()
    .filter((name) => name.startsWith(tablePrefix))
    .map((name) => name.slice(tablePrefix.length))
}

/**
 * nft 1.0.6 prints invalid JSON for a table that has flags. Its sets alone, which it prints well, say whose the table is;
 * without chains it is not intact. That nft prints those of all tables, whichever it is asked for.
 */
function readFilter(device: string): LiveFilter {
  const what = `read the filter of ${device}`
  const table = { family: 'inet', name: filterTable(device) }
  try {
    return decodeTable(device, nft(what, [{ list: { table } }]))
  } catch (error) {
    if (!(error instanceof LvnError) || error.code !== unreadableAnswer) throw error
    const sets = nft(what, [{ list: { sets: { family: table.family, table: table.name } } }])
    const isOfTable = ({ set }: NftObject) => {
      const { family, table: of } = (set ?? {}) as NftObject
      return family === table.family && of === table.name
    }
    return decodeTable(device, sets.filter(isOfTable))
  }
}

function taken(what: string, table: string): LvnError {
  return new LvnError(
    'LVN5201',
    ExitCode.rolledBack,
    `cannot ${what}: the nftables table ${table} is there already`,
  )
}
