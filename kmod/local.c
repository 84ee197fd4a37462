// SPDX-License-Identifier: GPL-2.0
/*
 * Local endpoints: made by hand, or with the first tunnel that names them.
 */
#include "local.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "device.h"
#include "socket.h"

struct lvn_local *lvn_local_find(struct lvn_device *device, const struct lvn_endpoint *endpoint)
{
	struct lvn_local *local;

	ASSERT_RTNL();
	list_for_each_entry(local, &device->locals, list)
		if (lvn_endpoint_same(&local->endpoint, endpoint))
			return local;
	return NULL;
}

struct lvn_local *lvn_local_create(struct lvn_device *device, const struct lvn_endpoint *endpoint,
				   int fd, struct netlink_ext_ack *extack)
{
	struct lvn_socket *socket;
	struct lvn_local *local;

	ASSERT_RTNL();
	if (device->local_count >= LVN_MAX_LOCALS) {
		NL_SET_ERR_MSG(extack, "the device has as many local endpoints as it can have");
		return ERR_PTR(-ENOSPC);
	}
	local = kzalloc(sizeof(*local), GFP_KERNEL_ACCOUNT);
	if (!local) {
		NL_SET_ERR_MSG(extack, "no memory for the local endpoint");
		return ERR_PTR(-ENOMEM);
	}
	if (fd < 0)
		socket = lvn_socket_open(device->link_net, endpoint, extack);
	else
		socket = lvn_socket_take(device->link_net, fd, endpoint, extack);
	if (IS_ERR(socket)) {
		kfree(local);
		return ERR_CAST(socket);
	}
	local->device = device;
	local->socket = socket;
	local->endpoint = *endpoint;
	INIT_LIST_HEAD(&local->paths);
	lvn_socket_join(socket, local);
	list_add_tail(&local->list, &device->locals);
	device->local_count++;
	lvn_device_changed(device);
	return local;
}

/* Leaves the socket retired, where it was its last. */
static void lvn_local_free(struct lvn_local *local)
{
	ASSERT_RTNL();
	WARN_ON_ONCE(local->tunnel_count);
	list_del(&local->list);
	local->device->local_count--;
	lvn_device_changed(local->device);
	lvn_socket_leave(local->socket, local);
	kfree(local);
}

void lvn_local_destroy(struct lvn_local *local)
{
	lvn_local_free(local);
	lvn_sockets_release();
}

void lvn_local_destroy_all(struct lvn_device *device)
{
	struct lvn_local *local, *next;

	list_for_each_entry_safe(local, next, &device->locals, list)
		lvn_local_free(local);
}

void lvn_local_put(struct lvn_local *local)
{
	if (!local->tunnel_count && !local->by_hand)
		lvn_local_destroy(local);
}
