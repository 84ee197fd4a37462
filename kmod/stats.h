/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU counters of devices and tunnels. Written in the packets' path with bottom halves off,
 * read from process context. What is counted, and when, is not known here.
 */
#ifndef LVN_STATS_H
#define LVN_STATS_H

#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>

/* In the order of the attributes LVN_A_DROPS_*. */
enum lvn_drop {
	LVN_DROP_NO_RULE,
	LVN_DROP_NO_REMOTE,
	LVN_DROP_BAD_SOURCE,
	LVN_DROP_UNKNOWN_PEER,
	LVN_DROP_MALFORMED,
	LVN_DROP_FRAGMENT,
	LVN_DROP_ECN,
	LVN_DROP_NO_ROOM,
	LVN_DROP_UNSUPPORTED,
	LVN_DROP_BAD_DESTINATION,
	LVN_DROP_COUNT,
};

/**
 * struct lvn_drops - packets that a device dropped, one CPU's
 * @count: by reason
 * @syncp: protects @count against torn reads on 32 bits
 */
struct lvn_drops {
	u64_stats_t count[LVN_DROP_COUNT];
	struct u64_stats_sync syncp;
};

/**
 * struct lvn_tunnel_stats - one tunnel's counters, one CPU's
 * @rx_packets: inner packets received, the segments of a large one each counted
 * @rx_bytes: their bytes
 * @tx_packets: inner packets sent
 * @tx_bytes: their bytes
 * @dropped: packets of this tunnel dropped, either way
 * @control_rejected: control packets that proved nothing
 * @last_rx: when the last one came in, in jiffies, the cheapest clock; 0: never
 * @last_tx: the same for sending
 * @syncp: protects all of them against torn reads on 32 bits
 */
struct lvn_tunnel_stats {
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t dropped;
	u64_stats_t control_rejected;
	u64_stats_t last_rx;
	u64_stats_t last_tx;
	struct u64_stats_sync syncp;
};

/* Packets on the wire that @skb stands for. */
static inline unsigned int lvn_segments(const struct sk_buff *skb)
{
	return max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1);
}

static inline void lvn_stats_rx(struct lvn_tunnel_stats __percpu *all, unsigned int packets,
				unsigned int bytes)
{
	struct lvn_tunnel_stats *stats = this_cpu_ptr(all);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->rx_packets, packets);
	u64_stats_add(&stats->rx_bytes, bytes);
	u64_stats_set(&stats->last_rx, get_jiffies_64());
	u64_stats_update_end(&stats->syncp);
}

static inline void lvn_stats_tx(struct lvn_tunnel_stats __percpu *all, unsigned int packets,
				unsigned int bytes)
{
	struct lvn_tunnel_stats *stats = this_cpu_ptr(all);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->tx_packets, packets);
	u64_stats_add(&stats->tx_bytes, bytes);
	u64_stats_set(&stats->last_tx, get_jiffies_64());
	u64_stats_update_end(&stats->syncp);
}

static inline void lvn_stats_dropped(struct lvn_tunnel_stats __percpu *all)
{
	struct lvn_tunnel_stats *stats = this_cpu_ptr(all);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->dropped);
	u64_stats_update_end(&stats->syncp);
}

static inline void lvn_stats_control_rejected(struct lvn_tunnel_stats __percpu *all)
{
	struct lvn_tunnel_stats *stats = this_cpu_ptr(all);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->control_rejected);
	u64_stats_update_end(&stats->syncp);
}

static inline void lvn_drops_count(struct lvn_drops __percpu *all, enum lvn_drop reason)
{
	struct lvn_drops *drops = this_cpu_ptr(all);

	u64_stats_update_begin(&drops->syncp);
	u64_stats_inc(&drops->count[reason]);
	u64_stats_update_end(&drops->syncp);
}

#endif
