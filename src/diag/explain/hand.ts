// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN4500 to LVN4599 and a few more: devices, tunnels and rules that are made by hand.
 */
import type { Explanations } from './explanation.ts'

export const hand: Explanations = {
  LVN4500: {
    title: 'options contradict each other',
    means:
      'What was asked of a device, a tunnel or a rule cannot be in one: the message says which two things do not go together.',
    mend: 'Leave one of them out; `--help` shows what goes with what.',
  },
  LVN4501: {
    title: 'there is no such device',
    means: 'The name is not one of a device of L-VN in this network namespace.',
    command: 'lvn tun list lvn7',
    mend: '`lvn dev list` shows those that there are; `--netns` names another namespace.',
  },
  LVN4502: {
    title: 'there is an interface of that name already',
    means: 'A device needs a name that no interface of the namespace has.',
    mend: 'Choose another name, or look with `ip link` what has it.',
  },
  LVN4503: {
    title: 'an object belongs to an overlay file',
    means:
      'A file says what this device holds. A change by hand would be drift, and the next apply would take it back. Only the remote endpoint of an `endpoint nat` spoke is not in the file, and stays as it is set.',
    mend: 'Change the file and apply it. For a trial that may be lost, and for the remote endpoint of an `endpoint nat` spoke, `--force`.',
  },
  LVN4504: {
    title: 'a device has no such tunnel',
    means: 'The device has no tunnel of that name or id.',
    mend: '`lvn tun list DEVICE` shows them.',
  },
  LVN4505: {
    title: 'a device has a tunnel of that name already',
    means: 'Names of tunnels are unique within a device.',
    mend: 'Change it with `lvn tun set`, or give the new one another name.',
  },
  LVN4506: {
    title: 'a device has no such rule',
    means: 'No rule of the device is for exactly this prefix. A longer or shorter one is another rule.',
    mend: '`lvn rule list DEVICE` shows them.',
  },
  LVN4507: {
    title: 'a device has a rule for that prefix already',
    means: 'A prefix leads into one tunnel. The message says which one it is now.',
    mend: 'Point it to another tunnel with `lvn rule set`.',
  },
  LVN4508: {
    title: 'a device in mode fixed has no rules',
    means: 'It has one tunnel, which takes everything: there is nothing to choose.',
    mend: 'Make a device of mode multi where rules are wanted.',
  },
  LVN4509: {
    title: 'there is no such underlay interface',
    means: 'The interface that outer packets should leave by is not there.',
    mend: 'Look with `ip link`. Without `--underlay` the kernel’s routes choose it.',
  },
  LVN4510: {
    title: 'a source is no address of this host',
    means: 'Outer packets can only leave from an address that the host has.',
    mend: 'Look with `ip address`, and name one of those.',
  },
  LVN4511: {
    title: 'there is no route to a remote endpoint',
    means:
      'The kernel knows no way to the address, so that no interface and no source address can be chosen.',
    mend: 'Set a route, or name the interface with `--underlay`.',
  },
  LVN4512: {
    title: 'a remote endpoint is reached through the device itself',
    means: 'The way to the endpoint leads into the overlay: the tunnel would run in itself.',
    mend: 'Name an address of the underlay, or set a route to it that does not use the device.',
  },
  LVN4513: {
    title: 'the size of a device cannot be changed so',
    means:
      'For how many tunnels a device has room is set when it is made, and the data plane cannot change it to what was asked.',
    mend: 'Delete the device and make it anew.',
  },
  LVN4514: {
    title: 'a device in mode fixed has its one tunnel already',
    means: 'A device in mode fixed has exactly one tunnel.',
    mend: 'Change it with `lvn tun set`, or make a device of mode multi.',
  },
  LVN4515: {
    title: 'a device has no room for another tunnel',
    means: 'For how many tunnels a device has room is set when it is made, and it has as many.',
    mend: 'Take a tunnel away, or make a device with a larger `--capacity`. On the kmod plane `lvn dev set` enlarges it.',
  },
  LVN4520: {
    title: 'a change by hand is done in part',
    means: 'One step failed, and a step before it could not be taken back. The message gives both reasons.',
    mend: 'See `lvn show` for how it is now, and mend or delete the object.',
  },
  LVN5014: {
    title: 'an id of a tunnel cannot be had',
    means:
      'The id is larger than the device has room for, taken by another tunnel, or another one than the tunnel has: ids stay.',
    mend: 'Choose another id, or leave it out: a free one is taken.',
  },
  LVN5015: {
    title: 'the ebpf data plane cannot do that',
    means: 'The tunnel has a property that only the kernel module carries out.',
    mend: 'Use `--plane kmod`, or leave the property out.',
  },
  LVN6412: {
    title: 'an argument is no value of its kind',
    means:
      'An argument or option wants an address, a prefix, an endpoint, a number or a time, and this text is none.',
    mend: 'Write it as the help line shows.',
  },
  LVN6413: {
    title: 'manual pages cannot be written',
    means: 'The folder for the pages cannot be made or written.',
    mend: 'Name another folder, or run it as a user that may write there.',
  },
}
