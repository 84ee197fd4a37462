/* SPDX-License-Identifier: GPL-2.0 */
/*
 * May a packet that came out of a tunnel go where it wants to? To what the device was told to hand to the stack, or to
 * what its rules lead into another tunnel. The stack would forward the rest, on a host that forwards, to networks that
 * have nothing to do with the overlay.
 */
#ifndef LVN_DESTINATIONS_H
#define LVN_DESTINATIONS_H

#include "common.h"
#include "rules.h"

/*
 * Destinations that are compared in line: most devices have no more. bpf_loop() compares the rest, so that the verifier,
 * which walks through each turn of a loop, does not walk through 64.
 */
#define IN_LINE 4

struct search {
	const struct lvn_destinations *in;
	const __be32 *address;
	bool found;
};

static __always_inline bool has4(const struct lvn_prefix4 *p, __be32 address)
{
	return (address & p->mask) == p->address;
}

static __always_inline bool has6(const struct lvn_prefix6 *p, const __be32 *a)
{
	return !(((a[0] & p->mask[0]) ^ p->address[0]) | ((a[1] & p->mask[1]) ^ p->address[1]) |
		 ((a[2] & p->mask[2]) ^ p->address[2]) | ((a[3] & p->mask[3]) ^ p->address[3]));
}

static long search4(__u32 index, void *context)
{
	__u32 i = index + IN_LINE;
	struct search *s = context;

	s->found = i < LVN_MAX_DESTINATIONS && has4(&s->in->prefixes4[i], *s->address);
	return s->found;
}

static long search6(__u32 index, void *context)
{
	__u32 i = index + IN_LINE;
	struct search *s = context;

	s->found = i < LVN_MAX_DESTINATIONS && has6(&s->in->prefixes6[i], s->address);
	return s->found;
}

/* Is an address in one of the prefixes that the device hands to the stack? */
static __always_inline bool is_in4(const struct lvn_destinations *d, __be32 address)
{
	struct search rest = { .in = d, .address = &address };

	for (__u32 i = 0; i < IN_LINE; i++) {
		if (i >= d->count4)
			return false;
		if (has4(&d->prefixes4[i], address))
			return true;
	}
	bpf_loop(d->count4 - IN_LINE, search4, &rest, 0);
	return rest.found;
}

static __always_inline bool is_in6(const struct lvn_destinations *d, const __be32 *address)
{
	__be32 a[] = { address[0], address[1], address[2], address[3] };
	struct search rest = { .in = d, .address = a };

	for (__u32 i = 0; i < IN_LINE; i++) {
		if (i >= d->count6)
			return false;
		if (has6(&d->prefixes6[i], a))
			return true;
	}
	bpf_loop(d->count6 - IN_LINE, search6, &rest, 0);
	return rest.found;
}

/* `id`: the tunnel that the packet came out of. */
static __always_inline bool is_destination4(const struct lvn_config *c, __u32 id, __be32 address)
{
	const struct lvn_destinations *d = &c->destinations[c->destination_list & 1];
	__u32 to;

	if (!d->restricted || is_in4(d, address))
		return true;
	if (lvn_constants.mode != LVN_MODE_MULTI)
		return false;
	to = tunnel_of4(c, address);
	return to != LVN_NO_TUNNEL && to != id;
}

static __always_inline bool is_destination6(const struct lvn_config *c, __u32 id,
					    const struct in6_addr *address)
{
	const struct lvn_destinations *d = &c->destinations[c->destination_list & 1];
	__u32 to;

	if (!d->restricted || is_in6(d, address->in6_u.u6_addr32))
		return true;
	if (lvn_constants.mode != LVN_MODE_MULTI)
		return false;
	to = tunnel_of6(c, address);
	return to != LVN_NO_TUNNEL && to != id;
}

#endif
