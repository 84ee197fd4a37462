/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What requests of the family "lvn" have in common: the device they are about, endpoints, names,
 * dumps. Everything is under RTNL; a dump that a change tears is marked as such by the device's
 * generation. Errors come with an extack sentence.
 */
#ifndef LVN_REQUEST_H
#define LVN_REQUEST_H

#include <linux/types.h>

struct genl_info;
struct in6_addr;
struct lvn_device;
struct lvn_endpoint;
struct net;
struct netlink_callback;
struct netlink_ext_ack;
struct nlattr;
struct sk_buff;

/* The device of an index; an ERR_PTR. */
struct lvn_device *lvn_nl_device(struct net *net, const struct nlattr *ifindex,
				 struct netlink_ext_ack *extack);
/* For requests that change something: sockets may be in another namespace than the device. */
struct lvn_device *lvn_nl_device_to_change(struct sk_buff *skb, struct genl_info *info,
					   const struct nlattr *ifindex);

/* Neither attribute may be missing; the address is one of a single host. */
int lvn_nl_endpoint(const struct nlattr *address, const struct nlattr *port,
		    struct lvn_endpoint *endpoint, struct netlink_ext_ack *extack);
/* Pads @name to LVN_NAME_LEN + 1 bytes with zeros; an empty one is an error. */
int lvn_nl_name(const struct nlattr *attr, char *name, struct netlink_ext_ack *extack);

/* Four bytes of an IPv4 address, sixteen of an IPv6 one. Returns whether it fitted. */
bool lvn_nl_put_address(struct sk_buff *skb, int type, const struct in6_addr *address);

/*
 * One part of a dump of a device: @part puts messages from where cb->args[0] says, leaves there
 * where to go on, and returns 0 at the end or -EMSGSIZE when the buffer is full. @ifindex: the
 * attribute that names the device.
 */
int lvn_nl_dump(struct sk_buff *skb, struct netlink_callback *cb, int ifindex,
		int (*part)(struct sk_buff *skb, struct netlink_callback *cb,
			    struct lvn_device *device));

#endif
