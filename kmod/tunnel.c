// SPDX-License-Identifier: GPL-2.0
/*
 * Tunnels: made, changed, deleted, looked up. A change of endpoints publishes a new path and only
 * then takes the old one away, so that no packet is lost in between.
 */
#include "tunnel.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "control.h"
#include "device.h"
#include "event.h"
#include "local.h"
#include "outer.h"
#include "peers.h"
#include "rules.h"
#include "socket.h"

static const struct rhashtable_params lvn_names_params = {
	.key_len = LVN_NAME_LEN + 1,
	.key_offset = offsetof(struct lvn_tunnel, name),
	.head_offset = offsetof(struct lvn_tunnel, name_node),
	.nelem_hint = 1,
	.max_size = LVN_MAX_TUNNELS,
	.automatic_shrinking = true,
};

int lvn_tunnels_init(struct lvn_device *device)
{
	xa_init_flags(&device->tunnels, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	return rhashtable_init(&device->names, &lvn_names_params);
}

void lvn_tunnels_exit(struct lvn_device *device)
{
	WARN_ON_ONCE(device->tunnel_count);
	rhashtable_destroy(&device->names);
	xa_destroy(&device->tunnels);
}

struct lvn_tunnel *lvn_tunnel_by_id(struct lvn_device *device, u32 id)
{
	ASSERT_RTNL();
	return xa_load(&device->tunnels, id);
}

struct lvn_tunnel *lvn_tunnel_by_name(struct lvn_device *device, const char *name)
{
	ASSERT_RTNL();
	return rhashtable_lookup_fast(&device->names, name, lvn_names_params);
}

enum lvn_state lvn_tunnel_state(const struct lvn_tunnel *tunnel)
{
	if (!rtnl_dereference(tunnel->path)->remote.port)
		return LVN_STATE_PENDING;
	return READ_ONCE(tunnel->keepalive.dead) ? LVN_STATE_DEAD : LVN_STATE_UP;
}

void lvn_tunnel_read_stats(const struct lvn_tunnel *tunnel, struct lvn_tunnel_stats *sum)
{
	struct lvn_tunnel_stats now;
	unsigned int start;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct lvn_tunnel_stats *stats = per_cpu_ptr(tunnel->stats, cpu);

		do {
			start = u64_stats_fetch_begin(&stats->syncp);
			u64_stats_set(&now.rx_packets, u64_stats_read(&stats->rx_packets));
			u64_stats_set(&now.rx_bytes, u64_stats_read(&stats->rx_bytes));
			u64_stats_set(&now.tx_packets, u64_stats_read(&stats->tx_packets));
			u64_stats_set(&now.tx_bytes, u64_stats_read(&stats->tx_bytes));
			u64_stats_set(&now.dropped, u64_stats_read(&stats->dropped));
			u64_stats_set(&now.control_rejected,
				      u64_stats_read(&stats->control_rejected));
			u64_stats_set(&now.last_rx, u64_stats_read(&stats->last_rx));
			u64_stats_set(&now.last_tx, u64_stats_read(&stats->last_tx));
		} while (u64_stats_fetch_retry(&stats->syncp, start));
		u64_stats_add(&sum->rx_packets, u64_stats_read(&now.rx_packets));
		u64_stats_add(&sum->rx_bytes, u64_stats_read(&now.rx_bytes));
		u64_stats_add(&sum->tx_packets, u64_stats_read(&now.tx_packets));
		u64_stats_add(&sum->tx_bytes, u64_stats_read(&now.tx_bytes));
		u64_stats_add(&sum->dropped, u64_stats_read(&now.dropped));
		u64_stats_add(&sum->control_rejected, u64_stats_read(&now.control_rejected));
		u64_stats_set(&sum->last_rx,
			      max(u64_stats_read(&sum->last_rx), u64_stats_read(&now.last_rx)));
		u64_stats_set(&sum->last_tx,
			      max(u64_stats_read(&sum->last_tx), u64_stats_read(&now.last_tx)));
	}
}

static void lvn_path_free(struct rcu_head *rcu)
{
	struct lvn_path *path = container_of(rcu, struct lvn_path, rcu);

	dst_cache_destroy(&path->dst_cache);
	kfree_sensitive(path);
}

/* Is the remote endpoint one that packets can be sent to from the local one? */
static int lvn_path_check(const struct lvn_device *device, const struct lvn_endpoint *local,
			  const struct lvn_endpoint *remote, int underlay,
			  struct netlink_ext_ack *extack)
{
	struct net_device *dev;

