/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way out: an inner packet of a device becomes the payload of an outer one.
 */
#ifndef LVN_ENCAP_H
#define LVN_ENCAP_H

#include <linux/netdevice.h>

struct lvn_endpoint;
struct lvn_path;

netdev_tx_t lvn_encap(struct sk_buff *skb, struct net_device *dev);

/*
 * Sends a packet of our own to @to from the path's socket, or loses it. Bottom halves off, under
 * RCU.
 */
void lvn_encap_control(struct lvn_path *path, const struct lvn_endpoint *to, const void *data,
		       size_t size);

#endif
