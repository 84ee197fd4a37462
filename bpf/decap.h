/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ingress of an underlay interface: an outer packet of one of our tunnels in, its inner packet out as if
 * received by the tunnel device. Everything else goes on as if we were not there.
 */
#ifndef LVN_DECAP_H
#define LVN_DECAP_H

#include "common.h"
#include "destinations.h"
#include "rules.h"

/* linux/bpf.h has these from 6.3 on. */
#define ADJ_ROOM_DECAP_L3_IPV4 (1ULL << 7)
#define ADJ_ROOM_DECAP_L3_IPV6 (1ULL << 8)
/* Kernels after 7.2 have this. */
#define ADJ_ROOM_DECAP_L4_UDP (1ULL << 10)

/* linux/icmp.h has this, and includes what is not there for this machine. */
#define ICMP_REDIRECT 5

#define EINVAL 22
#define TO_BE_CUT 1 /* no error, and not done either */

#define LOOPBACK_IFINDEX 1
/* In skb->tc_index: the frame was sent to the loopback interface to be cut. */
#define LVN_CUT 0x4c56

#define VLAN_ID_MASK 0xfff

#define ECN_MASK 3
#define ECN_CE 3
#define ECN_ECT1 1
#define ECN_ECT0 2

/* What the outer headers said. */
struct outer {
	struct lvn_peer_key peer __attribute__((aligned(8)));
	__be32 local[4] __attribute__((aligned(8)));
	__u32 payload; /* bytes behind the UDP header; the frame may be longer, by padding */
	__sum16 check; /* of UDP */
	__u8 tos;
};

static __always_inline void map4(__be32 *words, __be32 address)
{
	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = address;
}

static __always_inline bool is_our_port(const struct lvn_config *c, __be16 port)
{
	for (__u32 i = 0; i < LVN_MAX_PORTS; i++) {
		if (i >= c->port_count)
			break;
		if (c->ports[i] == port)
			return true;
	}
	return false;
}

/* Is the packet addressed to one of the device's own endpoints, and not just passing through? */
static __always_inline bool is_local(const struct outer *o)
{
	struct lvn_local_key local = { .port = o->peer.local_port };

	__builtin_memcpy(local.address, o->local, 16);
	return bpf_map_lookup_elem(&lvn_locals, &local);
}

/*
 * Of a VLAN that the interface carries? The tag has been taken off the frame by now, and the packet comes in again by
 * the VLAN's own interface, which has a program of its own if it is an underlay. Number 0 is a mere priority.
 */
static __always_inline bool is_of_vlan(const struct __sk_buff *skb)
{
	return skb->vlan_present && skb->vlan_tci & VLAN_ID_MASK;
}

/*
 * Is the frame for this host, and not another's that the interface happens to see, or everybody's? `cut`: it was
 * asked before the frame went to the loopback interface.
 */
static __always_inline bool is_for_us(const struct __sk_buff *skb, bool cut)
{
	return cut || skb->pkt_type == PACKET_HOST;
}

/*
 * `size`, of the IP packet, is what has come, or less: the rest is padding of the frame. What UDP says is no more than
 * is left of it behind `header`, or less: the stack trims that, too.
 */
static __always_inline bool read_udp(const struct __sk_buff *skb, const struct udphdr *udp, __u32 l2, __u32 header,
				     __u32 size, struct outer *o)
{
	__u32 length = bpf_ntohs(udp->len);

	o->payload = length - sizeof(*udp);
	o->check = udp->check;
	return length > sizeof(*udp) && header + length <= size && l2 + size <= skb->len;
}

/*
 * Is the packet this tunnel's, at both ends? The peer map may for a moment lead to a slot that has been
 * given to another tunnel; user space writes the tunnel itself last.
 */
static __always_inline bool is_from(const struct lvn_tunnel *t, const struct outer *o)
{
	return t->remote_port == o->peer.remote_port && t->local_port == o->peer.local_port &&
	       same_address(t->remote, o->peer.remote) && same_address(t->local, o->local);
}

