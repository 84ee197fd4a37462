// SPDX-License-Identifier: MIT
/**
 * lvn.ko for one kernel, built in a folder of its own below .stamps/vm: kmod/ stays as it is.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const sources = join(root, 'kmod')
/** What a build in the source tree may have left there. */
const product = /^\.|\.(o|ko|mod|mod\.c|order|symvers)$|^Module\.|^probed\.h$/

/** Whether there is anything to build. */
export function hasModule() {
  return existsSync(join(sources, 'Kbuild'))
}

/** Path of the module, built where sources or kernel have changed. Rejects with the compiler's output. */
export async function buildModule(kernel, say) {
  const folder = join(root, '.stamps/vm', `kmod-${kernel.version}`)
  const module = join(folder, 'lvn.ko')
  const stamp = join(folder, 'stamp')
  const hash = hashOf(kernel)
  if (existsSync(module) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return module
  const begun = performance.now()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const path of files()) cpSync(path, join(folder, relative(sources, path)))
  const [program, ...args] = compilation(kernel, folder)
  try {
    await promisify(execFile)(program, args, { maxBuffer: 1 << 28 })
  } catch ({ stdout, stderr, message }) {
    throw new Error(`${stdout ?? ''}${stderr ?? ''}${message}`)
  }
  writeFileSync(stamp, hash)
  say(`lvn.ko built in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  return module
}

/** The command; in another system, the folder is its /mnt, and the mounts go with the command. */
function compilation({ system, headers }, folder) {
  const make = (place) => ['make', '-C', headers, `M=${place}`, '-j2', 'modules']
  if (system === '/') return make(folder)
  const enter = 'mount -t proc proc "$0/proc" && mount --bind "$1" "$0/mnt" && shift && exec chroot "$0" "$@"'
  return ['unshare', '--mount', 'sh', '-c', enter, system, folder, ...make('/mnt')]
}

function files() {
  return readdirSync(sources, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !product.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

function hashOf(kernel) {
  const hash = createHash('sha256')
    .update(kernel.version)
    .update(readFileSync(join(kernel.system, kernel.headers, '.config')))
  for (const path of files()) hash.update(`\0${path}\0`).update(readFileSync(path))
  return hash.digest('hex')
}
