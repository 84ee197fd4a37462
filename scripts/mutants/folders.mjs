// SPDX-License-Identifier: MIT
/**
 * What StrykerJS mutates, folder by folder, and what it cannot judge: code that does nothing without a kernel has no
 * unit tests; the conformance suite and the faults of faults.mjs judge it.
 */

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

/** The unit tests that judge a folder: those beside it. Long walks over everything would judge each mutant for minutes. */
export function testsOf(path) {
  const folder = folderOf(`${path}/`)
  if (folder === 'src/interp') return ['test/unit/{interp,resolve}/**/*.test.ts']
  if (folder === 'src/model') return ['test/unit/{model,interp}/**/*.test.ts']
  return ['test/unit/native/**/*.test.ts']
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
