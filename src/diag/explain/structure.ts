// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN2030 to LVN2049: something is missing or too many, or addresses cannot work together.
 */
import { type Explanations, inOverlay } from './explanation.ts'

export const structure: Explanations = {
  LVN2030: {
    title: 'an overlay has no network',
    means:
      '`net` names the networks that the overlay may use. Every address and route is checked against it, and it is what the nodes set routes for.',
    example: inOverlay().replace('  net 10.64.0.0/16\n', ''),
    mend: 'Say which networks they are: `net 10.64.0.0/16, fd42:64::/48`.',
  },
  LVN2031: {
    title: 'an overlay has no hub',
    means:
      'Every spoke has a tunnel to a hub, and packets between spokes go through it. Without one there is nothing to join.',
    example: inOverlay().replace(/ {2}hub .*\n/, ''),
    mend: 'Add the node that all others reach: `hub gw1 { listen 198.51.100.10; address 10.64.0.1 }`.',
  },
  LVN2033: {
    title: 'a hub listens nowhere',
    means: 'Spokes reach the hub at an address of the underlay, and the hub has to name it.',
    example: inOverlay().replace('listen 198.51.100.10; ', ''),
    mend: 'Add its underlay address: `listen 198.51.100.10`, or one of each family.',
  },
  LVN2034: {
    title: 'a node has no address in the overlay',
    means: 'A node without an address cannot be reached in the overlay and cannot send into it.',
    example: inOverlay('spoke kirche { endpoint 203.0.113.7 }'),
    mend: 'Give it an address within `net`: `address 10.64.1.1`.',
  },
  LVN2035: {
    title: 'a spoke has no endpoint',
    means: 'The hub needs to know where in the underlay a spoke is, or that it will find out.',
    example: inOverlay('spoke kirche { address 10.64.1.1 }'),
    mend: 'Write its address or host name, `endpoint 203.0.113.7`, or `endpoint nat` where it is behind one.',
  },
  LVN2036: {
    title: 'an overlay has too many spokes',
    means: 'An overlay holds 65,536 spokes at most: that is what the tables in the kernel are made for.',
    mend: 'Split the overlay into several, each with a hub and networks of its own.',
  },
  LVN2037: {
    title: 'a hub in mode fixed has several spokes',
    means:
      'A device in mode `fixed` has exactly one tunnel, which takes everything. A hub that serves several spokes has to choose among tunnels by address, which is mode `multi`.',
    example: `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw1 { listen 198.51.100.10; device lvn0 { address 10.64.0.1; mode fixed } }
  spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }
  spoke dach { endpoint 203.0.113.8; address 10.64.2.1 }
}
`,
    mend: 'Leave `mode` out: hubs are `multi` unless they say otherwise.',
  },
  LVN2040: {
    title: 'an address is outside the networks of the overlay',
    means:
      'Nodes send only packets for the networks of `net` into the overlay. One for this address would never get in.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.46.1.1 }'),
    mend: 'Correct the address, or add its network to `net`. A network behind a node (`routes`) may lie outside: the others get a route to it.',
  },
  LVN2041: {
    title: 'an endpoint lies inside the overlay',
    means:
      'The endpoint is an address in a `net` of the overlay. Packets of the tunnel would be routed into the tunnel, and so on without an end.',
    example: inOverlay('spoke kirche { endpoint 10.64.1.1; address 10.64.1.2 }'),
    mend: 'Name the address that the node has in the underlay: the one it has without the overlay. To reach the internet through a node do not extend `net`: give that node `routes 0.0.0.0/0, ::/0`, from which endpoints are kept out.',
  },
  LVN2042: {
    title: 'the hub does not listen on the family of an endpoint',
    means:
      'A tunnel has two ends of one family. A spoke that is reached over IPv6 needs a hub that listens on IPv6. What travels inside may be of either family.',
    example: inOverlay('spoke kirche { endpoint [2001:db8:77::5]; address 10.64.1.1 }'),
    mend: 'Let the hub listen on both, `listen 198.51.100.10, [2001:db8:1::1]`, or reach the spoke over the other family.',
  },
  LVN2043: {
    title: 'no address of a family is within the networks',
    means:
      'All addresses of one family are outside `net`. It is more likely that `net` is wrong than that all of them are, so this is said once and not for each.',
    example: `lvn 1
overlay mitte {
  net 10.46.0.0/16
  hub gw1 { listen 198.51.100.10; address 10.64.0.1 }
  spoke kirche { endpoint nat; address 10.64.1.1 }
}
`,
    mend: 'Let `net` name the network that the addresses are from.',
  },
  LVN2044: {
    title: 'a hub is reached over one family and has an address of the other',
    means:
      '`listen A at B` says that a NAT in front of the hub gives packets for A to the hub as packets for B. Such a NAT does not change the family.',
    example: `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw1 { listen 198.51.100.10 at [fd00::5]; address 10.64.0.1 }
}
`,
    mend: 'Behind `at` name the address of the same family that the hub itself has, or take `at` away.',
  },
}
