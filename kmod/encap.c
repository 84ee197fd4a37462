// SPDX-License-Identifier: GPL-2.0
/*
 * From an inner packet to an outer one: rule, path, what the path takes. Runs with bottom halves
 * off, under RCU, and takes no lock.
 */
#include "encap.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <net/dsfield.h>
#include <net/icmp.h>
#include <net/ip_tunnels.h>

#include "compat.h"
#include "device.h"
#include "outer.h"
#include "rules.h"
#include "tunnel.h"

/*
 * Tunnels in tunnels in tunnels: deeper is taken for a loop. The core counts each of them, too, and
 * whatever else has no queue, and gives up a little later.
 */
#define LVN_MAX_DEPTH 4
#define LVN_MAX_RECURSION (2 * LVN_MAX_DEPTH)

/* What a device asks senders for at most, however deep the interface below it is stacked. */
#define LVN_MAX_HEADROOM 512

#define LVN_OVERHEAD4 (sizeof(struct iphdr) + sizeof(struct udphdr))
#define LVN_OVERHEAD6 (sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/**
 * struct lvn_inner - what the outer header takes from the inner one
 * @tunnel: where it goes
 * @tos: DSCP and ECN: RFC 2983 uniform model, RFC 6040 section 4.1 normal mode
 * @df: may not be fragmented
 */
struct lvn_inner {
	struct lvn_tunnel *tunnel;
	u8 tos;
	bool df;
};

static void lvn_encap_drop(struct sk_buff *skb, struct lvn_device *device,
			   struct lvn_tunnel *tunnel, enum lvn_drop reason)
{
	lvn_drops_count(device->drops, reason);
	if (tunnel)
		lvn_stats_dropped(tunnel->stats);
	dev_core_stats_tx_dropped_inc(device->dev);
	kfree_skb(skb);
}

/* Tells the sender that nobody is there. Without IPv6 (ipv6.disable=1) there is none to tell. */
static void lvn_encap_unreachable(struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else if (ipv6_mod_enabled())
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
}

/* Reads the inner header and chooses the tunnel; LVN_DROP_COUNT: all well. */
static enum lvn_drop lvn_encap_read(struct sk_buff *skb, struct lvn_device *device,
				    struct lvn_inner *inner)
{
	bool multi = device->mode == LVN_MODE_MULTI;

	if (skb->protocol == htons(ETH_P_IP)) {
		const struct iphdr *ip;

		if (!pskb_network_may_pull(skb, sizeof(*ip)))
			return LVN_DROP_MALFORMED;
		ip = ip_hdr(skb);
		if (ip->version != 4)
			return LVN_DROP_MALFORMED;
		inner->tos = ip->tos;
		inner->df = ip->frag_off & htons(IP_DF);
		if (multi)
			inner->tunnel = lvn_rules_find4(&device->rules, ip->daddr);
	} else if (skb->protocol == htons(ETH_P_IPV6)) {
		const struct ipv6hdr *ip;

		if (!pskb_network_may_pull(skb, sizeof(*ip)))
			return LVN_DROP_MALFORMED;
		ip = ipv6_hdr(skb);
		if (ip->version != 6)
			return LVN_DROP_MALFORMED;
		inner->tos = ipv6_get_dsfield(ip);
		inner->df = true;
		if (multi)
			inner->tunnel = lvn_rules_find6(&device->rules, &ip->daddr);
	} else {
		return LVN_DROP_UNSUPPORTED;
	}
	if (!multi)
		inner->tunnel = rcu_dereference(device->fixed);
	return inner->tunnel ? LVN_DROP_COUNT : LVN_DROP_NO_RULE;
}

static bool lvn_encap_fits(struct sk_buff *skb, unsigned int mtu)
{
	if (skb_is_gso(skb))
		return skb_gso_validate_network_len(skb, mtu);
	return skb->len <= mtu;
}

/*
 * Compares the packet with what the path takes (RFC 1191, RFC 8201). Returns whether it may be
 * sent; *@df: with the outer Don't Fragment bit. Of a packet that may not, the sender is told.
 */
static bool lvn_encap_check_mtu(struct sk_buff *skb, const struct lvn_device *device,
				const struct dst_entry *dst,
				unsigned int overhead, bool inner_df, bool *df)
{
	enum lvn_df policy = READ_ONCE(device->df);
	unsigned int mtu = dst_mtu(dst);
	bool is4 = skb->protocol == htons(ETH_P_IP);

	*df = policy == LVN_DF_SET || (policy == LVN_DF_INHERIT && inner_df);
	mtu = mtu > overhead ? mtu - overhead : 0;
	/* IPv6 cannot be told of less (RFC 8200 section 5): such a path has outer fragments. */
	if (!is4 && mtu < IPV6_MIN_MTU) {
		mtu = IPV6_MIN_MTU;
		*df = false;
	}
	if (is4 && mtu < IPV4_MIN_MTU)
		mtu = IPV4_MIN_MTU;
	if (lvn_encap_fits(skb, mtu))
		return true;
	if (!*df && (!inner_df || policy == LVN_DF_UNSET))
		return true;
	skb_dst_update_pmtu_no_confirm(skb, mtu);
	if (is4 && inner_df)
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
	else if (!is4 && ipv6_mod_enabled())
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
	return false;
}

