// SPDX-License-Identifier: MIT
/** Filters as nftables tables: what is written is read back, and whatever is done to a table is noticed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeTable } from '../../../native/host/filter/decode.ts'
import { tableContents } from '../../../native/host/filter/encode.ts'
import { type NftObject, nft } from '../../../native/host/filter/nft.ts'
import { Encoder } from '../../../native/netlink/bytes.ts'
import { decodeInetTable, decodeTableEvent, listInetTables } from '../../../native/netlink/nftables.ts'
import { compileFamily, type PrefixPolicy } from '../../../src/interp/policy-program.ts'
import type { Prefix } from '../../../src/model/address.ts'
import type { FilterSpec } from '../../../src/model/filter.ts'

const list: readonly PrefixPolicy[] = [
  { action: 'deny', from: ['10.64.1.0/24' as Prefix, 'fd42::/64' as Prefix], to: null },
  { action: 'deny', from: null, to: ['10.64.9.1/32' as Prefix] },
  { action: 'allow', from: ['10.64.1.7/32' as Prefix], to: ['10.64.2.0/24' as Prefix] },
]
const spec: FilterSpec = {
  device: 'lvn0',
  owner: { overlay: 'mitte', node: 'gw1' },
  policies: ['deny a -> any', 'deny any -> b', 'allow c -> 10.64.2.0/24'],
  ipv4: compileFamily(list, 4),
  ipv6: compileFamily(list, 6),
}

/** As nft prints it. */
const printed: readonly NftObject[] = [
  { metainfo: { version: '1.0.6', json_schema_version: 1 } },
  { table: { family: 'inet', name: 'lvn_lvn0', handle: 1 } },
  ...tableContents(spec),
]

describe('the table of a filter', () => {
  it('reads back as the filter it was made from', () => {
    expect(decodeTable('lvn0', printed)).toEqual({ ...spec, intact: true })
  })

  it('may print a range as the prefix that it is', () => {
    const prefixed = JSON.parse(
      JSON.stringify(printed).replaceAll(
        '{"range":["fd42::","fd42::ffff:ffff:ffff:ffff"]}',
        '{"prefix":{"addr":"fd42::","len":64}}',
      ),
    ) as NftObject[]
    expect(JSON.stringify(prefixed)).toContain('"len":64')
    expect(decodeTable('lvn0', prefixed)).toEqual({ ...spec, intact: true })
  })

  it('is not whole where the table has a flag', () => {
    for (const flags of ['dormant', ['dormant'], ['owner', 'persist']]) {
      const flagged = printed.map((object) =>
        'table' in object ? { table: { ...(object.table as object), flags } } : object,
      )
      expect(decodeTable('lvn0', flagged)).toEqual({ ...spec, intact: false })
    }
  })

  it('is not whole without any one of its parts, or with one more', () => {
    const parts = printed.filter((object) => !('metainfo' in object || 'table' in object))
    for (const part of parts) {
      const live = decodeTable(
        'lvn0',
        printed.filter((object) => object !== part),
      )
      expect(live.owner === null || !live.intact, JSON.stringify(part)).toBe(true)
    }
    const more = { rule: { chain: 'flows', expr: [{ accept: null }] } }
    expect(decodeTable('lvn0', [...printed, more]).intact).toBe(false)
    const chain = { chain: { name: 'other' } }
    expect(decodeTable('lvn0', [...printed, chain]).intact).toBe(false)
  })

  it('is not whole, and read all the same, where a map of ours holds what we never write', () => {
    const strange = [
      'lo',
      7,
      [{ concat: ['10.64.1.1', 80] }, { accept: null }],
      ['lo', { accept: null }],
      ['10.64.7.7', 3],
      [{ prefix: { addr: '10.64.7.0', len: 99 } }, { accept: null }],
    ]
    const maps = printed.filter((object) => 'map' in object)
    expect(maps.length).toBeGreaterThan(1)
    for (const harmless of maps) {
      const map = harmless.map as { elem: readonly unknown[] }
      for (const element of strange) {
        const harmed = printed.map((object) =>
          object === harmless ? { map: { ...map, elem: [...map.elem, element] } } : object,
        )
        expect(decodeTable('lvn0', harmed), JSON.stringify(element)).toEqual({ ...spec, intact: false })
      }
    }
  })

  it('without our mark is somebody else’s', () => {
    const theirs = [{ table: { name: 'lvn_lvn0' } }, { chain: { name: 'forward' } }]
    expect(decodeTable('lvn0', theirs)).toMatchObject({ owner: null, policies: [] })
  })

  it('never denies what a multicast listener, a neighbour or an error says to this host, and forwards none of it', () => {
    const chain = (name: string) =>
      JSON.stringify(tableContents(spec).filter((o) => (o.rule as { chain?: string })?.chain === name))
    const inOrder = (text: string, ...order: string[]) => {
      const places = order.map((part) => text.indexOf(part))
      expect(places).toEqual([...places].sort((a, b) => a - b))
      expect(places[0]).toBeGreaterThan(0)
    }
    for (const hook of ['input', 'output'])
      inOrder(chain(hook), 'packet-too-big', 'nd-neighbor-solicit', '"goto":{"target":"flows"}')
    inOrder(chain('flows'), 'established', 'related', '@sources4', 'nfproto')
    expect(chain('flows') + chain('forward')).not.toContain('icmp')
  })
})

