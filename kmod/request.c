// SPDX-License-Identifier: GPL-2.0
/*
 * What requests of the family "lvn" have in common. What the generated policies let through is
 * checked here and in the three files that use this; what is right in form goes to local.c,
 * tunnel.c and rules.c.
 */
#include "request.h"

#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "compat.h"
#include "device.h"
#include "endpoint.h"
#include "uapi/lvn.h"

struct lvn_device *lvn_nl_device(struct net *net, const struct nlattr *ifindex,
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

struct lvn_device *lvn_nl_device_to_change(struct sk_buff *skb, struct genl_info *info,
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

int lvn_nl_endpoint(const struct nlattr *address, const struct nlattr *port,
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

int lvn_nl_name(const struct nlattr *attr, char *name, struct netlink_ext_ack *extack)
{
	if (!*(const char *)nla_data(attr)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a name cannot be empty");
		return -EINVAL;
	}
	/* The padding is part of the hash key. */
	strscpy_pad(name, nla_data(attr), LVN_NAME_LEN + 1);
	return 0;
}

bool lvn_nl_put_address(struct sk_buff *skb, int type, const struct in6_addr *address)
{
	if (lvn_is4(address))
		return !nla_put_in_addr(skb, type, lvn_get4(address));
	return !nla_put_in6_addr(skb, type, address);
}

int lvn_nl_dump(struct sk_buff *skb, struct netlink_callback *cb, int ifindex,
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
