/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Local endpoints of a device: the address and port that tunnels send from, and the socket that
 * serves them. All under RTNL.
 */
#ifndef LVN_LOCAL_H
#define LVN_LOCAL_H

#include <linux/list.h>

#include "endpoint.h"

/* The most that a device may have. */
#define LVN_MAX_LOCALS 1024

struct lvn_device;
struct lvn_socket;
struct netlink_ext_ack;

/**
 * struct lvn_local
 * @list: in lvn_device.locals
 * @socket_list: in lvn_socket.locals
 * @device: whose it is
 * @socket: what serves it
 * @endpoint: IPv4 mapped; never unspecified
 * @by_hand: made by a request of its own: stays without tunnels
 * @paths: of tunnels that use it, by lvn_path.local_list
 * @tunnel_count: how many
 */
struct lvn_local {
	struct list_head list;
	struct list_head socket_list;
	struct lvn_device *device;
	struct lvn_socket *socket;
	struct lvn_endpoint endpoint;
	bool by_hand;
	struct list_head paths;
	u32 tunnel_count;
};

/* NULL: the device has no such local endpoint. */
struct lvn_local *lvn_local_find(struct lvn_device *device, const struct lvn_endpoint *endpoint);
/* Makes one; @fd: of a socket handed over, or -1. An ERR_PTR with an extack sentence. */
struct lvn_local *lvn_local_create(struct lvn_device *device, const struct lvn_endpoint *endpoint,
				   int fd, struct netlink_ext_ack *extack);
/* No tunnel may use it. */
void lvn_local_destroy(struct lvn_local *local);
/* All of a device, when it has no tunnels. The caller sees to lvn_sockets_release(). */
void lvn_local_destroy_all(struct lvn_device *device);
/* Takes away one that was made for tunnels and has none left. */
void lvn_local_put(struct lvn_local *local);

#endif
