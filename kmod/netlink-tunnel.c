// SPDX-License-Identifier: GPL-2.0
/*
 * Requests about tunnels: new, set, delete, get, dump; and what is told of them without being
 * asked.
 */
#include "event.h"

#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "device.h"
#include "netlink-gen.h"
#include "request.h"
#include "tunnel.h"

/* Which tunnel does a request mean? @attrs: as far as LVN_A_TUNNEL_NAME at least. */
static struct lvn_tunnel *lvn_nl_tunnel(struct lvn_device *device, struct nlattr **attrs,
					struct netlink_ext_ack *extack)
{
	char name[LVN_NAME_LEN + 1];
	struct lvn_tunnel *tunnel;
	int err;

	if (attrs[LVN_A_TUNNEL_ID]) {
		tunnel = lvn_tunnel_by_id(device, nla_get_u32(attrs[LVN_A_TUNNEL_ID]));
	} else if (attrs[LVN_A_TUNNEL_NAME]) {
		err = lvn_nl_name(attrs[LVN_A_TUNNEL_NAME], name, extack);
		if (err)
			return ERR_PTR(err);
		tunnel = lvn_tunnel_by_name(device, name);
	} else {
		NL_SET_ERR_MSG(extack, "neither the id nor the name of the tunnel is given");
		return ERR_PTR(-EINVAL);
	}
	if (tunnel)
		return tunnel;
	NL_SET_ERR_MSG_ATTR(extack, attrs[LVN_A_TUNNEL_ID] ?: attrs[LVN_A_TUNNEL_NAME],
			    "there is no such tunnel on the device");
	return ERR_PTR(-ENOENT);
}

static int lvn_nl_wish_endpoints(struct nlattr **attrs, struct lvn_tunnel_wish *wish,
				 struct netlink_ext_ack *extack)
{
	int err;

	if (attrs[LVN_A_TUNNEL_LOCAL_ADDRESS] || attrs[LVN_A_TUNNEL_LOCAL_PORT]) {
		err = lvn_nl_endpoint(attrs[LVN_A_TUNNEL_LOCAL_ADDRESS],
				      attrs[LVN_A_TUNNEL_LOCAL_PORT], &wish->local, extack);
		if (err)
			return err;
		wish->given |= LVN_GIVEN_LOCAL;
	}
	if (attrs[LVN_A_TUNNEL_REMOTE_ADDRESS] || attrs[LVN_A_TUNNEL_REMOTE_PORT]) {
		err = lvn_nl_endpoint(attrs[LVN_A_TUNNEL_REMOTE_ADDRESS],
				      attrs[LVN_A_TUNNEL_REMOTE_PORT], &wish->remote, extack);
		if (err)
			return err;
		wish->given |= LVN_GIVEN_REMOTE;
	}
	if (!attrs[LVN_A_TUNNEL_UNDERLAY])
		return 0;
	if (nla_get_u32(attrs[LVN_A_TUNNEL_UNDERLAY]) > INT_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[LVN_A_TUNNEL_UNDERLAY],
				    "no interface has such an index");
		return -EINVAL;
	}
	wish->underlay = nla_get_u32(attrs[LVN_A_TUNNEL_UNDERLAY]);
	wish->given |= LVN_GIVEN_UNDERLAY;
	return 0;
}

static void lvn_nl_wish_settings(struct nlattr **attrs, struct lvn_tunnel_wish *wish)
{
	if (attrs[LVN_A_TUNNEL_KEY]) {
		memcpy(wish->key, nla_data(attrs[LVN_A_TUNNEL_KEY]), sizeof(wish->key));
		wish->given |= LVN_GIVEN_KEY;
	}
	if (attrs[LVN_A_TUNNEL_KEEPALIVE_INTERVAL]) {
		wish->keepalive_interval = nla_get_u32(attrs[LVN_A_TUNNEL_KEEPALIVE_INTERVAL]);
		wish->given |= LVN_GIVEN_KEEPALIVE;
	}
	if (attrs[LVN_A_TUNNEL_DEAD_TIME]) {
		wish->dead_time = nla_get_u32(attrs[LVN_A_TUNNEL_DEAD_TIME]);
		wish->given |= LVN_GIVEN_DEAD_TIME;
	}
	if (attrs[LVN_A_TUNNEL_ON_DEAD]) {
		wish->on_dead = nla_get_u32(attrs[LVN_A_TUNNEL_ON_DEAD]);
		wish->given |= LVN_GIVEN_ON_DEAD;
	}
}

static int lvn_nl_check_new(const struct lvn_tunnel_wish *wish, struct netlink_ext_ack *extack)
{
	if (wish->given & LVN_GIVEN_LOCAL)
		return 0;
	NL_SET_ERR_MSG(extack, "the local endpoint of the tunnel is missing");
	return -EINVAL;
}

