// SPDX-License-Identifier: GPL-2.0
/* UDP sockets' handlers of ICMP errors that are told what the error says. */
#include <net/udp_tunnel.h>
static void handler(struct sock *sk, struct sk_buff *skb, int err, __be16 port, u32 info, u8 *data)
{
}

void probe(struct udp_tunnel_sock_cfg *config);
void probe(struct udp_tunnel_sock_cfg *config)
{
	config->encap_err_rcv = handler;
}
