// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN7001 to LVN7999: no kernel to work with, or one that refuses.
 */
import type { Explanations } from './explanation.ts'

export const kernel: Explanations = {
  LVN7001: {
    title: 'a part of L-VN has not been built',
    means:
      'The command needs a file that is made when L-VN is set up: the native addon, a BPF object or a bundle.',
    mend: 'Run `npm run setup` in the folder of L-VN. `check`, `fmt`, `graph` and `explain` do without the addon.',
  },
  LVN7002: {
    title: 'no permission',
    means: 'Reading tunnels and changing the network is for root, or processes with CAP_NET_ADMIN.',
    command: 'lvn show tunnels',
    mend: 'Run it as root. `check`, `fmt`, `graph` and `explain` need no rights at all.',
  },
  LVN7004: {
    title: 'the data plane that was chosen is not there',
    means:
      'The kmod data plane was asked for, but the kernel module `lvn` is neither loaded nor to be found.',
    command: 'lvn --plane kmod show',
    mend: 'Build and load it (docs/kernel-module.md), use `--plane ebpf`, or leave the choice to L-VN.',
  },
  LVN7020: {
    title: 'a system call failed',
    means:
      'The operating system refused something that should work; the message says what, in the system’s own words.',
    mend: 'See `dmesg`. Out-of-memory and limits of the container are the usual causes.',
  },
  LVN7021: {
    title: 'the kernel refused a request',
    means:
      'A request over netlink was answered with an error. The message has the kernel’s own sentence where it gave one.',
    mend: 'Do what the sentence says. If a plan led to it, run the plan again: the state may have moved meanwhile.',
  },
  LVN7022: {
    title: 'an answer of the kernel cannot be read',
    means: 'A message of the kernel does not have the form that it should have.',
    mend: 'Please report it with the output of `uname -r`.',
  },
  LVN7023: {
    title: 'the kernel did not answer',
    means:
      'An answer was lost, never came, or the tables kept changing while they were read. Nothing is ever planned from a half-read table.',
    mend: 'Run the command again; if it happens often, something on the host changes its network all the time.',
  },
  LVN7024: {
    title: 'a name cannot be an interface’s',
    means: 'Interface names are 1 to 15 bytes without white space, `/`, `:` and `%`.',
    mend: 'Choose another name.',
  },
  LVN7025: {
    title: 'there is no such interface',
    means: 'An interface that was there has gone, or was never there.',
    mend: 'Look with `ip link`, then run the command again.',
  },
  LVN7026: {
    title: 'a path is not one of a sysctl',
    means: 'A setting was asked for by a path that does not lead below /proc/sys.',
    mend: 'Please report it: no file and no option should lead here.',
  },
  LVN7027: {
    title: 'an address has no prefix length',
    means: 'An address for an interface has to have a length, as in `192.0.2.1/24`.',
    mend: 'Please report it: no file and no option should lead here.',
  },
  LVN7028: {
    title: 'there is no such network namespace',
    means:
      '`--netns` names a namespace that `ip netns` does not know, a path that is not there, or one of something else.',
    command: 'lvn --netns nowhere show',
    mend: 'See `ip netns list`. After `lvn lab up` the namespaces are called `lvn-LAB-NODE`.',
  },
  LVN7029: {
    title: 'there is a network namespace of that name already',
    means: 'A namespace should be made and its name is taken.',
    mend: 'Choose another name for the lab with `--name`, or remove the namespace if nobody uses it.',
  },
  LVN7030: {
    title: 'a name cannot be a network namespace’s',
    means: 'Names of namespaces are file names: not empty, not too long, without `/`.',
    mend: 'Choose another name.',
  },
  LVN7031: {
    title: 'another lvn is at work',
    means:
      'One process at a time changes the overlays of a network namespace. The message names the one that does it now.',
    mend: 'Wait for it to end. The lock goes with its process, also when that is killed.',
  },
  LVN7032: {
    title: 'there is no place for the lock',
    means:
      'Who changes the overlays of a network namespace locks a file below /run/lvn. That folder has to belong to root, and nobody else may write to it: another user could keep everybody out. It is missing and cannot be made, or is not so.',
    mend: 'Make /run writable (under systemd: `RuntimeDirectory=lvn`), or look who has put something in the place of /run/lvn and remove it.',
  },
}
