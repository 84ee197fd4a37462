// SPDX-License-Identifier: GPL-2.0
/*
 * Requests about rules: new, set, delete, dump.
 */
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "device.h"
#include "netlink-gen.h"
#include "request.h"
#include "rules.h"
#include "tunnel.h"

static int lvn_nl_rule_key(struct nlattr **attrs, struct lvn_rule_key *key,
			   struct netlink_ext_ack *extack)
{
	const struct nlattr *prefix = attrs[LVN_A_RULE_PREFIX];
	const struct nlattr *length = attrs[LVN_A_RULE_PREFIX_LEN];

	if (!prefix || !length) {
		NL_SET_ERR_MSG(extack, "the prefix of the rule, or its length, is missing");
		return -EINVAL;
	}
	if (nla_len(prefix) != 4 && nla_len(prefix) != 16) {
		NL_SET_ERR_MSG_ATTR(extack, prefix, "a prefix has 4 or 16 bytes");
		return -EINVAL;
	}
	memset(key, 0, sizeof(*key));
	memcpy(key->address, nla_data(prefix), nla_len(prefix));
	key->family = nla_len(prefix) == 4 ? AF_INET : AF_INET6;
	key->length = nla_get_u8(length);
	if (key->length > nla_len(prefix) * 8) {
		NL_SET_ERR_MSG_ATTR(extack, length, "the prefix is longer than an address");
		return -EINVAL;
	}
	if (!lvn_prefix_ok(key->address, key->length)) {
		NL_SET_ERR_MSG_ATTR(extack, prefix, "the prefix has bits set behind its length");
		return -EINVAL;
	}
	return 0;
}

/* Adds a rule, or points one that is there at another tunnel. */
static int lvn_nl_rule_put(struct lvn_device *device, const struct lvn_rule_key *key,
			   struct genl_info *info, bool add)
{
	struct lvn_rule *rule = lvn_rule_get(&device->rules, key);
	struct lvn_tunnel *tunnel;

	if (device->mode == LVN_MODE_FIXED) {
		NL_SET_ERR_MSG(info->extack, "a fixed device has no rules");
		return -EOPNOTSUPP;
	}
	if (!info->attrs[LVN_A_RULE_TUNNEL]) {
		NL_SET_ERR_MSG(info->extack, "the tunnel of the rule is missing");
		return -EINVAL;
	}
	tunnel = lvn_tunnel_by_id(device, nla_get_u32(info->attrs[LVN_A_RULE_TUNNEL]));
	if (!tunnel) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[LVN_A_RULE_TUNNEL],
				    "there is no such tunnel on the device");
		return -ENOENT;
	}
	if (add && rule) {
		NL_SET_ERR_MSG(info->extack, "the device has a rule for this prefix already");
		return -EEXIST;
	}
	if (add)
		return lvn_rule_create(device, key, tunnel, info->extack);
	if (!rule) {
		NL_SET_ERR_MSG(info->extack, "the device has no rule for this prefix");
		return -ENOENT;
	}
	lvn_rule_point(device, rule, tunnel);
	return 0;
}

static int lvn_nl_rule_put_locked(struct sk_buff *skb, struct genl_info *info, bool add)
{
	struct lvn_device *device;
	struct lvn_rule_key key;
	int err;

	err = lvn_nl_rule_key(info->attrs, &key, info->extack);
	if (err)
		return err;
	rtnl_lock();
	device = lvn_nl_device_to_change(skb, info, info->attrs[LVN_A_RULE_IFINDEX]);
	err = PTR_ERR_OR_ZERO(device);
	if (!err)
		err = lvn_nl_rule_put(device, &key, info, add);
	rtnl_unlock();
	return err;
}

int lvn_nl_rule_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return lvn_nl_rule_put_locked(skb, info, true);
}

int lvn_nl_rule_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return lvn_nl_rule_put_locked(skb, info, false);
}

int lvn_nl_rule_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lvn_device *device;
	struct lvn_rule_key key;
	struct lvn_rule *rule;
	int err;

	err = lvn_nl_rule_key(info->attrs, &key, info->extack);
	if (err)
		return err;
	rtnl_lock();
	device = lvn_nl_device_to_change(skb, info, info->attrs[LVN_A_RULE_IFINDEX]);
	if (IS_ERR(device)) {
		err = PTR_ERR(device);
		goto unlock;
	}
	rule = lvn_rule_get(&device->rules, &key);
	if (rule) {
		lvn_rule_destroy(device, rule);
	} else {
		NL_SET_ERR_MSG(info->extack, "the device has no rule for this prefix");
		err = -ENOENT;
	}
unlock:
	rtnl_unlock();
	return err;
}

static int lvn_nl_dump_rules(struct sk_buff *skb, struct netlink_callback *cb,
			     struct lvn_device *device)
{
	const struct lvn_rule *rule;
	unsigned long number;
	void *header;

	xa_for_each_start(&device->rules.numbers, number, rule, cb->args[0]) {
		cb->args[0] = number;
		header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				     &lvn_nl_family, NLM_F_MULTI, LVN_CMD_RULE_GET);
		if (!header)
			return -EMSGSIZE;
		genl_dump_check_consistent(cb, header);
		if (nla_put_u32(skb, LVN_A_RULE_IFINDEX, device->dev->ifindex) ||
		    nla_put(skb, LVN_A_RULE_PREFIX, rule->key.family == AF_INET ? 4 : 16,
			    rule->key.address) ||
		    nla_put_u8(skb, LVN_A_RULE_PREFIX_LEN, rule->key.length) ||
		    nla_put_u32(skb, LVN_A_RULE_TUNNEL, rtnl_dereference(rule->tunnel)->id)) {
			genlmsg_cancel(skb, header);
			return -EMSGSIZE;
		}
		genlmsg_end(skb, header);
		cb->args[0] = number + 1;
	}
	return 0;
}

int lvn_nl_rule_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return lvn_nl_dump(skb, cb, LVN_A_RULE_IFINDEX, lvn_nl_dump_rules);
}
