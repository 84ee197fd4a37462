// SPDX-License-Identifier: GPL-2.0
/* newlink() with its parameters in a structure. */
#include <net/rtnetlink.h>
struct net *probe(struct rtnl_newlink_params *params);
struct net *probe(struct rtnl_newlink_params *params) { return rtnl_newlink_link_net(params); }
