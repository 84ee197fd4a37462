// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN2130 to LVN2199: hubs that are joined, policies, expectations, signalling.
 */
import { type Explanations, inOverlay } from './explanation.ts'

const west = 'overlay west { net 10.65.0.0/16; hub core { listen 198.51.100.12; address 10.65.0.1 } }\n'

export const policy: Explanations = {
  LVN2130: {
    title: 'a spoke prefers a hub that it does not join',
    means: '`prefer` says which of its hubs a spoke uses while it can. It has no tunnel to this one.',
    example: inOverlay(
      'hub gw2 { listen 198.51.100.11; address 10.64.0.2 }',
      'spoke kirche { endpoint nat; address 10.64.1.1; via gw1; prefer gw2 }',
    ),
    mend: 'Name the hub in `via`, too, or prefer one that is there.',
  },
  LVN2131: {
    title: 'a policy is about packets that the overlay does not have',
    means: 'A policy names a network outside of the overlay, so that no packet can ever match it.',
    example: inOverlay('deny 192.168.0.0/24 -> gw1'),
    mend: 'Correct the network, or add it to `net` when a node routes it.',
  },
  LVN2132: {
    title: 'a policy mixes families',
    means: 'Its one end is IPv4 and the other IPv6. No packet has both.',
    example: inOverlay('deny 10.64.1.0/24 -> fd42:64::/48').replace(
      'net 10.64.0.0/16',
      'net 10.64.0.0/16, fd42:64::/48',
    ),
    mend: 'Write a policy for each family, or name nodes, which stand for all their addresses.',
  },
  LVN2133: {
    title: 'an expectation names an address of nobody',
    means:
      'The lab runs an expectation from a node to a node. No node has this address, itself or behind it.',
    example: `${inOverlay('spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }')}expect ping kirche -> 10.64.9.9\n`,
    mend: 'Name a node, or an address that one has.',
  },
  LVN2134: {
    title: 'an expectation names a node of several overlays',
    means:
      'Outside of overlays a name has to say which node is meant, and here several overlays have one of that name.',
    example: `${inOverlay('spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }')}${west.replace('hub core', 'hub gw1')}expect ping kirche -> gw1\n`,
    mend: 'Write the expectation inside the overlay that it is about.',
  },
  LVN2135: {
    title: 'an expectation goes from one overlay to another',
    means: 'Nothing joins two overlays, so that no packet goes from the one to the other through them.',
    example: `${inOverlay('spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }')}${west}expect ping kirche -> core\n`,
    mend: 'Name two nodes of one overlay.',
  },
  LVN2136: {
    title: 'an expectation goes from a node to itself',
    means: 'A node reaches itself without any tunnel, so that this says nothing about the overlay.',
    example: `${inOverlay('spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }')}expect ping kirche -> kirche\n`,
    mend: 'Name another node at one end.',
  },
  LVN2137: {
    title: 'a time or a rate is not possible',
    means: 'An expectation waits for some time, and not for days, and wants more than nothing.',
    example: `${inOverlay('spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }')}expect ping kirche -> gw1 within 0s\n`,
    mend: 'Write a time like `2s`, or a rate above zero.',
  },
  LVN2138: {
    title: 'signalling lacks a file',
    means:
      'The agents prove who they are with certificates, unless `auth none` says that they need not. A file for that is not named.',
    example: inOverlay().replace(
      'address 10.64.0.1',
      'address 10.64.0.1; signalling :8443 { cert file "gw.pem"; ca file "ca.pem" }',
    ),
    mend: 'Add what the help line names, or `auth none`.',
  },
  LVN2139: {
    title: 'the ends of an expectation have no family in common',
    means:
      'One end has addresses of IPv4 only and the other of IPv6 only. Packets have both addresses of one family, so that none ever goes from the one to the other.',
    example: inOverlay(
      'spoke kirche { endpoint 203.0.113.7; address fd42:64::7 }',
      'expect ping kirche -> gw1',
    ).replace('net 10.64.0.0/16', 'net 10.64.0.0/16, fd42:64::/48'),
    mend: 'Give one end an address of the other’s family, or name an address where a node has several.',
  },
  LVN2140: {
    title: 'a hub in mode fixed is one of several',
    means:
      'A device in mode `fixed` has exactly one tunnel, which takes everything. Hubs are joined to each other, so that one of several has tunnels to the others besides those to its spokes.',
    example: `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw1 { listen 198.51.100.10; device lvn0 { address 10.64.0.1; mode fixed } }
  hub gw2 { listen 198.51.100.11; address 10.64.0.2 }
  spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }
}
`,
    mend: 'Leave `mode` out: hubs are `multi` unless they say otherwise.',
  },
  LVN2141: {
    title: 'a spoke in mode fixed joins several hubs',
    means:
      'A device in mode `fixed` has exactly one tunnel, which takes everything. A spoke has a tunnel to every hub of its `via`, and rules say which of them carries its traffic.',
    example: inOverlay(
      'hub gw2 { listen 198.51.100.11; address 10.64.0.2 }',
      'spoke kirche { endpoint nat; device lvn0 { address 10.64.1.1; mode fixed }; via gw1, gw2 }',
    ),
    mend: 'Leave `mode` out, or join one hub only.',
  },
  LVN2142: {
    title: 'silence is expected between ends without a family in common',
    means:
      'One end has addresses of IPv4 only and the other of IPv6 only. No packet can be sent from the one to the other, so there is no answer whatever the policies say, and a test of the line would show nothing.',
    example: inOverlay(
      'spoke kirche { endpoint 203.0.113.7; address fd42:64::7 }',
      'deny kirche -> gw1',
      'expect no ping kirche -> gw1',
    ).replace('net 10.64.0.0/16', 'net 10.64.0.0/16, fd42:64::/48'),
    mend: 'Take the line away, or expect it of addresses of one family.',
  },
  LVN2143: {
    title: 'a policy is overruled by a later one',
    means:
      'Of the policies that match a flow, the last one written counts. Behind this one stands another that matches whatever it does, so that it never decides anything. Firewalls often have it the other way round.',
    example: inOverlay(
      'spoke kirche { endpoint 203.0.113.7; address 10.64.1.1 }',
      'allow kirche -> gw1',
      'deny any -> any',
    ),
    mend: 'Put the rule first and its exceptions behind it, or take out the one that never counts.',
  },
}
