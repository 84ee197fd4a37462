// SPDX-License-Identifier: GPL-2.0
/* UDP tunnel sockets named by struct sock, not struct socket. */
#include <net/udp_tunnel.h>
void probe(struct net *net, struct sock *sk, struct udp_tunnel_sock_cfg *config);
void probe(struct net *net, struct sock *sk, struct udp_tunnel_sock_cfg *config)
{
	setup_udp_tunnel_sock(net, sk, config);
}
