/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */

/*
 * Local endpoints, tunnels and rules of the Lite Virtual Network. Devices
 * themselves are made over rtnetlink: link type "lvn", whose attributes are the
 * set "link" below. Every command wants CAP_NET_ADMIN in the user namespace
 * that owns the network namespace of the socket it is sent over, and finds
 * devices in that namespace.
 *
 * Written by `npm run gen` from spec/lvn.yaml: change that instead.
 */

#ifndef _UAPI_LINUX_LVN_H
#define _UAPI_LINUX_LVN_H

#define LVN_FAMILY_NAME "lvn"
#define LVN_FAMILY_VERSION 1
#define LVN_MCGRP_EVENTS "events"

/* The most tunnels that one device holds. */
#define LVN_MAX_TUNNELS 65536

/* The most rules that one device holds. */
#define LVN_MAX_RULES 1048576

/* Bytes of the longest name of a tunnel, without the final NUL. */
#define LVN_NAME_LEN 63

/* Bytes of a tunnel's SipHash key. */
#define LVN_KEY_LEN 16

/* The most bytes of user data that one device keeps. */
#define LVN_USERDATA_LEN 4096

/* The most destinations of one device. */
#define LVN_MAX_DESTINATIONS 64

/* Bytes of one destination. */
#define LVN_DESTINATION_LEN 20

/* Bytes of max-destinations of them. */
#define LVN_DESTINATIONS_LEN 1280

/* The longest keepalive interval and dead time, in milliseconds; one day. */
#define LVN_MAX_TIME 86400000

/**
 * enum lvn_mode - How a device chooses the tunnel of a packet.
 * @LVN_MODE_FIXED: One tunnel takes everything.
 * @LVN_MODE_MULTI: Rules choose among many tunnels, longest prefix first.
 */
enum lvn_mode {
	LVN_MODE_FIXED,
	LVN_MODE_MULTI,

	/* private: */
	__LVN_MODE_MAX,
	LVN_MODE_MAX = __LVN_MODE_MAX - 1,
};

/**
 * enum lvn_df - The Don't Fragment bit of the outer IPv4 header.
 * @LVN_DF_INHERIT: That of the inner packet; set where the inner packet is
 *   IPv6.
 * @LVN_DF_SET: Always set.
 * @LVN_DF_UNSET: Never set.
 */
enum lvn_df {
	LVN_DF_INHERIT,
	LVN_DF_SET,
	LVN_DF_UNSET,

	/* private: */
	__LVN_DF_MAX,
	LVN_DF_MAX = __LVN_DF_MAX - 1,
};

/**
 * enum lvn_on_dead - What becomes of a tunnel whose peer is dead.
 * @LVN_ON_DEAD_KEEP: It stays, and comes back with the peer.
 * @LVN_ON_DEAD_REMOVE: It goes, with its rules.
 */
enum lvn_on_dead {
	LVN_ON_DEAD_KEEP,
	LVN_ON_DEAD_REMOVE,

	/* private: */
	__LVN_ON_DEAD_MAX,
	LVN_ON_DEAD_MAX = __LVN_ON_DEAD_MAX - 1,
};

/**
 * enum lvn_state - What is known of a tunnel's peer.
 * @LVN_STATE_PENDING: No remote endpoint yet.
 * @LVN_STATE_UP: Has a remote endpoint, and has not been found dead.
 * @LVN_STATE_DEAD: Silent for longer than the dead time.
 */
enum lvn_state {
	LVN_STATE_PENDING,
	LVN_STATE_UP,
	LVN_STATE_DEAD,

	/* private: */
	__LVN_STATE_MAX,
	LVN_STATE_MAX = __LVN_STATE_MAX - 1,
};

/**
 * enum lvn_event - What happened to a tunnel.
 * @LVN_EVENT_ADDED: It is new.
 * @LVN_EVENT_CHANGED: A request changed it.
 * @LVN_EVENT_REMOVED: It is gone, for the reason given.
 * @LVN_EVENT_DEAD: Nothing was heard of its peer for its dead time.
 * @LVN_EVENT_BACK: Its peer, dead before, is heard of again.
 * @LVN_EVENT_MOVED: Its peer proved a new remote endpoint.
 */
enum lvn_event {
	LVN_EVENT_ADDED,
	LVN_EVENT_CHANGED,
	LVN_EVENT_REMOVED,
	LVN_EVENT_DEAD,
	LVN_EVENT_BACK,
	LVN_EVENT_MOVED,

	/* private: */
	__LVN_EVENT_MAX,
	LVN_EVENT_MAX = __LVN_EVENT_MAX - 1,
};

