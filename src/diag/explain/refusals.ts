// SPDX-License-Identifier: MIT
/**
 * Explanations of LVN4001 to LVN4999, LVN52xx and LVN53xx: a plan that cannot be made on this kernel. Nothing has been changed then.
 */
import type { Explanations } from './explanation.ts'

export const refusals: Explanations = {
  LVN4001: {
    title: 'the name of a device is taken',
    means:
      'The host has a network device of that name already, and it is not of this overlay. A device that is not ours is never changed or deleted.',
    command: 'ip link add lvn0 type dummy && lvn plan overlay.lvn',
    mend: 'Give the device another name in the file, `device lvn1`, or remove the other one by hand. One of another overlay goes with `lvn destroy OVERLAY/NODE`. The device of a node that was renamed in the file is taken over in place; that of another overlay only where it has the same inner address.',
  },
  LVN4002: {
    title: 'a route is in the way',
    means:
      'The overlay needs a route that the host has already, to somewhere else, or that two overlays of this host both want. Setting it would take traffic from what it was made for.',
    mend: 'Remove the other route, or change the nets or `routes`: overlays that meet on one host need such as differ.',
  },
  LVN4003: {
    title: 'an endpoint is reached through the overlay',
    means:
      'On this host the way to the endpoint leads through the overlay itself: its tunnel would run in itself. The file alone does not show it, since it depends on the host’s routes or on what a host name stands for.',
    mend: 'Name an address of the underlay, and see with `ip route get ADDRESS` which way it is reached.',
  },
  LVN4004: {
    title: 'the underlay carries too little',
    means:
      'The interface towards the peer has an MTU so small that, after the outer headers, not enough is left for an inner packet: 1280 bytes for IPv6, 576 for IPv4.',
    mend: 'Raise the MTU of the underlay interface, or leave IPv6 out of this overlay.',
  },
  LVN4005: {
    title: 'a device has no room for so many tunnels',
    means:
      'The tables of a device have a size that is set when it is made, with room to grow. The file now asks for more tunnels than fit.',
    mend: '`lvn destroy` and `lvn apply` make the device anew and larger; where the data plane itself can hold no more, split the overlay.',
  },
  LVN4006: {
    title: 'the kernel lacks a setting',
    means:
      'A file below /proc/sys that the overlay has to set is not there. Mostly IPv6 is switched off on the host and the overlay carries it.',
    mend: 'Switch IPv6 on, or take the IPv6 networks and addresses out of the file.',
  },
  LVN4020: {
    title: 'a node has more networks of its own than a device takes',
    means:
      'A device hands packets out of its tunnels to the stack only for its own addresses and routes (on a hub, for the overlay’s nets), and checks each packet against that list. Networks that lie in each other or make a larger one together are joined first; still there are too many.',
    mend: 'Write larger networks: two halves make a whole, and a network that holds several may stand for them where nobody else has a part of it.',
  },
  LVN4021: {
    title: 'the kernel module receives on every interface',
    means:
      'The file names the interfaces where outer packets of this node may arrive (`underlay`). The eBPF plane attaches its programs to these alone. The kernel module receives by sockets, which hear packets from every interface, and what arrived elsewhere would be taken all the same.',
    mend: 'Apply it with `--plane ebpf`, or take `underlay` out of the file. With the kernel module outer packets pass the input chains of nftables: a rule such as `udp dport 50000 iifname != "eth0" drop` keeps out what arrives elsewhere.',
  },
  LVN4022: {
    title: 'no routing table is left',
    means:
      'Routes outside the nets of an overlay lie in a routing table of their own, one for each device: 7600 to 7631. All of them are in use on this host, by other devices of L-VN or by rules of others (`ip rule`).',
    mend: 'Take devices away that are not needed, or change the rules of others that name these tables.',
  },
  LVN5200: {
    title: '`nft` is missing',
    means:
      'The policies of an overlay, `allow` and `deny`, are enforced on its hubs by nftables, and the program that sets and reads its tables is not installed.',
    mend: 'Install it: on Debian `apt install nftables`. Without policies in the file it is not needed.',
  },
  LVN5201: {
    title: 'the name of the table for the policies is taken',
    means:
      'Policies are enforced by an nftables table that is named after the device, `lvn_lvn0` for lvn0. There is one already that is not of this overlay, and what is not ours is never changed.',
    command: 'nft add table inet lvn_lvn0 && lvn plan overlay.lvn',
    mend: 'Rename or delete the other table, or give the device another name in the file.',
  },
  LVN5202: {
    title: 'nftables refused what it was told',
    means:
      'The program `nft` could not set or read the table that enforces the policies; its own words follow. A change of a table is one transaction: either all of it is in force or nothing.',
    mend: 'Read what it says: often the kernel has no nf_tables, or something is missing from it. `nft list ruleset` must work as root.',
  },
  LVN5203: {
    title: 'an answer of nft cannot be read',
    means:
      'The program `nft` was asked for a table, and what it printed is not the JSON that it should be, or it crashed. Version 1.0.6, which is Debian 12’s, prints a table so that has flags, such as `dormant`; where such a table is our own it is read another way, and made anew by the next apply.',
    mend: 'See what `nft -j list ruleset` prints as root. A newer nft helps.',
  },
  LVN5301: {
    title: 'a fixed device cannot hold several tunnels',
    means:
      'A hub with `mode fixed` has a device of one tunnel that takes everything. This hub has several peers: its spokes, and every other hub of the overlay. A file that says so is refused by its check already (LVN2037, LVN2140); only a topology that a program has put together comes as far as a plan.',
    mend: 'Take `mode fixed` away: a hub is `multi` without it.',
  },
}
