/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs from kernel to kernel, and nothing else: every other file is written against the
 * newest form. LVN_HAVE_* come from the compile tests in probes/, run by Kbuild against the very
 * headers that the module is built with; version codes say nothing on distribution kernels.
 */
#ifndef LVN_COMPAT_H
#define LVN_COMPAT_H

#include <linux/netdevice.h>
#include <net/genetlink.h>
#include <net/gro.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/rtnetlink.h>
#include <net/udp_tunnel.h>
#ifdef LVN_HAVE_NET_GSO_HEADER
#include <net/gso.h>
#endif

/* Devices that need no transmit lock. */
static inline void lvn_compat_set_lltx(struct net_device *dev)
{
#ifdef LVN_HAVE_DEV_LLTX
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/*
 * The core's own count of transmissions within transmissions: of this CPU, or of this task where
 * softirqs are preempted, which a counter of ours could not tell apart. dev_recursion_level() reads
 * it. Bottom halves are off.
 */
static inline void lvn_compat_xmit_enter(void)
{
#ifdef LVN_HAVE_XMIT_RECURSION
	dev_xmit_recursion_inc();
#else
	__this_cpu_inc(softnet_data.xmit.recursion);
#endif
}

static inline void lvn_compat_xmit_leave(void)
{
#ifdef LVN_HAVE_XMIT_RECURSION
	dev_xmit_recursion_dec();
#else
	__this_cpu_dec(softnet_data.xmit.recursion);
#endif
}

/* Per-CPU counters that the core makes and frees; older kernels leave that to the driver. */
static inline int lvn_compat_stats_init(struct net_device *dev)
{
#ifdef LVN_HAVE_PCPU_STAT_TYPE
	return 0;
#else
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
#endif
}

static inline void lvn_compat_stats_exit(struct net_device *dev)
{
#ifndef LVN_HAVE_PCPU_STAT_TYPE
	free_percpu(dev->tstats);
#endif
}

static inline void lvn_compat_stats_setup(struct net_device *dev)
{
#ifdef LVN_HAVE_PCPU_STAT_TYPE
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
#endif
}

/* The attributes of the request that a dump answers. */
static inline struct nlattr **lvn_compat_dump_attrs(struct netlink_callback *cb)
{
#ifdef LVN_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

static inline void lvn_compat_sock_setup(struct net *net, struct sock *sk,
					 struct udp_tunnel_sock_cfg *config)
{
#ifdef LVN_HAVE_TUNNEL_SOCK
	setup_udp_tunnel_sock(net, sk, config);
#else
	setup_udp_tunnel_sock(net, sk->sk_socket, config);
#endif
}

/* What else a UDP socket's handler of ICMP errors gets: none of it is told by every kernel. */
#ifdef LVN_HAVE_ENCAP_ERR_INFO
#define LVN_COMPAT_ERR_MORE int err, __be16 port, u32 info, u8 *payload
#else
#define LVN_COMPAT_ERR_MORE unsigned int udp_offset
#endif

/* Do the socket's own multicasts come back to this host? */
static inline bool lvn_compat_mc_loop(const struct sock *sk)
{
#ifdef LVN_HAVE_INET_FLAGS
	return inet_test_bit(MC_LOOP, sk);
#else
	return inet_sk(sk)->mc_loop;
#endif
}

static inline void lvn_compat_set_mc_loop(struct sock *sk, bool loop)
{
#ifdef LVN_HAVE_INET_FLAGS
	inet_assign_bit(MC_LOOP, sk, loop);
#else
	inet_sk(sk)->mc_loop = loop;
#endif
}

#endif
