// SPDX-License-Identifier: GPL-2.0
/*
 * UDP sockets: made, taken over, shared, closed. What happens to their packets is decap.c's.
 */
#include "socket.h"

#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ip.h>
#include <net/udp.h>

#include "compat.h"
#include "decap.h"
#include "device.h"
#include "local.h"
#include "peers.h"
#include "tunnel.h"

/* Any encapsulation at all: the receive path only asks whether there is one. */
#define LVN_UDP_ENCAP 1

/* How often sockets handed over are looked at: their owner may take them back without closing. */
#define LVN_WATCH_INTERVAL (5 * HZ)

static struct workqueue_struct *lvn_workqueue;

/* Sockets that no local endpoint uses any more, by lvn_socket.list; under RTNL. */
static LIST_HEAD(lvn_retired);
/* Sockets handed over that are in use, by lvn_socket.watch_list; under RTNL. */
static LIST_HEAD(lvn_handed_over);

static void lvn_socket_watch(struct work_struct *work);
static DECLARE_DELAYED_WORK(lvn_socket_watch_due, lvn_socket_watch);

int lvn_socket_init(void)
{
	lvn_workqueue = alloc_workqueue("lvn", WQ_UNBOUND, 0);
	return lvn_workqueue ? 0 : -ENOMEM;
}

/* No device is left. Work that is due finds nothing to do. */
void lvn_socket_exit(void)
{
	cancel_delayed_work_sync(&lvn_socket_watch_due);
	destroy_workqueue(lvn_workqueue);
}

void lvn_socket_queue(struct work_struct *work)
{
	queue_work(lvn_workqueue, work);
}

static void lvn_socket_put(struct lvn_socket *socket)
{
	if (refcount_dec_and_test(&socket->refs))
		kfree_rcu(socket, rcu);
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
		queue_delayed_work(lvn_workqueue, &lvn_socket_watch_due, LVN_WATCH_INTERVAL);
	rtnl_unlock();
}

/* Called while the socket is being closed, without its lock. */
static void lvn_socket_encap_destroy(struct sock *sk)
{
	struct lvn_socket *socket;

	rcu_read_lock();
	socket = rcu_dereference_sk_user_data(sk);
	if (socket && refcount_inc_not_zero(&socket->refs) &&
	    !queue_work(lvn_workqueue, &socket->closed))
		lvn_socket_put(socket);
	rcu_read_unlock();
}

static struct lvn_socket *lvn_socket_alloc(struct net *net, const struct lvn_endpoint *bound,
					   struct netlink_ext_ack *extack)
{
	struct lvn_socket *socket;

	if (lvn_net(net)->socket_count >= LVN_MAX_SOCKETS) {
		NL_SET_ERR_MSG(extack,
			       "the underlay's network namespace has as many local endpoints as it can have");
		return ERR_PTR(-ENOSPC);
	}
	socket = kzalloc(sizeof(*socket), GFP_KERNEL_ACCOUNT);
	if (!socket || lvn_peers_init(&socket->peers, &socket->keys)) {
		kfree(socket);
		NL_SET_ERR_MSG(extack, "no memory for the socket");
		return ERR_PTR(-ENOMEM);
	}
	socket->net = net;
	socket->bound = *bound;
	INIT_LIST_HEAD(&socket->locals);
	INIT_LIST_HEAD(&socket->watch_list);
	INIT_WORK(&socket->closed, lvn_socket_closed);
	refcount_set(&socket->refs, 1);
	return socket;
}

/* No packet has found it, or can find it any more. */
static void lvn_socket_free(struct lvn_socket *socket)
{
	lvn_peers_exit(&socket->peers, &socket->keys);
	lvn_socket_put(socket);
}

/* Makes data packets come to us. */
static void lvn_socket_attach(struct lvn_socket *socket)
{
	struct udp_tunnel_sock_cfg config = {
		.sk_user_data = socket,
		.encap_type = LVN_UDP_ENCAP,
		.encap_rcv = lvn_decap,
		.encap_err_lookup = lvn_decap_err_lookup,
		.encap_err_rcv = lvn_decap_err,
	};

	/*
	 * The stack asks twice whether there is a GRO callback, and calls it after the second time:
	 * from a socket that goes on receiving, they cannot be taken away again.
	 */
	if (socket->own) {
		config.gro_receive = lvn_decap_gro_receive;
		config.gro_complete = lvn_decap_gro_complete;
		/*
		 * Inner datagrams that were handed to their host's kernel in one piece stay so. For
		 * the owner of a socket handed over that would be another socket than it was.
		 */
		udp_allow_gso(socket->sk);
	} else {
		config.encap_destroy = lvn_socket_encap_destroy;
	}
	lvn_compat_sock_setup(socket->net, socket->sk, &config);
	list_add_tail(&socket->list, &lvn_net(socket->net)->sockets);
	lvn_net(socket->net)->socket_count++;
}

