// SPDX-License-Identifier: GPL-2.0
/*
 * Requests, dumps and events of the family "lvn". What the generated policies let through is
 * checked here; what is right in form goes to local.c, tunnel.c and rules.c. Everything is under
 * RTNL: a dump that a change tears is marked as such by the device's generation.
 */
#include "netlink.h"

#include <linux/rtnetlink.h>

#include "compat.h"
#include "device.h"
#include "local.h"
#include "netlink-gen.h"
#include "rules.h"
#include "socket.h"
#include "tunnel.h"

/* ---- what requests say */

static struct lvn_device *lvn_nl_device(struct net *net, const struct nlattr *ifindex,
					struct netlink_ext_ack *extack)
{
	struct net_device *dev;

	ASSERT_RTNL();
	if (!ifindex) {
		NL_SET_ERR_MSG(extack, "the index of the device is missing");
		return ERR_PTR(-EINVAL);
	}
	dev = __dev_get_by_index(net, nla_get_u32(ifindex));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(extack, ifindex, "there is no such device");
		return ERR_PTR(-ENODEV);
	}
	if (!lvn_device_is(dev)) {
		NL_SET_ERR_MSG_ATTR(extack, ifindex, "the device is not of type lvn");
		return ERR_PTR(-EOPNOTSUPP);
	}
	return netdev_priv(dev);
}

/* For requests that change something: sockets may be in another namespace than the device. */
static struct lvn_device *lvn_nl_device_to_change(struct sk_buff *skb, struct genl_info *info,
						  const struct nlattr *ifindex)
{
	struct lvn_device *device = lvn_nl_device(genl_info_net(info), ifindex, info->extack);

	if (IS_ERR(device) || net_eq(device->link_net, genl_info_net(info)) ||
	    netlink_ns_capable(skb, device->link_net->user_ns, CAP_NET_ADMIN))
		return device;
	NL_SET_ERR_MSG(info->extack,
		       "no permission in the network namespace of the device's underlay");
	return ERR_PTR(-EPERM);
}

static int lvn_nl_address(const struct nlattr *attr, struct in6_addr *address,
			  struct netlink_ext_ack *extack)
{
	if (nla_len(attr) == sizeof(struct in_addr)) {
		__be32 value = nla_get_in_addr(attr);

		if (ipv4_is_zeronet(value) || ipv4_is_multicast(value) || ipv4_is_lbcast(value)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "the address is not one of a single host");
			return -EINVAL;
		}
		lvn_set4(address, value);
		return 0;
	}
	if (nla_len(attr) != sizeof(*address)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "an address has 4 or 16 bytes");
		return -EINVAL;
	}
	if (!IS_ENABLED(CONFIG_IPV6)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "this kernel has no IPv6");
		return -EAFNOSUPPORT;
	}
	*address = nla_get_in6_addr(attr);
	if (ipv6_addr_v4mapped(address)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "an IPv4 address has 4 bytes");
		return -EINVAL;
	}
	if (ipv6_addr_any(address) || ipv6_addr_is_multicast(address)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "the address is not one of a single host");
		return -EINVAL;
	}
	return 0;
}

static int lvn_nl_endpoint(const struct nlattr *address, const struct nlattr *port,
			   struct lvn_endpoint *endpoint, struct netlink_ext_ack *extack)
{
	if (!address || !port) {
		NL_SET_ERR_MSG_ATTR(extack, address ?: port,
				    "an endpoint has both an address and a port");
		return -EINVAL;
	}
	endpoint->zero = 0;
	endpoint->port = nla_get_be16(port);
	return lvn_nl_address(address, &endpoint->address, extack);
}

static int lvn_nl_name(const struct nlattr *attr, char *name, struct netlink_ext_ack *extack)
{
	if (!*(const char *)nla_data(attr)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a name cannot be empty");
		return -EINVAL;
	}
	/* The padding is part of the hash key. */
	strscpy_pad(name, nla_data(attr), LVN_NAME_LEN + 1);
	return 0;
}

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

/* ---- local endpoints */

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

