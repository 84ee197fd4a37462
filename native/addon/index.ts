// SPDX-License-Identifier: MIT
/**
 * The C++ addon, typed. It is thin: one function per system call or libbpf call, clean values in, bytes out.
 * Codecs and decisions are TypeScript's. Failures throw an `Error` with `code` (`EPERM`), `errno` (positive)
 * and `syscall`. Loaded on first use only, so that commands that need no kernel run without it.
 */
import { createRequire } from 'node:module'
import { addonPath } from '../paths.ts'

export type Fd = number

export interface BpfObject {
  readonly programs: Readonly<Record<string, Fd>>
  readonly maps: Readonly<Record<string, Fd>>
}

export interface BpfLoadOptions {
  /** Bytes that replace the object's `.rodata` initial value, same length. */
  readonly rodata?: Buffer
  /** `max_entries` by map name, where it differs from the object's. */
  readonly maxEntries?: Readonly<Record<string, number>>
  /** Live maps to use in place of new ones, by map name. */
  readonly reuse?: Readonly<Record<string, Fd>>
  /** Programs to load; the others of the object are left out. */
  readonly programs: readonly string[]
}

export interface Addon {
  /** Closes any descriptor that the addon handed out. */
  close(fd: Fd): void

  // -- network namespaces (setns(2) on the calling thread; child processes inherit it)
  netnsOpen(path: string): Fd
  netnsEnter(fd: Fd): void
  /** Makes a new network namespace and binds it to `path` (an existing empty file); the caller's stays. */
  netnsCreate(path: string): void
  /** Unmounts (MNT_DETACH) what `netnsCreate` bound. */
  netnsUnmount(path: string): void
  /** Makes a folder a mount point of its own that other mount namespaces share, as `ip netns` does. */
  mountShared(folder: string): void
  /** SO_NETNS_COOKIE: unique among all namespaces since boot, as a decimal string. */
  netnsCookie(): string

  // -- netlink
  /** A close-on-exec socket with extended acks and strict dump checking on, joined to `groups`. */
  netlinkOpen(protocol: number, groups: readonly number[]): Fd
  netlinkSend(fd: Fd, message: Buffer): void
  /** One datagram, whole whatever its size; null when none came within `timeoutMs`. ENOBUFS is thrown. */
  netlinkReceive(fd: Fd, timeoutMs: number): Buffer | null
  /** Calls back on the event loop when the descriptor can be read; the returned function stops it. */
  watchReadable(fd: Fd, callback: () => void): () => void

  // -- TUN
  /**
   * A layer-3 TUN device without packet information, owned by the effective user; it goes with the descriptor unless made
   * persistent.
   */
  tunCreate(name: string, ifindex: number): Fd
  tunPersist(fd: Fd, on: boolean): void
  tunOffersChecksums(name: string): boolean
  /** Gives a device that is there what `tunCreate` gives a new one. EBUSY: a process is attached to it. */
  tunMend(name: string): void

  // -- one holder at a time, gone with its process; a holder is its pid, 0: one of a PID namespace out of sight
  /** A record lock on a file, which is made for the owner alone where it is missing; symbolic links are refused. */
  lockFile(path: string): { readonly fd: Fd } | { readonly holder: number }
  /** Null: nobody holds it, or there is no such file. */
  fileHolder(path: string): number | null
  unlockFile(path: string, fd: Fd): void
  /** A bound abstract UNIX socket of the network namespace, freed with `close`. */
  lockSocket(name: string): { readonly fd: Fd } | { readonly holder: number }
  socketHolder(name: string): number | null

  // -- BPF
  /**
   * Opens and loads an object file; every program holds every map. The verifier's log is in the error's `log`.
   * Map and program fds are the caller's.
   */
  bpfLoad(path: string, options: BpfLoadOptions): BpfObject
  bpfProgramById(id: number): Fd
  bpfProgramInfo(fd: Fd): { readonly id: number; readonly name: string; readonly mapIds: readonly number[] }
  bpfMapById(id: number): Fd
  bpfMapInfo(fd: Fd): {
    readonly id: number
    readonly name: string
    readonly keySize: number
    readonly valueSize: number
    readonly maxEntries: number
  }
  bpfMapLookup(fd: Fd, key: Buffer): Buffer | null
  bpfMapUpdate(fd: Fd, key: Buffer, value: Buffer): void
  /** False when the key was not there. */
  bpfMapDelete(fd: Fd, key: Buffer): boolean
  /** All entries, keys and values each in one buffer; a per-CPU value is its CPUs' values, each padded to 8 bytes. */
  bpfMapEntries(fd: Fd): { readonly count: number; readonly keys: Buffer; readonly values: Buffer }
  /** Writes `count` entries from concatenated keys and values; how many were written (fewer when full). */
  bpfMapUpdateBatch(fd: Fd, keys: Buffer, values: Buffer, count: number): number
  bpfPossibleCpus(): number
  /** BPF_PROG_ATTACH to an interface (tcx). EINVAL where the kernel has no tcx. */
  bpfAttach(program: Fd, ifindex: number, attachType: number, flags: number, replace: Fd | null): void
  bpfDetach(program: Fd, ifindex: number, attachType: number): void
  /** Ids of the programs attached, in order. EINVAL where the kernel has no tcx. */
  bpfQuery(ifindex: number, attachType: number): readonly number[]
}

let loaded: Addon | undefined

/** The addon; loads it the first time. */
export function addon(): Addon {
  loaded ??= createRequire(import.meta.url)(addonPath()) as Addon
  return loaded
}
