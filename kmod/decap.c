// SPDX-License-Identifier: GPL-2.0
/*
 * From an outer packet to an inner one: who sent it, is it IP, may it have that source. Runs in a
 * softirq under RCU and takes no lock. Nothing is ever learned from a data packet: none is
 * authenticated.
 */
#include "decap.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
#include <linux/percpu.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "compat.h"
#include "destinations.h"
#include "device.h"
#include "keepalive.h"
#include "outer.h"
#include "peers.h"
#include "rules.h"
#include "socket.h"
#include "tunnel.h"

/**
 * struct lvn_outer - what the outer headers say
 * @remote: where it comes from
 * @local: where it was sent to
 * @tos: DSCP and ECN
 */
struct lvn_outer {
	struct lvn_endpoint remote;
	struct lvn_endpoint local;
	u8 tos;
};

/* Packets that this CPU is handing over. */
static DEFINE_PER_CPU(unsigned int, lvn_decap_depth);

static void lvn_decap_outer(const struct sk_buff *skb, struct lvn_outer *outer)
{
	const struct udphdr *udp = udp_hdr(skb);

	outer->remote.port = udp->source;
	outer->remote.zero = 0;
	outer->local.port = udp->dest;
	outer->local.zero = 0;
	if (skb->protocol == htons(ETH_P_IP)) {
		lvn_set4(&outer->remote.address, ip_hdr(skb)->saddr);
		lvn_set4(&outer->local.address, ip_hdr(skb)->daddr);
		outer->tos = ip_hdr(skb)->tos;
	} else {
		outer->remote.address = ipv6_hdr(skb)->saddr;
		outer->local.address = ipv6_hdr(skb)->daddr;
		outer->tos = ipv6_get_dsfield(ipv6_hdr(skb));
	}
}

/* The stack takes what must not be on any wire; the other data plane does not. */
static bool lvn_decap_has_ttl(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP) ? ip_hdr(skb)->ttl : ipv6_hdr(skb)->hop_limit;
}

static void lvn_decap_count(struct lvn_device *device, enum lvn_drop reason)
{
	lvn_drops_count(device->drops, reason);
	dev_core_stats_rx_dropped_inc(device->dev);
}

/*
 * Of an ICMP packet: a redirect, which tells of another first hop (RFC 1122 section 3.2.2.2)? A router
 * says that to hosts of its own link, which a tunnel is not. The stack believes the source, and may
 * do so although the device's own accept_redirects is 0. @skb starts with UDP.
 */
static bool lvn_decap_is_redirect4(const struct sk_buff *skb, const struct iphdr *ip)
{
	const u8 *type;
	u8 buffer;

	if (ip->frag_off & htons(IP_OFFSET))
		return false;
	type = skb_header_pointer(skb, sizeof(struct udphdr) + ip->ihl * 4, sizeof(buffer), &buffer);
	return type && *type == ICMP_REDIRECT;
}

/*
 * Is the inner header whole, its source one of the tunnel's, and may it go where it wants to?
 * LVN_DROP_COUNT: yes. @skb starts with UDP.
 */
static enum lvn_drop lvn_decap_check4(struct sk_buff *skb, struct lvn_device *device,
				      const struct lvn_tunnel *tunnel)
{
	const struct iphdr *ip;
	unsigned int length;

	if (!pskb_may_pull(skb, sizeof(struct udphdr) + sizeof(*ip)))
		return LVN_DROP_MALFORMED;
	ip = (struct iphdr *)(skb->data + sizeof(struct udphdr));
	length = ntohs(ip->tot_len);
	if (ip->ihl < 5 || length < ip->ihl * 4 || length > skb->len - sizeof(struct udphdr))
		return LVN_DROP_MALFORMED;
	if (device->mode == LVN_MODE_MULTI && lvn_rules_find4(&device->rules, ip->saddr) != tunnel)
		return LVN_DROP_BAD_SOURCE;
	if (unlikely(ip->protocol == IPPROTO_ICMP) && lvn_decap_is_redirect4(skb, ip))
		return LVN_DROP_BAD_SOURCE;
	if (!lvn_destinations_have4(device, tunnel, ip->daddr))
		return LVN_DROP_BAD_DESTINATION;
	return LVN_DROP_COUNT;
}

/*
 * fe80::/10: of one link, which a tunnel is not. The stack believes such a source to be a router,
 * and takes routes and an MTU from it, also where any other source is right.
 */
static bool lvn_decap_is_link_local6(const struct in6_addr *address)
{
	return (address->s6_addr32[0] & htonl(0xffc00000)) == htonl(0xfe800000);
}

