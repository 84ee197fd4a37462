// SPDX-License-Identifier: GPL-2.0
/*
 * The headers are written here and not by udp_tunnel_xmit_skb(), whose choice of an IPv4
 * identification alone costs more than all the rest of them.
 */
#include "outer.h"

#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_route.h>

#include "compat.h"
#include "socket.h"
#include "tunnel.h"

#define LVN_TTL 64
/* DSCP CS6, network control: what keeps the tunnel up is not the first to be dropped. */
#define LVN_CONTROL_TOS 0xc0

/* As a socket's own packets go that was handed over with a device or a mark of its own. */
static struct rtable *lvn_outer_find4(const struct lvn_path *path, const struct lvn_endpoint *to)
{
	struct sock *sk = path->socket->sk;
	struct flowi4 flow = {
		.flowi4_oif = path->underlay ?: READ_ONCE(sk->sk_bound_dev_if),
		.flowi4_mark = READ_ONCE(sk->sk_mark),
		.flowi4_proto = IPPROTO_UDP,
		.daddr = lvn_get4(&to->address),
		.saddr = lvn_get4(&path->source.address),
		.fl4_dport = to->port,
		.fl4_sport = path->source.port,
	};

	return ip_route_output_flow(path->socket->net, &flow, sk);
}

struct rtable *lvn_outer_route4(struct lvn_path *path)
{
	struct rtable *rt;
	__be32 source;

	rt = dst_cache_get_ip4(&path->dst_cache, &source);
	if (rt)
		return rt;
	rt = lvn_outer_find4(path, &path->remote);
	if (!IS_ERR(rt))
		dst_cache_set_ip4(&path->dst_cache, &rt->dst, lvn_get4(&path->source.address));
	return rt;
}

/*
 * UDP's header. The mark of a socket handed over is its packets' own, for filters and policies as
 * for the route; without one they keep that of the inner packet.
 */
static void lvn_outer_udp(struct sk_buff *skb, const struct lvn_path *path,
			  const struct lvn_endpoint *to)
{
	struct udphdr *udp = skb_push(skb, sizeof(*udp));
	u32 mark = READ_ONCE(path->socket->sk->sk_mark);

	if (mark)
		skb->mark = mark;
	skb_reset_transport_header(skb);
	udp->source = path->source.port;
	udp->dest = to->port;
	udp->len = htons(skb->len);
	udp->check = 0;
}

/*
 * Counters of IPv4 identifications. What may be fragmented is put together again by its addresses
 * and its identification alone: all tunnels between two addresses, as of spokes behind one NAT,
 * count together. Pairs of addresses that share a counter do no harm.
 */
#define LVN_IDENTS 1024

static atomic_t lvn_idents[LVN_IDENTS];
static siphash_key_t lvn_idents_key __read_mostly;

void lvn_outer_init(void)
{
	get_random_bytes(lvn_idents, sizeof(lvn_idents));
	get_random_bytes(&lvn_idents_key, sizeof(lvn_idents_key));
}

atomic_t *lvn_outer_idents(__be32 source, __be32 remote)
{
	u64 hash = siphash_2u32((__force u32)source, (__force u32)remote, &lvn_idents_key);

	return &lvn_idents[hash % LVN_IDENTS];
}

/* Of the first of so many packets: no two alike within 65,536 of all that share the counter. */
static __be16 lvn_outer_ident(struct lvn_path *path, unsigned int packets)
{
	return htons(atomic_add_return(packets, path->ident) - packets + 1);
}

void lvn_outer_send4(struct sk_buff *skb, struct rtable *rt, struct lvn_path *path,
		     const struct lvn_endpoint *to, u8 tos, bool df)
{
	struct iphdr *ip;

	lvn_outer_udp(skb, path, to);
	skb_clear_hash_if_not_l4(skb);
	skb_dst_set(skb, &rt->dst);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	ip = skb_push(skb, sizeof(*ip));
	skb_reset_network_header(skb);
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tos = tos;
	/* What may not be fragmented needs no identification (RFC 6864 section 4.1). */
	if (df && !ip_mtu_locked(&rt->dst)) {
		ip->frag_off = htons(IP_DF);
		ip->id = 0;
	} else {
		ip->frag_off = 0;
		ip->id = lvn_outer_ident(path, lvn_segments(skb));
	}
	ip->ttl = LVN_TTL;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = lvn_get4(&path->source.address);
	ip->daddr = lvn_get4(&to->address);
	ip_local_out(path->socket->net, path->socket->sk, skb);
}