static bool lvn_nl_put_address(struct sk_buff *skb, int type, const struct in6_addr *address)
{
	if (lvn_is4(address))
		return !nla_put_in_addr(skb, type, lvn_get4(address));
	return !nla_put_in6_addr(skb, type, address);
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

/* ---- dumps */

/*
 * One part of a dump of a device: @part puts messages from where cb->args[0] says, leaves there
 * where to go on, and returns 0 at the end or -EMSGSIZE when the buffer is full.
 */
static int lvn_nl_dump(struct sk_buff *skb, struct netlink_callback *cb, int ifindex,
		       int (*part)(struct sk_buff *skb, struct netlink_callback *cb,
				   struct lvn_device *device))
{
	struct lvn_device *device;
	int err;

	rtnl_lock();
	device = lvn_nl_device(sock_net(cb->skb->sk), lvn_compat_dump_attrs(cb)[ifindex],
			       cb->extack);
	if (IS_ERR(device)) {
		err = PTR_ERR(device);
	} else {
		cb->seq = device->generation;
		err = part(skb, cb, device);
	}
	rtnl_unlock();
	/* A full buffer is only an error when not one message fits. */
	return err == -EMSGSIZE && skb->len ? skb->len : err;
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

/* ---- tunnels */

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

int lvn_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lvn_tunnel_wish wish = {};
	struct lvn_device *device;
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
	device = lvn_nl_device_to_change(skb, info, info->attrs[LVN_A_TUNNEL_IFINDEX]);
	if (IS_ERR(device)) {
		err = PTR_ERR(device);
		goto unlock;
	}
	tunnel = lvn_nl_tunnel(device, info->attrs, info->extack);
	if (IS_ERR(tunnel))
		err = PTR_ERR(tunnel);
	else
		err = lvn_tunnel_change(tunnel, &wish, info->extack);
unlock:
	rtnl_unlock();
	memzero_explicit(&wish, sizeof(wish));
	return err;
}

int lvn_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lvn_device *device;
	struct lvn_tunnel *tunnel;
	int err = 0;

	rtnl_lock();
	device = lvn_nl_device_to_change(skb, info, info->attrs[LVN_A_TUNNEL_IFINDEX]);
	if (IS_ERR(device)) {
		err = PTR_ERR(device);
		goto unlock;
	}
	tunnel = lvn_nl_tunnel(device, info->attrs, info->extack);
	if (IS_ERR(tunnel))
		err = PTR_ERR(tunnel);
	else
		lvn_tunnel_destroy(tunnel, LVN_REASON_DELETED);
unlock:
	rtnl_unlock();
	return err;
}

static bool lvn_nl_put_since(struct sk_buff *skb, int type, u64 when)
{
	u64 now = ktime_get_coarse_boottime_ns();

	if (!when)
		return true;
	return !nla_put_u64_64bit(skb, type, now > when ? div_u64(now - when, NSEC_PER_MSEC) : 0,
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

void lvn_netlink_event(const struct lvn_tunnel *tunnel, enum lvn_event event,
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
		return;
	header = genlmsg_put(skb, 0, 0, &lvn_nl_family, 0, LVN_CMD_TUNNEL_EVENT);
	if (!header || nla_put_u32(skb, LVN_A_TUNNEL_EVENT, event) ||
	    (event == LVN_EVENT_REMOVED && nla_put_u32(skb, LVN_A_TUNNEL_REASON, reason)) ||
	    !lvn_nl_put_tunnel(skb, tunnel)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&lvn_nl_family, net, skb, 0, LVN_NLGRP_EVENTS, GFP_KERNEL);
}

/* ---- rules */

static int lvn_nl_rule_key(struct nlattr **attrs, struct lvn_rule_key *key,
			   struct netlink_ext_ack *extack)
{
	const struct nlattr *prefix = attrs[LVN_A_RULE_PREFIX];
	const struct nlattr *length = attrs[LVN_A_RULE_PREFIX_LEN];

	if (!prefix || !length) {
		NL_SET_ERR_MSG(extack, "the prefix of the rule, or its length, is missing");
		return -EINVAL;
	}
	if (nla_len(prefix) != 4 && nla_len(prefix) != 16) {
		NL_SET_ERR_MSG_ATTR(extack, prefix, "a prefix has 4 or 16 bytes");
		return -EINVAL;
	}
	memset(key, 0, sizeof(*key));
	memcpy(key->address, nla_data(prefix), nla_len(prefix));
	key->family = nla_len(prefix) == 4 ? AF_INET : AF_INET6;
	key->length = nla_get_u8(length);
	if (key->length > nla_len(prefix) * 8) {
		NL_SET_ERR_MSG_ATTR(extack, length, "the prefix is longer than an address");
		return -EINVAL;
	}
	if (!lvn_rule_key_ok(key)) {
		NL_SET_ERR_MSG_ATTR(extack, prefix, "the prefix has bits set behind its length");
		return -EINVAL;
	}
	return 0;
}

/* Adds a rule, or points one that is there at another tunnel. */
static int lvn_nl_rule_put(struct lvn_device *device, const struct lvn_rule_key *key,
			   struct genl_info *info, bool add)
{
	struct lvn_rule *rule = lvn_rule_get(&device->rules, key);
	struct lvn_tunnel *tunnel;

	if (device->mode == LVN_MODE_FIXED) {
		NL_SET_ERR_MSG(info->extack, "a fixed device has no rules");
		return -EOPNOTSUPP;
	}
	if (!info->attrs[LVN_A_RULE_TUNNEL]) {
		NL_SET_ERR_MSG(info->extack, "the tunnel of the rule is missing");
		return -EINVAL;
	}
	tunnel = lvn_tunnel_by_id(device, nla_get_u32(info->attrs[LVN_A_RULE_TUNNEL]));
	if (!tunnel) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[LVN_A_RULE_TUNNEL],
				    "there is no such tunnel on the device");
		return -ENOENT;
	}
	if (add && rule) {
		NL_SET_ERR_MSG(info->extack, "the device has a rule for this prefix already");
		return -EEXIST;
	}
	if (add)
		return lvn_rule_create(device, key, tunnel, info->extack);
	if (!rule) {
		NL_SET_ERR_MSG(info->extack, "the device has no rule for this prefix");
		return -ENOENT;
	}
	lvn_rule_point(device, rule, tunnel);
	return 0;
}