/* The tunnel that the packet came by, and its id; NULL: of none. The one that came lately is tried first. */
static __always_inline struct lvn_tunnel *find_tunnel(const struct outer *o, __u32 *id)
{
	__u32 slot = lvn_constants.mode == LVN_MODE_MULTI ?
			     flow_slot(o->peer.remote[3] ^ o->peer.remote_port) : 0;
	struct lvn_tunnel *t;
	__u32 *recent, *found;

	recent = bpf_map_lookup_elem(&lvn_recent, &slot);
	if (!recent)
		return NULL;
	*id = *recent;
	t = bpf_map_lookup_elem(&lvn_tunnels, id);
	if (t && is_from(t, o))
		return t;
	found = bpf_map_lookup_elem(&lvn_peers, &o->peer);
	if (!found)
		return NULL;
	*id = *found;
	t = bpf_map_lookup_elem(&lvn_tunnels, id);
	if (!t || !is_from(t, o))
		return NULL;
	*recent = *id;
	return t;
}

/*
 * A data packet from no known peer. It goes on to the stack: an application, NAT or an ICMP error deals with it. Where
 * it was sent to one of the device's own endpoints it is counted as not taken, which is how a peer shows that has
 * another address by now.
 */
static __noinline int unknown_peer(const struct outer *o)
{
	if (is_local(o))
		count(LVN_DROP_UNKNOWN_PEER);
	return TC_ACT_UNSPEC;
}

/*
 * The readers fill `o` and return TC_ACT_OK for a UDP packet to one of our ports, TC_ACT_UNSPEC for one
 * that is not ours, TC_ACT_SHOT for one that was dropped. Header options and extension headers are never
 * sent by our own ends: such packets go on to the stack. So does what it refuses: a header whose checksum or lengths
 * are wrong, another host's frame.
 */
static __always_inline int read_outer4(struct __sk_buff *skb, __u32 l2, bool cut, const struct lvn_config *c,
				       struct outer *o)
{
	struct udphdr *udp;
	struct iphdr *ip;
	__u32 id;

	if (!linear(skb, l2 + OUTER4_SIZE))
		return TC_ACT_UNSPEC;
	ip = packet_start(skb) + l2;
	if ((void *)ip + OUTER4_SIZE > packet_end(skb))
		return TC_ACT_UNSPEC;
	if (ip->protocol != IPPROTO_UDP || *(__u8 *)ip != 0x45 || ip->frag_off & bpf_htons(IP_OFFSET))
		return TC_ACT_UNSPEC;
	udp = (void *)(ip + 1);
	if (!is_our_port(c, udp->dest) || is_of_vlan(skb) || !is_for_us(skb, cut) || !ip->ttl || header_checksum(ip))
		return TC_ACT_UNSPEC;
	map4(o->peer.remote, ip->saddr);
	map4(o->local, ip->daddr);
	o->tos = ip->tos;
	o->peer.remote_port = udp->source;
	o->peer.local_port = udp->dest;
	/* There is no reassembly here, and our own ends never send fragments: others do. */
	if (ip->frag_off & bpf_htons(IP_MF))
		return find_tunnel(o, &id) ? drop(NULL, LVN_DROP_FRAGMENT) : unknown_peer(o);
	return read_udp(skb, udp, l2, sizeof(*ip), bpf_ntohs(ip->tot_len), o) ? TC_ACT_OK : TC_ACT_UNSPEC;
}

static __always_inline int read_outer6(struct __sk_buff *skb, __u32 l2, bool cut, const struct lvn_config *c,
				       struct outer *o)
{
	struct udphdr *udp;
	struct ipv6hdr *ip;

