// SPDX-License-Identifier: GPL-2.0

/*
 * What the netlink core checks of a request before it calls the function of the
 * command. What is not listed is refused.
 *
 * Written by `npm run gen` from spec/lvn.yaml: change that instead.
 */

#include "netlink-gen.h"

static struct netlink_range_validation lvn_a_tunnel_id_range = {
	.min = 1,
	.max = LVN_MAX_TUNNELS,
};

static struct netlink_range_validation lvn_a_tunnel_keepalive_interval_range = {
	.max = LVN_MAX_TIME,
};

static struct netlink_range_validation lvn_a_tunnel_dead_time_range = {
	.max = LVN_MAX_TIME,
};

static struct netlink_range_validation lvn_a_rule_tunnel_range = {
	.min = 1,
	.max = LVN_MAX_TUNNELS,
};

static struct netlink_range_validation ifla_lvn_capacity_range = {
	.min = 1,
	.max = LVN_MAX_TUNNELS,
};

const struct nla_policy
lvn_link_new_nl_policy[IFLA_LVN_MAX + 1] = {
	[IFLA_LVN_MODE] = NLA_POLICY_MAX(NLA_U32, LVN_MODE_MAX),
	[IFLA_LVN_CAPACITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &ifla_lvn_capacity_range),
	[IFLA_LVN_DF] = NLA_POLICY_MAX(NLA_U32, LVN_DF_MAX),
	[IFLA_LVN_USERDATA] = { .type = NLA_BINARY, .len = LVN_USERDATA_LEN },
	[IFLA_LVN_DESTINATIONS] = { .type = NLA_BINARY, .len = LVN_DESTINATIONS_LEN },
	[IFLA_LVN_TUNNELS] = {
		.type = NLA_REJECT,
		.reject_message = "lvn: tunnels can only be read",
	},
	[IFLA_LVN_RULES] = {
		.type = NLA_REJECT,
		.reject_message = "lvn: rules can only be read",
	},
	[IFLA_LVN_DROPS] = {
		.type = NLA_REJECT,
		.reject_message = "lvn: drops can only be read",
	},
};

