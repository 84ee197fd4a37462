/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tunnels of a device, and their paths: where outer packets go. What changes together is in the
 * path, which is never written to but replaced as a whole.
 */
#ifndef LVN_TUNNEL_H
#define LVN_TUNNEL_H

#include <linux/atomic.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <net/dst_cache.h>

#include "endpoint.h"
#include "keepalive.h"
#include "stats.h"
#include "uapi/lvn.h"

struct lvn_device;
struct lvn_local;
struct lvn_socket;
struct netlink_ext_ack;

/**
 * struct lvn_path - how a tunnel's outer packets go; but for @dst_cache, it never
 *   changes while packets may see it
 * @node: in lvn_socket.peers while there is a remote endpoint; RCU
 * @remote: remote endpoint; port 0: none (yet)
 * @source: local endpoint
 * @underlay: index of the interface to leave by; 0: the route's
 * @has_key: is there a key?
 * @key: of control packets; zero without one
 * @key_id: see lvn_control_key_id(); 0: no key
 * @key_node: in lvn_socket.keys where there is a key; RCU
 * @tunnel: whose it is
 * @socket: sends and receives; lives as long as any path that packets may see
 * @dst_cache: the route
 * @ident: counts IPv4 identifications, see lvn_outer_idents()
 * @local: under RTNL
 * @local_list: in lvn_local.paths, under RTNL
 * @rcu: freed after a grace period
 */
struct lvn_path {
	struct rhash_head node;
	struct lvn_endpoint remote;
	struct lvn_endpoint source;
	int underlay;
	bool has_key;
	siphash_key_t key;
	u64 key_id;
	struct rhash_head key_node;
	struct lvn_tunnel *tunnel;
	struct lvn_socket *socket;
	struct dst_cache dst_cache;
	atomic_t *ident;
	struct lvn_local *local;
	struct list_head local_list;
	struct rcu_head rcu;
};

/**
 * struct lvn_tunnel - without a note, written under RTNL
 * @path: RCU
 * @device: set once; outlives whatever packets may see
 * @stats: per CPU
 * @id: within the device
 * @keepalive_interval: milliseconds; 0: none
 * @dead_time: milliseconds; 0: never
 * @on_dead: what becomes of it then
 * @keepalive: see there
 * @rules: those that lead here, by lvn_rule.tunnel_list
 * @name_node: in lvn_device.names; only where there is a name
 * @name: never changes; empty: none
 * @rcu: freed after a grace period
 */
struct lvn_tunnel {
	struct lvn_path __rcu *path;
	struct lvn_device *device;
	struct lvn_tunnel_stats __percpu *stats;
	u32 id;
	u32 keepalive_interval;
	u32 dead_time;
	enum lvn_on_dead on_dead;
	struct lvn_keepalive keepalive;
	struct list_head rules;
	struct rhash_head name_node;
	char name[LVN_NAME_LEN + 1];
	struct rcu_head rcu;
};

/* What a request says of a tunnel. */
enum {
	LVN_GIVEN_ID = 1 << 0,
	LVN_GIVEN_NAME = 1 << 1,
	LVN_GIVEN_LOCAL = 1 << 2,
	LVN_GIVEN_REMOTE = 1 << 3,
	LVN_GIVEN_UNDERLAY = 1 << 4,
	LVN_GIVEN_KEY = 1 << 5,
	LVN_GIVEN_KEEPALIVE = 1 << 6,
	LVN_GIVEN_DEAD_TIME = 1 << 7,
	LVN_GIVEN_ON_DEAD = 1 << 8,
};

/**
 * struct lvn_tunnel_wish - a checked request; what is not given stays, or has its default
 * @given: LVN_GIVEN_*
 * @id: within the device
 * @name: zero-padded
 * @local: local endpoint
 * @remote: remote endpoint; port 0: none
 * @underlay: as in the path
 * @key: of control packets
 * @keepalive_interval: as in the tunnel
 * @dead_time: as in the tunnel
 * @on_dead: as in the tunnel
 */
struct lvn_tunnel_wish {
	unsigned int given;
	u32 id;
	char name[LVN_NAME_LEN + 1];
	struct lvn_endpoint local;
	struct lvn_endpoint remote;
	int underlay;
	u8 key[LVN_KEY_LEN];
	u32 keepalive_interval;
	u32 dead_time;
	enum lvn_on_dead on_dead;
};

int lvn_tunnels_init(struct lvn_device *device);
void lvn_tunnels_exit(struct lvn_device *device);

struct lvn_tunnel *lvn_tunnel_by_id(struct lvn_device *device, u32 id);
/* @name: zero-padded to LVN_NAME_LEN + 1 bytes. */
struct lvn_tunnel *lvn_tunnel_by_name(struct lvn_device *device, const char *name);

int lvn_tunnel_create(struct lvn_device *device, const struct lvn_tunnel_wish *wish,
		      struct netlink_ext_ack *extack);
int lvn_tunnel_change(struct lvn_tunnel *tunnel, const struct lvn_tunnel_wish *wish,
		      struct netlink_ext_ack *extack);
/*
 * To the remote endpoint of @wish alone, which the peer proved. Who is to know is told by the
 * caller.
 */
int lvn_tunnel_move(struct lvn_tunnel *tunnel, const struct lvn_tunnel_wish *wish);
/* With the rules that lead to it. */
void lvn_tunnel_destroy(struct lvn_tunnel *tunnel, enum lvn_reason reason);

enum lvn_state lvn_tunnel_state(const struct lvn_tunnel *tunnel);
/* The sums over all CPUs. */
void lvn_tunnel_read_stats(const struct lvn_tunnel *tunnel, struct lvn_tunnel_stats *sum);

#endif