/* Room for the outer headers, and the packet marked for segmentation. */
static int lvn_encap_prepare(struct sk_buff *skb, const struct dst_entry *dst,
			     unsigned int overhead)
{
	unsigned int room = LL_RESERVED_SPACE(dst->dev) + dst->header_len + overhead;
	int err;

	err = skb_cow_head(skb, room);
	if (err)
		return err;
	/* The next packet is to come with as much. */
	if (room > LL_RESERVED_SPACE(skb->dev))
		WRITE_ONCE(skb->dev->needed_headroom, min_t(unsigned int, room, LVN_MAX_HEADROOM));
	err = udp_tunnel_handle_offloads(skb, false);
	if (err)
		return err;
	skb_set_inner_protocol(skb, skb->protocol);
	return 0;
}

/* Sends by IPv4; LVN_DROP_COUNT: sent. */
static enum lvn_drop lvn_encap_send4(struct sk_buff *skb, struct lvn_device *device,
				     struct lvn_path *path, const struct lvn_inner *inner)
{
	struct rtable *rt = lvn_outer_route4(path);
	enum lvn_drop reason;
	bool df;

	if (IS_ERR(rt)) {
		lvn_encap_unreachable(skb);
		return LVN_DROP_NO_REMOTE;
	}
	reason = LVN_DROP_UNSUPPORTED;
	if (rt->dst.dev == device->dev)
		goto drop;
	reason = LVN_DROP_FRAGMENT;
	if (!lvn_encap_check_mtu(skb, device, &rt->dst, LVN_OVERHEAD4, inner->df, &df))
		goto drop;
	reason = LVN_DROP_NO_ROOM;
	if (lvn_encap_prepare(skb, &rt->dst, LVN_OVERHEAD4))
		goto drop;
	skb_scrub_packet(skb, !net_eq(device->link_net, dev_net(device->dev)));
	lvn_outer_send4(skb, rt, path, &path->remote, inner->tos, df);
	return LVN_DROP_COUNT;

drop:
	ip_rt_put(rt);
	return reason;
}

#if IS_ENABLED(CONFIG_IPV6)
static enum lvn_drop lvn_encap_send6(struct sk_buff *skb, struct lvn_device *device,
				     struct lvn_path *path, const struct lvn_inner *inner)
{
	struct dst_entry *dst = lvn_outer_route6(path);
	enum lvn_drop reason;
	bool df;

	if (IS_ERR(dst)) {
		lvn_encap_unreachable(skb);
		return LVN_DROP_NO_REMOTE;
	}
	reason = LVN_DROP_UNSUPPORTED;
	if (dst->dev == device->dev)
		goto drop;
	reason = LVN_DROP_FRAGMENT;
	if (!lvn_encap_check_mtu(skb, device, dst, LVN_OVERHEAD6, inner->df, &df))
		goto drop;
	reason = LVN_DROP_NO_ROOM;
	if (lvn_encap_prepare(skb, dst, LVN_OVERHEAD6))
		goto drop;
	skb_scrub_packet(skb, !net_eq(device->link_net, dev_net(device->dev)));
	skb->ignore_df = !df;
	lvn_outer_send6(skb, dst, path, &path->remote, inner->tos);
	return LVN_DROP_COUNT;

drop:
	dst_release(dst);
	return reason;
}
#else
static enum lvn_drop lvn_encap_send6(struct sk_buff *skb, struct lvn_device *device,
				     struct lvn_path *path, const struct lvn_inner *inner)
{
	return LVN_DROP_UNSUPPORTED;
}
#endif

netdev_tx_t lvn_encap(struct sk_buff *skb, struct net_device *dev)
{
	struct lvn_device *device = netdev_priv(dev);
	struct lvn_inner inner = {};
	unsigned int packets, bytes;
	struct lvn_path *path;
	enum lvn_drop reason;

	rcu_read_lock();
	reason = lvn_encap_read(skb, device, &inner);
	if (reason != LVN_DROP_COUNT) {
		if (reason == LVN_DROP_NO_RULE)
			lvn_encap_unreachable(skb);
		goto drop;
	}
	path = rcu_dereference(inner.tunnel->path);
	reason = LVN_DROP_NO_REMOTE;
	if (!path->remote.port) {
		lvn_encap_unreachable(skb);
		goto drop;
	}
	reason = LVN_DROP_UNSUPPORTED;
	if (dev_recursion_level() >= LVN_MAX_RECURSION) {
		net_warn_ratelimited("%s: packets go round in a circle of tunnels\n", dev->name);
		goto drop;
	}
	lvn_compat_xmit_enter();
	packets = lvn_segments(skb);
	bytes = skb->len;
	if (lvn_is4(&path->remote.address))
		reason = lvn_encap_send4(skb, device, path, &inner);
	else
		reason = lvn_encap_send6(skb, device, path, &inner);
	lvn_compat_xmit_leave();
	if (reason != LVN_DROP_COUNT)
		goto drop;
	dev_sw_netstats_tx_add(dev, 1, bytes);
	lvn_stats_tx(inner.tunnel->stats, packets, bytes);
	rcu_read_unlock();
	return NETDEV_TX_OK;

drop:
	lvn_encap_drop(skb, device, inner.tunnel, reason);
	rcu_read_unlock();
	return NETDEV_TX_OK;
}
