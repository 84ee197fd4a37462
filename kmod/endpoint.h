/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An address and a port. IPv4 addresses are mapped (::ffff:a.b.c.d), so that one form serves both
 * families; a mapped address is never taken from outside as an IPv6 one. Sockets and tunnels are
 * not known here.
 */
#ifndef LVN_ENDPOINT_H
#define LVN_ENDPOINT_H

#include <net/ipv6.h>

/**
 * struct lvn_endpoint - also a hash key, so without holes
 * @address: IPv4 mapped
 * @port: in network order
 * @zero: always 0
 */
struct lvn_endpoint {
	struct in6_addr address;
	__be16 port;
	__be16 zero;
};

static inline bool lvn_is4(const struct in6_addr *address)
{
	return ipv6_addr_v4mapped(address);
}

static inline __be32 lvn_get4(const struct in6_addr *address)
{
	return address->s6_addr32[3];
}

static inline void lvn_set4(struct in6_addr *address, __be32 value)
{
	ipv6_addr_set_v4mapped(value, address);
}

static inline bool lvn_endpoint_same(const struct lvn_endpoint *a, const struct lvn_endpoint *b)
{
	return a->port == b->port && ipv6_addr_equal(&a->address, &b->address);
}

#endif