int lvn_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lvn_tunnel_wish wish = {};
	struct lvn_device *device;
	int err;

	if (info->attrs[LVN_A_TUNNEL_ID]) {
		wish.id = nla_get_u32(info->attrs[LVN_A_TUNNEL_ID]);
		wish.given |= LVN_GIVEN_ID;
	}
	if (info->attrs[LVN_A_TUNNEL_NAME]) {
		err = lvn_nl_name(info->attrs[LVN_A_TUNNEL_NAME], wish.name, info->extack);
		if (err)
			return err;
		wish.given |= LVN_GIVEN_NAME;
	}
	err = lvn_nl_wish_endpoints(info->attrs, &wish, info->extack);
	if (err)
		return err;
	lvn_nl_wish_settings(info->attrs, &wish);
	err = lvn_nl_check_new(&wish, info->extack);
	if (err)
		goto wipe;
	rtnl_lock();
	device = lvn_nl_device_to_change(skb, info, info->attrs[LVN_A_TUNNEL_IFINDEX]);
	err = PTR_ERR_OR_ZERO(device);
	if (!err)
		err = lvn_tunnel_create(device, &wish, info->extack);
	rtnl_unlock();
wipe:
	memzero_explicit(&wish, sizeof(wish));
	return err;
}

/* The tunnel that a request wants to change, where it may. */
static struct lvn_tunnel *lvn_nl_tunnel_to_change(struct sk_buff *skb, struct genl_info *info)
{
	struct lvn_device *device =
		lvn_nl_device_to_change(skb, info, info->attrs[LVN_A_TUNNEL_IFINDEX]);

	if (IS_ERR(device))
		return ERR_CAST(device);
	return lvn_nl_tunnel(device, info->attrs, info->extack);
}

int lvn_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lvn_tunnel_wish wish = {};
	struct lvn_tunnel *tunnel;
	int err;

	err = lvn_nl_wish_endpoints(info->attrs, &wish, info->extack);
	if (err)
		return err;
	if (info->attrs[LVN_A_TUNNEL_FORGET_REMOTE]) {
		if (wish.given & LVN_GIVEN_REMOTE) {
			NL_SET_ERR_MSG(info->extack,
				       "a remote endpoint can be given or forgotten, not both");
			return -EINVAL;
		}
		wish.given |= LVN_GIVEN_REMOTE;
	}
	lvn_nl_wish_settings(info->attrs, &wish);
	rtnl_lock();
	tunnel = lvn_nl_tunnel_to_change(skb, info);
	if (IS_ERR(tunnel))
		err = PTR_ERR(tunnel);
	else
		err = lvn_tunnel_change(tunnel, &wish, info->extack);
	rtnl_unlock();
	memzero_explicit(&wish, sizeof(wish));
	return err;
}

int lvn_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lvn_tunnel *tunnel;
	int err = 0;

	rtnl_lock();
	tunnel = lvn_nl_tunnel_to_change(skb, info);
	if (IS_ERR(tunnel))
		err = PTR_ERR(tunnel);
	else
		lvn_tunnel_destroy(tunnel, LVN_REASON_DELETED);
	rtnl_unlock();
	return err;
}

static bool lvn_nl_put_since(struct sk_buff *skb, int type, u64 when)
{
	u64 now = get_jiffies_64();

	if (!when)
		return true;
	return !nla_put_u64_64bit(skb, type, now > when ? jiffies64_to_msecs(now - when) : 0,
				  LVN_A_STATS_PAD);
}