	if (underlay) {
		dev = __dev_get_by_index(device->link_net, underlay);
		if (!dev) {
			NL_SET_ERR_MSG(extack, "the underlay interface is not there");
			return -ENODEV;
		}
		if (dev == device->dev) {
			NL_SET_ERR_MSG(extack, "a device cannot be its own underlay");
			return -ELOOP;
		}
	}
	if (!remote->port)
		return 0;
	if (lvn_is4(&local->address) != lvn_is4(&remote->address)) {
		NL_SET_ERR_MSG(extack, "the remote address is not of the family of the local one");
		return -EINVAL;
	}
	if (!lvn_is4(&remote->address) && !underlay &&
	    ipv6_addr_type(&remote->address) & IPV6_ADDR_LINKLOCAL) {
		NL_SET_ERR_MSG(extack, "a link-local remote address needs an underlay interface");
		return -EINVAL;
	}
	return 0;
}

/* As SipHash reads its key: two little-endian words. */
static void lvn_path_set_key(struct lvn_path *path, const u8 *key)
{
	__le64 words[2];

	memcpy(words, key, sizeof(words));
	path->has_key = true;
	path->key.key[0] = le64_to_cpu(words[0]);
	path->key.key[1] = le64_to_cpu(words[1]);
	memzero_explicit(words, sizeof(words));
	path->key_id = lvn_control_key_id(path);
}

/* The path that @wish makes of @old; without @old, @wish says everything. */
static struct lvn_path *lvn_path_create(struct lvn_tunnel *tunnel, const struct lvn_path *old,
					const struct lvn_tunnel_wish *wish,
						struct netlink_ext_ack *extack)
{
	const struct lvn_endpoint *source = !old || wish->given & LVN_GIVEN_LOCAL ? &wish->local :
		&old->source;
	const struct lvn_endpoint *remote = !old || wish->given & LVN_GIVEN_REMOTE ? &wish->remote :
		&old->remote;
	int underlay = !old || wish->given & LVN_GIVEN_UNDERLAY ? wish->underlay : old->underlay;
	struct lvn_device *device = tunnel->device;
	struct lvn_local *local;
	struct lvn_path *path;
	int err;

	err = lvn_path_check(device, source, remote, underlay, extack);
	if (err)
		return ERR_PTR(err);
	path = kzalloc(sizeof(*path), GFP_KERNEL_ACCOUNT);
	if (!path || dst_cache_init(&path->dst_cache, GFP_KERNEL_ACCOUNT)) {
		kfree(path);
		NL_SET_ERR_MSG(extack, "no memory for the tunnel's path");
		return ERR_PTR(-ENOMEM);
	}
	local = lvn_local_find(device, source);
	if (!local)
		local = lvn_local_create(device, source, -1, extack);
	if (IS_ERR(local)) {
		dst_cache_destroy(&path->dst_cache);
		kfree(path);
		return ERR_CAST(local);
	}
	path->tunnel = tunnel;
	path->source = *source;
	path->remote = *remote;
	path->underlay = underlay;
	path->ident = lvn_outer_idents(lvn_get4(&source->address), lvn_get4(&remote->address));
	if (wish->given & LVN_GIVEN_KEY) {
		lvn_path_set_key(path, wish->key);
	} else if (old) {
		path->has_key = old->has_key;
		path->key = old->key;
		path->key_id = old->key_id;
	}
	path->socket = local->socket;
	path->local = local;
	list_add_tail(&path->local_list, &local->paths);
	local->tunnel_count++;
	return path;
}

/* The path is in no packet's way any more, or never was. */
static void lvn_path_release(struct lvn_path *path)
{
	list_del(&path->local_list);
	path->local->tunnel_count--;
	lvn_local_put(path->local);
	call_rcu(&path->rcu, lvn_path_free);
}

/* Lets packets come in by @path in place of @old, which may be NULL. */
static int lvn_path_publish(struct lvn_path *path, struct lvn_path *old,
			    struct netlink_ext_ack *extack)
{
	int err = lvn_peers_enter(path, old, extack);

	if (err)
		return err;
	rcu_assign_pointer(path->tunnel->path, path);
	if (old)
		lvn_peers_leave(old, path);
	return 0;
}

