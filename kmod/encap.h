/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way out: an inner packet of a device becomes the payload of an outer one.
 */
#ifndef LVN_ENCAP_H
#define LVN_ENCAP_H

#include <linux/netdevice.h>

netdev_tx_t lvn_encap(struct sk_buff *skb, struct net_device *dev);

#endif
