// SPDX-License-Identifier: MIT
/**
 * A folder by its handle: it stays the same one, whatever becomes of its path meanwhile.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs'

/** <asm-generic/fcntl.h>; Node does not name it. The folder need not be readable. */
const O_PATH = 0o10000000

export class HeldFolder {
  private readonly fd: number

  /** @param path absolute and without links. @throws Error: somebody has put a link into it since. */
  constructor(path: string) {
    this.fd = openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    if (readlinkSync(this.here()) === path) return
    this.close()
    throw new Error(`somebody has moved ${path} meanwhile`)
  }

  /** A path of an entry of it. */
  at(name: string): string {
    return `${this.here()}/${name}`
  }

  owner(): number {
    return fstatSync(this.fd).uid
  }

  close(): void {
    closeSync(this.fd)
  }

  private here(): string {
    return `/proc/self/fd/${this.fd}`
  }
}
