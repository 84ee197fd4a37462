/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Outer packets: their routes, their headers, and off they go. Where an outer packet's payload
 * comes from is not known here. Everything runs with bottom halves off, under RCU, and takes no
 * lock.
 */
#ifndef LVN_OUTER_H
#define LVN_OUTER_H

#include <linux/atomic.h>
#include <linux/skbuff.h>
#include <net/route.h>

struct lvn_endpoint;
struct lvn_path;

void lvn_outer_init(void);

/* The counter of IPv4 identifications for packets between two addresses. */
atomic_t *lvn_outer_idents(__be32 source, __be32 remote);

/* The route of a path, of its cache where that has one; an ERR_PTR. The caller owns a reference. */
struct rtable *lvn_outer_route4(struct lvn_path *path);
struct dst_entry *lvn_outer_route6(struct lvn_path *path);

/* A route as a path's packets go, to any endpoint, looked up anew. */
struct dst_entry *lvn_outer_find6(const struct lvn_path *path, const struct lvn_endpoint *to);

/*
 * Puts UDP and IP before @skb and sends it from the path's socket to @to. Takes @skb and the
 * reference to the route, whatever becomes of them. Without UDP checksums (RFC 6935, RFC 6936).
 */
void lvn_outer_send4(struct sk_buff *skb, struct rtable *rt, struct lvn_path *path,
		     const struct lvn_endpoint *to, u8 tos, bool df);
void lvn_outer_send6(struct sk_buff *skb, struct dst_entry *dst, const struct lvn_path *path,
		     const struct lvn_endpoint *to, u8 tos);

/* Sends a packet of our own to @to from the path's socket, or loses it. */
void lvn_outer_control(struct lvn_path *path, const struct lvn_endpoint *to, const void *data,
		       size_t size);

#endif