/**
 * enum lvn_reason - Why a tunnel is gone.
 * @LVN_REASON_DELETED: A request deleted it.
 * @LVN_REASON_DEAD: Its peer is dead, and it was to be removed then.
 * @LVN_REASON_DEVICE: Its device is gone.
 * @LVN_REASON_SOCKET: The socket of its local endpoint was closed.
 */
enum lvn_reason {
	LVN_REASON_DELETED,
	LVN_REASON_DEAD,
	LVN_REASON_DEVICE,
	LVN_REASON_SOCKET,

	/* private: */
	__LVN_REASON_MAX,
	LVN_REASON_MAX = __LVN_REASON_MAX - 1,
};

/*
 * A device, within IFLA_INFO_DATA of an rtnetlink link message whose
 * IFLA_INFO_KIND is "lvn".
 *
 * @IFLA_LVN_MODE: Cannot be changed later. Left out, the device is fixed.
 *   (u32, of enum lvn_mode)
 * @IFLA_LVN_CAPACITY: The most tunnels it holds. Left out, 1 for a fixed
 *   device and max-tunnels for a multi one. (u32)
 * @IFLA_LVN_DF: Left out, inherit. (u32, of enum lvn_df)
 * @IFLA_LVN_USERDATA: Kept for user space, which alone knows what it means.
 *   (binary)
 * @IFLA_LVN_TUNNELS: How many tunnels there are. Only read. (u32)
 * @IFLA_LVN_RULES: How many rules there are. Only read. (u32)
 * @IFLA_LVN_DROPS: Packets dropped since the device was made, by reason. Only
 *   read. (nest, of LVN_A_DROPS_*)
 * @IFLA_LVN_DESTINATIONS: Inner destinations that packets out of its tunnels
 *   may have, besides those that a rule leads into another tunnel. Each is
 *   destination-len bytes: the address, host bits zero, in 4 or 16 bytes of the
 *   first 16, the rest zero; 4 or 6, the family; the bits of the prefix; two
 *   zeros. Empty or never set, any. (binary)
 */
enum {
	IFLA_LVN_MODE = 1,
	IFLA_LVN_CAPACITY,
	IFLA_LVN_DF,
	IFLA_LVN_USERDATA,
	IFLA_LVN_TUNNELS,
	IFLA_LVN_RULES,
	IFLA_LVN_DROPS,
	IFLA_LVN_DESTINATIONS,

	/* private: */
	__IFLA_LVN_MAX,
	IFLA_LVN_MAX = __IFLA_LVN_MAX - 1,
};

/*
 * Counts of dropped packets, by reason.
 *
 * @LVN_A_DROPS_PAD: Alignment of 64-bit values.
 * @LVN_A_DROPS_NO_RULE: No rule leads the inner destination anywhere. (u64)
 * @LVN_A_DROPS_NO_REMOTE: The tunnel has no remote endpoint yet, or the
 *   underlay has no route to it. (u64)
 * @LVN_A_DROPS_BAD_SOURCE: No rule of the tunnel covers the inner source.
 *   (u64)
 * @LVN_A_DROPS_UNKNOWN_PEER: No tunnel has the outer source as its remote
 *   endpoint; or, of a control packet, nothing tells whose it is. (u64)
 * @LVN_A_DROPS_MALFORMED: The payload is no IP packet. (u64)
 * @LVN_A_DROPS_FRAGMENT: Larger than the path takes. (u64)
 * @LVN_A_DROPS_ECN: Congestion experienced outside, not capable of that
 *   inside (RFC 6040). (u64)
 * @LVN_A_DROPS_NO_ROOM: No memory. (u64)
 * @LVN_A_DROPS_UNSUPPORTED: Neither IPv4 nor IPv6, or a loop. (u64)
 * @LVN_A_DROPS_BAD_DESTINATION: The inner destination is none that packets
 *   out of the device's tunnels may have. (u64)
 */
enum {
	LVN_A_DROPS_PAD = 1,
	LVN_A_DROPS_NO_RULE,
	LVN_A_DROPS_NO_REMOTE,
	LVN_A_DROPS_BAD_SOURCE,
	LVN_A_DROPS_UNKNOWN_PEER,
	LVN_A_DROPS_MALFORMED,
	LVN_A_DROPS_FRAGMENT,
	LVN_A_DROPS_ECN,
	LVN_A_DROPS_NO_ROOM,
	LVN_A_DROPS_UNSUPPORTED,
	LVN_A_DROPS_BAD_DESTINATION,

	/* private: */
	__LVN_A_DROPS_MAX,
	LVN_A_DROPS_MAX = __LVN_A_DROPS_MAX - 1,
};