static enum lvn_drop lvn_decap_check6(struct sk_buff *skb, struct lvn_device *device,
				      const struct lvn_tunnel *tunnel)
{
	const struct ipv6hdr *ip;

	if (!pskb_may_pull(skb, sizeof(struct udphdr) + sizeof(*ip)))
		return LVN_DROP_MALFORMED;
	ip = (struct ipv6hdr *)(skb->data + sizeof(struct udphdr));
	if (ntohs(ip->payload_len) + sizeof(*ip) > skb->len - sizeof(struct udphdr))
		return LVN_DROP_MALFORMED;
	if (lvn_decap_is_link_local6(&ip->saddr) ||
	    (device->mode == LVN_MODE_MULTI &&
	     lvn_rules_find6(&device->rules, &ip->saddr) != tunnel))
		return LVN_DROP_BAD_SOURCE;
	if (!lvn_destinations_have6(device, tunnel, &ip->daddr))
		return LVN_DROP_BAD_DESTINATION;
	return LVN_DROP_COUNT;
}

/*
 * Can GRO do anything for the packet? Always the same for the packets of one flow, which would
 * otherwise overtake each other. TCP segments join; others only for a socket of this host that
 * asks for it, or where the device has been told to join what it forwards.
 */
static bool lvn_decap_wants_gro(const struct sk_buff *skb, const struct net_device *dev)
{
	const struct inet6_dev *in6_dev;

	if (dev->features & (NETIF_F_GRO_UDP_FWD | NETIF_F_GRO_FRAGLIST))
		return true;
	if (skb->protocol == htons(ETH_P_IP)) {
		struct in_device *in_dev = __in_dev_get_rcu(dev);

		return ip_hdr(skb)->protocol == IPPROTO_TCP || !in_dev || !IN_DEV_FORWARD(in_dev);
	}
	in6_dev = __in6_dev_get(dev);
	return ipv6_hdr(skb)->nexthdr == IPPROTO_TCP || !in6_dev ||
	       !READ_ONCE(in6_dev->cnf.forwarding);
}

/*
 * Hands an inner packet to the stack: at once where GRO has nothing to do with it, which saves
 * another turn of the softirq. A tunnel within a tunnel waits for its turn, so that the stack in
 * use stays bounded.
 */
static void lvn_decap_hand_over(struct sk_buff *skb, struct lvn_device *device)
{
	/*
	 * UDP walks along the segments that it has made of a packet, and leaves them linked; who
	 * gets one of them from here would send, or free, all that are behind it.
	 */
	skb_mark_not_on_list(skb);
	/* Under PREEMPT_RT the count would be that of several packets, each in a softirq of its own. */
	if (!(device->dev->flags & IFF_UP) || IS_ENABLED(CONFIG_PREEMPT_RT) ||
	    __this_cpu_read(lvn_decap_depth) || lvn_decap_wants_gro(skb, device->dev)) {
		gro_cells_receive(&device->cells, skb);
		return;
	}
	__this_cpu_inc(lvn_decap_depth);
	netif_receive_skb(skb);
	__this_cpu_dec(lvn_decap_depth);
}

/* Takes the outer headers off and hands the packet to the device; LVN_DROP_COUNT: done. */
static enum lvn_drop lvn_decap_deliver(struct sk_buff *skb, struct lvn_device *device,
				       struct lvn_tunnel *tunnel, __be16 protocol, u8 outer_tos)
{
	size_t size = protocol == htons(ETH_P_IP) ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	bool xnet = !net_eq(device->link_net, dev_net(device->dev));
	u8 inner_tos;

	if (iptunnel_pull_header(skb, sizeof(struct udphdr), protocol, xnet))
		return LVN_DROP_NO_ROOM;
	skb->dev = device->dev;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	/* The ECN field is about to be written to. */
	if (skb_ensure_writable(skb, size))
		return LVN_DROP_NO_ROOM;
	if (protocol == htons(ETH_P_IP))
		inner_tos = ip_hdr(skb)->tos;
	else
		inner_tos = ipv6_get_dsfield(ipv6_hdr(skb));
	if (INET_ECN_decapsulate(skb, outer_tos, inner_tos) > 1)
		return LVN_DROP_ECN;
	lvn_stats_rx(tunnel->stats, lvn_segments(skb), skb->len);
	dev_sw_netstats_rx_add(device->dev, skb->len);
	lvn_decap_hand_over(skb, device);
	return LVN_DROP_COUNT;
}

/* Drops what no tunnel can be found for. */
static void lvn_decap_unknown(struct sk_buff *skb, const struct lvn_socket *socket)
{
	struct lvn_device *device = rcu_dereference(socket->counts);

	if (device)
		lvn_decap_count(device, LVN_DROP_UNKNOWN_PEER);
	kfree_skb(skb);
}