static int lvn_nl_rule_put_locked(struct sk_buff *skb, struct genl_info *info, bool add)
{
	struct lvn_device *device;
	struct lvn_rule_key key;
	int err;

	err = lvn_nl_rule_key(info->attrs, &key, info->extack);
	if (err)
		return err;
	rtnl_lock();
	device = lvn_nl_device_to_change(skb, info, info->attrs[LVN_A_RULE_IFINDEX]);
	err = PTR_ERR_OR_ZERO(device);
	if (!err)
		err = lvn_nl_rule_put(device, &key, info, add);
	rtnl_unlock();
	return err;
}

int lvn_nl_rule_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return lvn_nl_rule_put_locked(skb, info, true);
}

int lvn_nl_rule_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return lvn_nl_rule_put_locked(skb, info, false);
}

int lvn_nl_rule_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lvn_device *device;
	struct lvn_rule_key key;
	struct lvn_rule *rule;
	int err;

	err = lvn_nl_rule_key(info->attrs, &key, info->extack);
	if (err)
		return err;
	rtnl_lock();
	device = lvn_nl_device_to_change(skb, info, info->attrs[LVN_A_RULE_IFINDEX]);
	if (IS_ERR(device)) {
		err = PTR_ERR(device);
		goto unlock;
	}
	rule = lvn_rule_get(&device->rules, &key);
	if (rule) {
		lvn_rule_destroy(device, rule);
	} else {
		NL_SET_ERR_MSG(info->extack, "the device has no rule for this prefix");
		err = -ENOENT;
	}
unlock:
	rtnl_unlock();
	return err;
}

static int lvn_nl_dump_rules(struct sk_buff *skb, struct netlink_callback *cb,
			     struct lvn_device *device)
{
	const struct lvn_rule *rule;
	unsigned long number;
	void *header;

	xa_for_each_start(&device->rules.numbers, number, rule, cb->args[0]) {
		cb->args[0] = number;
		header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				     &lvn_nl_family, NLM_F_MULTI, LVN_CMD_RULE_GET);
		if (!header)
			return -EMSGSIZE;
		genl_dump_check_consistent(cb, header);
		if (nla_put_u32(skb, LVN_A_RULE_IFINDEX, device->dev->ifindex) ||
		    nla_put(skb, LVN_A_RULE_PREFIX, rule->key.family == AF_INET ? 4 : 16,
			    rule->key.address) ||
		    nla_put_u8(skb, LVN_A_RULE_PREFIX_LEN, rule->key.length) ||
		    nla_put_u32(skb, LVN_A_RULE_TUNNEL, rtnl_dereference(rule->tunnel)->id)) {
			genlmsg_cancel(skb, header);
			return -EMSGSIZE;
		}
		genlmsg_end(skb, header);
		cb->args[0] = number + 1;
	}
	return 0;
}

int lvn_nl_rule_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return lvn_nl_dump(skb, cb, LVN_A_RULE_IFINDEX, lvn_nl_dump_rules);
}

int lvn_netlink_register(void)
{
	return genl_register_family(&lvn_nl_family);
}

void lvn_netlink_unregister(void)
{
	genl_unregister_family(&lvn_nl_family);
}