/*
 * A local endpoint of a device, that is an address and port that tunnels send
 * from and receive on.
 *
 * @LVN_A_LOCAL_IFINDEX: The device. (u32)
 * @LVN_A_LOCAL_ADDRESS: 4 or 16 bytes in network order. (binary)
 * @LVN_A_LOCAL_PORT: UDP port. (be16)
 * @LVN_A_LOCAL_SOCKET: File descriptor of a UDP socket of the caller's, bound
 *   to this address and port (or to the port alone), to be used in place of a
 *   socket of the kernel's own. What is no data packet still reaches its owner;
 *   when the owner closes it, the local endpoint and its tunnels go. (u32)
 * @LVN_A_LOCAL_HANDED_OVER: The socket was handed over by user space. Only
 *   read. (flag)
 * @LVN_A_LOCAL_TUNNELS: How many tunnels use it. Only read. (u32)
 */
enum {
	LVN_A_LOCAL_IFINDEX = 1,
	LVN_A_LOCAL_ADDRESS,
	LVN_A_LOCAL_PORT,
	LVN_A_LOCAL_SOCKET,
	LVN_A_LOCAL_HANDED_OVER,
	LVN_A_LOCAL_TUNNELS,

	/* private: */
	__LVN_A_LOCAL_MAX,
	LVN_A_LOCAL_MAX = __LVN_A_LOCAL_MAX - 1,
};

/*
 * A tunnel.
 *
 * @LVN_A_TUNNEL_IFINDEX: The device. (u32)
 * @LVN_A_TUNNEL_ID: Of the tunnel within its device; the kernel chooses one
 *   where it is left out. (u32)
 * @LVN_A_TUNNEL_NAME: Unique within the device. (string)
 * @LVN_A_TUNNEL_LOCAL_ADDRESS: Outer source, 4 or 16 bytes in network order.
 *   A local endpoint that the device does not have yet is made with a socket of
 *   the kernel's own, and goes with its last tunnel. (binary)
 * @LVN_A_TUNNEL_LOCAL_PORT: UDP port of the local endpoint. (be16)
 * @LVN_A_TUNNEL_REMOTE_ADDRESS: Of the family of the local address. Left out
 *   where there is no remote endpoint (yet). (binary)
 * @LVN_A_TUNNEL_REMOTE_PORT: UDP port of the remote endpoint; left out
 *   exactly where its address is. (be16)
 * @LVN_A_TUNNEL_UNDERLAY: Index of the interface that outer packets leave by;
 *   0 or left out, the one the route leads to. (u32)
 * @LVN_A_TUNNEL_KEY: SipHash key of control packets. Never read back.
 *   (binary)
 * @LVN_A_TUNNEL_KEEPALIVE_INTERVAL: Milliseconds from one keepalive to the
 *   next; 0 sends none. (u32)
 * @LVN_A_TUNNEL_DEAD_TIME: Milliseconds of silence after which the peer is
 *   dead; 0 is never. (u32)
 * @LVN_A_TUNNEL_ON_DEAD: Left out, keep. (u32, of enum lvn_on_dead)
 * @LVN_A_TUNNEL_STATE: Only read. (u32, of enum lvn_state)
 * @LVN_A_TUNNEL_STATS: Only read. (nest, of LVN_A_STATS_*)
 * @LVN_A_TUNNEL_EVENT: In notifications. (u32, of enum lvn_event)
 * @LVN_A_TUNNEL_REASON: In notifications of removal. (u32, of enum
 *   lvn_reason)
 * @LVN_A_TUNNEL_FORGET_REMOTE: Takes the remote endpoint away; the tunnel is
 *   pending then. (flag)
 */
enum {
	LVN_A_TUNNEL_IFINDEX = 1,
	LVN_A_TUNNEL_ID,
	LVN_A_TUNNEL_NAME,
	LVN_A_TUNNEL_LOCAL_ADDRESS,
	LVN_A_TUNNEL_LOCAL_PORT,
	LVN_A_TUNNEL_REMOTE_ADDRESS,
	LVN_A_TUNNEL_REMOTE_PORT,
	LVN_A_TUNNEL_UNDERLAY,
	LVN_A_TUNNEL_KEY,
	LVN_A_TUNNEL_KEEPALIVE_INTERVAL,
	LVN_A_TUNNEL_DEAD_TIME,
	LVN_A_TUNNEL_ON_DEAD,
	LVN_A_TUNNEL_STATE,
	LVN_A_TUNNEL_STATS,
	LVN_A_TUNNEL_EVENT,
	LVN_A_TUNNEL_REASON,
	LVN_A_TUNNEL_FORGET_REMOTE,

	/* private: */
	__LVN_A_TUNNEL_MAX,
	LVN_A_TUNNEL_MAX = __LVN_A_TUNNEL_MAX - 1,
};