static void lvn_outer_control4(struct sk_buff *skb, struct lvn_path *path,
			       const struct lvn_endpoint *to)
{
	struct rtable *rt = lvn_outer_find4(path, to);

	if (IS_ERR(rt))
		kfree_skb(skb);
	else
		lvn_outer_send4(skb, rt, path, to, LVN_CONTROL_TOS, true);
}

#if IS_ENABLED(CONFIG_IPV6)
/*
 * Is the source an address of this host, also by a route alone (AnyIP)? IPv4 asks that of every
 * route that is looked up with a source, IPv6 does not. The interface is strict for a link-local
 * source; for others it is but a wish, since the flow has a source, see
 * ip6_route_output_flags_noref(). Takes the route that each CPU keeps: packets without a source
 * come as fast as somebody sends them.
 */
static bool lvn_outer_has_source6(struct net *net, const struct flowi6 *flow)
{
	struct flowi6 back = {
		.flowi6_oif = flow->flowi6_oif,
		.daddr = flow->saddr,
		.saddr = flow->saddr,
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &back);
	u32 flags = container_of(dst, struct rt6_info, dst)->rt6i_flags;

	dst_release(dst);
	return flags & (RTF_LOCAL | RTF_ANYCAST);
}

struct dst_entry *lvn_outer_find6(const struct lvn_path *path, const struct lvn_endpoint *to)
{
	struct net *net = path->socket->net;
	struct sock *sk = path->socket->sk;
	struct flowi6 flow = {
		.flowi6_oif = path->underlay ?: READ_ONCE(sk->sk_bound_dev_if),
		.flowi6_mark = READ_ONCE(sk->sk_mark),
		.flowi6_proto = IPPROTO_UDP,
		.daddr = to->address,
		.saddr = path->source.address,
		.fl6_dport = to->port,
		.fl6_sport = path->source.port,
	};
	struct dst_entry *dst;

	if (!lvn_outer_has_source6(net, &flow))
		return ERR_PTR(-EINVAL);
	dst = ip6_dst_lookup_flow(net, sk, &flow, NULL);
	if (!path->underlay || IS_ERR(dst) || dst->dev->ifindex == path->underlay ||
	    dst->dev->flags & IFF_LOOPBACK)
		return dst;
	/* With a source the interface is but a wish, see ip6_route_output_flags_noref(). */
	dst_release(dst);
	flow.flowi6_oif = path->underlay;
	flow.saddr = in6addr_any;
	return ip6_dst_lookup_flow(net, sk, &flow, NULL);
}

struct dst_entry *lvn_outer_route6(struct lvn_path *path)
{
	struct in6_addr source;
	struct dst_entry *dst;

	dst = dst_cache_get_ip6(&path->dst_cache, &source);
	if (dst)
		return dst;
	dst = lvn_outer_find6(path, &path->remote);
	if (!IS_ERR(dst))
		dst_cache_set_ip6(&path->dst_cache, dst, &path->source.address);
	return dst;
}

void lvn_outer_send6(struct sk_buff *skb, struct dst_entry *dst, const struct lvn_path *path,
		     const struct lvn_endpoint *to, u8 tos)
{
	struct ipv6hdr *ip;

	lvn_outer_udp(skb, path, to);
	skb_clear_hash_if_not_l4(skb);
	skb_dst_set(skb, dst);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	ip = skb_push(skb, sizeof(*ip));
	skb_reset_network_header(skb);
	ip6_flow_hdr(ip, tos, 0);
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = LVN_TTL;
	ip->saddr = path->source.address;
	ip->daddr = to->address;
	ip6_local_out(path->socket->net, path->socket->sk, skb);
}

static void lvn_outer_control6(struct sk_buff *skb, struct lvn_path *path,
			       const struct lvn_endpoint *to)
{
	struct dst_entry *dst = lvn_outer_find6(path, to);

	if (IS_ERR(dst))
		kfree_skb(skb);
	else
		lvn_outer_send6(skb, dst, path, to, LVN_CONTROL_TOS);
}
#else
static void lvn_outer_control6(struct sk_buff *skb, struct lvn_path *path,
			       const struct lvn_endpoint *to)
{
	kfree_skb(skb);
}
#endif

void lvn_outer_control(struct lvn_path *path, const struct lvn_endpoint *to, const void *data,
		       size_t size)
{
	const size_t room = LL_MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr);
	struct sk_buff *skb = alloc_skb(room + size, GFP_ATOMIC);

	if (!skb)
		return;
	skb_reserve(skb, room);
	skb_put_data(skb, data, size);
	skb_reset_inner_headers(skb);
	if (lvn_is4(&to->address))
		lvn_outer_control4(skb, path, to);
	else
		lvn_outer_control6(skb, path, to);
}
