// SPDX-License-Identifier: GPL-2.0
/*
 * Devices: link type "lvn", made, changed, described and deleted over rtnetlink.
 */
#include "device.h"

#include <linux/if_arp.h>
#include <linux/module.h>
#include <net/ip_tunnels.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "compat.h"
#include "destinations.h"
#include "encap.h"
#include "local.h"
#include "netlink-gen.h"
#include "socket.h"
#include "tunnel.h"

/* IPv6 and UDP: the most that is put before an inner packet. */
#define LVN_OVERHEAD (sizeof(struct ipv6hdr) + sizeof(struct udphdr))

static unsigned int lvn_net_id __read_mostly;

struct lvn_net *lvn_net(const struct net *net)
{
	return net_generic(net, lvn_net_id);
}

/*
 * Takes away all that is in a device. No packet finds it afterwards, once a grace period has
 * passed; its sockets are to be released then.
 */
static void lvn_device_clear(struct lvn_device *device)
{
	struct lvn_tunnel *tunnel;
	struct lvn_local *local;
	unsigned long id;

	ASSERT_RTNL();
	/* None goes with its last tunnel: each would wait for a grace period of its own. */
	list_for_each_entry(local, &device->locals, list)
		local->by_hand = true;
	xa_for_each(&device->tunnels, id, tunnel)
		lvn_tunnel_destroy(tunnel, LVN_REASON_DEVICE);
	lvn_local_destroy_all(device);
}

static int lvn_device_ndo_init(struct net_device *dev)
{
	struct lvn_device *device = netdev_priv(dev);
	int cpu, err;

	err = lvn_compat_stats_init(dev);
	if (err)
		return err;
	device->drops = alloc_percpu_gfp(struct lvn_drops, GFP_KERNEL_ACCOUNT);
	if (!device->drops) {
		err = -ENOMEM;
		goto err_stats;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(device->drops, cpu)->syncp);
	err = lvn_tunnels_init(device);
	if (err)
		goto err_drops;
	err = lvn_rules_init(&device->rules);
	if (err)
		goto err_tunnels;
	err = gro_cells_init(&device->cells, dev);
	if (err)
		goto err_rules;
	INIT_LIST_HEAD(&device->locals);
	list_add_tail(&device->net_list, &lvn_net(device->link_net)->devices);
	lvn_net(device->link_net)->device_count++;
	return 0;

err_rules:
	lvn_rules_exit(&device->rules);
err_tunnels:
	lvn_tunnels_exit(device);
err_drops:
	free_percpu(device->drops);
err_stats:
	lvn_compat_stats_exit(dev);
	return err;
}

/* The core has waited for a grace period since the device was closed. */
static void lvn_device_ndo_uninit(struct net_device *dev)
{
	struct lvn_device *device = netdev_priv(dev);

	lvn_device_clear(device);
	lvn_sockets_release();
	list_del(&device->net_list);
	lvn_net(device->link_net)->device_count--;
	gro_cells_destroy(&device->cells);
	lvn_rules_exit(&device->rules);
	lvn_tunnels_exit(device);
	free_percpu(device->drops);
	lvn_compat_stats_exit(dev);
	lvn_destinations_free(device);
	kfree(device->userdata);
	device->userdata = NULL;
}

static const struct net_device_ops lvn_device_ops = {
	.ndo_init = lvn_device_ndo_init,
	.ndo_uninit = lvn_device_ndo_uninit,
	.ndo_start_xmit = lvn_encap,
	.ndo_get_stats64 = dev_get_tstats64,
};

bool lvn_device_is(const struct net_device *dev)
{
	return dev->netdev_ops == &lvn_device_ops;
}

static const struct device_type lvn_device_type = {
	.name = "lvn",
};

static void lvn_device_setup(struct net_device *dev)
{
	/*
	 * Packets joined as a list are cut before they come to us: cut behind us, each would get
	 * the outer headers of the first one, whether it has room for them or not.
	 */
	const netdev_features_t features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA |
					   NETIF_F_HW_CSUM | NETIF_F_RXCSUM |
					   (NETIF_F_GSO_SOFTWARE & ~NETIF_F_GSO_FRAGLIST);

	dev->netdev_ops = &lvn_device_ops;
	SET_NETDEV_DEVTYPE(dev, &lvn_device_type);
	dev->needs_free_netdev = true;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->hard_header_len = 0;
	dev->addr_len = 0;
	/*
	 * With the core's rounding, room for Ethernet too. No more: a received packet that is
	 * forwarded has that much, and is not copied.
	 */
	dev->needed_headroom = LVN_OVERHEAD;
	dev->mtu = ETH_DATA_LEN - LVN_OVERHEAD;
	dev->min_mtu = IPV4_MIN_MTU;
	dev->max_mtu = IP_MAX_MTU - LVN_OVERHEAD;
	dev->features |= features;
	dev->hw_features |= features;
	netif_keep_dst(dev);
	lvn_compat_set_lltx(dev);
	lvn_compat_stats_setup(dev);
}

