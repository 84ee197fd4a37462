/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What encapsulation and decapsulation share: reading packets, and counting.
 */
#ifndef LVN_COMMON_H
#define LVN_COMMON_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "lvn.h"
#include "maps.h"

#define LVN_NO_TUNNEL 0xffffffffU

#define IP_DF 0x4000
#define IP_MF 0x2000
#define IP_OFFSET 0x1fff

#define OUTER4_SIZE (sizeof(struct iphdr) + sizeof(struct udphdr))
#define OUTER6_SIZE (sizeof(struct ipv6hdr) + sizeof(struct udphdr))

const volatile struct lvn_constants lvn_constants = {};

static __always_inline void *packet_start(const struct __sk_buff *skb)
{
	return (void *)(long)skb->data;
}

static __always_inline void *packet_end(const struct __sk_buff *skb)
{
	return (void *)(long)skb->data_end;
}

/* Makes the first `size` bytes readable and writable in place; false when the packet is shorter. */
static __always_inline bool linear(struct __sk_buff *skb, __u32 size)
{
	if (packet_start(skb) + size <= packet_end(skb))
		return true;
	return !bpf_skb_pull_data(skb, size) && packet_start(skb) + size <= packet_end(skb);
}

/* Of a header without options, RFC 1071: what belongs in the field where that is 0, and 0 where it is right. */
static __always_inline __sum16 header_checksum(const struct iphdr *ip)
{
	const __u32 *word = (const __u32 *)ip;
	__u64 sum = (__u64)word[0] + word[1] + word[2] + word[3] + word[4];

	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

/* Both at multiples of eight bytes. */
static __always_inline bool same_address(const __be32 *a, const __be32 *b)
{
	typedef __u64 __attribute__((may_alias)) half;
	const half *x = __builtin_assume_aligned(a, 8), *y = __builtin_assume_aligned(b, 8);

	return !((x[0] ^ y[0]) | (x[1] ^ y[1]));
}

static __always_inline void count(enum lvn_drop reason)
{
	__u32 key = reason;
	__u64 *packets = bpf_map_lookup_elem(&lvn_drops, &key);

	if (packets)
		(*packets)++;
}

/* Not in line: some thirty places call it, seldom, and the verifier's work grows with the program. */
static __noinline int drop(struct lvn_counters *counters, enum lvn_drop reason)
{
	count(reason);
	if (counters)
		counters->dropped++;
	return TC_ACT_SHOT;
}

/* How many packets a frame will be on the wire; a grown or shrunk GSO frame has forgotten its count. */
static __always_inline __u64 segments(const struct __sk_buff *skb, __u32 inner_length)
{
	__u32 size = skb->gso_size;

	if (!size)
		return 1;
	if (skb->gso_segs)
		return skb->gso_segs;
	return (inner_length + size - 1) / size;
}

static __always_inline const struct lvn_config *config(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&lvn_config, &zero);
}

#endif
