// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN6401 to LVN6499: the command was given something that it cannot work with.
 */
import type { Explanations } from './explanation.ts'

export const usage: Explanations = {
  LVN6401: {
    title: 'the file has no such node',
    means: '`--node` names a node that no overlay of the file has.',
    command: 'lvn plan overlay.lvn --node gw7',
    mend: 'Use one of the names that the help line lists, as NODE or OVERLAY/NODE.',
  },
  LVN6402: {
    title: 'this host is no node of the file',
    means:
      'Without `--node` a host finds itself by `match hostname`, then by its underlay addresses, then by the devices that it holds, then by the address that a `listen … at ADDRESS` gives the hub behind a NAT. None of these leads to a node of the file.',
    command: 'lvn plan overlay.lvn',
    mend: 'Add `match hostname` to the node that this host is, or say which with `--node`.',
  },
  LVN6403: {
    title: 'this host is several nodes of one overlay',
    means:
      'By its host name, its addresses or its devices this host answers to more than one node of an overlay.',
    mend: 'Say which with `--node`, or make the file unambiguous with `match hostname`.',
  },
  LVN6404: {
    title: 'nothing of that name is here',
    means:
      '`lvn destroy` takes a file, or the name of what is on this host, as OVERLAY or OVERLAY/NODE. What it was given is neither.',
    command: 'lvn destroy mitte/gw7',
    mend: 'Use one of the names that the help line lists, or the path of a file. `lvn show devices` lists them, too.',
  },
  LVN6410: {
    title: 'the arguments are wrong',
    means: 'The command does not know an option, an argument or a word that it was given, or misses one.',
    command: 'lvn show tunels',
    mend: '`--help` behind any command lists what it takes, with examples.',
  },
  LVN6411: {
    title: 'there is nobody to ask',
    means:
      'The command asks before it changes the kernel, and here it cannot: input or output is no terminal, the source comes from standard input, or JSON is wanted.',
    command: 'lvn apply - < overlay.lvn',
    mend: 'Look at the plan that is printed, then give `--yes`. Nothing has been changed.',
  },
  LVN6420: {
    title: 'there is no such code',
    means: '`lvn explain` was asked for a code that no message has.',
    command: 'lvn explain LVN9999',
    mend: '`lvn explain` without a code lists them all.',
  },
  LVN6421: {
    title: 'two results want standard output',
    means:
      'Standard output can hold one document. Two were asked for: say, `--tap` without a file, and `--json`.',
    command: 'lvn lab test overlay.lvn --tap --json',
    mend: 'Give all but one of them a file: `--tap result.tap`.',
  },
}