/*
 * Is it several outer packets in one? UDP takes such apart for a socket with an encapsulation, but
 * Linux before 6.9 does not where the socket takes segmented datagrams. @skb of a tunnel's sender is
 * one outer packet for several inner ones, and says so.
 */
static bool lvn_decap_is_joined(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && !(skb_shinfo(skb)->gso_type &
				    (SKB_GSO_UDP_TUNNEL | SKB_GSO_UDP_TUNNEL_CSUM));
}

/* A data packet: taken or dropped. */
static void lvn_decap_data(struct sk_buff *skb, struct lvn_socket *socket, u8 version)
{
	struct lvn_device *device;
	struct lvn_tunnel *tunnel;
	struct lvn_outer outer;
	struct lvn_path *path;
	enum lvn_drop reason;

	lvn_decap_outer(skb, &outer);
	path = lvn_peers_find(&socket->peers, &outer.remote);
	if (!path || !lvn_endpoint_same(&path->source, &outer.local)) {
		lvn_decap_unknown(skb, socket);
		return;
	}
	tunnel = path->tunnel;
	device = tunnel->device;
	if (lvn_decap_is_joined(skb))
		reason = LVN_DROP_UNSUPPORTED;
	else if (!lvn_decap_has_ttl(skb))
		reason = LVN_DROP_MALFORMED;
	else if (version == 4)
		reason = lvn_decap_check4(skb, device, tunnel);
	else if (version == 6)
		reason = lvn_decap_check6(skb, device, tunnel);
	else
		reason = LVN_DROP_MALFORMED;
	if (reason == LVN_DROP_COUNT)
		reason = lvn_decap_deliver(skb, device, tunnel,
					   version == 4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6),
					   outer.tos);
	if (reason == LVN_DROP_COUNT)
		return;
	lvn_decap_count(device, reason);
	lvn_stats_dropped(tunnel->stats);
	kfree_skb(skb);
}

int lvn_decap(struct sock *sk, struct sk_buff *skb)
{
	struct lvn_socket *socket = rcu_dereference_sk_user_data(sk);
	struct lvn_outer outer;
	u8 version;

	if (!socket)
		return 1;
	if (!pskb_may_pull(skb, sizeof(struct udphdr) + 1))
		version = 0;
	else
		version = skb->data[sizeof(struct udphdr)] >> 4;
	if (version == 0) {
		lvn_decap_outer(skb, &outer);
		if (lvn_keepalive_receive(socket, skb, &outer.remote, &outer.local)) {
			kfree_skb(skb);
			return 0;
		}
		if (!socket->own)
			return 1;
		/* Nobody reads a socket of ours. What is empty only keeps a NAT binding open. */
		if (skb->len > sizeof(struct udphdr))
			lvn_decap_unknown(skb, socket);
		else
			kfree_skb(skb);
		return 0;
	}
	lvn_decap_data(skb, socket, version);
	return 0;
}

/*
 * Whose packet an ICMP error is about; NULL: none of ours. @skb starts with the outer packet that
 * we sent, as far as the error holds it; its headers are linear.
 */
static struct lvn_path *lvn_decap_err_path(struct lvn_socket *socket, const struct sk_buff *skb)
{
	struct lvn_endpoint remote = {};
	const struct udphdr *udp;

	if (skb->protocol == htons(ETH_P_IP)) {
		const struct iphdr *ip = (const struct iphdr *)skb->data;

		lvn_set4(&remote.address, ip->daddr);
		udp = (const struct udphdr *)(skb->data + ip->ihl * 4);
	} else {
		const struct ipv6hdr *ip = (const struct ipv6hdr *)skb->data;

		if (ip->nexthdr != IPPROTO_UDP)
			return NULL;
		remote.address = ip->daddr;
		udp = (const struct udphdr *)(ip + 1);
	}
	remote.port = udp->dest;
	return lvn_peers_find(&socket->peers, &remote);
}

int lvn_decap_err_lookup(struct sock *sk, struct sk_buff *skb)
{
	struct lvn_socket *socket = rcu_dereference_sk_user_data(sk);

	if (!socket)
		return -EINVAL;
	return lvn_decap_err_path(socket, skb) ? 0 : -ENOENT;
}