/* LVN_CMD_LOCAL_NEW */
static const struct nla_policy
lvn_local_new_nl_policy[LVN_A_LOCAL_SOCKET + 1] = {
	[LVN_A_LOCAL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[LVN_A_LOCAL_ADDRESS] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[LVN_A_LOCAL_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[LVN_A_LOCAL_SOCKET] = { .type = NLA_U32 },
};

/* LVN_CMD_LOCAL_DEL */
static const struct nla_policy
lvn_local_del_nl_policy[LVN_A_LOCAL_PORT + 1] = {
	[LVN_A_LOCAL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[LVN_A_LOCAL_ADDRESS] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[LVN_A_LOCAL_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
};

/* LVN_CMD_LOCAL_GET */
static const struct nla_policy
lvn_local_get_nl_policy[LVN_A_LOCAL_IFINDEX + 1] = {
	[LVN_A_LOCAL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* LVN_CMD_TUNNEL_NEW */
static const struct nla_policy
lvn_tunnel_new_nl_policy[LVN_A_TUNNEL_ON_DEAD + 1] = {
	[LVN_A_TUNNEL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[LVN_A_TUNNEL_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &lvn_a_tunnel_id_range),
	[LVN_A_TUNNEL_NAME] = { .type = NLA_NUL_STRING, .len = LVN_NAME_LEN },
	[LVN_A_TUNNEL_LOCAL_ADDRESS] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[LVN_A_TUNNEL_LOCAL_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[LVN_A_TUNNEL_REMOTE_ADDRESS] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[LVN_A_TUNNEL_REMOTE_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[LVN_A_TUNNEL_UNDERLAY] = { .type = NLA_U32 },
	[LVN_A_TUNNEL_KEY] = NLA_POLICY_EXACT_LEN(LVN_KEY_LEN),
	[LVN_A_TUNNEL_KEEPALIVE_INTERVAL] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &lvn_a_tunnel_keepalive_interval_range),
	[LVN_A_TUNNEL_DEAD_TIME] = NLA_POLICY_FULL_RANGE(NLA_U32, &lvn_a_tunnel_dead_time_range),
	[LVN_A_TUNNEL_ON_DEAD] = NLA_POLICY_MAX(NLA_U32, LVN_ON_DEAD_MAX),
};

/* LVN_CMD_TUNNEL_SET */
static const struct nla_policy
lvn_tunnel_set_nl_policy[LVN_A_TUNNEL_FORGET_REMOTE + 1] = {
	[LVN_A_TUNNEL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[LVN_A_TUNNEL_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &lvn_a_tunnel_id_range),
	[LVN_A_TUNNEL_NAME] = { .type = NLA_NUL_STRING, .len = LVN_NAME_LEN },
	[LVN_A_TUNNEL_LOCAL_ADDRESS] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[LVN_A_TUNNEL_LOCAL_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[LVN_A_TUNNEL_REMOTE_ADDRESS] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[LVN_A_TUNNEL_REMOTE_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[LVN_A_TUNNEL_UNDERLAY] = { .type = NLA_U32 },
	[LVN_A_TUNNEL_KEY] = NLA_POLICY_EXACT_LEN(LVN_KEY_LEN),
	[LVN_A_TUNNEL_KEEPALIVE_INTERVAL] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &lvn_a_tunnel_keepalive_interval_range),
	[LVN_A_TUNNEL_DEAD_TIME] = NLA_POLICY_FULL_RANGE(NLA_U32, &lvn_a_tunnel_dead_time_range),
	[LVN_A_TUNNEL_ON_DEAD] = NLA_POLICY_MAX(NLA_U32, LVN_ON_DEAD_MAX),
	[LVN_A_TUNNEL_FORGET_REMOTE] = { .type = NLA_FLAG },
};

/* LVN_CMD_TUNNEL_DEL */
static const struct nla_policy
lvn_tunnel_del_nl_policy[LVN_A_TUNNEL_NAME + 1] = {
	[LVN_A_TUNNEL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[LVN_A_TUNNEL_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &lvn_a_tunnel_id_range),
	[LVN_A_TUNNEL_NAME] = { .type = NLA_NUL_STRING, .len = LVN_NAME_LEN },
};

/* LVN_CMD_TUNNEL_GET */
static const struct nla_policy
lvn_tunnel_get_nl_policy[LVN_A_TUNNEL_NAME + 1] = {
	[LVN_A_TUNNEL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[LVN_A_TUNNEL_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &lvn_a_tunnel_id_range),
	[LVN_A_TUNNEL_NAME] = { .type = NLA_NUL_STRING, .len = LVN_NAME_LEN },
};

/* LVN_CMD_RULE_NEW */
static const struct nla_policy
lvn_rule_new_nl_policy[LVN_A_RULE_TUNNEL + 1] = {
	[LVN_A_RULE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[LVN_A_RULE_PREFIX] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[LVN_A_RULE_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[LVN_A_RULE_TUNNEL] = NLA_POLICY_FULL_RANGE(NLA_U32, &lvn_a_rule_tunnel_range),
};

/* LVN_CMD_RULE_SET */
static const struct nla_policy
lvn_rule_set_nl_policy[LVN_A_RULE_TUNNEL + 1] = {
	[LVN_A_RULE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[LVN_A_RULE_PREFIX] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[LVN_A_RULE_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[LVN_A_RULE_TUNNEL] = NLA_POLICY_FULL_RANGE(NLA_U32, &lvn_a_rule_tunnel_range),
};

/* LVN_CMD_RULE_DEL */
static const struct nla_policy
lvn_rule_del_nl_policy[LVN_A_RULE_PREFIX_LEN + 1] = {
	[LVN_A_RULE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[LVN_A_RULE_PREFIX] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[LVN_A_RULE_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
};

/* LVN_CMD_RULE_GET */
static const struct nla_policy
lvn_rule_get_nl_policy[LVN_A_RULE_IFINDEX + 1] = {
	[LVN_A_RULE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct genl_ops lvn_nl_ops[] = {
	{
		.cmd = LVN_CMD_LOCAL_NEW,
		.doit = lvn_nl_local_new_doit,
		.policy = lvn_local_new_nl_policy,
		.maxattr = LVN_A_LOCAL_SOCKET,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LVN_CMD_LOCAL_DEL,
		.doit = lvn_nl_local_del_doit,
		.policy = lvn_local_del_nl_policy,
		.maxattr = LVN_A_LOCAL_PORT,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LVN_CMD_LOCAL_GET,
		.dumpit = lvn_nl_local_get_dumpit,
		.policy = lvn_local_get_nl_policy,
		.maxattr = LVN_A_LOCAL_IFINDEX,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LVN_CMD_TUNNEL_NEW,
		.doit = lvn_nl_tunnel_new_doit,
		.policy = lvn_tunnel_new_nl_policy,
		.maxattr = LVN_A_TUNNEL_ON_DEAD,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LVN_CMD_TUNNEL_SET,
		.doit = lvn_nl_tunnel_set_doit,
		.policy = lvn_tunnel_set_nl_policy,
		.maxattr = LVN_A_TUNNEL_FORGET_REMOTE,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LVN_CMD_TUNNEL_DEL,
		.doit = lvn_nl_tunnel_del_doit,
		.policy = lvn_tunnel_del_nl_policy,
		.maxattr = LVN_A_TUNNEL_NAME,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LVN_CMD_TUNNEL_GET,
		.doit = lvn_nl_tunnel_get_doit,
		.dumpit = lvn_nl_tunnel_get_dumpit,
		.policy = lvn_tunnel_get_nl_policy,
		.maxattr = LVN_A_TUNNEL_NAME,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LVN_CMD_RULE_NEW,
		.doit = lvn_nl_rule_new_doit,
		.policy = lvn_rule_new_nl_policy,
		.maxattr = LVN_A_RULE_TUNNEL,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LVN_CMD_RULE_SET,
		.doit = lvn_nl_rule_set_doit,
		.policy = lvn_rule_set_nl_policy,
		.maxattr = LVN_A_RULE_TUNNEL,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LVN_CMD_RULE_DEL,
		.doit = lvn_nl_rule_del_doit,
		.policy = lvn_rule_del_nl_policy,
		.maxattr = LVN_A_RULE_PREFIX_LEN,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LVN_CMD_RULE_GET,
		.dumpit = lvn_nl_rule_get_dumpit,
		.policy = lvn_rule_get_nl_policy,
		.maxattr = LVN_A_RULE_IFINDEX,
		.flags = GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group lvn_nl_mcgrps[] = {
	[LVN_NLGRP_EVENTS] = { .name = LVN_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

/* Commands run in parallel: what they touch has locks of its own. */
struct genl_family lvn_nl_family __ro_after_init = {
	.name = LVN_FAMILY_NAME,
	.version = LVN_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = lvn_nl_ops,
	.n_ops = ARRAY_SIZE(lvn_nl_ops),
	.mcgrps = lvn_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(lvn_nl_mcgrps),
};
