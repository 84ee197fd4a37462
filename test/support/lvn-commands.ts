// SPDX-License-Identifier: MIT
/**
 * A program for tests: sends every command of the family, without attributes, in the network namespace that it
 * is started in, and prints the errno of each as JSON.
 */
import { command } from '../../native/kmod/generated.ts'
import { NetlinkError } from '../../native/netlink/error.ts'
import { openFamily } from './lvn-link.ts'

const family = openFamily()
const errnos = Object.entries(command).flatMap(([name, number]) => {
  if (name.endsWith('Event')) return []
  try {
    if (name.endsWith('Get')) family.dump(number)
    else family.send(number, () => {})
    return [[name, null]]
  } catch (error) {
    return [[name, error instanceof NetlinkError ? error.errno : String(error)]]
  }
})
console.log(JSON.stringify(Object.fromEntries(errnos)))
