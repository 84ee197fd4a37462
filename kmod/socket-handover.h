/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What socket.c asks of sockets that user space has handed over.
 */
#ifndef LVN_SOCKET_HANDOVER_H
#define LVN_SOCKET_HANDOVER_H

struct lvn_socket;
struct sock;

/* None is in use any more. */
void lvn_socket_watch_stop(void);

/* Called while the socket is being closed, without its lock. */
void lvn_socket_encap_destroy(struct sock *sk);

/* In two steps, a grace period apart: no packet comes to us any more; it is user space's again. */
void lvn_socket_detach(struct sock *sk);
void lvn_socket_give_back(struct lvn_socket *socket);

#endif
