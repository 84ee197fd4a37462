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

/* `id`: the tunnel that the packet came out of. */
static __always_inline bool is_destination4(const struct lvn_config *c, __u32 id, __be32 address)
{
	const struct lvn_destinations *d = &c->destinations[c->destination_list & 1];
	__u32 to;

	if (!d->restricted)
		return true;
	for (__u32 i = 0; i < LVN_MAX_DESTINATIONS; i++) {
		if (i >= d->count4)
			break;
		if ((address & d->prefixes4[i].mask) == d->prefixes4[i].address)
			return true;
	}
	if (lvn_constants.mode != LVN_MODE_MULTI)
		return false;
	to = tunnel_of4(c, address);
	return to != LVN_NO_TUNNEL && to != id;
}

static __always_inline bool is_destination6(const struct lvn_config *c, __u32 id,
					    const struct in6_addr *address)
{
	const struct lvn_destinations *d = &c->destinations[c->destination_list & 1];
	const __be32 *a = address->in6_u.u6_addr32;
	__u32 to;

	if (!d->restricted)
		return true;
	for (__u32 i = 0; i < LVN_MAX_DESTINATIONS; i++) {
		const struct lvn_prefix6 *p = &d->prefixes6[i];

		if (i >= d->count6)
			break;
		if (!(((a[0] & p->mask[0]) ^ p->address[0]) | ((a[1] & p->mask[1]) ^ p->address[1]) |
		      ((a[2] & p->mask[2]) ^ p->address[2]) | ((a[3] & p->mask[3]) ^ p->address[3])))
			return true;
	}
	if (lvn_constants.mode != LVN_MODE_MULTI)
		return false;
	to = tunnel_of6(c, address);
	return to != LVN_NO_TUNNEL && to != id;
}

#endif
