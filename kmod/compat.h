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
#include <net/ipv6.h>
#include <net/rtnetlink.h>
#include <net/udp_tunnel.h>
#ifdef LVN_HAVE_NET_GSO_HEADER
#include <net/gso.h>
#endif
#ifdef LVN_HAVE_IPV6_STUB
#include <net/ipv6_stubs.h>
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

static inline void lvn_compat_sock_release(struct socket *sock)
{
#ifdef LVN_HAVE_TUNNEL_SOCK
	udp_tunnel_sock_release(sock->sk);
#else
	udp_tunnel_sock_release(sock);
#endif
}

static inline void lvn_compat_xmit4(struct rtable *rt, struct sock *sk, struct sk_buff *skb,
				    __be32 saddr, __be32 daddr, u8 tos, u8 ttl, __be16 df,
				    __be16 sport, __be16 dport, bool xnet)
{
#ifdef LVN_HAVE_XMIT_IPCB_FLAGS
	udp_tunnel_xmit_skb(rt, sk, skb, saddr, daddr, tos, ttl, df, sport, dport, xnet, true, 0);
#else
	udp_tunnel_xmit_skb(rt, sk, skb, saddr, daddr, tos, ttl, df, sport, dport, xnet, true);
#endif
}

#if IS_ENABLED(CONFIG_IPV6)
static inline void lvn_compat_xmit6(struct dst_entry *dst, struct sock *sk, struct sk_buff *skb,
				    struct in6_addr *saddr, struct in6_addr *daddr, u8 tos,
				    u8 ttl, __be16 sport, __be16 dport)
{
#ifdef LVN_HAVE_XMIT_IPCB_FLAGS
	udp_tunnel6_xmit_skb(dst, sk, skb, skb->dev, saddr, daddr, tos, ttl, 0, sport, dport, true,
			     0);
#else
	udp_tunnel6_xmit_skb(dst, sk, skb, skb->dev, saddr, daddr, tos, ttl, 0, sport, dport, true);
#endif
}

static inline struct dst_entry *lvn_compat_route6(struct net *net, struct sock *sk,
						  struct flowi6 *flow)
{
#ifdef LVN_HAVE_IPV6_STUB
	return ipv6_stub->ipv6_dst_lookup_flow(net, sk, flow, NULL);
#else
	return ip6_dst_lookup_flow(net, sk, flow, NULL);
#endif
}
#endif

#endif
