/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the tunnel device to the underlay. bpf_redirect_neigh() looks for route and neighbour of each packet, the
 * dearest part of a packet's way; what it would find is asked for ten times a second, and written in between.
 *
 * The packet that asks is sent by bpf_redirect_neigh() itself, so that the kernel goes on watching the neighbour:
 * it resolves it, probes it when it has been silent, and gives it up.
 */
#ifndef LVN_NEXT_HOP_H
#define LVN_NEXT_HOP_H

#include "common.h"
#include "remembered.h"

#define AF_INET 2
#define AF_INET6 10

/* So long may packets follow a route or a neighbour that has changed. */
#define NEXT_HOP_LIFETIME_NS 100000000ULL

#define DSCP_MASK 0xfc

/*
 * bpf_fib_lookup() finds nothing on a host that does not forward, and nothing that is more than a neighbour's
 * address (local, blackhole, encapsulated by the route). Before Linux 6.4 it gives what it has of a neighbour that
 * is not resolved: zeroes.
 */
static __always_inline bool find_addresses(struct __sk_buff *skb, const struct lvn_tunnel *t, __u8 family,
					   struct lvn_next_hop *hop)
{
	struct bpf_fib_lookup route = {
		.family = family == 6 ? AF_INET6 : AF_INET,
		.l4_protocol = IPPROTO_UDP,
		.sport = t->local_port,
		.dport = t->remote_port,
		.ifindex = t->underlay,
	};

	if (family == 6) {
		route.flowinfo = bpf_htonl((__u32)hop->dscp << 20);
		__builtin_memcpy(route.ipv6_src, t->local, 16);
		__builtin_memcpy(route.ipv6_dst, t->remote, 16);
	} else {
		route.tos = hop->dscp;
		route.ipv4_src = t->local[3];
		route.ipv4_dst = t->remote[3];
	}
	if (bpf_fib_lookup(skb, &route, sizeof(route), BPF_FIB_LOOKUP_OUTPUT) != BPF_FIB_LKUP_RET_SUCCESS)
		return false;
	__builtin_memcpy(hop->addresses, route.dmac, 6);
	__builtin_memcpy(hop->addresses + 6, route.smac, 6);
	return route.ifindex == t->underlay &&
	       (route.dmac[0] | route.dmac[1] | route.dmac[2] | route.dmac[3] | route.dmac[4] | route.dmac[5]);
}

static __always_inline bool is_fresh(const struct lvn_next_hop *hop, const struct lvn_tunnel *t, __u8 dscp,
				     __u64 now)
{
	return now - hop->found_ns < NEXT_HOP_LIFETIME_NS && hop->dscp == dscp &&
	       hop->underlay == t->underlay && same_address(hop->remote, t->remote);
}

/* Of one remote: user space may give the tunnel another one meanwhile. */
static __always_inline void find_next_hop(struct __sk_buff *skb, const struct lvn_tunnel *t, __u8 family,
					  struct lvn_next_hop *hop, __u8 dscp, __u64 now)
{
	struct lvn_next_hop found = { .found_ns = now, .underlay = t->underlay, .dscp = dscp };

	__builtin_memcpy(found.remote, t->remote, 16);
	found.known = find_addresses(skb, t, family, &found);
	if (!entry_begin(&hop->writes))
		return;
	__builtin_memcpy(hop, &found, __builtin_offsetof(struct lvn_next_hop, writes));
	entry_end(&hop->writes);
}

/*
 * The outer packet, of `family`, has room for an Ethernet header in front. A mark may choose another route (ip-rule(8)), and
 * bpf_fib_lookup() does not look at it before Linux 6.10.
 */
static __always_inline int send_to_underlay(struct __sk_buff *skb, __u32 id, const struct lvn_tunnel *t,
					    __u8 family, __u8 tos, __u64 now)
{
	struct lvn_next_hop *hop = bpf_map_lookup_elem(&lvn_next_hops, &id);
	__u8 dscp = tos & DSCP_MASK;
	struct ethhdr *ethernet;
	__u32 writes;

	if (!hop || skb->mark || !t->ethernet)
		return bpf_redirect_neigh(t->underlay, NULL, 0, 0);
	writes = entry_writes(&hop->writes);
	if (!is_fresh(hop, t, dscp, now)) {
		find_next_hop(skb, t, family, hop, dscp, now);
		return bpf_redirect_neigh(t->underlay, NULL, 0, 0);
	}
	ethernet = packet_start(skb);
	if (!hop->known || (void *)(ethernet + 1) > packet_end(skb))
		return bpf_redirect_neigh(t->underlay, NULL, 0, 0);
	__builtin_memcpy(ethernet, hop->addresses, sizeof(hop->addresses));
	ethernet->h_proto = family == 6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
	/* The kernel writes a header of its own over what another packet has changed meanwhile. */
	if (writes & 1 || !entry_unchanged(&hop->writes, writes))
		return bpf_redirect_neigh(t->underlay, NULL, 0, 0);
	return bpf_redirect(t->underlay, 0);
}

#endif