describe('the command nft', () => {
  it('that is not there is said with the package that has it', () => {
    const call = () => nft('add the filter of lvn0', [], 'lvn-no-such-command')
    expect(call).toThrow(
      expect.objectContaining({ code: 'LVN5200', hint: expect.stringContaining('apt-get install nftables') }),
    )
  })
})

describe('an answer of nft that cannot be read', () => {
  it.each([
    ['JSON that ends early', `printf '{"nftables": [{"table": {"flags": '`, 'is no JSON'],
    ['JSON of something else', 'echo null', 'has no `nftables`'],
    ['a crash', 'kill -SEGV $$', 'was ended by SIGSEGV'],
  ])('is said so: %s', (_, script, why) => {
    const folder = mkdtempSync(join(tmpdir(), 'lvn-nft-test-'))
    try {
      const command = join(folder, 'nft')
      writeFileSync(command, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
      expect(() => nft('read the filter of lvn0', [], command)).toThrow(
        expect.objectContaining({
          code: 'LVN5203',
          message: expect.stringMatching(`^cannot read the filter of lvn0: the answer of nft .*${why}`),
        }),
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the list of tables', () => {
  it('asks for and reads those of family inet', () => {
    expect(listInetTables()).toMatchObject({ type: 0x0a01 })
    // NFT_MSG_NEWTABLE as Linux 6.1 answers: family, version, resource id; name, flags.
    const payload = Buffer.from('01000003' + '0d0001006c766e5f6c766e3000000000' + '0800020000000000', 'hex')
    expect(decodeInetTable({ payload })).toBe('lvn_lvn0')
    payload[0] = 2
    expect(decodeInetTable({ payload })).toBeNull()
  })

  it('knows an event of any object of a table, and the end of a transaction', () => {
    const rule = new Encoder()
      .u8(1)
      .u8(0)
      .u16(0)
      .attributeText(1, 'lvn_lvn0')
      .attributeText(2, 'flows')
      .done()
    const other = new Encoder().u8(2).u8(0).u16(0).attributeText(1, 'lvn_lvn0').done()
    const end = new Encoder().u8(0).u8(0).u16(0).attributeU32(1, 7).done()
    expect(decodeTableEvent({ type: 0x0a06, payload: rule })).toEqual({ table: 'lvn_lvn0' })
    expect(decodeTableEvent({ type: 0x0a06, payload: other })).toBeNull()
    expect(decodeTableEvent({ type: 0x0a0f, payload: end })).toBe('end')
    expect(decodeTableEvent({ type: 0x0106, payload: rule })).toBeNull()
  })
})
