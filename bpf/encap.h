/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Egress of the tunnel device: inner IP packet in, outer IP/UDP packet out to the underlay interface.
 */
#ifndef LVN_ENCAP_H
#define LVN_ENCAP_H

#include "common.h"
#include "next-hop.h"
#include "rules.h"

#define OUTER_TTL 64
#define ENCAP_FLAGS (BPF_F_ADJ_ROOM_NO_CSUM_RESET | BPF_F_ADJ_ROOM_FIXED_GSO)

/* What the outer header takes from the inner one. */
struct inner {
	__u32 id;     /* tunnel */
	__u32 length; /* bytes, header included */
	__u8 tos;     /* DSCP and ECN: RFC 2983 uniform model, RFC 6040 section 4.1 normal mode */
};

static __always_inline int read_inner(struct __sk_buff *skb, struct inner *inner)
{
	const struct lvn_config *c = NULL;

	if (lvn_constants.mode == LVN_MODE_MULTI) {
		c = config();
		if (!c)
			return TC_ACT_SHOT;
	}
	inner->length = skb->len;
	inner->id = 0;
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip;

		if (!linear(skb, sizeof(*ip)))
			return drop(NULL, LVN_DROP_MALFORMED);
		ip = packet_start(skb);
		if ((void *)(ip + 1) > packet_end(skb))
			return drop(NULL, LVN_DROP_MALFORMED);
		inner->tos = ip->tos;
		if (c)
			inner->id = tunnel_of4(c, ip->daddr);
	} else if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip;

		if (!linear(skb, sizeof(*ip)))
			return drop(NULL, LVN_DROP_MALFORMED);
		ip = packet_start(skb);
		if ((void *)(ip + 1) > packet_end(skb))
			return drop(NULL, LVN_DROP_MALFORMED);
		inner->tos = bpf_ntohs(*(__be16 *)ip) >> 4;
		if (c)
			inner->id = tunnel_of6(c, &ip->daddr);
	} else {
		return drop(NULL, LVN_DROP_UNSUPPORTED);
	}
	if (inner->id == LVN_NO_TUNNEL)
		return drop(NULL, LVN_DROP_NO_RULE);
	return TC_ACT_OK;
}

/* UDP checksum 0: RFC 768 for IPv4, RFC 6935 section 5 for a tunnel over IPv6. */
static __always_inline void write_udp(struct udphdr *udp, const struct lvn_tunnel *t, __u32 length)
{
	udp->source = t->local_port;
	udp->dest = t->remote_port;
	udp->len = bpf_htons(length + sizeof(*udp));
	udp->check = 0;
}

static __always_inline bool write_outer4(struct __sk_buff *skb, const struct lvn_tunnel *t,
					 const struct inner *inner)
{
	struct iphdr *ip = packet_start(skb);

	if ((void *)ip + OUTER4_SIZE > packet_end(skb))
		return false;
	*(__u8 *)ip = 0x45;
	ip->tos = inner->tos;
	ip->tot_len = bpf_htons(inner->length + OUTER4_SIZE);
	ip->id = 0; /* RFC 6864: an atomic datagram's identification means nothing */
	ip->frag_off = bpf_htons(IP_DF);
	ip->ttl = OUTER_TTL;
	ip->protocol = IPPROTO_UDP;
	ip->check = 0;
	ip->saddr = t->local[3];
	ip->daddr = t->remote[3];
	ip->check = header_checksum(ip);
	write_udp((void *)(ip + 1), t, inner->length);
	return true;
}

static __always_inline bool write_outer6(struct __sk_buff *skb, const struct lvn_tunnel *t,
					 const struct inner *inner)
{
	struct ipv6hdr *ip = packet_start(skb);

	if ((void *)ip + OUTER6_SIZE > packet_end(skb))
		return false;
	*(__be32 *)ip = bpf_htonl(0x60000000 | (__u32)inner->tos << 20);
	ip->payload_len = bpf_htons(inner->length + sizeof(struct udphdr));
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = OUTER_TTL;
	__builtin_memcpy(&ip->saddr, t->local, 16);
	__builtin_memcpy(&ip->daddr, t->remote, 16);
	write_udp((void *)(ip + 1), t, inner->length);
	return true;
}

