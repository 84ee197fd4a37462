/* SPDX-License-Identifier: GPL-2.0 */

/*
 * What the netlink core checks of a request, and the functions it then calls.
 * The functions themselves are written by hand.
 *
 * Written by `npm run gen` from spec/lvn.yaml: change that instead.
 */

#ifndef LVN_NETLINK_GEN_H
#define LVN_NETLINK_GEN_H

#include <net/genetlink.h>
#include <net/netlink.h>

#include "uapi/lvn.h"

/* Index of each multicast group, as genlmsg_multicast_netns() takes it. */
enum {
	LVN_NLGRP_EVENTS,
};

extern const struct nla_policy
lvn_link_new_nl_policy[IFLA_LVN_MAX + 1];

int lvn_nl_local_new_doit(struct sk_buff *skb, struct genl_info *info);
int lvn_nl_local_del_doit(struct sk_buff *skb, struct genl_info *info);
int lvn_nl_local_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int lvn_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info);
int lvn_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info);
int lvn_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info);
int lvn_nl_tunnel_get_doit(struct sk_buff *skb, struct genl_info *info);
int lvn_nl_tunnel_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int lvn_nl_rule_new_doit(struct sk_buff *skb, struct genl_info *info);
int lvn_nl_rule_set_doit(struct sk_buff *skb, struct genl_info *info);
int lvn_nl_rule_del_doit(struct sk_buff *skb, struct genl_info *info);
int lvn_nl_rule_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

extern struct genl_family lvn_nl_family;

#endif /* LVN_NETLINK_GEN_H */