#if IS_ENABLED(CONFIG_IPV6)
/* ip6_update_pmtu() looks up with a source, and would find what our packets do not go by. */
static void lvn_decap_too_big6(struct sk_buff *skb, const struct lvn_path *path, u32 mtu)
{
	struct dst_entry *dst = lvn_outer_find6(path, &path->remote);
	int offset = skb_network_offset(skb);

	if (IS_ERR(dst))
		return;
	/* The packet that was too big tells for whom. */
	skb_reset_network_header(skb);
	dst->ops->update_pmtu(dst, NULL, skb, mtu, false);
	skb_set_network_header(skb, offset);
	dst_release(dst);
}
#else
static void lvn_decap_too_big6(struct sk_buff *skb, const struct lvn_path *path, u32 mtu)
{
}
#endif

/*
 * UDP has looked the path up as the socket's own packets go, and told that route what it takes.
 * Packets of a tunnel with an underlay interface go by another one.
 */
void lvn_decap_err(struct sock *sk, struct sk_buff *skb, LVN_COMPAT_ERR_MORE)
{
	struct lvn_socket *socket = rcu_dereference_sk_user_data(sk);
	struct lvn_path *path = socket ? lvn_decap_err_path(socket, skb) : NULL;

	if (!path || !path->underlay)
		return;
	if (skb->protocol == htons(ETH_P_IP)) {
		const struct icmphdr *icmp = icmp_hdr(skb);

		if (icmp->type == ICMP_DEST_UNREACH && icmp->code == ICMP_FRAG_NEEDED)
			ipv4_update_pmtu(skb, socket->net, ntohs(icmp->un.frag.mtu),
					 path->underlay, IPPROTO_UDP);
	} else {
		const struct icmp6hdr *icmp = icmp6_hdr(skb);

		if (icmp->icmp6_type == ICMPV6_PKT_TOOBIG)
			lvn_decap_too_big6(skb, path, ntohl(icmp->icmp6_mtu));
	}
}

/*
 * TCP's inner packets join where they would join without a tunnel. Others are left to lvn0, see
 * lvn_decap_wants_gro(): joined here, an inner UDP flow would be taken apart again by the outer UDP.
 */
struct sk_buff *lvn_decap_gro_receive(struct sock *sk, struct list_head *head, struct sk_buff *skb)
{
	const unsigned int least = sizeof(struct iphdr);
	unsigned int offset = skb_gro_offset(skb);
	const struct packet_offload *offload;
	struct sk_buff *held, *complete;
	int outer;
	u8 *first;

	/*
	 * Where the interface joins TCP's packets as a list, the headers of all but the first are
	 * already off, and each of them finds the way back to its own by its network header.
	 */
	if (skb->dev->features & NETIF_F_GRO_FRAGLIST)
		goto flush;
	first = skb_gro_header(skb, offset + least, offset);
	if (!first)
		goto flush;
	/* IPv4 and IPv6 come in by one port; the next layer takes every packet for its own. */
	list_for_each_entry(held, head, list)
		if (NAPI_GRO_CB(held)->same_flow && held->data[offset] >> 4 != *first >> 4)
			NAPI_GRO_CB(held)->same_flow = 0;
	if (*first >> 4 == 4 && ((struct iphdr *)first)->protocol == IPPROTO_TCP)
		offload = gro_find_receive_by_type(htons(ETH_P_IP));
	else if (*first >> 4 == 6 && ((struct ipv6hdr *)first)->nexthdr == IPPROTO_TCP)
		offload = gro_find_receive_by_type(htons(ETH_P_IPV6));
	else
		goto flush;
	if (!offload)
		goto flush;
	/*
	 * Linux before 6.10 notes the inner header as the network's, and then looks up our socket
	 * by the addresses that it finds there, see udp4_lib_lookup_skb().
	 */
	outer = skb_network_offset(skb);
	complete = call_gro_receive(offload->callbacks.gro_receive, head, skb);
	skb_set_network_header(skb, outer);
	return complete;
flush:
	NAPI_GRO_CB(skb)->flush |= 1;
	return NULL;
}

int lvn_decap_gro_complete(struct sock *sk, struct sk_buff *skb, int offset)
{
	int err = -EPROTONOSUPPORT, outer = skb_network_offset(skb);
	const struct packet_offload *offload;

	if (skb->data[offset] >> 4 == 4)
		offload = gro_find_complete_by_type(htons(ETH_P_IP));
	else
		offload = gro_find_complete_by_type(htons(ETH_P_IPV6));
	/* Before Linux 6.10, TCP finds the addresses for its checksum there. */
	skb_set_network_header(skb, offset);
	if (offload)
		err = offload->callbacks.gro_complete(skb, offset);
	skb_set_inner_mac_header(skb, offset);
	/* Whoever spreads packets over processors reads the outer header, as of packets alone. */
	skb_set_network_header(skb, outer);
	return err;
}