/*
 * Sets skb->protocol to what the Ethernet header says. No helper does just that, but a tag that is pushed
 * into the frame and popped again does: the second push moves the first tag into the frame, the first pop
 * takes the protocol from behind it. bpf_skb_change_proto() is no way: it also turns TCPv4 GSO into TCPv6.
 */
static __always_inline int take_protocol_from_frame(struct __sk_buff *skb)
{
	int err = bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 1);

	err = err ?: bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 1);
	err = err ?: bpf_skb_vlan_pop(skb);
	return err ?: bpf_skb_vlan_pop(skb);
}

/*
 * Adds room for the outer header. A frame that came out of another tunnel over a virtual link is still
 * marked as encapsulated (no decapsulation helper clears the mark before Linux 7), and cannot be marked
 * again: there the room alone is added, the marks and inner offsets of the first leg still being right.
 */
static __always_inline int make_room(struct __sk_buff *skb, __u8 family, bool *marked)
{
	__u64 flags = ENCAP_FLAGS | BPF_F_ADJ_ROOM_ENCAP_L4_UDP |
		      (family == 6 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);
	int size = family == 6 ? OUTER6_SIZE : OUTER4_SIZE;
	int err = bpf_skb_adjust_room(skb, size, BPF_ADJ_ROOM_MAC, flags);

	if (err != -114) /* EALREADY */
		return err;
	*marked = true;
	return bpf_skb_adjust_room(skb, size, BPF_ADJ_ROOM_MAC, ENCAP_FLAGS);
}

static __always_inline int encap(struct __sk_buff *skb)
{
	struct inner inner = {};
	struct lvn_counters *counters;
	struct lvn_tunnel *t;
	bool marked = false;
	__u8 family;
	__be16 protocol, inner_protocol = skb->protocol;
	__u64 packets, now;
	int err;

	err = read_inner(skb, &inner);
	if (err != TC_ACT_OK)
		return err;
	t = bpf_map_lookup_elem(&lvn_tunnels, &inner.id);
	counters = bpf_map_lookup_elem(&lvn_counters, &inner.id);
	if (!t || !counters)
		return drop(NULL, LVN_DROP_NO_RULE);
	if (!t->underlay)
		return drop(counters, LVN_DROP_NO_REMOTE);
	/* Read once: user space may give the tunnel endpoints of the other family meanwhile, and the room is for one. */
	family = *(const volatile __u8 *)&t->family;
	packets = segments(skb, inner.length);
	if (make_room(skb, family, &marked))
		return drop(counters, LVN_DROP_UNSUPPORTED);
	if (family == 6 ? !write_outer6(skb, t, &inner) : !write_outer4(skb, t, &inner))
		return drop(counters, LVN_DROP_NO_ROOM);
	/* bpf_redirect_neigh() expects room for an Ethernet header, which a layer 3 device's frames lack. */
	if (bpf_skb_change_head(skb, ETH_HLEN, 0))
		return drop(counters, LVN_DROP_NO_ROOM);
	protocol = family == 6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
	if (marked && protocol != inner_protocol) {
		struct ethhdr *ethernet = packet_start(skb);

		if ((void *)(ethernet + 1) > packet_end(skb))
			return drop(counters, LVN_DROP_NO_ROOM);
		ethernet->h_proto = protocol;
		if (take_protocol_from_frame(skb))
			return drop(counters, LVN_DROP_UNSUPPORTED);
	}
	counters->tx_packets += packets;
	counters->tx_bytes += inner.length;
	now = bpf_ktime_get_coarse_ns();
	counters->last_tx_ns = now;
	return send_to_underlay(skb, inner.id, t, family, inner.tos, now);
}

#endif