	if (!linear(skb, l2 + OUTER6_SIZE))
		return TC_ACT_UNSPEC;
	ip = packet_start(skb) + l2;
	if ((void *)ip + OUTER6_SIZE > packet_end(skb))
		return TC_ACT_UNSPEC;
	if (ip->nexthdr != IPPROTO_UDP || ip->version != 6)
		return TC_ACT_UNSPEC;
	udp = (void *)(ip + 1);
	if (!is_our_port(c, udp->dest) || is_of_vlan(skb) || !is_for_us(skb, cut) || !ip->hop_limit)
		return TC_ACT_UNSPEC;
	__builtin_memcpy(o->peer.remote, &ip->saddr, 16);
	__builtin_memcpy(o->local, &ip->daddr, 16);
	o->tos = bpf_ntohs(*(__be16 *)ip) >> 4;
	o->peer.remote_port = udp->source;
	o->peer.local_port = udp->dest;
	return read_udp(skb, udp, l2, sizeof(*ip), sizeof(*ip) + bpf_ntohs(ip->payload_len), o) ? TC_ACT_OK :
												  TC_ACT_UNSPEC;
}

#define CHUNK 128

struct summing {
	struct __sk_buff *skb;
	__u32 offset;
	__u32 length;
	__u32 sum;
};

static long sum_chunk(__u32 index, void *context)
{
	struct summing *s = context;
	__u32 at = index * CHUNK, size = CHUNK, left;
	__u8 bytes[CHUNK] __attribute__((aligned(4))) = {};

	if (at >= s->length)
		return 1;
	left = s->length - at;
	if (left < CHUNK) {
		/* The verifier of Linux 6.1 does not see that something is left: in this form, it does. */
		barrier_var(left);
		size = ((left - 1) & (CHUNK - 1)) + 1;
	}
	if (bpf_skb_load_bytes(s->skb, s->offset + at, bytes, size))
		return 1;
	s->sum = bpf_csum_diff(NULL, 0, (__be32 *)bytes, CHUNK, s->sum);
	return 0;
}

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/*
 * Our own ends send no UDP checksum; others may. `size`: all before the payload. A GSO frame has been checked where it
 * was made, and the checksum of a packet that never was on a wire may be left undone: then the sum of the pseudo
 * header stands in its place. An IPv4 address with ::ffff: in front adds up to what it does without.
 */
static __noinline bool has_right_checksum(struct __sk_buff *skb, const struct outer *o, __u32 size)
{
	struct summing s = {
		.skb = skb,
		.offset = size - sizeof(struct udphdr),
		.length = o->payload + sizeof(struct udphdr),
	};
	__u64 pseudo = (__u64)bpf_htons(IPPROTO_UDP) + bpf_htons(s.length);

	if (skb->gso_size || bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY) >= 0)
		return true;
	for (int i = 0; i < 4; i++)
		pseudo += (__u64)o->peer.remote[i] + o->local[i];
	if (o->check == fold(pseudo))
		return true;
	bpf_loop((s.length + CHUNK - 1) / CHUNK, sum_chunk, &s, 0);
	return fold(pseudo + s.sum) == 0xffff;
}

/* RFC 6040 section 4.2, table 4: the inner ECN field after decapsulation; -1: drop. */
static __always_inline int decapsulated_ecn(__u8 inner, __u8 outer)
{
	inner &= ECN_MASK;
	outer &= ECN_MASK;
	if (outer == ECN_CE)
		return inner ? ECN_CE : -1;
	if (inner == ECN_ECT0 && outer == ECN_ECT1)
		return ECN_ECT1;
	return inner;
}

/* RFC 1624 (eqn. 3): the header checksum after the first 16-bit word changed. */
static __noinline void set_ecn4(struct iphdr *ip, int ecn)
{
	__u16 before = *(__u16 *)ip;
	__u32 sum;

	ip->tos = (ip->tos & ~ECN_MASK) | ecn;
	sum = (__u16)~ip->check + (__u16)~before + *(__u16 *)ip;
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~((sum & 0xffff) + (sum >> 16));
}

