// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN8001 to LVN8999: the lab.
 */
import type { Explanations } from './explanation.ts'

export const lab: Explanations = {
  LVN8001: {
    title: 'a lab has no name',
    means: 'A lab is called after its file, or by `--name`. Neither gave a letter or a digit.',
    command: 'lvn lab down',
    mend: 'Give the file or `--name trial`; `lvn lab list` shows what there is.',
  },
  LVN8002: {
    title: 'two nodes of a lab have one endpoint',
    means: 'In a lab host names are looked up once, and two nodes came out with the same address and port.',
    mend: 'Give one of them another port.',
  },
  LVN8003: {
    title: 'a NAT of a lab cannot be set up',
    means:
      'Nodes that share an address, or say `endpoint nat`, stand behind a NAT in the lab, which is made with nftables.',
    mend: '`apt-get install nftables`; in a container it needs the right to load rules.',
  },
  LVN8004: {
    title: 'the lab is there already',
    means: 'A lab of that name has been brought up and not been taken away.',
    mend: '`lvn lab down` takes it away, `--name` gives the new one another name.',
  },
  LVN8008: {
    title: 'a name of the lab is taken',
    means:
      'There is a network namespace with a name that the lab would use, and no lab has made it. It is left alone.',
    mend: 'Give the lab another name with `--name`. Or look whether somebody uses it (`ip netns pids`, `ip -n NAME addr`), and take it away with `ip netns del` if it is yours to take.',
  },
  LVN8005: {
    title: 'there is no such lab',
    means: 'No namespace belongs to a lab of that name.',
    command: 'lvn lab test overlay.lvn',
    mend: 'Bring it up with `lvn lab up`; `lvn lab list` shows what there is.',
  },
  LVN8006: {
    title: 'the lab is another file’s',
    means:
      'A node of the file has no namespace in the lab: the file has changed since, or a part of the lab was removed.',
    mend: '`lvn lab down`, then `lvn lab up`.',
  },
  LVN8007: {
    title: 'ping cannot be run',
    means: '`lvn lab test` uses the system’s ping, and it cannot be started.',
    mend: '`apt-get install iputils-ping`.',
  },
}
