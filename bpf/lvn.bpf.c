// SPDX-License-Identifier: GPL-2.0
/*
 * The eBPF data plane's programs:
 *
 *   tunnel device, egress      lvn_encap     inner packet -> outer packet -> underlay
 *   underlay device, ingress   lvn_decap     outer packet -> inner packet -> tunnel device
 *                              lvn_decap_l3  the same for interfaces without Ethernet headers
 *   loopback, ingress          lvn_decap_lo  the same for what lvn_decap has sent there to be cut
 */
#include <stdbool.h>
#include <stddef.h>

#include "decap.h"
#include "encap.h"

SEC("tc")
int lvn_encap(struct __sk_buff *skb)
{
	return encap(skb);
}

SEC("tc")
int lvn_decap(struct __sk_buff *skb)
{
	return decap(skb, ETH_HLEN, false);
}

SEC("tc")
int lvn_decap_l3(struct __sk_buff *skb)
{
	return decap(skb, 0, false);
}

SEC("tc")
int lvn_decap_lo(struct __sk_buff *skb)
{
	int verdict;

	if (skb->tc_index != LVN_CUT)
		return TC_ACT_UNSPEC;
	verdict = decap(skb, ETH_HLEN, true);
	/* Another device's packet keeps it, for that device's program. */
	if (verdict == TC_ACT_REDIRECT)
		skb->tc_index = 0;
	return verdict;
}

char LICENSE[] SEC("license") = "GPL";