/*
 * An ICMP redirect, which tells of another first hop (RFC 1122 section 3.2.2.2)? A router says that to hosts of its own
 * link, which a tunnel is not. The stack believes the source, and may do so although the device's own `accept_redirects`
 * is 0. `offset`: of the inner header.
 */
static __always_inline bool is_redirect4(const struct __sk_buff *skb, __u32 offset, const struct iphdr *ip)
{
	__u8 type;

	if (ip->protocol != IPPROTO_ICMP || ip->frag_off & bpf_htons(IP_OFFSET))
		return false;
	return !bpf_skb_load_bytes(skb, offset + ip->ihl * 4, &type, sizeof(type)) && type == ICMP_REDIRECT;
}

/* Checks an inner header against length, the sender's rules, where it may go, and RFC 6040. `size`: all before it. */
static __always_inline int check_inner4(struct __sk_buff *skb, const struct outer *o, __u32 size,
					const struct lvn_config *c, __u32 id, struct lvn_counters *counters)
{
	struct iphdr *ip;
	int ecn;

	if (!linear(skb, size + sizeof(*ip)))
		return drop(counters, LVN_DROP_MALFORMED);
	ip = packet_start(skb) + size;
	if ((void *)(ip + 1) > packet_end(skb))
		return drop(counters, LVN_DROP_MALFORMED);
	if (ip->ihl < 5 || bpf_ntohs(ip->tot_len) < ip->ihl * 4 || bpf_ntohs(ip->tot_len) > o->payload)
		return drop(counters, LVN_DROP_MALFORMED);
	if (lvn_constants.mode == LVN_MODE_MULTI && tunnel_of4(c, ip->saddr) != id)
		return drop(counters, LVN_DROP_BAD_SOURCE);
	if (is_redirect4(skb, size, ip))
		return drop(counters, LVN_DROP_BAD_SOURCE);
	if (!is_destination4(c, id, ip->daddr))
		return drop(counters, LVN_DROP_BAD_DESTINATION);
	ecn = decapsulated_ecn(ip->tos, o->tos);
	if (ecn < 0)
		return drop(counters, LVN_DROP_ECN);
	if (ecn != (ip->tos & ECN_MASK))
		set_ecn4(ip, ecn);
	return TC_ACT_OK;
}

/*
 * fe80::/10: of one link, which a tunnel is not. The stack believes such a source to be a router, and takes routes and an
 * MTU from it, also where any other source is right.
 */
