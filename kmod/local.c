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
	lvn_device_changed(device);
	return local;
}

void lvn_local_destroy(struct lvn_local *local)
{
	ASSERT_RTNL();
	WARN_ON_ONCE(local->tunnel_count);
	list_del(&local->list);
	lvn_device_changed(local->device);
	lvn_socket_leave(local->socket, local);
	kfree(local);
}

void lvn_local_put(struct lvn_local *local)
{
	if (!local->tunnel_count && !local->by_hand)
		lvn_local_destroy(local);
}
