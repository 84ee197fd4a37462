// SPDX-License-Identifier: GPL-2.0
/*
 * UDP sockets of user space's: taken from it, watched, and given back as the ordinary ones that they
 * were.
 */
#include "socket-handover.h"

#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/udp.h>

#include "compat.h"
#include "decap.h"
#include "device.h"
#include "local.h"
#include "socket.h"
#include "tunnel.h"

/* How often sockets handed over are looked at: their owner may take them back without closing. */
#define LVN_WATCH_INTERVAL (5 * HZ)

/* Sockets handed over that are in use, by lvn_socket.watch_list; under RTNL. */
static LIST_HEAD(lvn_handed_over);

static void lvn_socket_watch(struct work_struct *work);
static DECLARE_DELAYED_WORK(lvn_socket_watch_due, lvn_socket_watch);

void lvn_socket_watch_stop(void)
{
	cancel_delayed_work_sync(&lvn_socket_watch_due);
}

/* The socket is user space's again: its local endpoints and their tunnels go. */
static void lvn_socket_lost(struct lvn_socket *socket)
{
	struct lvn_local *local, *next_local;
	struct lvn_path *path, *next_path;

	ASSERT_RTNL();
	/* The socket goes with its last local endpoint, while the list is still being read. */
	refcount_inc(&socket->refs);
	list_for_each_entry_safe(local, next_local, &socket->locals, socket_list) {
		/* Against being taken away with its last tunnel. */
		local->by_hand = true;
		list_for_each_entry_safe(path, next_path, &local->paths, local_list)
			lvn_tunnel_destroy(path->tunnel, LVN_REASON_SOCKET);
		lvn_local_destroy(local);
	}
	lvn_socket_put(socket);
}

/* User space has closed its socket. */
static void lvn_socket_closed(struct work_struct *work)
{
	struct lvn_socket *socket = container_of(work, struct lvn_socket, closed);

	rtnl_lock();
	lvn_socket_lost(socket);
	rtnl_unlock();
	lvn_socket_put(socket);
}

/* Do packets that come in by it still come to us? */
static bool lvn_socket_is_ours(const struct lvn_socket *socket)
{
	const struct udp_sock *up = udp_sk(socket->sk);

	return READ_ONCE(up->encap_type) == LVN_UDP_ENCAP && READ_ONCE(up->encap_rcv) == lvn_decap;
}

/*
 * setsockopt(UDP_ENCAP) asks nobody. Without encapsulation close() does not tell us either, and the
 * socket, its namespace and our device would hold each other for ever.
 */
static void lvn_socket_watch(struct work_struct *work)
{
	struct lvn_socket *socket, *next;

	rtnl_lock();
	list_for_each_entry_safe(socket, next, &lvn_handed_over, watch_list)
		if (!lvn_socket_is_ours(socket))
			lvn_socket_lost(socket);
	if (!list_empty(&lvn_handed_over))
		lvn_socket_queue_later(&lvn_socket_watch_due, LVN_WATCH_INTERVAL);
	rtnl_unlock();
}

void lvn_socket_encap_destroy(struct sock *sk)
{
	struct lvn_socket *socket;

	rcu_read_lock();
	socket = rcu_dereference_sk_user_data(sk);
	if (socket && refcount_inc_not_zero(&socket->refs) &&
	    !lvn_socket_queue(&socket->closed))
		lvn_socket_put(socket);
	rcu_read_unlock();
}

static void lvn_socket_bound(const struct sock *sk, struct lvn_endpoint *bound)
{
	const struct inet_sock *inet = inet_sk(sk);

	memset(bound, 0, sizeof(*bound));
	bound->port = inet->inet_sport;
	if (sk->sk_family == AF_INET)
		lvn_set4(&bound->address, inet->inet_rcv_saddr);
#if IS_ENABLED(CONFIG_IPV6)
	else
		bound->address = sk->sk_v6_rcv_saddr;
#endif
}

/* Asked before the lock is touched: other families have locks of another kind. */
static bool lvn_socket_is_udp(const struct sock *sk)
{
	int family = READ_ONCE(sk->sk_family);

	return (family == AF_INET || family == AF_INET6) && sk->sk_type == SOCK_DGRAM &&
	       sk->sk_protocol == IPPROTO_UDP;
}

/* Can the socket serve the local endpoint? The caller holds its lock. */
static int lvn_socket_check(const struct sock *sk, struct net *net,
			    const struct lvn_endpoint *local, struct netlink_ext_ack *extack)
{
	/* setsockopt(IPV6_ADDRFORM) may have changed it. */
	bool is4 = sk->sk_family == AF_INET;
	struct lvn_endpoint bound;

	if (!net_eq(sock_net(sk), net)) {
		NL_SET_ERR_MSG(extack,
			       "the socket is of another network namespace than the device's underlay");
		return -EXDEV;
	}
	if (lvn_is4(&local->address) != is4) {
		NL_SET_ERR_MSG(extack, "the socket is not of the family of the local address");
		return -EAFNOSUPPORT;
	}
	if (sk->sk_state == TCP_ESTABLISHED) {
		NL_SET_ERR_MSG(extack, "the socket is connected to one peer");
		return -EISCONN;
	}
	lvn_socket_bound(sk, &bound);
	if (bound.port != local->port) {
		NL_SET_ERR_MSG(extack, "the socket is not bound to the local port");
		return -EADDRNOTAVAIL;
	}
	if (!ipv6_addr_equal(&bound.address, &local->address) &&
	    !(sk->sk_family == AF_INET ? !inet_sk(sk)->inet_rcv_saddr :
	      ipv6_addr_any(&bound.address))) {
		NL_SET_ERR_MSG(extack, "the socket is bound to another address");
		return -EADDRNOTAVAIL;
	}
	return 0;
}