static __always_inline bool is_link_local6(const struct in6_addr *address)
{
	return (address->in6_u.u6_addr32[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000);
}

static __always_inline int check_inner6(struct __sk_buff *skb, const struct outer *o, __u32 size,
					const struct lvn_config *c, __u32 id, struct lvn_counters *counters)
{
	struct ipv6hdr *ip;
	__u8 class;
	int ecn;

	if (!linear(skb, size + sizeof(*ip)))
		return drop(counters, LVN_DROP_MALFORMED);
	ip = packet_start(skb) + size;
	if ((void *)(ip + 1) > packet_end(skb))
		return drop(counters, LVN_DROP_MALFORMED);
	if (bpf_ntohs(ip->payload_len) + sizeof(*ip) > o->payload)
		return drop(counters, LVN_DROP_MALFORMED);
	if (is_link_local6(&ip->saddr) || (lvn_constants.mode == LVN_MODE_MULTI && tunnel_of6(c, &ip->saddr) != id))
		return drop(counters, LVN_DROP_BAD_SOURCE);
	if (!is_destination6(c, id, &ip->daddr))
		return drop(counters, LVN_DROP_BAD_DESTINATION);
	/* The traffic class straddles the first two bytes; ECN are bits 5 and 4 of the second. */
	class = *((__u8 *)ip + 1);
	ecn = decapsulated_ecn(class >> 4, o->tos);
	if (ecn < 0)
		return drop(counters, LVN_DROP_ECN);
	if (ecn == (class >> 4 & ECN_MASK))
		return TC_ACT_OK;
	class = (class & ~(ECN_MASK << 4)) | ecn << 4;
	/* Nothing in the header makes up for the change where the interface has summed up the whole packet. */
	if (bpf_skb_store_bytes(skb, size + 1, &class, sizeof(class), BPF_F_RECOMPUTE_CSUM))
		return drop(counters, LVN_DROP_NO_ROOM);
	return TC_ACT_OK;
}

/*
 * Takes the outer headers off; skb->protocol becomes the inner one. Where the families differ a flag says
 * so from Linux 6.3 on; before, bpf_skb_change_proto() does (its own change of size included).
 */
static __always_inline int strip(struct __sk_buff *skb, __u8 family, __be16 protocol)
{
	int size = family == 6 ? OUTER6_SIZE : OUTER4_SIZE;
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;
	int err;

	if (protocol == skb->protocol)
		return bpf_skb_adjust_room(skb, -size, BPF_ADJ_ROOM_MAC, flags);
	err = bpf_skb_adjust_room(skb, -size, BPF_ADJ_ROOM_MAC,
				  flags | (family == 6 ? ADJ_ROOM_DECAP_L3_IPV4 : ADJ_ROOM_DECAP_L3_IPV6));
	if (err != -EINVAL) /* the flag is known */
		return err;
	if (family == 6) /* to IPv4: takes 20 of the 48 bytes away itself */
		return bpf_skb_adjust_room(skb, -28, BPF_ADJ_ROOM_MAC, flags) ?:
		       bpf_skb_change_proto(skb, protocol, 0);
	/* to IPv6: adds 20 bytes, so 48 are to go */
	return bpf_skb_change_proto(skb, protocol, 0) ?:
	       bpf_skb_adjust_room(skb, -48, BPF_ADJ_ROOM_MAC, flags);
}

enum gso_frame {
	GSO_DELIVER,
	GSO_CUT,
	GSO_DROP,
};

/*
 * What is to become of a GSO frame whose inner header has been checked.
 *
 * One that came over a virtual link whole is marked as encapsulated. TCP does not mind when it is cut later, but
 * udp4_ufo_fragment() and udp6_ufo_fragment() then look for a tunnel header, and the frame is lost: it has to be cut
 * while the outer header is on. One that GRO made of outer datagrams (rx-udp-gro-forwarding) holds many inner
 * packets, of which the first ends before the frame does; nobody on the way to the device would tell them apart.
 */
static __always_inline enum gso_frame judge_gso(const struct __sk_buff *skb, __u32 size, __u8 version)
{
	const void *inner = packet_start(skb) + size;
	const struct ipv6hdr *ip6 = inner;
	const struct iphdr *ip4 = inner;
	__u32 length;
	__u8 protocol;

	if (version == 4) {
		if ((void *)(ip4 + 1) > packet_end(skb))
			return GSO_DROP;
		length = bpf_ntohs(ip4->tot_len);
		protocol = ip4->protocol;
	} else {
		if ((void *)(ip6 + 1) > packet_end(skb))
			return GSO_DROP;
		length = bpf_ntohs(ip6->payload_len) + sizeof(*ip6);
		protocol = ip6->nexthdr;
	}
	if (length != skb->len - size)
		return GSO_DROP;
	return protocol == IPPROTO_TCP ? GSO_DELIVER : GSO_CUT;
}

/*
 * Kernels after 7.2 can take the mark off together with the outer header. On others the loopback interface cuts the
 * frame: it does not send encapsulated frames whole, and what comes of it is lvn_decap_lo's. Where that is asked what to do, the
 * frame carries no mark; nor can it go there without an Ethernet header.
 */
static __always_inline int strip_gso(struct __sk_buff *skb, __u32 size, __u8 family, __be16 protocol)
{
	int outer = family == 6 ? OUTER6_SIZE : OUTER4_SIZE;
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO | ADJ_ROOM_DECAP_L4_UDP |
		      (protocol == bpf_htons(ETH_P_IP) ? ADJ_ROOM_DECAP_L3_IPV4 : ADJ_ROOM_DECAP_L3_IPV6);
	int err = bpf_skb_adjust_room(skb, -outer, BPF_ADJ_ROOM_MAC, flags);

	if (err != -EINVAL)
		return err;
	if (skb->ifindex == LOOPBACK_IFINDEX || size == outer)
		return strip(skb, family, protocol);
	skb->tc_index = LVN_CUT;
	return TO_BE_CUT;
}

/* From the outer headers, read already, to the tunnel device. `size`: all before the inner packet. */
static __always_inline int deliver(struct __sk_buff *skb, const struct lvn_config *c, const struct outer *o,
				   __u32 size, __u8 family)
{
	struct lvn_counters *counters;
	struct lvn_tunnel *t;
	__u32 tunnel, length;
	enum gso_frame frame;
	__be16 protocol;
	__u64 packets;
	__u8 *first, version;
	int verdict, err;

	if (!linear(skb, size + 1))
		return TC_ACT_UNSPEC;
	first = packet_start(skb) + size;
	if ((void *)(first + 1) > packet_end(skb))
		return TC_ACT_UNSPEC;
	version = *first >> 4;
	if (version == 0) /* control: for user space */
		return TC_ACT_UNSPEC;
	t = find_tunnel(o, &tunnel);
	if (!t)
		return unknown_peer(o);
	counters = bpf_map_lookup_elem(&lvn_counters, &tunnel);
	if (!counters)
		return unknown_peer(o);
	/* IPv4 addresses in an IPv6 header: the stack takes them from nobody either (ip6_rcv_core()). */
	if (family == 6 && t->family != 6)
		return unknown_peer(o);
	if (o->check && !has_right_checksum(skb, o, size))
		return drop(counters, LVN_DROP_MALFORMED);
	if (version == 4)
		verdict = check_inner4(skb, o, size, c, tunnel, counters);
	else if (version == 6)
		verdict = check_inner6(skb, o, size, c, tunnel, counters);
	else
		verdict = drop(counters, LVN_DROP_MALFORMED);
	if (verdict != TC_ACT_OK)
		return verdict;
	length = o->payload;
	protocol = version == 4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	packets = segments(skb, length);
	frame = packets > 1 ? judge_gso(skb, size, version) : GSO_DELIVER;
	if (frame == GSO_DROP)
		return drop(counters, LVN_DROP_UNSUPPORTED);
	err = frame == GSO_CUT ? strip_gso(skb, size, family, protocol) : strip(skb, family, protocol);
	if (err == TO_BE_CUT)
		return bpf_redirect(LOOPBACK_IFINDEX, 0);
	if (err)
		return drop(counters, LVN_DROP_UNSUPPORTED);
	counters->rx_packets += packets;
	counters->rx_bytes += length;
	counters->last_rx_ns = bpf_ktime_get_coarse_ns();
	return bpf_redirect(c->ifindex, BPF_F_INGRESS);
}

/* `l2`: bytes of link-layer header before the outer IP header. `cut`: it comes from the loopback interface, cut. */
static __always_inline int decap(struct __sk_buff *skb, __u32 l2, bool cut)
{
	const struct lvn_config *c = config();
	struct outer o = {};
	int verdict;

	if (!c)
		return TC_ACT_UNSPEC;
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		verdict = read_outer4(skb, l2, cut, c, &o);
		return verdict == TC_ACT_OK ? deliver(skb, c, &o, l2 + OUTER4_SIZE, 4) : verdict;
	}
	if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		verdict = read_outer6(skb, l2, cut, c, &o);
		return verdict == TC_ACT_OK ? deliver(skb, c, &o, l2 + OUTER6_SIZE, 6) : verdict;
	}
	return TC_ACT_UNSPEC;
}

#endif
