// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN2001 to LVN2019: a value has the form of one but cannot be.
 */
import { type Explanations, inOverlay } from './explanation.ts'

export const values: Explanations = {
  LVN2001: {
    title: 'an address is not one',
    means:
      'It looks like an IP address but is none: a part is larger than 255, has a leading zero, or there are too many or too few parts. Leading zeros are refused because other programs read them as octal numbers, which makes another address of them.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.64.300.1 }'),
    mend: 'Write four numbers from 0 to 255, or an IPv6 address as in RFC 5952: `fd42:64::1`.',
  },
  LVN2002: {
    title: 'a prefix has no valid length',
    means:
      'The number after the slash says how many bits name the network: 0 to 32 for IPv4, 0 to 128 for IPv6.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.64.1.1; routes 10.64.1.0/33 }'),
    mend: 'Write the length that is meant; a single address is `/32` or `/128`.',
  },
  LVN2003: {
    title: 'a network has host bits',
    means:
      'A prefix names a network, so the bits behind its length are zero. Here they are not: it is an address inside a network. What was meant, the network or another length, cannot be guessed.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.64.1.1; routes 10.64.1.1/24 }'),
    mend: 'Write the network that the help line gives, or correct the length.',
  },
  LVN2004: {
    title: 'a port is out of range',
    means: 'UDP ports are from 1 to 65535.',
    example: inOverlay('port 70000'),
    mend: 'Choose a port in that range; without one the overlay uses 50000.',
  },
  LVN2005: {
    title: 'an MTU is not possible',
    means:
      'The MTU is the size in bytes of the largest packet that the device takes. Below 576 IPv4 does not work well, above 65535 no IP packet can be.',
    example: inOverlay('spoke kirche { endpoint nat; device lvn0 { address 10.64.1.1; mtu 100 } }'),
    mend: 'Write `mtu auto`, which derives it from the underlay, or a number from 576 to 65535.',
  },
  LVN2006: {
    title: 'an MTU is too small for IPv6',
    means:
      'IPv6 demands links that carry 1280 bytes (RFC 8200, section 5). Linux switches IPv6 off on a device that carries less, and the IPv6 addresses of this node would be gone.',
    example: `lvn 1
overlay mitte {
  net fd42:64::/48
  hub gw1 { listen 198.51.100.10; device lvn0 { address fd42:64::1; mtu 1200 } }
}
`,
    mend: 'Write 1280 or more, or `mtu auto`, or give the node IPv4 addresses only.',
  },
  LVN2007: {
    title: 'a keepalive time is not possible',
    means:
      'Keepalive times are from 100ms to 24h: faster would be a load of its own, and no NAT keeps a binding for longer.',
    example: inOverlay('keepalive every 10ms'),
    mend: 'Choose a time in that range. NATs often forget UDP after 30s, so 20s is the default.',
  },
  LVN2008: {
    title: 'a peer would be dead between two keepalives',
    means:
      'The dead time is the silence after which a peer counts as gone. If it is not longer than the time between two keepalives, every healthy idle peer is declared dead.',
    example: inOverlay('keepalive every 60s, dead after 30s'),
    mend: 'Let a few keepalives be lost before a peer counts as dead: three or four intervals. What a node does not say itself comes from the overlay, and from the default after that.',
  },
  LVN2009: {
    title: 'a name cannot be one',
    means:
      'Names of overlays and nodes appear in interface aliases, namespaces and file names. They are 1 to 63 letters, digits, `_`, `-` and `.`.',
    example: inOverlay('spoke "roof/north" { endpoint nat; address 10.64.1.1 }'),
    mend: 'Use only those characters: `roof-north`.',
  },
  LVN2010: {
    title: 'a device name cannot be one',
    means:
      'Linux takes device names of 1 to 15 bytes without blanks, `/`, `:` and `%`; `lo`, `all` and `default` mean something already.',
    example: inOverlay('spoke kirche { endpoint nat; address 10.64.1.1; device overlay-of-the-city }'),
    mend: 'Choose a shorter name such as `lvn0`, which is the default.',
  },
  LVN2011: {
    title: 'a host name cannot be one',
    means:
      'A host name is labels of letters, digits and inner hyphens, joined by dots; the last label is not only digits, since that would be an address.',
    example: inOverlay(
      'spoke kirche { match hostname "kirche-.example.org"; endpoint nat; address 10.64.1.1 }',
    ),
    mend: 'Write the name as DNS has it: `kirche.example.org`.',
  },
  LVN2012: {
    title: 'no endpoint can have this address',
    means:
      'An endpoint is one host that others reach. Multicast, broadcast, loopback and unspecified addresses are not, and a link-local address is different on every link, so that it needs a zone, which a file for all nodes cannot name.',
    example: inOverlay('spoke kirche { endpoint 224.0.0.1; address 10.64.1.1 }'),
    mend: 'Use the global or private address that the host has in the underlay.',
  },
}
