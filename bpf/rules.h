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

/*
 * Prefix lengths that are probed in line: most files use no more. bpf_loop() probes the rest, so that the verifier, which
 * walks through each turn of a loop, does not walk through 33 and 129 of them wherever an address is looked up.
 */
#define PROBES_IN_LINE 2

/* The tunnel of the rule of this length that holds the address; NULL: there is none. `*end`: nor are there more lengths. */
static __always_inline const __u32 *probe4(const struct lvn_mask4 *m, __be32 address, bool *end)
{
	struct lvn_rule4_key key = { .length = m->length, .address = address & m->mask };

	*end = key.length > 32;
	return *end ? NULL : bpf_map_lookup_elem(&lvn_rules4, &key);
}

static __always_inline const __u32 *probe6(const struct lvn_mask6 *m, const __be32 *a, bool *end)
{
	struct lvn_rule6_key key = { .length = m->length };

	key.address[0] = a[0] & m->mask[0];
	key.address[1] = a[1] & m->mask[1];
	key.address[2] = a[2] & m->mask[2];
	key.address[3] = a[3] & m->mask[3];
	*end = key.length > 128;
	return *end ? NULL : bpf_map_lookup_elem(&lvn_rules6, &key);
}

struct probing {
	const void *masks;
	const __be32 *address;
	__u32 id;
};

static long probe_next4(__u32 index, void *context)
{
	__u32 i = index + PROBES_IN_LINE;
	struct probing *p = context;
	const __u32 *id;
	bool end;

	if (i >= 33)
		return 1;
	id = probe4((const struct lvn_mask4 *)p->masks + i, *p->address, &end);
	if (id)
		p->id = *id;
	return id || end;
}

static long probe_next6(__u32 index, void *context)
{
	__u32 i = index + PROBES_IN_LINE;
	struct probing *p = context;
	const __u32 *id;
	bool end;

	if (i >= 129)
		return 1;
	id = probe6((const struct lvn_mask6 *)p->masks + i, p->address, &end);
	if (id)
		p->id = *id;
	return id || end;
}

/* Not in line: for what is not remembered, and looked up in four places. */
static __noinline __u32 rule4(const struct lvn_config *c, __be32 address)
{
	const struct lvn_mask4 *masks = c->masks4[c->list & 1];
	struct probing rest = { .masks = masks, .address = &address, .id = LVN_NO_TUNNEL };

	for (int i = 0; i < PROBES_IN_LINE; i++) {
		bool end;
		const __u32 *id = probe4(&masks[i], address, &end);

		if (id || end)
			return id ? *id : LVN_NO_TUNNEL;
	}
	bpf_loop(33 - PROBES_IN_LINE, probe_next4, &rest, 0);
	return rest.id;
}

static __noinline __u32 rule6(const struct lvn_config *c, const __be32 *address)
{
	const struct lvn_mask6 *masks = c->masks6[c->list & 1];
	struct probing rest = { .masks = masks, .address = address, .id = LVN_NO_TUNNEL };

	for (int i = 0; i < PROBES_IN_LINE; i++) {
		bool end;
		const __u32 *id = probe6(&masks[i], address, &end);

		if (id || end)
			return id ? *id : LVN_NO_TUNNEL;
	}
	bpf_loop(129 - PROBES_IN_LINE, probe_next6, &rest, 0);
	return rest.id;
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