static int lvn_socket_bind(struct net *net, const struct lvn_endpoint *local, struct socket **made)
{
	struct sockaddr_in6 name6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = local->address,
		.sin6_port = local->port,
	};
	struct sockaddr_in name4 = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = lvn_get4(&local->address),
		.sin_port = local->port,
	};
	bool is4 = lvn_is4(&local->address);
	struct socket *sock;
	int err;

	err = sock_create_kern(net, is4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0, &sock);
	if (err)
		return err;
	/* An address that comes later, by DHCP or a failover, is no reason to fail now. */
	ip_sock_set_freebind(sock->sk);
	if (is4) {
		err = kernel_bind(sock, (void *)&name4, sizeof(name4));
	} else {
		sock->sk->sk_ipv6only = true;
		/* RFC 6935: a tunnel over IPv6 may do without checksums. */
		udp_set_no_check6_tx(sock->sk, true);
		udp_set_no_check6_rx(sock->sk, true);
		err = kernel_bind(sock, (void *)&name6, sizeof(name6));
	}
	if (err) {
		kernel_sock_shutdown(sock, SHUT_RDWR);
		sock_release(sock);
		return err;
	}
	*made = sock;
	return 0;
}

struct lvn_socket *lvn_socket_open(struct net *net, const struct lvn_endpoint *local,
				   struct netlink_ext_ack *extack)
{
	struct lvn_socket *socket;
	int err;

	ASSERT_RTNL();
	list_for_each_entry(socket, &lvn_net(net)->sockets, list)
		if (socket->own && lvn_endpoint_same(&socket->bound, local))
			return socket;
	socket = lvn_socket_alloc(net, local, extack);
	if (IS_ERR(socket))
		return socket;
	err = lvn_socket_bind(net, local, &socket->own);
	if (err) {
		if (err == -EADDRINUSE)
			NL_SET_ERR_MSG(extack, "another socket is bound to the local endpoint");
		else
			NL_SET_ERR_MSG(extack, "no socket can be bound to the local endpoint");
		lvn_socket_free(socket);
		return ERR_PTR(err);
	}
	socket->sk = socket->own->sk;
	lvn_socket_attach(socket);
	return socket;
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
	mc_loop = lvn_compat_mc_loop(sk);
	lvn_socket_attach(socket);
	/* It is its owner's to say whether its own multicasts come back. */
	lvn_compat_set_mc_loop(sk, mc_loop);
	list_add_tail(&socket->watch_list, &lvn_handed_over);
	queue_delayed_work(lvn_workqueue, &lvn_socket_watch_due, LVN_WATCH_INTERVAL);
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
static void lvn_socket_detach(struct sock *sk)
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
static void lvn_socket_give_back(struct lvn_socket *socket)
{
	struct sock *sk = socket->sk;
	struct udp_sock *up = udp_sk(sk);

	WRITE_ONCE(up->encap_err_rcv, NULL);
	WRITE_ONCE(up->encap_destroy, NULL);
	inet_dec_convert_csum(sk);
	if (READ_ONCE(sk->sk_family) == AF_INET6)
		udp_set_no_check6_rx(sk, socket->no_check6_rx);
	write_lock_bh(&sk->sk_callback_lock);
	/* Whoever takes it next finds the rest done. */
	smp_wmb();
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}

/* No packet finds the socket any more; those on their way may still have found it. */
static void lvn_socket_retire(struct lvn_socket *socket)
{
	list_del_init(&socket->watch_list);
	list_move_tail(&socket->list, &lvn_retired);
	if (socket->own)
		rcu_assign_sk_user_data(socket->sk, NULL);
	else
		lvn_socket_detach(socket->sk);
	socket->grace = get_state_synchronize_rcu();
}

/*
 * Sockets handed over, each after its grace period. ICMP errors about one whose owner has set
 * another encapsulation may come to us until this moment: there is one more to wait for.
 */
static void lvn_sockets_give_back(void)
{
	struct lvn_socket *socket;
	bool given = false;

	list_for_each_entry(socket, &lvn_retired, list) {
		if (socket->own)
			continue;
		/* The first one may have to wait; the others were retired before that. */
		cond_synchronize_rcu_expedited(socket->grace);
		lvn_socket_give_back(socket);
		given = true;
	}
	if (given)
		synchronize_rcu_expedited();
}

void lvn_sockets_release(void)
{
	struct lvn_socket *socket, *next;

	ASSERT_RTNL();
	lvn_sockets_give_back();
	list_for_each_entry_safe(socket, next, &lvn_retired, list) {
		cond_synchronize_rcu_expedited(socket->grace);
		list_del(&socket->list);
		lvn_net(socket->net)->socket_count--;
		if (socket->own) {
			kernel_sock_shutdown(socket->own, SHUT_RDWR);
			sock_release(socket->own);
		} else {
			sock_put(socket->sk);
		}
		lvn_socket_free(socket);
	}
}

static void lvn_socket_choose_counts(struct lvn_socket *socket)
{
	struct lvn_local *first = list_first_entry_or_null(&socket->locals, struct lvn_local,
							   socket_list);

	rcu_assign_pointer(socket->counts, first ? first->device : NULL);
}

void lvn_socket_join(struct lvn_socket *socket, struct lvn_local *local)
{
	ASSERT_RTNL();
	list_add_tail(&local->socket_list, &socket->locals);
	lvn_socket_choose_counts(socket);
}

void lvn_socket_leave(struct lvn_socket *socket, struct lvn_local *local)
{
	ASSERT_RTNL();
	list_del(&local->socket_list);
	lvn_socket_choose_counts(socket);
	if (list_empty(&socket->locals))
		lvn_socket_retire(socket);
}