/*
 * Makes the socket ours before anybody else's. The caller holds its lock; others who take sockets
 * hold that one, or sk_callback_lock alone.
 */
static bool lvn_socket_claim(struct sock *sk, struct lvn_socket *socket)
{
	bool free;

	write_lock_bh(&sk->sk_callback_lock);
	free = !udp_sk(sk)->encap_type && !rcu_access_pointer(__sk_user_data(sk));
	if (free)
		rcu_assign_sk_user_data(sk, socket);
	write_unlock_bh(&sk->sk_callback_lock);
	return free;
}

static struct lvn_socket *lvn_socket_take_locked(struct net *net, struct sock *sk,
						 const struct lvn_endpoint *local,
						 struct netlink_ext_ack *extack)
{
	struct lvn_socket *socket;
	struct lvn_endpoint bound;
	bool mc_loop;
	int err;

	err = lvn_socket_check(sk, net, local, extack);
	if (err)
		return ERR_PTR(err);
	list_for_each_entry(socket, &lvn_net(net)->sockets, list)
		if (socket->sk == sk)
			return socket;
	lvn_socket_bound(sk, &bound);
	socket = lvn_socket_alloc(net, &bound, extack);
	if (IS_ERR(socket))
		return socket;
	if (!lvn_socket_claim(sk, socket)) {
		NL_SET_ERR_MSG(extack, "the socket serves another encapsulation");
		lvn_socket_free(socket);
		return ERR_PTR(-EBUSY);
	}
	sock_hold(sk);
	socket->sk = sk;
	/* RFC 6935, for what comes in; its owner's own packets keep their checksums. */
	if (sk->sk_family == AF_INET6) {
		socket->no_check6_rx = udp_get_no_check6_rx(sk);
		udp_set_no_check6_rx(sk, true);
	}
	INIT_WORK(&socket->closed, lvn_socket_closed);
	mc_loop = lvn_compat_mc_loop(sk);
	lvn_socket_attach(socket);
	/* It is its owner's to say whether its own multicasts come back. */
	lvn_compat_set_mc_loop(sk, mc_loop);
	list_add_tail(&socket->watch_list, &lvn_handed_over);
	lvn_socket_queue_later(&lvn_socket_watch_due, LVN_WATCH_INTERVAL);
	return socket;
}

/*
 * lock_sock() that does not wait: we hold RTNL. A thread that sends with MSG_MORE holds the lock
 * while it reads memory that another process may have to page in (FUSE, userfaultfd), and that one
 * takes as long as it likes.
 */
static bool lvn_socket_trylock(struct sock *sk)
{
	bool free;

	spin_lock_bh(&sk->sk_lock.slock);
	free = !sk->sk_lock.owned;
	if (free)
		sk->sk_lock.owned = 1;
	spin_unlock_bh(&sk->sk_lock.slock);
	if (free)
		mutex_acquire(&sk->sk_lock.dep_map, 0, 1, _RET_IP_);
	return free;
}

struct lvn_socket *lvn_socket_take(struct net *net, int fd, const struct lvn_endpoint *local,
				   struct netlink_ext_ack *extack)
{
	struct lvn_socket *socket;
	struct socket *sock;
	int err;

	ASSERT_RTNL();
	sock = sockfd_lookup(fd, &err);
	if (!sock) {
		NL_SET_ERR_MSG(extack, "the file descriptor is no socket");
		return ERR_PTR(err);
	}
	if (!sock->sk || !lvn_socket_is_udp(sock->sk)) {
		NL_SET_ERR_MSG(extack, "the file descriptor is no UDP socket");
		socket = ERR_PTR(-EPROTOTYPE);
		goto put;
	}
	if (!lvn_socket_trylock(sock->sk)) {
		NL_SET_ERR_MSG(extack,
			       "the socket is in use: try again when no thread sends by it or changes it");
		socket = ERR_PTR(-EAGAIN);
		goto put;
	}
	socket = lvn_socket_take_locked(net, sock->sk, local, extack);
	release_sock(sock->sk);
put:
	sockfd_put(sock);
	return socket;
}

/*
 * No packet comes to us any more. By hand: setup_udp_tunnel_sock() goes by way of struct socket,
 * which close() takes away without the lock. We do not take it either, see lvn_socket_trylock():
 * setsockopt(UDP_ENCAP) sets these without it, and nobody else does while the user data is ours.
 */
void lvn_socket_detach(struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);

	/* setsockopt(UDP_ENCAP) changes the type and, for some types only, where packets go. */
	if (READ_ONCE(up->encap_rcv) == lvn_decap) {
		WRITE_ONCE(up->encap_type, 0);
		WRITE_ONCE(up->encap_rcv, NULL);
	}
	WRITE_ONCE(up->encap_err_lookup, NULL);
}

/*
 * Gives a socket back to user space as the ordinary one that it was. Packets that were still on
 * their way when it was detached have taken its user data for ours: until now nobody else could
 * have the socket. Without its lock, as in lvn_socket_detach(): where the setting of checksums is
 * one bit of several (Linux before 6.7), setsockopt(UDP_NO_CHECK6_RX) writes it without, too.
 */
void lvn_socket_give_back(struct lvn_socket *socket)
{
	struct sock *sk = socket->sk;
	struct udp_sock *up = udp_sk(sk);

	WRITE_ONCE(up->encap_err_rcv, NULL);
	WRITE_ONCE(up->encap_destroy, NULL);
	inet_dec_convert_csum(sk);
	if (READ_ONCE(sk->sk_family) == AF_INET6)
		udp_set_no_check6_rx(sk, socket->no_check6_rx);
	write_lock_bh(&sk->sk_callback_lock);
	/* The next owner of the user data sees the writes above. */
	smp_wmb();
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}
