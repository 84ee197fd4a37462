// SPDX-License-Identifier: MIT
/**
 * What a netlink socket needs of the system: whole datagrams out and in. What is in them is not known here.
 */
import { addon } from '../addon/index.ts'

export interface Wire {
  /** Throws the system's error. */
  send(datagram: Buffer): void
  /** One datagram of the kernel's, whole; null: none came within `timeoutMs`. Throws the system's error. */
  receive(timeoutMs: number): Buffer | null
  /** Calls back on the event loop when there is something to receive, until the returned function is called. */
  watch(onReadable: () => void): () => void
  close(): void
}

export type OpenWire = (protocol: number, groups: readonly number[]) => Wire

/** A socket of the network namespace that the thread is in. Throws the system's error. */
export const openWire: OpenWire = (protocol, groups) => {
  const fd = addon().netlinkOpen(protocol, groups)
  return {
    send: (datagram) => addon().netlinkSend(fd, datagram),
    receive: (timeoutMs) => addon().netlinkReceive(fd, timeoutMs),
    watch: (onReadable) => addon().watchReadable(fd, onReadable),
    close: () => addon().close(fd),
  }
}
