// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN2020 to LVN2029: something is there twice.
 */
import { type Explanations, inOverlay } from './explanation.ts'

export const duplicates: Explanations = {
  LVN2020: {
    title: 'two overlays have one name',
    means:
      'What an overlay puts into a kernel is marked with its name. Two of one name could not be told apart.',
    example: `${inOverlay()}overlay mitte {
  net 10.65.0.0/16
  hub gw2 { listen 198.51.100.11; address 10.65.0.1 }
}
`,
    mend: 'Rename one of the two.',
  },
  LVN2021: {
    title: 'two nodes have one name',
    means:
      'Names of nodes are unique within an overlay, hubs and spokes together: tunnels are named by them.',
    example: inOverlay(
      'spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }',
      'spoke kirche { endpoint 203.0.113.8; address 10.64.2.1 }',
    ),
    mend: 'Rename one of the two; if both are the same node, join them into one block.',
  },
  LVN2022: {
    title: 'an address is used twice',
    means:
      'Every address of an overlay belongs to one node. The hub has one tunnel for each address, so packets for this one would reach only one of the two.',
    example: inOverlay(
      'spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }',
      'spoke dach { endpoint 203.0.113.8; address 10.64.1.1 }',
    ),
    mend: 'Give one of the two another address. The note shows the place where it stands first.',
  },
  LVN2023: {
    title: 'two nodes have one network',
    means:
      'The same network, or the same single address, is behind two nodes. A packet for it would have two tunnels to choose from. A network that lies in a larger one of another node is no mistake: the longest prefix counts.',
    example: inOverlay(
      'spoke kirche { endpoint 203.0.113.7; address 10.64.1.1; routes 10.64.8.0/24 }',
      'spoke dach { endpoint 203.0.113.8; address 10.64.2.1; routes 10.64.8.0/24 }',
    ),
    mend: 'Take it away from one of the two, or give that one only a part of it, with a longer prefix.',
  },
  LVN2024: {
    title: 'two nodes have one endpoint',
    means:
      'Tunnels are told apart by the address and the UDP port that packets come from. Two nodes with the same ones cannot be.',
    example: inOverlay(
      'spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }',
      'spoke dach { endpoint 203.0.113.7; address 10.64.2.1 }',
    ),
    mend: 'Nodes behind one address need different ports: `endpoint 203.0.113.7:50001`.',
  },
  LVN2025: {
    title: 'two nodes match one host',
    means:
      '`match hostname` says which host a node is, and a host is at most one node of an overlay. `lvn apply` on it would not know which.',
    example: inOverlay(
      'spoke kirche { match hostname roof.example.org; endpoint 203.0.113.7; address 10.64.1.1 }',
      'spoke dach { match hostname roof.example.org; endpoint 203.0.113.8; address 10.64.2.1 }',
    ),
    mend: 'Correct one of the host names, or give the second node an overlay of its own.',
  },
  LVN2026: {
    title: 'a statement stands twice',
    means:
      'This statement has one value, and it is given twice in one block. Which one counts is not guessed.',
    example: inOverlay('port 50000', 'port 50001'),
    mend: 'Keep one of the two.',
  },
  LVN2027: {
    title: 'a value is listed twice',
    means:
      'A list holds the same value twice. That does nothing, so it is most likely a slip for another value.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.64.1.1, 10.64.1.1 }'),
    mend: 'Take one of the two out, or write the one that was meant.',
  },
  LVN2028: {
    title: 'a host would have two devices of one name',
    means:
      'Two nodes of different overlays are the same host by `match hostname`, and both call their device by one name. A host has each name once.',
    example: `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw1 { match hostname gw1.example.org; listen 198.51.100.10:50000; address 10.64.0.1 }
}
overlay nord {
  net 10.65.0.0/16
  hub gw1 { match hostname gw1.example.org; listen 198.51.100.10:50001; address 10.65.0.1 }
}
`,
    mend: 'Name one of the devices otherwise: `device lvn1`.',
  },
}