static void lvn_tunnel_free(struct rcu_head *rcu)
{
	struct lvn_tunnel *tunnel = container_of(rcu, struct lvn_tunnel, rcu);

	free_percpu(tunnel->stats);
	kfree(tunnel);
}

static void lvn_tunnel_settings(struct lvn_tunnel *tunnel, const struct lvn_tunnel_wish *wish)
{
	if (wish->given & LVN_GIVEN_KEEPALIVE)
		WRITE_ONCE(tunnel->keepalive_interval, wish->keepalive_interval);
	if (wish->given & LVN_GIVEN_DEAD_TIME)
		WRITE_ONCE(tunnel->dead_time, wish->dead_time);
	if (wish->given & LVN_GIVEN_ON_DEAD)
		tunnel->on_dead = wish->on_dead;
}

/* Gives the tunnel its id and enters its name. */
static int lvn_tunnel_enter(struct lvn_tunnel *tunnel, const struct lvn_tunnel_wish *wish,
			    struct netlink_ext_ack *extack)
{
	struct xarray *tunnels = &tunnel->device->tunnels;
	int err;

	if (wish->given & LVN_GIVEN_ID) {
		tunnel->id = wish->id;
		err = xa_insert(tunnels, tunnel->id, tunnel, GFP_KERNEL_ACCOUNT);
	} else {
		err = xa_alloc(tunnels, &tunnel->id, tunnel, XA_LIMIT(1, LVN_MAX_TUNNELS),
			       GFP_KERNEL_ACCOUNT);
	}
	if (err == -EBUSY && wish->given & LVN_GIVEN_ID) {
		NL_SET_ERR_MSG(extack, "another tunnel has this id");
		return -EEXIST;
	}
	if (err) {
		NL_SET_ERR_MSG(extack, "no memory for the tunnel's id");
		return err;
	}
	if (!tunnel->name[0])
		return 0;
	err = rhashtable_lookup_insert_fast(&tunnel->device->names, &tunnel->name_node,
					    lvn_names_params);
	if (!err)
		return 0;
	xa_erase(tunnels, tunnel->id);
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "another tunnel has this name");
	else
		NL_SET_ERR_MSG(extack, "the name does not fit into the table");
	return err;
}

static void lvn_tunnel_withdraw(struct lvn_tunnel *tunnel)
{
	if (tunnel->name[0])
		rhashtable_remove_fast(&tunnel->device->names, &tunnel->name_node,
				       lvn_names_params);
	xa_erase(&tunnel->device->tunnels, tunnel->id);
}

static struct lvn_tunnel *lvn_tunnel_alloc(struct lvn_device *device,
					   struct netlink_ext_ack *extack)
{
	struct lvn_tunnel *tunnel = kzalloc(sizeof(*tunnel), GFP_KERNEL_ACCOUNT);
	int cpu;

	if (!tunnel)
		goto no_memory;
	tunnel->stats = alloc_percpu_gfp(struct lvn_tunnel_stats, GFP_KERNEL_ACCOUNT);
	if (!tunnel->stats)
		goto no_memory;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(tunnel->stats, cpu)->syncp);
	tunnel->device = device;
	INIT_LIST_HEAD(&tunnel->rules);
	lvn_keepalive_init(tunnel);
	return tunnel;

no_memory:
	kfree(tunnel);
	NL_SET_ERR_MSG(extack, "no memory for the tunnel");
	return ERR_PTR(-ENOMEM);
}

int lvn_tunnel_create(struct lvn_device *device, const struct lvn_tunnel_wish *wish,
		      struct netlink_ext_ack *extack)
{
	struct lvn_tunnel *tunnel;
	struct lvn_path *path;
	int err;