/*
 * Counters of a tunnel.
 *
 * @LVN_A_STATS_PAD: Alignment of 64-bit values.
 * @LVN_A_STATS_RX_PACKETS: Inner packets received. (u64)
 * @LVN_A_STATS_RX_BYTES: Of inner packets. (u64)
 * @LVN_A_STATS_TX_PACKETS: Inner packets sent. (u64)
 * @LVN_A_STATS_TX_BYTES: Of inner packets. (u64)
 * @LVN_A_STATS_DROPPED: Packets of this tunnel that were dropped, either way.
 *   (u64)
 * @LVN_A_STATS_SINCE_RX: Milliseconds since the last packet came in; left out
 *   where none did. (u64)
 * @LVN_A_STATS_SINCE_TX: Milliseconds since the last packet went out; left
 *   out where none did. (u64)
 * @LVN_A_STATS_CONTROL_REJECTED: Control packets with a wrong tag, an old
 *   counter or a wrong source. (u64)
 */
enum {
	LVN_A_STATS_PAD = 1,
	LVN_A_STATS_RX_PACKETS,
	LVN_A_STATS_RX_BYTES,
	LVN_A_STATS_TX_PACKETS,
	LVN_A_STATS_TX_BYTES,
	LVN_A_STATS_DROPPED,
	LVN_A_STATS_SINCE_RX,
	LVN_A_STATS_SINCE_TX,
	LVN_A_STATS_CONTROL_REJECTED,

	/* private: */
	__LVN_A_STATS_MAX,
	LVN_A_STATS_MAX = __LVN_A_STATS_MAX - 1,
};

/*
 * Packets for a prefix go into a tunnel; packets out of it must have their
 * source in one of its rules.
 *
 * @LVN_A_RULE_IFINDEX: The device. (u32)
 * @LVN_A_RULE_PREFIX: 4 or 16 bytes in network order, host bits zero.
 *   (binary)
 * @LVN_A_RULE_PREFIX_LEN: Bits of the prefix; at most 32 where it has 4
 *   bytes. (u8)
 * @LVN_A_RULE_TUNNEL: Id of the tunnel. (u32)
 */
enum {
	LVN_A_RULE_IFINDEX = 1,
	LVN_A_RULE_PREFIX,
	LVN_A_RULE_PREFIX_LEN,
	LVN_A_RULE_TUNNEL,

	/* private: */
	__LVN_A_RULE_MAX,
	LVN_A_RULE_MAX = __LVN_A_RULE_MAX - 1,
};

/**
 * enum lvn_cmd - Commands and notifications.
 * @LVN_CMD_LOCAL_NEW: Adds a local endpoint. One made by hand stays until it
 *   is deleted, with or without tunnels.
 * @LVN_CMD_LOCAL_DEL: Deletes a local endpoint that no tunnel uses.
 * @LVN_CMD_LOCAL_GET: All local endpoints of a device.
 * @LVN_CMD_TUNNEL_NEW: Adds a tunnel.
 * @LVN_CMD_TUNNEL_SET: Changes what is given of a tunnel, named by its id or
 *   else its name; the rest stays.
 * @LVN_CMD_TUNNEL_DEL: Deletes a tunnel, named by its id or else its name,
 *   and the rules that lead to it.
 * @LVN_CMD_TUNNEL_GET: One tunnel, named by its id or else its name, or all
 *   of a device.
 * @LVN_CMD_TUNNEL_EVENT: Something happened to a tunnel.
 * @LVN_CMD_RULE_NEW: Adds a rule.
 * @LVN_CMD_RULE_SET: Points a rule at another tunnel; no packet is lost in
 *   between.
 * @LVN_CMD_RULE_DEL: Deletes a rule.
 * @LVN_CMD_RULE_GET: All rules of a device.
 */
enum lvn_cmd {
	LVN_CMD_LOCAL_NEW = 1,
	LVN_CMD_LOCAL_DEL,
	LVN_CMD_LOCAL_GET,
	LVN_CMD_TUNNEL_NEW,
	LVN_CMD_TUNNEL_SET,
	LVN_CMD_TUNNEL_DEL,
	LVN_CMD_TUNNEL_GET,
	LVN_CMD_TUNNEL_EVENT,
	LVN_CMD_RULE_NEW,
	LVN_CMD_RULE_SET,
	LVN_CMD_RULE_DEL,
	LVN_CMD_RULE_GET,

	/* private: */
	__LVN_CMD_MAX,
	LVN_CMD_MAX = __LVN_CMD_MAX - 1,
};

#endif /* _UAPI_LINUX_LVN_H */
