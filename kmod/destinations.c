// SPDX-License-Identifier: GPL-2.0
/*
 * A device's destinations: an array that is never written to once packets can see it, but replaced
 * as a whole.
 */
#include "destinations.h"

#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/netlink.h>

#include "device.h"
#include "rules.h"
#include "tunnel.h"

/**
 * struct lvn_destination - one prefix, as in the attribute
 * @address: host bits zero; IPv4 in the first word, the rest zero
 * @family: 4 or 6
 * @length: bits
 * @zero: zero
 */
struct lvn_destination {
	__be32 address[4];
	u8 family;
	u8 length;
	u8 zero[2];
};

/* One of IPv4, with its mask: every inner packet asks. */
struct lvn_destination4 {
	__be32 address;
	__be32 mask;
};

/**
 * struct lvn_destinations - all of a device
 * @rcu: freed after a grace period
 * @count: how many; never 0
 * @count4: how many of IPv4
 * @list4: those, as packets are compared with them; behind @list
 * @list: see there
 */
struct lvn_destinations {
	struct rcu_head rcu;
	unsigned int count;
	unsigned int count4;
	struct lvn_destination4 *list4;
	struct lvn_destination list[];
};

/* Is it one of the two families, of a length that is possible, and zero where it should be? */
static bool lvn_destination_ok(const struct lvn_destination *prefix)
{
	unsigned int bits = prefix->family == 4 ? 32 : 128;

	if (prefix->family != 4 && prefix->family != 6)
		return false;
	if (prefix->length > bits || prefix->zero[0] || prefix->zero[1])
		return false;
	return lvn_prefix_ok(prefix->address, prefix->length);
}

int lvn_destinations_read(const struct nlattr *attr, struct lvn_destinations **list,
			  struct netlink_ext_ack *extack)
{
	struct lvn_destinations *made;
	unsigned int i, count;

	BUILD_BUG_ON(sizeof(struct lvn_destination) != LVN_DESTINATION_LEN);
	BUILD_BUG_ON(LVN_MAX_DESTINATIONS * LVN_DESTINATION_LEN != LVN_DESTINATIONS_LEN);
	*list = NULL;
	if (nla_len(attr) % sizeof(struct lvn_destination)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a destination has 20 bytes");
		return -EINVAL;
	}
	count = nla_len(attr) / sizeof(struct lvn_destination);
	if (!count)
		return 0;
	made = kmalloc(struct_size(made, list, count) + count * sizeof(*made->list4),
		       GFP_KERNEL_ACCOUNT);
	if (!made) {
		NL_SET_ERR_MSG(extack, "no memory for the destinations");
		return -ENOMEM;
	}
	made->count = count;
	made->count4 = 0;
	made->list4 = (struct lvn_destination4 *)&made->list[count];
	memcpy(made->list, nla_data(attr), nla_len(attr));
	for (i = 0; i < count; i++) {
		const struct lvn_destination *prefix = &made->list[i];

		if (lvn_destination_ok(prefix)) {
			if (prefix->family == 4)
				made->list4[made->count4++] = (struct lvn_destination4){
					prefix->address[0], inet_make_mask(prefix->length)
				};
			continue;
		}
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a destination is no prefix, or has host bits that are not zero");
		kfree(made);
		return -EINVAL;
	}
	*list = made;
	return 0;
}

void lvn_destinations_set(struct lvn_device *device, struct lvn_destinations *list)
{
	struct lvn_destinations *old;

	old = rcu_replace_pointer(device->destinations, list, lockdep_rtnl_is_held());
	if (old)
		kfree_rcu(old, rcu);
}

void lvn_destinations_free(struct lvn_device *device)
{
	kfree(rcu_replace_pointer(device->destinations, NULL, lockdep_rtnl_is_held()));
}

/* The most: the size is asked for without RTNL, too. */
size_t lvn_destinations_size(void)
{
	return nla_total_size(LVN_DESTINATIONS_LEN);
}

int lvn_destinations_put(struct sk_buff *skb, const struct lvn_device *device)
{
	const struct lvn_destinations *list = rtnl_dereference(device->destinations);

	if (!list)
		return 0;
	return nla_put(skb, IFLA_LVN_DESTINATIONS, list->count * sizeof(list->list[0]), list->list);
}

/* Besides the list, a packet may go into another tunnel than the one that it came by. */
static bool lvn_destinations_leads(const struct lvn_tunnel *to, const struct lvn_tunnel *from)
{
	return to && to != from;
}

bool lvn_destinations_have4(const struct lvn_device *device, const struct lvn_tunnel *tunnel,
			    __be32 address)
{
	const struct lvn_destinations *list = rcu_dereference(device->destinations);
	const struct lvn_destination4 *prefix, *end;

	if (!list)
		return true;
	end = list->list4 + list->count4;
	for (prefix = list->list4; prefix < end; prefix++)
		if (!((address ^ prefix->address) & prefix->mask))
			return true;
	return device->mode == LVN_MODE_MULTI &&
	       lvn_destinations_leads(lvn_rules_find4(&device->rules, address), tunnel);
}

bool lvn_destinations_have6(const struct lvn_device *device, const struct lvn_tunnel *tunnel,
			    const struct in6_addr *address)
{
	const struct lvn_destinations *list = rcu_dereference(device->destinations);
	unsigned int i;

	if (!list)
		return true;
	for (i = 0; i < list->count; i++) {
		const struct lvn_destination *prefix = &list->list[i];

		if (prefix->family == 6 &&
		    ipv6_prefix_equal((const struct in6_addr *)prefix->address, address,
				      prefix->length))
			return true;
	}
	return device->mode == LVN_MODE_MULTI &&
	       lvn_destinations_leads(lvn_rules_find6(&device->rules, address), tunnel);
}