static int lvn_device_validate(struct nlattr *tb[], struct nlattr *data[],
			       struct netlink_ext_ack *extack)
{
	if (tb[IFLA_ADDRESS]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
				    "an lvn device has no link-layer address");
		return -EINVAL;
	}
	return 0;
}

static int lvn_device_set_userdata(struct lvn_device *device, const struct nlattr *attr,
				   struct netlink_ext_ack *extack)
{
	u8 *copy = NULL;

	if (nla_len(attr)) {
		copy = nla_memdup(attr, GFP_KERNEL_ACCOUNT);
		if (!copy) {
			NL_SET_ERR_MSG(extack, "no memory for the user data");
			return -ENOMEM;
		}
	}
	kfree(device->userdata);
	device->userdata = copy;
	device->userdata_len = nla_len(attr);
	return 0;
}

static int lvn_device_make(struct net *link_net, struct net_device *dev, struct nlattr *data[],
			   struct netlink_ext_ack *extack)
{
	struct lvn_device *device = netdev_priv(dev);
	struct lvn_destinations *destinations;
	int err;

	if (lvn_net(link_net)->device_count >= LVN_MAX_DEVICES) {
		NL_SET_ERR_MSG(extack,
			       "the underlay's network namespace has as many devices as it can have");
		return -ENOSPC;
	}
	device->dev = dev;
	device->link_net = link_net;
	device->generation = 1;
	device->mode = LVN_MODE_FIXED;
	if (data && data[IFLA_LVN_MODE])
		device->mode = nla_get_u32(data[IFLA_LVN_MODE]);
	device->capacity = device->mode == LVN_MODE_FIXED ? 1 : LVN_MAX_TUNNELS;
	if (data && data[IFLA_LVN_CAPACITY]) {
		if (device->mode == LVN_MODE_FIXED && nla_get_u32(data[IFLA_LVN_CAPACITY]) != 1) {
			NL_SET_ERR_MSG_ATTR(extack, data[IFLA_LVN_CAPACITY],
					    "a fixed device holds one tunnel");
			return -EINVAL;
		}
		device->capacity = nla_get_u32(data[IFLA_LVN_CAPACITY]);
	}
	if (data && data[IFLA_LVN_DF])
		device->df = nla_get_u32(data[IFLA_LVN_DF]);
	if (data && data[IFLA_LVN_USERDATA]) {
		err = lvn_device_set_userdata(device, data[IFLA_LVN_USERDATA], extack);
		if (err)
			return err;
	}
	if (data && data[IFLA_LVN_DESTINATIONS]) {
		err = lvn_destinations_read(data[IFLA_LVN_DESTINATIONS], &destinations, extack);
		if (err)
			goto err_userdata;
		lvn_destinations_set(device, destinations);
	}
	err = register_netdevice(dev);
	if (!err)
		return 0;
	lvn_destinations_free(device);
err_userdata:
	kfree(device->userdata);
	device->userdata = NULL;
	return err;
}

#ifdef LVN_HAVE_NEWLINK_PARAMS
static int lvn_device_newlink(struct net_device *dev, struct rtnl_newlink_params *params,
			      struct netlink_ext_ack *extack)
{
	return lvn_device_make(rtnl_newlink_link_net(params), dev, params->data, extack);
}
#else
static int lvn_device_newlink(struct net *link_net, struct net_device *dev, struct nlattr *tb[],
			      struct nlattr *data[], struct netlink_ext_ack *extack)
{
	return lvn_device_make(link_net, dev, data, extack);
}
#endif

static int lvn_device_changelink(struct net_device *dev, struct nlattr *tb[], struct nlattr *data[],
				 struct netlink_ext_ack *extack)
{
	struct lvn_device *device = netdev_priv(dev);
	struct lvn_destinations *destinations = NULL;
	u32 capacity = device->capacity;
	int err;

	if (!data)
		return 0;
	if (data[IFLA_LVN_MODE] && nla_get_u32(data[IFLA_LVN_MODE]) != device->mode) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_LVN_MODE],
				    "the mode of a device cannot be changed");
		return -EOPNOTSUPP;
	}
	if (data[IFLA_LVN_CAPACITY]) {
		capacity = nla_get_u32(data[IFLA_LVN_CAPACITY]);
		if (device->mode == LVN_MODE_FIXED && capacity != 1) {
			NL_SET_ERR_MSG_ATTR(extack, data[IFLA_LVN_CAPACITY],
					    "a fixed device holds one tunnel");
			return -EINVAL;
		}
		if (capacity < device->tunnel_count) {
			NL_SET_ERR_MSG_ATTR(extack, data[IFLA_LVN_CAPACITY],
					    "the device holds more tunnels than that");
			return -EBUSY;
		}
	}
	if (data[IFLA_LVN_DESTINATIONS]) {
		err = lvn_destinations_read(data[IFLA_LVN_DESTINATIONS], &destinations, extack);
		if (err)
			return err;
	}
	/* The last that can fail: a request is carried out whole or not at all. */
	if (data[IFLA_LVN_USERDATA]) {
		err = lvn_device_set_userdata(device, data[IFLA_LVN_USERDATA], extack);
		if (err) {
			kfree(destinations);
			return err;
		}
	}
	if (data[IFLA_LVN_DESTINATIONS])
		lvn_destinations_set(device, destinations);
	device->capacity = capacity;
	if (data[IFLA_LVN_DF])
		WRITE_ONCE(device->df, nla_get_u32(data[IFLA_LVN_DF]));
	return 0;
}

