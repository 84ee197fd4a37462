// SPDX-License-Identifier: GPL-2.0
/*
 * The hashes of peers.h.
 */
#include "peers.h"

#include <linux/jhash.h>
#include <linux/netlink.h>

#include "socket.h"
#include "tunnel.h"

static __always_inline u32 lvn_peer_hash(const void *data, u32 len, u32 seed)
{
	const struct lvn_endpoint *remote = data;

	if (lvn_is4(&remote->address))
		return jhash_2words((__force u32)lvn_get4(&remote->address),
				    (__force u32)remote->port, seed);
	return jhash2(data, sizeof(*remote) / sizeof(u32), seed);
}

static __always_inline int lvn_peer_compare(struct rhashtable_compare_arg *arg,
					    const void *object)
{
	const struct lvn_path *path = object;

	return !lvn_endpoint_same(arg->key, &path->remote);
}

/*
 * Buckets are charged to nobody: an empty table has a handful of them, and others come with the
 * paths that are in it, which are charged.
 */
static const struct rhashtable_params lvn_peers_params = {
	.key_len = sizeof(struct lvn_endpoint),
	.key_offset = offsetof(struct lvn_path, remote),
	.head_offset = offsetof(struct lvn_path, node),
	.hashfn = lvn_peer_hash,
	.obj_cmpfn = lvn_peer_compare,
	.nelem_hint = 1,
	.automatic_shrinking = true,
};

static const struct rhashtable_params lvn_keys_params = {
	.key_len = sizeof(u64),
	.key_offset = offsetof(struct lvn_path, key_id),
	.head_offset = offsetof(struct lvn_path, key_node),
	.nelem_hint = 1,
	.automatic_shrinking = true,
};

int lvn_peers_init(struct rhashtable *peers, struct rhashtable *keys)
{
	int err;

	BUILD_BUG_ON(sizeof(struct lvn_endpoint) != 20);
	err = rhashtable_init(peers, &lvn_peers_params);
	if (err)
		return err;
	err = rhashtable_init(keys, &lvn_keys_params);
	if (err)
		rhashtable_destroy(peers);
	return err;
}

void lvn_peers_exit(struct rhashtable *peers, struct rhashtable *keys)
{
	rhashtable_destroy(keys);
	rhashtable_destroy(peers);
}

struct lvn_path *lvn_peers_find(struct rhashtable *peers, const struct lvn_endpoint *remote)
{
	return rhashtable_lookup(peers, remote, lvn_peers_params);
}

struct lvn_path *lvn_peers_find_key(struct rhashtable *keys, u64 key_id)
{
	return rhashtable_lookup(keys, &key_id, lvn_keys_params);
}

static bool lvn_peers_same_remote(const struct lvn_path *a, const struct lvn_path *b)
{
	return a && b && a->socket == b->socket && lvn_endpoint_same(&a->remote, &b->remote);
}

static bool lvn_peers_same_key(const struct lvn_path *a, const struct lvn_path *b)
{
	return a && b && a->socket == b->socket && a->key_id == b->key_id;
}

int lvn_peers_enter(struct lvn_path *path, struct lvn_path *old, struct netlink_ext_ack *extack)
{
	struct lvn_socket *socket = path->socket;
	int err;

	/* The key first: it can be taken back, a replaced remote endpoint cannot fail any more. */
	if (path->has_key && !lvn_peers_same_key(path, old)) {
		err = rhashtable_lookup_insert_fast(&socket->keys, &path->key_node,
						    lvn_keys_params);
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack,
				       "another tunnel has the same key on this local endpoint");
		else if (err)
			NL_SET_ERR_MSG(extack, "the key does not fit into the table");
		if (err)
			return err;
	}
	err = 0;
	if (path->remote.port && lvn_peers_same_remote(path, old))
		err = rhashtable_replace_fast(&socket->peers, &old->node, &path->node,
					      lvn_peers_params);
	else if (path->remote.port)
		err = rhashtable_lookup_insert_fast(&socket->peers, &path->node, lvn_peers_params);
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack,
			       "another tunnel has the same remote endpoint and local endpoint");
	else if (err)
		NL_SET_ERR_MSG(extack, "the remote endpoint does not fit into the table");
	if (!err && path->has_key && lvn_peers_same_key(path, old))
		err = rhashtable_replace_fast(&socket->keys, &old->key_node, &path->key_node,
					      lvn_keys_params);
	else if (err && path->has_key && !lvn_peers_same_key(path, old))
		rhashtable_remove_fast(&socket->keys, &path->key_node, lvn_keys_params);
	return err;
}

void lvn_peers_leave(struct lvn_path *path, const struct lvn_path *next)
{
	struct lvn_socket *socket = path->socket;

	if (path->remote.port && !lvn_peers_same_remote(path, next))
		rhashtable_remove_fast(&socket->peers, &path->node, lvn_peers_params);
	if (path->has_key && !lvn_peers_same_key(path, next))
		rhashtable_remove_fast(&socket->keys, &path->key_node, lvn_keys_params);
}
