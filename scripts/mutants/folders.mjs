// SPDX-License-Identifier: MIT
/**
 * What StrykerJS mutates, folder by folder, and what it cannot judge: code that does nothing without a kernel has no
 * unit tests; the conformance suite and the faults of faults.mjs judge it.
 */
import { readFileSync } from 'node:fs'
import { filesOf } from './files.mjs'

/** Each with the patterns of its files; a folder's score is over all of them. */
export const folders = {
  'src/interp': ['src/interp/**/*.ts'],
  'src/model': ['src/model/**/*.ts'],
  'native/netlink': ['native/netlink/**/*.ts', '!native/netlink/{wire,rtnetlink,nftables}.ts'],
  'native/ebpf': ['native/ebpf/{layout,lengths-in-use}.ts'],
  'native/kmod': ['native/kmod/{codec,tables,userdata}.ts'],
  'native/host': ['native/host/{alias,interface-name}.ts', 'native/host/filter/{encode,decode}.ts'],
  native: ['native/{runs,tunnel-id}.ts', 'native/admission/**/*.ts'],
}

/**
 * The unit tests that judge a folder: those near it, without those that walk over everything for minutes, and those of
 * the built program, which has no mutants.
 */
export function testsOf(path) {
  const folder = folderOf(`${path}/`)
  const near = {
    'src/interp': '{cli,diag,graph,interp,lab,library,model,report,resolve}',
    'src/model': '{diag,interp,model,resolve}',
  }[folder]
  const patterns = [
    `test/unit/${near ?? 'native'}/**/*.test.ts`,
    '!test/unit/**/{walk,large-lists}.test.ts',
    // Compares sources with what is generated, and StrykerJS adds a line to each.
    '!test/unit/native/generator.test.ts',
  ]
  const ofTheBuild = /support\/cli\.ts'|\/dist\/|node:child_process'/
  return filesOf(patterns).filter((file) => !ofTheBuild.test(readFileSync(file, 'utf8')))
}

/** The folder that a file counts for: the longest that it is in. */
export function folderOf(file) {
  return Object.keys(folders)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0]
}

/** Patterns of a folder, or of a file or folder below one. */
export function patternsOf(path) {
  const known = folders[path]
  if (known !== undefined) return known
  return [path.endsWith('.ts') ? path : `${path}/**/*.ts`]
}
