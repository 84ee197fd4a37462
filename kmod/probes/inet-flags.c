// SPDX-License-Identifier: GPL-2.0
/* Flags of inet sockets that are set one by one without a lock. */
#include <net/inet_sock.h>
void probe(struct sock *sk);
void probe(struct sock *sk)
{
	inet_assign_bit(MC_LOOP, sk, true);
}
