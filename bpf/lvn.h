/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Layout of the maps that the programs and native/ebpf share. One set of maps per device; the programs
 * attached to interfaces hold them, so they live exactly as long as the device.
 *
 * Addresses are four words in network order; IPv4 is mapped (::ffff:a.b.c.d), so one key serves both.
 */
#ifndef LVN_H
#define LVN_H

#include <linux/types.h>

#define LVN_ABI 4

#define LVN_MODE_FIXED 0
#define LVN_MODE_MULTI 1

#define LVN_MAX_PORTS 16
#define LVN_MAX_DESTINATIONS 64
#define LVN_FLOW_BITS 10
#define LVN_NAME_SIZE 64
#define LVN_IFNAME_SIZE 16
#define LVN_ALIAS_SIZE 256
#define LVN_PATH_SIZE 128

/* Reasons to drop; the order is that of dropReasons in src/model/state.ts. */
enum lvn_drop {
	LVN_DROP_NO_RULE,
	LVN_DROP_NO_REMOTE,
	LVN_DROP_BAD_SOURCE,
	LVN_DROP_UNKNOWN_PEER,
	LVN_DROP_MALFORMED,
	LVN_DROP_FRAGMENT,
	LVN_DROP_ECN,
	LVN_DROP_NO_ROOM,
	LVN_DROP_UNSUPPORTED,
	LVN_DROP_BAD_DESTINATION,
	LVN_DROP_COUNT,
};

/* Known when a program is loaded, so that the JIT drops the branches of the other mode. */
struct lvn_constants {
	__u32 mode;
};

struct lvn_mask4 {
	__u32 length;
	__be32 mask;
};

struct lvn_mask6 {
	__u32 length;
	__be32 mask[4];
};

struct lvn_prefix4 {
	__be32 address;
	__be32 mask;
};

struct lvn_prefix6 {
	__be32 address[4];
	__be32 mask[4];
};

/* Where packets out of the tunnels may go, besides the rules of other tunnels. restricted 0: anywhere. */
struct lvn_destinations {
	__u32 restricted;
	__u32 count4;
	__u32 count6;
	struct lvn_prefix4 prefixes4[LVN_MAX_DESTINATIONS];
	struct lvn_prefix6 prefixes6[LVN_MAX_DESTINATIONS];
};

/*
 * One entry. Prefix lengths in use, longest first, ended by length 255: two lists, of which one is read while user
 * space writes the other.
 */
struct lvn_config {
	/* These four are the same in every layout: they say whose tables they are that cannot be read. */
	__u32 abi;
	__u32 mode;
	__u32 ifindex; /* of the tunnel device */
	__u32 capacity;
	__u32 rules_version; /* another one after each change of rules; odd: they are being changed. Never 0 */
	__u32 list; /* the one that is read: 0 or 1 */
	__u32 port_count;
	__be16 ports[LVN_MAX_PORTS]; /* local ports */
	struct lvn_mask4 masks4[2][34];
	struct lvn_mask6 masks6[2][130];
	__u32 destination_list; /* the one that is read: 0 or 1 */
	struct lvn_destinations destinations[2];
	/* The device's name and alias, for user space: it finds the tables of a device that is gone by them. */
	char name[LVN_IFNAME_SIZE];
	char alias[LVN_ALIAS_SIZE];
};

/* By tunnel id. family 0: a free slot. underlay 0: no remote yet. */
struct lvn_tunnel {
	__be32 local[4];
	__be32 remote[4];
	__be16 local_port;
	__be16 remote_port;
	__u32 underlay; /* ifindex */
	__u8 family;    /* of the outer header: 4 or 6 */
	__u8 ethernet;  /* 1: the underlay's frames have Ethernet headers */
	__u8 pad[6];
};

/* By tunnel id; user space alone reads and writes it. */
struct lvn_info {
	char name[LVN_NAME_SIZE];
	__u64 interval_ms;
	__u64 dead_ms;
};

struct lvn_rule4_key {
	__be32 address;
	__u32 length;
};

struct lvn_rule6_key {
	__be32 address[4];
	__u32 length;
};

struct lvn_peer_key {
	__be32 remote[4];
	__be16 remote_port;
	__be16 local_port;
};

/*
 * Per CPU, by a hash of the address; the programs alone read and write them. What the rules of `version` said of an
 * inner address; version 0: nothing.
 */
struct lvn_flow4 {
	__u32 version;
	__u32 id; /* tunnel */
	__be32 address;
	__u32 writes; /* how often it has been begun and ended to write it; odd: it is being written */
};

struct lvn_flow6 {
	__u32 version;
	__u32 id; /* tunnel */
	__be32 address[4];
	__u32 writes; /* as in lvn_flow4 */
};

struct lvn_local_key {
	__be32 address[4];
	__be16 port;
	__u16 pad;
};

/* Per CPU, by tunnel id. Bytes are those of inner packets. Times: bpf_ktime_get_coarse_ns(). */
struct lvn_counters {
	__u64 rx_packets;
	__u64 rx_bytes;
	__u64 tx_packets;
	__u64 tx_bytes;
	__u64 dropped;
	__u64 last_rx_ns;
	__u64 last_tx_ns;
};

/*
 * Per CPU, by tunnel id; the programs alone read and write it. The Ethernet addresses in front of packets to `remote`
 * with this DSCP.
 */
struct lvn_next_hop {
	__u64 found_ns; /* bpf_ktime_get_coarse_ns(); 0: never */
	__be32 remote[4];
	__u32 underlay; /* ifindex */
	__u8 dscp;	/* in the place that it has in the header */
	__u8 known;	/* 0: the kernel is to send each packet */
	__u8 addresses[12];
	__u8 pad[2];
	__u32 writes; /* as in lvn_flow4 */
};

/* A sysctl's value from before the device came; user space alone reads and writes it. */
struct lvn_saved_key {
	char path[LVN_PATH_SIZE];
};

struct lvn_saved_value {
	char value[LVN_PATH_SIZE - 4];
	__u32 ifindex; /* of the interface that the path is of; 0: of none, or not known */
};

#endif
