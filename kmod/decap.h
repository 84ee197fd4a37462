/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way in: what UDP gives us of a socket's packets. The functions are those of struct
 * udp_tunnel_sock_cfg.
 */
#ifndef LVN_DECAP_H
#define LVN_DECAP_H

#include <linux/skbuff.h>

#include "compat.h"

struct sock;

/* Returns 0: taken (or dropped); 1: not data, for whoever reads the socket. */
int lvn_decap(struct sock *sk, struct sk_buff *skb);
/* Is the ICMP error about a packet of one of our tunnels? */
int lvn_decap_err_lookup(struct sock *sk, struct sk_buff *skb);
/* It is: what follows from it. */
void lvn_decap_err(struct sock *sk, struct sk_buff *skb, LVN_COMPAT_ERR_MORE);
struct sk_buff *lvn_decap_gro_receive(struct sock *sk, struct list_head *head, struct sk_buff *skb);
int lvn_decap_gro_complete(struct sock *sk, struct sk_buff *skb, int offset);

#endif
