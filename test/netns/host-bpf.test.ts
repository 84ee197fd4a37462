// SPDX-License-Identifier: MIT
/**
 * The addon's BPF calls and the clsact filters, with a small object of the tests' own.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { addon, type BpfLoadOptions, type BpfObject, type Fd } from '../../native/addon/index.ts'
import { closeMaps, loadNew, openMaps } from '../../native/ebpf/maps.ts'
import { Rtnetlink } from '../../native/netlink/rtnetlink.ts'
import { addBpfFilter, addClsact, deleteBpfFilter } from '../../native/netlink/traffic.ts'
import { withNetns } from '../../native/netns.ts'
import { compileBpf } from '../support/compile-bpf.ts'
import { Netns } from '../support/netns.ts'

const open: Fd[] = []
let folder: string
let object: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lvnt-'))
  object = compileBpf(folder)
})

afterEach(() => {
  for (const fd of open.splice(0)) addon().close(fd)
})

afterAll(() => rmSync(folder, { recursive: true }))

function load(options: Partial<BpfLoadOptions> = {}): BpfObject {
  const loaded = addon().bpfLoad(object, { programs: ['passes'], ...options })
  open.push(...Object.values(loaded.programs), ...Object.values(loaded.maps))
  return loaded
}

function fdOf(fds: Readonly<Record<string, Fd>>, name: string): Fd {
  const fd = fds[name]
  if (fd === undefined) throw new Error(`no ${name}`)
  return fd
}

/** Little-endian integers, `size` bytes each. */
function integers(size: 4 | 8, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(size * values.length)
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * size)
  return bytes
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

test('an object is loaded: programs asked for, maps by their names, constants, sizes', () => {
  const { programs, maps } = load({ rodata: integers(4, 9), maxEntries: { hash: 20 } })
  expect(Object.keys(programs)).toEqual(['passes'])
  expect(Object.keys(maps).sort()).toEqual(['.rodata', 'array', 'hash', 'percpu', 'trie'])
  expect(addon().bpfMapLookup(fdOf(maps, '.rodata'), integers(4, 0))).toEqual(integers(4, 9))
  const hash = addon().bpfMapInfo(fdOf(maps, 'hash'))
  expect(hash).toMatchObject({ name: 'hash', keySize: 4, valueSize: 8, maxEntries: 20 })
  const program = addon().bpfProgramInfo(fdOf(programs, 'passes'))
  expect(program.name).toBe('passes')
  expect(program.mapIds).toContain(hash.id)
  const again = addon().bpfMapById(hash.id)
  expect(addon().bpfMapInfo(again)).toEqual(hash)
  addon().close(again)
})

test('the maps of a program that has gone meanwhile are no maps, and nothing stays open', () => {
  const loaded = loadNew('lvn_encap', 'multi', 1)
  const ids = Object.values(loaded.maps).map((fd) => addon().bpfMapInfo(fd).id)
  try {
    const opened = openMaps(ids)
    expect(opened).not.toBeNull()
    if (opened !== null) closeMaps(opened)
    const before = readdirSync('/proc/self/fd').length
    // The kernel numbers maps upwards from 1.
    expect(openMaps([...ids.slice(1), 0x7fffffff])).toBeNull()
    expect(readdirSync('/proc/self/fd')).toHaveLength(before)
  } finally {
    addon().close(loaded.program)
    closeMaps(loaded.maps)
  }
})

test('a live map is used in place of a new one', () => {
  const first = load()
  const second = load({ reuse: { hash: fdOf(first.maps, 'hash') } })
  const idOf = (loaded: BpfObject, name: string) => addon().bpfMapInfo(fdOf(loaded.maps, name)).id
  expect(idOf(second, 'hash')).toBe(idOf(first, 'hash'))
  expect(idOf(second, 'array')).not.toBe(idOf(first, 'array'))
})

test('a refused program comes with the words of the verifier', () => {
  const error = (() => {
    try {
      load({ programs: ['refused'] })
    } catch (caught) {
      return caught as Error & { code: string; log: string }
    }
    throw new Error('it was loaded')
  })()
  expect(error.code).toBe('EACCES')
  expect(error.log).toMatch(/invalid mem access/)
})

test('options that do not fit the object are refused', () => {
  expect(() => load({ programs: ['nix'] })).toThrow('no program nix')
  expect(() => load({ maxEntries: { nix: 1 } })).toThrow('no map nix')
  expect(() => load({ rodata: Buffer.alloc(3) })).toThrow(RangeError)
})