static void lvn_device_dellink(struct net_device *dev, struct list_head *head)
{
	lvn_device_clear(netdev_priv(dev));
	unregister_netdevice_queue(dev, head);
}

static size_t lvn_device_get_size(const struct net_device *dev)
{
	struct lvn_device *device = netdev_priv(dev);

	return 5 * nla_total_size(sizeof(u32)) + nla_total_size(device->userdata_len) +
	       lvn_destinations_size() +
	       nla_total_size(LVN_DROP_COUNT * nla_total_size_64bit(sizeof(u64)));
}

static u64 lvn_device_drops(const struct lvn_device *device, enum lvn_drop reason)
{
	u64 sum = 0, count;
	unsigned int start;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct lvn_drops *drops = per_cpu_ptr(device->drops, cpu);

		do {
			start = u64_stats_fetch_begin(&drops->syncp);
			count = u64_stats_read(&drops->count[reason]);
		} while (u64_stats_fetch_retry(&drops->syncp, start));
		sum += count;
	}
	return sum;
}

static int lvn_device_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	struct lvn_device *device = netdev_priv(dev);
	struct nlattr *nest;
	int reason;

	BUILD_BUG_ON(LVN_A_DROPS_MAX - LVN_A_DROPS_NO_RULE + 1 != LVN_DROP_COUNT);
	if (nla_put_u32(skb, IFLA_LVN_MODE, device->mode) ||
	    nla_put_u32(skb, IFLA_LVN_CAPACITY, device->capacity) ||
	    nla_put_u32(skb, IFLA_LVN_DF, device->df) ||
	    (device->userdata_len &&
	     nla_put(skb, IFLA_LVN_USERDATA, device->userdata_len, device->userdata)) ||
	    nla_put_u32(skb, IFLA_LVN_TUNNELS, device->tunnel_count) ||
	    nla_put_u32(skb, IFLA_LVN_RULES, device->rules.count) ||
	    lvn_destinations_put(skb, device))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, IFLA_LVN_DROPS);
	if (!nest)
		return -EMSGSIZE;
	for (reason = 0; reason < LVN_DROP_COUNT; reason++) {
		if (nla_put_u64_64bit(skb, LVN_A_DROPS_NO_RULE + reason,
				      lvn_device_drops(device, reason), LVN_A_DROPS_PAD)) {
			nla_nest_cancel(skb, nest);
			return -EMSGSIZE;
		}
	}
	nla_nest_end(skb, nest);
	return 0;
}

static struct net *lvn_device_get_link_net(const struct net_device *dev)
{
	return ((struct lvn_device *)netdev_priv(dev))->link_net;
}

static struct rtnl_link_ops lvn_link_ops __read_mostly = {
	.kind = "lvn",
	.priv_size = sizeof(struct lvn_device),
	.maxtype = IFLA_LVN_MAX,
	.policy = lvn_link_new_nl_policy,
	.setup = lvn_device_setup,
	.validate = lvn_device_validate,
	.newlink = lvn_device_newlink,
	.changelink = lvn_device_changelink,
	.dellink = lvn_device_dellink,
	.get_size = lvn_device_get_size,
	.fill_info = lvn_device_fill_info,
	.get_link_net = lvn_device_get_link_net,
};

static int __net_init lvn_net_init(struct net *net)
{
	INIT_LIST_HEAD(&lvn_net(net)->devices);
	INIT_LIST_HEAD(&lvn_net(net)->sockets);
	return 0;
}

/*
 * Devices in other namespaces that send and receive in one that ends: their sockets hold no
 * reference to it.
 */
static void __net_exit lvn_net_exit_batch(struct list_head *nets)
{
	struct lvn_device *device;
	struct net *net;
	LIST_HEAD(queue);

	rtnl_lock();
	list_for_each_entry(net, nets, exit_list) {
		list_for_each_entry(device, &lvn_net(net)->devices, net_list)
			lvn_device_dellink(device->dev, &queue);
	}
	unregister_netdevice_many(&queue);
	rtnl_unlock();
}

static struct pernet_operations lvn_net_ops = {
	.init = lvn_net_init,
	.exit_batch = lvn_net_exit_batch,
	.id = &lvn_net_id,
	.size = sizeof(struct lvn_net),
};

int lvn_device_register(void)
{
	int err;

	err = register_pernet_device(&lvn_net_ops);
	if (err)
		return err;
	err = rtnl_link_register(&lvn_link_ops);
	if (err)
		unregister_pernet_device(&lvn_net_ops);
	return err;
}

void lvn_device_unregister(void)
{
	rtnl_link_unregister(&lvn_link_ops);
	unregister_pernet_device(&lvn_net_ops);
}
