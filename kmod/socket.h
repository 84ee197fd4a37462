/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP sockets that outer packets come in by and go out of: one of the kernel's own for each
 * (network namespace, local address, port), shared by the devices that use it, or one handed over
 * by user space.
 */
#ifndef LVN_SOCKET_H
#define LVN_SOCKET_H

#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>

#include "endpoint.h"

/* Any encapsulation at all: the receive path only asks whether there is one. */
#define LVN_UDP_ENCAP 1

struct lvn_device;
struct lvn_local;
struct netlink_ext_ack;

/**
 * struct lvn_socket - without a note, written under RTNL
 * @list: in lvn_net.sockets, or in the list of retired sockets
 * @watch_list: in the list of sockets handed over; empty for one of the kernel's own
 * @net: of outer packets
 * @sk: the socket; set once
 * @own: of the kernel's own making; NULL: handed over by user space, a reference to @sk is held
 * @bound: what it is bound to; the address of one handed over may be unspecified
 * @locals: the local endpoints that use it, by lvn_local.socket_list
 * @counts: device on which data packets from nobody known are counted; RCU
 * @peers: paths by remote endpoint, see peers.h; RCU
 * @keys: paths by the id of their key; RCU
 * @closed: takes the local endpoints away when user space has closed its socket
 * @no_check6_rx: of a socket handed over: what it was before
 * @grace: of a retired socket: the grace period after which no packet is in it
 * @refs: of this structure: one while in use, one while @closed is due
 * @rcu: freed after a grace period
 */
struct lvn_socket {
	struct list_head list;
	struct list_head watch_list;
	struct net *net;
	struct sock *sk;
	struct socket *own;
	struct lvn_endpoint bound;
	struct list_head locals;
	struct lvn_device __rcu *counts;
	struct rhashtable peers;
	struct rhashtable keys;
	struct work_struct closed;
	bool no_check6_rx;
	unsigned long grace;
	refcount_t refs;
	struct rcu_head rcu;
};

int lvn_socket_init(void);
void lvn_socket_exit(void);

/*
 * Has the module's work queue carry out @work, at once or after @delay ticks; it is empty before the
 * module goes. Returns whether it was not waiting already.
 */
bool lvn_socket_queue(struct work_struct *work);
bool lvn_socket_queue_later(struct delayed_work *work, unsigned long delay);

/* A socket for one more local endpoint; an ERR_PTR with an extack sentence. */
struct lvn_socket *lvn_socket_open(struct net *net, const struct lvn_endpoint *local,
				   struct netlink_ext_ack *extack);
/* The same for a file descriptor of the calling process. */
struct lvn_socket *lvn_socket_take(struct net *net, int fd, const struct lvn_endpoint *local,
				   struct netlink_ext_ack *extack);

/* The steps of both: a structure without its socket; data packets come to us. */
struct lvn_socket *lvn_socket_alloc(struct net *net, const struct lvn_endpoint *bound,
				    struct netlink_ext_ack *extack);
void lvn_socket_attach(struct lvn_socket *socket);
/* Of one that no packet has found, or can find any more. */
void lvn_socket_free(struct lvn_socket *socket);
/* Gives up a reference to the structure. */
void lvn_socket_put(struct lvn_socket *socket);

/*
 * A local endpoint begins, and ceases, to use a socket; with the last one it is retired: nothing
 * comes in by it any more, and lvn_sockets_release() closes it, or lets go of it.
 */
void lvn_socket_join(struct lvn_socket *socket, struct lvn_local *local);
void lvn_socket_leave(struct lvn_socket *socket, struct lvn_local *local);
/*
 * Waits for a grace period, once and only if none has passed since sockets were retired; and for
 * another one where some of them were handed over.
 */
void lvn_sockets_release(void);

#endif