static bool lvn_nl_put_stats(struct sk_buff *skb, const struct lvn_tunnel *tunnel)
{
	struct nlattr *nest = nla_nest_start(skb, LVN_A_TUNNEL_STATS);
	struct lvn_tunnel_stats sum;

	if (!nest)
		return false;
	lvn_tunnel_read_stats(tunnel, &sum);
	if (nla_put_u64_64bit(skb, LVN_A_STATS_RX_PACKETS, u64_stats_read(&sum.rx_packets),
			      LVN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, LVN_A_STATS_RX_BYTES, u64_stats_read(&sum.rx_bytes),
			      LVN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, LVN_A_STATS_TX_PACKETS, u64_stats_read(&sum.tx_packets),
			      LVN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, LVN_A_STATS_TX_BYTES, u64_stats_read(&sum.tx_bytes),
			      LVN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, LVN_A_STATS_DROPPED, u64_stats_read(&sum.dropped),
			      LVN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, LVN_A_STATS_CONTROL_REJECTED,
			      u64_stats_read(&sum.control_rejected), LVN_A_STATS_PAD) ||
	    !lvn_nl_put_since(skb, LVN_A_STATS_SINCE_RX, u64_stats_read(&sum.last_rx)) ||
	    !lvn_nl_put_since(skb, LVN_A_STATS_SINCE_TX, u64_stats_read(&sum.last_tx)))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

/* What both answers and events say. */
static bool lvn_nl_put_tunnel(struct sk_buff *skb, const struct lvn_tunnel *tunnel)
{
	const struct lvn_path *path = rtnl_dereference(tunnel->path);

	return !nla_put_u32(skb, LVN_A_TUNNEL_IFINDEX, tunnel->device->dev->ifindex) &&
	       !nla_put_u32(skb, LVN_A_TUNNEL_ID, tunnel->id) &&
	       (!tunnel->name[0] || !nla_put_string(skb, LVN_A_TUNNEL_NAME, tunnel->name)) &&
	       lvn_nl_put_address(skb, LVN_A_TUNNEL_LOCAL_ADDRESS, &path->source.address) &&
	       !nla_put_be16(skb, LVN_A_TUNNEL_LOCAL_PORT, path->source.port) &&
	       (!path->remote.port ||
		(lvn_nl_put_address(skb, LVN_A_TUNNEL_REMOTE_ADDRESS, &path->remote.address) &&
		 !nla_put_be16(skb, LVN_A_TUNNEL_REMOTE_PORT, path->remote.port))) &&
	       (!path->underlay || !nla_put_u32(skb, LVN_A_TUNNEL_UNDERLAY, path->underlay)) &&
	       !nla_put_u32(skb, LVN_A_TUNNEL_KEEPALIVE_INTERVAL, tunnel->keepalive_interval) &&
	       !nla_put_u32(skb, LVN_A_TUNNEL_DEAD_TIME, tunnel->dead_time) &&
	       !nla_put_u32(skb, LVN_A_TUNNEL_ON_DEAD, tunnel->on_dead) &&
	       !nla_put_u32(skb, LVN_A_TUNNEL_STATE, lvn_tunnel_state(tunnel));
}

int lvn_nl_tunnel_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lvn_device *device;
	struct lvn_tunnel *tunnel;
	struct sk_buff *reply;
	void *header;
	int err;

	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply) {
		NL_SET_ERR_MSG(info->extack, "no memory for the answer");
		return -ENOMEM;
	}
	rtnl_lock();
	device = lvn_nl_device(genl_info_net(info), info->attrs[LVN_A_TUNNEL_IFINDEX],
			       info->extack);
	err = PTR_ERR_OR_ZERO(device);
	if (err)
		goto unlock;
	tunnel = lvn_nl_tunnel(device, info->attrs, info->extack);
	err = PTR_ERR_OR_ZERO(tunnel);
	if (err)
		goto unlock;
	header = genlmsg_put_reply(reply, info, &lvn_nl_family, 0, LVN_CMD_TUNNEL_GET);
	if (header && lvn_nl_put_tunnel(reply, tunnel) && lvn_nl_put_stats(reply, tunnel))
		genlmsg_end(reply, header);
	else
		err = -EMSGSIZE;
unlock:
	rtnl_unlock();
	if (!err)
		return genlmsg_reply(reply, info);
	nlmsg_free(reply);
	return err;
}

static int lvn_nl_dump_tunnels(struct sk_buff *skb, struct netlink_callback *cb,
			       struct lvn_device *device)
{
	const struct lvn_tunnel *tunnel;
	unsigned long id;
	void *header;

	xa_for_each_start(&device->tunnels, id, tunnel, cb->args[0]) {
		cb->args[0] = id;
		header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				     &lvn_nl_family, NLM_F_MULTI, LVN_CMD_TUNNEL_GET);
		if (!header)
			return -EMSGSIZE;
		genl_dump_check_consistent(cb, header);
		if (!lvn_nl_put_tunnel(skb, tunnel) || !lvn_nl_put_stats(skb, tunnel)) {
			genlmsg_cancel(skb, header);
			return -EMSGSIZE;
		}
		genlmsg_end(skb, header);
		cb->args[0] = id + 1;
	}
	return 0;
}

int lvn_nl_tunnel_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return lvn_nl_dump(skb, cb, LVN_A_TUNNEL_IFINDEX, lvn_nl_dump_tunnels);
}

void lvn_event_send(const struct lvn_tunnel *tunnel, enum lvn_event event,
		    enum lvn_reason reason)
{
	struct net *net = dev_net(tunnel->device->dev);
	struct sk_buff *skb;
	void *header;

	ASSERT_RTNL();
	if (!genl_has_listeners(&lvn_nl_family, net, LVN_NLGRP_EVENTS))
		return;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		goto lost;
	header = genlmsg_put(skb, 0, 0, &lvn_nl_family, 0, LVN_CMD_TUNNEL_EVENT);
	if (!header || nla_put_u32(skb, LVN_A_TUNNEL_EVENT, event) ||
	    (event == LVN_EVENT_REMOVED && nla_put_u32(skb, LVN_A_TUNNEL_REASON, reason)) ||
	    !lvn_nl_put_tunnel(skb, tunnel)) {
		nlmsg_free(skb);
		goto lost;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&lvn_nl_family, net, skb, 0, LVN_NLGRP_EVENTS, GFP_KERNEL);
	return;

lost:
	/* As where a listener's buffer is full: it knows that it has missed something. */
	genl_set_err(&lvn_nl_family, net, 0, LVN_NLGRP_EVENTS, -ENOBUFS);
}
