// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN5001 to LVN5999: a data plane that refuses an operation. What was done before it in the same
 * apply is rolled back.
 */
import type { Explanations } from './explanation.ts'

export const planes: Explanations = {
  LVN5001: {
    title: 'a device is full of tunnels',
    means: 'The device was made for a number of tunnels, and one more is asked of it.',
    mend: 'Destroy the overlay and apply it again: the device is made larger then.',
  },
  LVN5002: {
    title: 'two tunnels have one remote endpoint',
    means:
      'Packets are matched to tunnels by the address and port that they come from. Two tunnels of a device with the same local port cannot have the same ones. A host name may stand for an address that another node has.',
    mend: 'Give one of the nodes another port, or correct its endpoint.',
  },
  LVN5003: {
    title: 'a text is too long for the kernel',
    means:
      'Names are kept in the kernel beside the tunnels in a field of fixed length, and this one does not fit.',
    mend: 'Choose a shorter name.',
  },
  LVN5004: {
    title: 'an underlay interface is not there',
    means:
      'The plan was made for a way to the peer that has since gone: the interface was renamed, removed or unplugged.',
    mend: 'Run the command again: it plans from how the host is now.',
  },
  LVN5005: {
    title: 'too many local ports',
    means:
      'All tunnels of a device on the ebpf data plane share a small number of local UDP ports, so that packets are matched fast.',
    mend: 'Let tunnels share ports: one port for an overlay is the rule.',
  },
  LVN5006: {
    title: 'too many local endpoints',
    means:
      'All tunnels of a device on the ebpf data plane share a limited number of local addresses and ports.',
    mend: 'Let the hub listen on fewer addresses.',
  },
  LVN5007: {
    title: 'a rule names no tunnel',
    means: 'A rule sends a prefix into a tunnel that the device does not have.',
    mend: 'Add the tunnel first. If this comes of `lvn apply`, somebody changed the device meanwhile: run it again.',
  },
  LVN5008: {
    title: 'a device is full of rules',
    means: 'The device was made for a number of prefixes of each family, and one more is asked of it.',
    mend: 'Join prefixes into larger ones, or destroy the overlay and apply it again.',
  },
  LVN5009: {
    title: 'the kernel took only some of the entries',
    means:
      'A table in the kernel did not take all entries that were written at once. Memory is the likeliest cause.',
    mend: 'See `dmesg` and `free`; the apply has been rolled back and can be repeated.',
  },
  LVN5016: {
    title: 'too many destinations',
    means:
      'A device checks the inner destination of each packet out of its tunnels against a short list, and was given a longer one.',
    mend: 'Join the networks to larger ones, or give an empty list, which lets any destination pass.',
  },
  LVN5017: {
    title: 'a device has no room for the values from before',
    means:
      'The kernel module keeps 4,096 bytes with each device: its owner, its underlays, and what the sysctls held that were changed. A hub with IPv6 changes one for each interface that takes router advertisements; some hundreds of these fit.',
    mend: 'Turn router advertisements off where they are not needed (`accept_ra`), or apply it with `--plane ebpf`.',
  },
  LVN5010: {
    title: 'a device is not there',
    means: 'An operation is for a device that has gone since the plan was made.',
    mend: 'Run the command again: it plans from how the host is now.',
  },
  LVN5011: {
    title: 'a device has lost its programs',
    means:
      'The programs and tables of a device of the ebpf data plane have been detached by hand. Tunnels cannot be changed before it has new ones.',
    mend: 'Apply the file again: they are loaded anew.',
  },
  LVN5013: {
    title: 'the mode of a device cannot be changed',
    means: 'Whether a device has one tunnel (`fixed`) or many (`multi`) is set when it is made.',
    mend: 'Destroy the overlay and apply it again.',
  },
  LVN5020: {
    title: 'a socket of somebody else is on the port of a tunnel',
    means:
      'A program of this host has bound a UDP socket to the local address and port of a tunnel, or to that port on every address. What peers send would pass it by, and it would be given what strangers send to the tunnel.',
    mend: 'Stop that program, or give the overlay another `port`. A client that is connected to a peer of its own is no hindrance.',
  },
}
