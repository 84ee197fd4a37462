// SPDX-License-Identifier: GPL-2.0
/*
 * Requests about local endpoints: new, delete, dump.
 */
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "device.h"
#include "local.h"
#include "netlink-gen.h"
#include "request.h"
#include "socket.h"

int lvn_nl_local_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *fd = info->attrs[LVN_A_LOCAL_SOCKET];
	struct lvn_endpoint endpoint;
	struct lvn_device *device;
	struct lvn_local *local;
	int err;

	err = lvn_nl_endpoint(info->attrs[LVN_A_LOCAL_ADDRESS], info->attrs[LVN_A_LOCAL_PORT],
			      &endpoint, info->extack);
	if (err)
		return err;
	if (fd && nla_get_u32(fd) > INT_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, fd, "the file descriptor is no socket");
		return -EBADF;
	}
	rtnl_lock();
	device = lvn_nl_device_to_change(skb, info, info->attrs[LVN_A_LOCAL_IFINDEX]);
	if (IS_ERR(device)) {
		err = PTR_ERR(device);
		goto unlock;
	}
	if (lvn_local_find(device, &endpoint)) {
		NL_SET_ERR_MSG(info->extack, "the device has this local endpoint already");
		err = -EEXIST;
		goto unlock;
	}
	local = lvn_local_create(device, &endpoint, fd ? nla_get_u32(fd) : -1, info->extack);
	if (IS_ERR(local))
		err = PTR_ERR(local);
	else
		local->by_hand = true;
unlock:
	rtnl_unlock();
	return err;
}

int lvn_nl_local_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lvn_endpoint endpoint;
	struct lvn_device *device;
	struct lvn_local *local;
	int err;

	err = lvn_nl_endpoint(info->attrs[LVN_A_LOCAL_ADDRESS], info->attrs[LVN_A_LOCAL_PORT],
			      &endpoint, info->extack);
	if (err)
		return err;
	rtnl_lock();
	device = lvn_nl_device_to_change(skb, info, info->attrs[LVN_A_LOCAL_IFINDEX]);
	if (IS_ERR(device)) {
		err = PTR_ERR(device);
		goto unlock;
	}
	local = lvn_local_find(device, &endpoint);
	if (!local) {
		NL_SET_ERR_MSG(info->extack, "the device has no such local endpoint");
		err = -ENOENT;
	} else if (local->tunnel_count) {
		NL_SET_ERR_MSG(info->extack, "tunnels use the local endpoint");
		err = -EBUSY;
	} else {
		lvn_local_destroy(local);
	}
unlock:
	rtnl_unlock();
	return err;
}

static int lvn_nl_put_local(struct sk_buff *skb, struct netlink_callback *cb,
			    const struct lvn_local *local)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &lvn_nl_family, NLM_F_MULTI, LVN_CMD_LOCAL_GET);

	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (nla_put_u32(skb, LVN_A_LOCAL_IFINDEX, local->device->dev->ifindex) ||
	    !lvn_nl_put_address(skb, LVN_A_LOCAL_ADDRESS, &local->endpoint.address) ||
	    nla_put_be16(skb, LVN_A_LOCAL_PORT, local->endpoint.port) ||
	    (!local->socket->own && nla_put_flag(skb, LVN_A_LOCAL_HANDED_OVER)) ||
	    nla_put_u32(skb, LVN_A_LOCAL_TUNNELS, local->tunnel_count)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int lvn_nl_dump_locals(struct sk_buff *skb, struct netlink_callback *cb,
			      struct lvn_device *device)
{
	const struct lvn_local *local;
	long number = 0;
	int err;

	list_for_each_entry(local, &device->locals, list) {
		if (number++ < cb->args[0])
			continue;
		err = lvn_nl_put_local(skb, cb, local);
		if (err)
			return err;
		cb->args[0] = number;
	}
	return 0;
}

int lvn_nl_local_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return lvn_nl_dump(skb, cb, LVN_A_LOCAL_IFINDEX, lvn_nl_dump_locals);
}
