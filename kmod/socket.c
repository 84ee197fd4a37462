// SPDX-License-Identifier: GPL-2.0
/*
 * UDP sockets: made, shared, closed. Those that user space hands over are socket-handover.c's, what
 * happens to packets is decap.c's.
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
#include "socket-handover.h"

static struct workqueue_struct *lvn_workqueue;

/* Sockets that no local endpoint uses any more, by lvn_socket.list; under RTNL. */
static LIST_HEAD(lvn_retired);

int lvn_socket_init(void)
{
	lvn_workqueue = alloc_workqueue("lvn", WQ_UNBOUND, 0);
	return lvn_workqueue ? 0 : -ENOMEM;
}

/* No device is left. Work that is due finds nothing to do. */
void lvn_socket_exit(void)
{
	lvn_socket_watch_stop();
	destroy_workqueue(lvn_workqueue);
}

bool lvn_socket_queue(struct work_struct *work)
{
	return queue_work(lvn_workqueue, work);
}

bool lvn_socket_queue_later(struct delayed_work *work, unsigned long delay)
{
	return queue_delayed_work(lvn_workqueue, work, delay);
}

void lvn_socket_put(struct lvn_socket *socket)
{
	if (refcount_dec_and_test(&socket->refs))
		kfree_rcu(socket, rcu);
}

struct lvn_socket *lvn_socket_alloc(struct net *net, const struct lvn_endpoint *bound,
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
	refcount_set(&socket->refs, 1);
	return socket;
}

void lvn_socket_free(struct lvn_socket *socket)
{
	lvn_peers_exit(&socket->peers, &socket->keys);
	lvn_socket_put(socket);
}

void lvn_socket_attach(struct lvn_socket *socket)
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
