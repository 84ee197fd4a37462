/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where packets out of a device's tunnels may go: prefixes that the device hands to the stack,
 * besides what its rules lead into another tunnel. What the stack does with them is not known here.
 */
#ifndef LVN_DESTINATIONS_H
#define LVN_DESTINATIONS_H

#include <linux/in6.h>
#include <linux/types.h>

struct lvn_destinations;
struct lvn_device;
struct lvn_tunnel;
struct netlink_ext_ack;
struct nlattr;
struct sk_buff;

/* Reads IFLA_LVN_DESTINATIONS; *@list is NULL where it is empty: any. */
int lvn_destinations_read(const struct nlattr *attr, struct lvn_destinations **list,
			  struct netlink_ext_ack *extack);

/* Puts @list, or NULL, in the place of the device's. Under RTNL, or before it is registered. */
void lvn_destinations_set(struct lvn_device *device, struct lvn_destinations *list);

/* Of a device that no packet comes to any more. */
void lvn_destinations_free(struct lvn_device *device);

/* The most bytes of the attribute, and the attribute itself; -EMSGSIZE: no room. Under RTNL. */
size_t lvn_destinations_size(void);
int lvn_destinations_put(struct sk_buff *skb, const struct lvn_device *device);

/* May a packet out of @tunnel go to the address? Under rcu_read_lock(). */
bool lvn_destinations_have4(const struct lvn_device *device, const struct lvn_tunnel *tunnel,
			    __be32 address);
bool lvn_destinations_have6(const struct lvn_device *device, const struct lvn_tunnel *tunnel,
			    const struct in6_addr *address);

#endif