	ASSERT_RTNL();
	if (device->tunnel_count >= device->capacity) {
		NL_SET_ERR_MSG(extack,
			       "the device is full: it has as many tunnels as it was made for");
		return -ENOSPC;
	}
	tunnel = lvn_tunnel_alloc(device, extack);
	if (IS_ERR(tunnel))
		return PTR_ERR(tunnel);
	memcpy(tunnel->name, wish->name, sizeof(tunnel->name));
	lvn_tunnel_settings(tunnel, wish);
	err = lvn_tunnel_enter(tunnel, wish, extack);
	if (err)
		goto err_free;
	path = lvn_path_create(tunnel, NULL, wish, extack);
	if (IS_ERR(path)) {
		err = PTR_ERR(path);
		goto err_withdraw;
	}
	err = lvn_path_publish(path, NULL, extack);
	if (err)
		goto err_path;
	device->tunnel_count++;
	if (device->mode == LVN_MODE_FIXED)
		rcu_assign_pointer(device->fixed, tunnel);
	lvn_device_changed(device);
	lvn_event_send(tunnel, LVN_EVENT_ADDED, 0);
	lvn_keepalive_start(tunnel, LVN_KEEPALIVE_ENDPOINT);
	return 0;

err_path:
	lvn_keepalive_stop(tunnel);
	lvn_path_release(path);
err_withdraw:
	lvn_tunnel_withdraw(tunnel);
err_free:
	call_rcu(&tunnel->rcu, lvn_tunnel_free);
	return err;
}

/* Does the request say anything new of the path? */
static bool lvn_path_differs(const struct lvn_path *path, const struct lvn_tunnel_wish *wish)
{
	return wish->given & LVN_GIVEN_KEY ||
	       (wish->given & LVN_GIVEN_LOCAL && !lvn_endpoint_same(&wish->local, &path->source)) ||
	       (wish->given & LVN_GIVEN_REMOTE && !lvn_endpoint_same(&wish->remote,
								     &path->remote)) ||
	       (wish->given & LVN_GIVEN_UNDERLAY && wish->underlay != path->underlay);
}

static int lvn_tunnel_change_path(struct lvn_tunnel *tunnel, const struct lvn_tunnel_wish *wish,
				  struct netlink_ext_ack *extack)
{
	struct lvn_path *old = rtnl_dereference(tunnel->path);
	struct lvn_path *path;
	int err;

	if (!lvn_path_differs(old, wish))
		return 0;
	path = lvn_path_create(tunnel, old, wish, extack);
	if (IS_ERR(path))
		return PTR_ERR(path);
	err = lvn_path_publish(path, old, extack);
	lvn_path_release(err ? path : old);
	lvn_device_changed(tunnel->device);
	return err;
}

int lvn_tunnel_change(struct lvn_tunnel *tunnel, const struct lvn_tunnel_wish *wish,
		      struct netlink_ext_ack *extack)
{
	const struct lvn_path *old = rtnl_dereference(tunnel->path);
	bool watched = tunnel->dead_time;
	int err;

	ASSERT_RTNL();
	err = lvn_tunnel_change_path(tunnel, wish, extack);
	if (err)
		return err;
	lvn_tunnel_settings(tunnel, wish);
	lvn_device_changed(tunnel->device);
	lvn_event_send(tunnel, LVN_EVENT_CHANGED, 0);
	if (rtnl_dereference(tunnel->path) != old)
		lvn_keepalive_start(tunnel, LVN_KEEPALIVE_ENDPOINT);
	else
		lvn_keepalive_start(tunnel, watched ? LVN_KEEPALIVE_TIMES : LVN_KEEPALIVE_WATCHED);
	return 0;
}

int lvn_tunnel_move(struct lvn_tunnel *tunnel, const struct lvn_tunnel_wish *wish)
{
	int err;

	ASSERT_RTNL();
	err = lvn_tunnel_change_path(tunnel, wish, NULL);
	if (!err)
		lvn_keepalive_start(tunnel, LVN_KEEPALIVE_MOVED);
	return err;
}

void lvn_tunnel_destroy(struct lvn_tunnel *tunnel, enum lvn_reason reason)
{
	struct lvn_path *path = rtnl_dereference(tunnel->path);
	struct lvn_device *device = tunnel->device;
	struct lvn_rule *rule, *next;

	ASSERT_RTNL();
	lvn_keepalive_stop(tunnel);
	lvn_event_send(tunnel, LVN_EVENT_REMOVED, reason);
	/* There may be millions in a namespace that ends, and nothing else makes a pause. */
	list_for_each_entry_safe(rule, next, &tunnel->rules, tunnel_list) {
		lvn_rule_destroy(device, rule);
		cond_resched();
	}
	cond_resched();
	if (device->mode == LVN_MODE_FIXED)
		RCU_INIT_POINTER(device->fixed, NULL);
	lvn_peers_leave(path, NULL);
	lvn_tunnel_withdraw(tunnel);
	device->tunnel_count--;
	lvn_device_changed(device);
	lvn_path_release(path);
	call_rcu(&tunnel->rcu, lvn_tunnel_free);
}
