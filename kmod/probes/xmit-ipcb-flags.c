// SPDX-License-Identifier: GPL-2.0
/* A last parameter, ipcb_flags, of udp_tunnel_xmit_skb() and its sister. */
#include <net/udp_tunnel.h>
void probe(struct rtable *rt, struct sk_buff *skb);
void probe(struct rtable *rt, struct sk_buff *skb)
{
	udp_tunnel_xmit_skb(rt, NULL, skb, 0, 0, 0, 0, 0, 0, 0, false, true, 0);
}