test.each(['hash', 'trie', 'array'])('entries of a %s are written and read in batches', (name) => {
  const map = fdOf(load().maps, name)
  const { keySize, valueSize } = addon().bpfMapInfo(map)
  const keys =
    keySize === 8 ? Buffer.concat(upTo(10).map((i) => integers(4, 32, i))) : integers(4, ...upTo(10))
  const values = Buffer.from(upTo(10 * valueSize))
  expect(addon().bpfMapUpdateBatch(map, keys, values, 10)).toBe(10)
  const entries = addon().bpfMapEntries(map)
  expect(entries.count).toBe(10)
  const pairs = (keys: Buffer, values: Buffer) =>
    upTo(10)
      .map(
        (i) =>
          keys.toString('hex', i * keySize, (i + 1) * keySize) +
          values.toString('hex', i * valueSize, (i + 1) * valueSize),
      )
      .sort()
  expect(pairs(entries.keys, entries.values)).toEqual(pairs(keys, values))
})

test('a full map says how many went in', () => {
  const { maps } = load()
  expect(addon().bpfMapUpdateBatch(fdOf(maps, 'hash'), integers(4, ...upTo(25)), Buffer.alloc(200), 25)).toBe(
    10,
  )
  const prefixes = Buffer.concat(upTo(12).map((i) => integers(4, 32, i)))
  expect(addon().bpfMapUpdateBatch(fdOf(maps, 'trie'), prefixes, Buffer.alloc(48), 12)).toBe(10)
})

test('a value per CPU is all of them, 8 bytes each', () => {
  const map = fdOf(load().maps, 'percpu')
  const value = Buffer.alloc(8 * addon().bpfPossibleCpus(), 1)
  addon().bpfMapUpdate(map, integers(4, 5), value)
  expect(addon().bpfMapLookup(map, integers(4, 5))).toHaveLength(value.length)
  expect(addon().bpfMapEntries(map).values).toHaveLength(value.length)
  expect(addon().bpfMapDelete(map, integers(4, 5))).toBe(true)
  expect(addon().bpfMapDelete(map, integers(4, 5))).toBe(false)
  expect(addon().bpfMapLookup(map, integers(4, 5))).toBeNull()
})

test('wrong arguments never reach the kernel', () => {
  const { maps } = load()
  const hash = fdOf(maps, 'hash')
  expect(() => addon().bpfMapLookup(hash, Buffer.alloc(3))).toThrow(RangeError)
  expect(() => addon().bpfMapUpdate(hash, Buffer.alloc(4), Buffer.alloc(9))).toThrow(RangeError)
  expect(() => addon().bpfMapUpdateBatch(hash, Buffer.alloc(4), Buffer.alloc(16), 2)).toThrow(RangeError)
  expect(() => addon().close(1.5)).toThrow(TypeError)
  expect(() => addon().close(-1)).toThrow(TypeError)
  expect(() => addon().bpfMapInfo('3' as unknown as Fd)).toThrow(TypeError)
  expect(() => addon().lockSocket('x'.repeat(108))).toThrow(RangeError)
  expect(() => addon().netnsOpen('/run\0')).toThrow(TypeError)
})

test('a program is a clsact filter: added, replaced in place, deleted', () => {
  const ns = new Netns('bpf')
  const rtnetlink = withNetns(ns.path, () => new Rtnetlink())
  const [first, second] = [load(), load()].map(({ programs }) => fdOf(programs, 'passes')) as [Fd, Fd]
  const ifindex = 1
  const filter = { ifindex, direction: 'egress', priority: 256, handle: 1, name: 'lvnt' } as const
  const found = () => rtnetlink.bpfFilters(ifindex, 'egress')
  const live = (program: Fd) => [
    { ...filter, program: addon().bpfProgramInfo(program).id, directAction: true },
  ]
  try {
    rtnetlink.request(addClsact(ifindex, 'lo'))
    rtnetlink.request(addBpfFilter(filter, first, false))
    expect(found()).toEqual(live(first))
    expect(() => rtnetlink.request(addBpfFilter(filter, second, false))).toThrow('EEXIST')
    rtnetlink.request(addBpfFilter(filter, second, true))
    expect(found()).toEqual(live(second))
    expect(rtnetlink.hasFilters(ifindex, 'egress')).toBe(true)
    expect(rtnetlink.hasFilters(ifindex, 'ingress')).toBe(false)
    rtnetlink.request(deleteBpfFilter(filter))
    expect(found()).toEqual([])
  } finally {
    rtnetlink.close()
    ns.dispose()
  }
})
