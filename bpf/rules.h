/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inner address -> tunnel, by the longest prefix that holds it: a probe for each prefix length in use, unless this
 * CPU has asked for the address lately.
 *
 * What is remembered holds for one version of the rules. User space makes the version odd, changes rules, and makes
 * it even again: a packet that read the version before has its answer forgotten, and where somebody died half way
 * nothing is remembered at all until the rules are next changed.
 */
#ifndef LVN_RULES_H
#define LVN_RULES_H

#include "common.h"
#include "remembered.h"

static __always_inline __u32 rule4(const struct lvn_config *c, __be32 address)
{
	const struct lvn_mask4 *masks = c->masks4[c->list & 1];

	for (int i = 0; i < 33; i++) {
		struct lvn_rule4_key key = { .length = masks[i].length };
		__u32 *id;

		if (key.length > 32)
			break;
		key.address = address & masks[i].mask;
		id = bpf_map_lookup_elem(&lvn_rules4, &key);
		if (id)
			return *id;
	}
	return LVN_NO_TUNNEL;
}

static __always_inline __u32 rule6(const struct lvn_config *c, const __be32 *address)
{
	const struct lvn_mask6 *masks = c->masks6[c->list & 1];

	for (int i = 0; i < 129; i++) {
		const struct lvn_mask6 *m = &masks[i];
		struct lvn_rule6_key key = { .length = m->length };
		__u32 *id;

		if (key.length > 128)
			break;
		key.address[0] = address[0] & m->mask[0];
		key.address[1] = address[1] & m->mask[1];
		key.address[2] = address[2] & m->mask[2];
		key.address[3] = address[3] & m->mask[3];
		id = bpf_map_lookup_elem(&lvn_rules6, &key);
		if (id)
			return *id;
	}
	return LVN_NO_TUNNEL;
}

/* Knuth's multiplicative hash; a chosen collision costs what every packet would cost without this. */
static __always_inline __u32 flow_slot(__u32 word)
{
	return word * 0x9e3779b1U >> (32 - LVN_FLOW_BITS);
}

/* An atomic operation with a result orders all that is before it and all that is behind. */
static __always_inline void full_barrier(void)
{
	__u32 word = 0;

	__sync_lock_test_and_set(&word, 1);
}

static __always_inline __u32 tunnel_of4(const struct lvn_config *c, __be32 address)
{
	__u32 version = *(const volatile __u32 *)&c->rules_version;
	__u32 slot = flow_slot(address), id;
	struct lvn_flow4 *flow = bpf_map_lookup_elem(&lvn_flows4, &slot);

	if (flow) {
		__u32 writes = entry_writes(&flow->writes);

		if (!(writes & 1) && flow->version == version && flow->address == address) {
			id = flow->id;
			if (entry_unchanged(&flow->writes, writes))
				return id;
		}
	}
	full_barrier();
	id = rule4(c, address);
	if (flow && id != LVN_NO_TUNNEL && !(version & 1) && entry_begin(&flow->writes)) {
		flow->version = version;
		flow->address = address;
		flow->id = id;
		entry_end(&flow->writes);
	}
	return id;
}

static __always_inline __u32 tunnel_of6(const struct lvn_config *c, const struct in6_addr *address)
{
	__u32 version = *(const volatile __u32 *)&c->rules_version;
	__be32 a[4] __attribute__((aligned(8)));
	__u32 id, slot;
	struct lvn_flow6 *flow;

	__builtin_memcpy(a, address, sizeof(a));
	slot = flow_slot(a[0] ^ a[1] ^ a[2] ^ a[3]);
	flow = bpf_map_lookup_elem(&lvn_flows6, &slot);
	if (flow) {
		__u32 writes = entry_writes(&flow->writes);

		if (!(writes & 1) && flow->version == version && same_address(flow->address, a)) {
			id = flow->id;
			if (entry_unchanged(&flow->writes, writes))
				return id;
		}
	}
	full_barrier();
	id = rule6(c, a);
	if (flow && id != LVN_NO_TUNNEL && !(version & 1) && entry_begin(&flow->writes)) {
		flow->version = version;
		__builtin_memcpy(flow->address, a, sizeof(a));
		flow->id = id;
		entry_end(&flow->writes);
	}
	return id;
}

#endif
