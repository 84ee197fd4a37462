/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who is at the other end: the paths of one socket by remote address and port, and by the id of
 * their key. The hashes are keyed with secrets of their own and grow as needed, so that 10,000
 * tunnels on one socket, or two behind one NAT address, are ordinary. Packets and requests are
 * not known here.
 */
#ifndef LVN_PEERS_H
#define LVN_PEERS_H

#include <linux/rhashtable.h>

#include "endpoint.h"

struct lvn_path;
struct netlink_ext_ack;

int lvn_peers_init(struct rhashtable *peers, struct rhashtable *keys);
void lvn_peers_exit(struct rhashtable *peers, struct rhashtable *keys);

/* The path to a remote endpoint; NULL: none. Under rcu_read_lock(). */
struct lvn_path *lvn_peers_find(struct rhashtable *peers, const struct lvn_endpoint *remote);
/* The path whose key has this id; NULL: none. Under rcu_read_lock(). */
struct lvn_path *lvn_peers_find_key(struct rhashtable *keys, u64 key_id);

/*
 * Enters a path into its socket's tables in place of @old, which may be NULL or of another
 * socket, and which lvn_peers_leave() then takes away. -EEXIST: another path has the same remote
 * endpoint, or key. Under RTNL.
 */
int lvn_peers_enter(struct lvn_path *path, struct lvn_path *old, struct netlink_ext_ack *extack);
/* Takes a path away as far as @next, which may be NULL, has not taken its place. Under RTNL. */
void lvn_peers_leave(struct lvn_path *path, const struct lvn_path *next);

#endif
