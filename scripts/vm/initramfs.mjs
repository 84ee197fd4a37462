// SPDX-License-Identifier: MIT
/**
 * The first root of a guest: busybox, init.sh and the modules that reach the host's root over 9p. Kept in
 * .stamps/vm for as long as none of these changes.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const cache = join(here, '../../.stamps/vm')
const init = join(here, 'init.sh')
const busybox = '/bin/busybox'

/** Makes it where it is not there yet; its path. */
export function initramfs(kernel) {
  const modules = modulesOf(kernel)
  const hash = createHash('sha256')
  for (const path of [init, busybox, ...modules]) hash.update(`\0${path}\0`).update(readFileSync(path))
  const prefix = `initramfs-${kernel.version}-`
  const path = join(cache, `${prefix}${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(path)) return path
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(cache)) if (name.startsWith(prefix)) rmSync(join(cache, name))
  pack(modules, path)
  return path
}

/** Paths in the order to load them in; none of what is built in. */
function modulesOf({ root, version }) {
  const lines = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'].flatMap((name) =>
    execFileSync('modprobe', ['--show-depends', '-d', root, '-S', version, name], { encoding: 'utf8' }).split(
      '\n',
    ),
  )
  const paths = lines.filter((line) => line.startsWith('insmod ')).map((line) => line.split(' ')[1])
  return [...new Set(paths)]
}

function pack(modules, path) {
  const root = mkdtempSync(join(tmpdir(), 'lvn-initramfs-'))
  try {
    for (const folder of ['bin', 'dev', 'lower', 'modules', 'new', 'over', 'proc', 'sys'])
      mkdirSync(join(root, folder))
    copyFileSync(busybox, join(root, 'bin/busybox'))
    copyFileSync(init, join(root, 'init'))
    for (const [index, module] of modules.entries()) {
      const name = `${String(index).padStart(2, '0')}-${basename(module).replace(/\.xz$/, '')}`
      if (module.endsWith('.xz'))
        writeFileSync(
          join(root, 'modules', name),
          execFileSync('xz', ['-dc', module], { maxBuffer: 1 << 28 }),
        )
      else copyFileSync(module, join(root, 'modules', name))
    }
    const partial = `${path}.${process.pid}`
    execFileSync(
      'sh',
      ['-c', 'chmod 755 init && find . | cpio -o -H newc --quiet -R 0:0 | gzip -1 >"$1"', 'sh', partial],
      { cwd: root },
    )
    renameSync(partial, path)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
