// SPDX-License-Identifier: GPL-2.0
/* Per-CPU counters made and freed by the core. */
#include <linux/netdevice.h>
void probe(struct net_device *dev);
void probe(struct net_device *dev) { dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS; }
