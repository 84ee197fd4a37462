// SPDX-License-Identifier: GPL-2.0
/*
 * One hash for all prefixes of a device, keyed by family, length and masked address; a look-up
 * tries the lengths that are in use, the longest first.
 */
#include "rules.h"

#include <linux/jhash.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ipv6.h>

#include "device.h"
#include "tunnel.h"

static __always_inline u32 lvn_rule_hash(const void *data, u32 len, u32 seed)
{
	const struct lvn_rule_key *key = data;

	if (key->family == AF_INET)
		return jhash_2words((__force u32)key->address[0], key->length, seed);
	return jhash2((const u32 *)key, sizeof(*key) / sizeof(u32), seed);
}

static __always_inline int lvn_rule_compare(struct rhashtable_compare_arg *arg,
					    const void *object)
{
	const struct lvn_rule_key *a = arg->key, *b = &((const struct lvn_rule *)object)->key;

	return a->address[0] != b->address[0] || a->length != b->length ||
	       a->family != b->family || a->address[1] != b->address[1] ||
	       a->address[2] != b->address[2] || a->address[3] != b->address[3];
}

static const struct rhashtable_params lvn_rules_params = {
	.key_len = sizeof(struct lvn_rule_key),
	.key_offset = offsetof(struct lvn_rule, key),
	.head_offset = offsetof(struct lvn_rule, node),
	.hashfn = lvn_rule_hash,
	.obj_cmpfn = lvn_rule_compare,
	.nelem_hint = 1,
	.max_size = LVN_MAX_RULES,
	.automatic_shrinking = true,
};

int lvn_rules_init(struct lvn_rules *rules)
{
	BUILD_BUG_ON(sizeof(struct lvn_rule_key) != 20);
	xa_init_flags(&rules->numbers, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	return rhashtable_init(&rules->table, &lvn_rules_params);
}

void lvn_rules_exit(struct lvn_rules *rules)
{
	WARN_ON_ONCE(rules->count);
	rhashtable_destroy(&rules->table);
	xa_destroy(&rules->numbers);
	kfree(rcu_dereference_protected(rules->lengths, 1));
	RCU_INIT_POINTER(rules->lengths, NULL);
}

static void lvn_rule_mask(__be32 *to, const __be32 *from, unsigned int length)
{
	unsigned int word;

	for (word = 0; word < 4; word++) {
		if (length >= 32) {
			to[word] = from[word];
			length -= 32;
		} else {
			to[word] = length ? from[word] & htonl(~0U << (32 - length)) : 0;
			length = 0;
		}
	}
}

bool lvn_prefix_ok(const __be32 *address, unsigned int length)
{
	__be32 masked[4];

	lvn_rule_mask(masked, address, length);
	return !memcmp(masked, address, sizeof(masked));
}

struct lvn_tunnel *lvn_rules_find4(const struct lvn_rules *rules, __be32 address)
{
	const struct lvn_lengths *lengths = rcu_dereference(rules->lengths);
	struct lvn_rule_key key = { .family = AF_INET };
	const struct lvn_rule *rule;
	unsigned int i;

	if (!lengths)
		return NULL;
	for (i = 0; i < lengths->count4; i++) {
		key.length = lengths->length4[i];
		key.address[0] = key.length ? address & htonl(~0U << (32 - key.length)) : 0;
		rule = rhashtable_lookup((struct rhashtable *)&rules->table, &key,
					 lvn_rules_params);
		if (rule)
			return rcu_dereference(rule->tunnel);
	}
	return NULL;
}

struct lvn_tunnel *lvn_rules_find6(const struct lvn_rules *rules, const struct in6_addr *address)
{
	const struct lvn_lengths *lengths = rcu_dereference(rules->lengths);
	struct lvn_rule_key key = { .family = AF_INET6 };
	const struct lvn_rule *rule;
	unsigned int i;

	if (!lengths)
		return NULL;
	for (i = 0; i < lengths->count6; i++) {
		key.length = lengths->length6[i];
		lvn_rule_mask(key.address, address->s6_addr32, key.length);
		rule = rhashtable_lookup((struct rhashtable *)&rules->table, &key,
					 lvn_rules_params);
		if (rule)
			return rcu_dereference(rule->tunnel);
	}
	return NULL;
}

struct lvn_rule *lvn_rule_get(struct lvn_rules *rules, const struct lvn_rule_key *key)
{
	ASSERT_RTNL();
	return rhashtable_lookup_fast(&rules->table, key, lvn_rules_params);
}

/* Tells look-ups which lengths are in use. Returns whether it could: no memory. */
static bool lvn_lengths_publish(struct lvn_rules *rules)
{
	struct lvn_lengths *old = rtnl_dereference(rules->lengths);
	struct lvn_lengths *new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	int length;

	if (!new)
		return false;
	for (length = 32; length >= 0; length--)
		if (rules->uses4[length])
			new->length4[new->count4++] = length;
	for (length = 128; length >= 0; length--)
		if (rules->uses6[length])
			new->length6[new->count6++] = length;
	rcu_assign_pointer(rules->lengths, new);
	kfree_rcu(old, rcu);
	return true;
}

static u32 *lvn_rule_uses(struct lvn_rules *rules, const struct lvn_rule_key *key)
{
	return key->family == AF_INET ? &rules->uses4[key->length] : &rules->uses6[key->length];
}

int lvn_rule_create(struct lvn_device *device, const struct lvn_rule_key *key,
		    struct lvn_tunnel *tunnel, struct netlink_ext_ack *extack)
{
	struct lvn_rules *rules = &device->rules;
	u32 *uses = lvn_rule_uses(rules, key);
	struct lvn_rule *rule;
	int err;

	ASSERT_RTNL();
	if (rules->count >= LVN_MAX_RULES) {
		NL_SET_ERR_MSG(extack, "the device holds as many rules as it can");
		return -ENOSPC;
	}
	rule = kzalloc(sizeof(*rule), GFP_KERNEL_ACCOUNT);
	if (!rule)
		goto no_memory;
	rule->key = *key;
	RCU_INIT_POINTER(rule->tunnel, tunnel);
	if (xa_alloc(&rules->numbers, &rule->number, rule, xa_limit_32b, GFP_KERNEL_ACCOUNT)) {
		kfree(rule);
		goto no_memory;
	}
	if (!(*uses)++ && !lvn_lengths_publish(rules)) {
		err = -ENOMEM;
		goto err_uses;
	}
	err = rhashtable_insert_fast(&rules->table, &rule->node, lvn_rules_params);
	if (err)
		goto err_uses;
	list_add_tail(&rule->tunnel_list, &tunnel->rules);
	rules->count++;
	lvn_device_changed(device);
	return 0;

err_uses:
	(*uses)--;
	xa_erase(&rules->numbers, rule->number);
	kfree(rule);
	NL_SET_ERR_MSG(extack, "the rule does not fit into the table");
	return err;

no_memory:
	NL_SET_ERR_MSG(extack, "no memory for the rule");
	return -ENOMEM;
}

void lvn_rule_point(struct lvn_device *device, struct lvn_rule *rule, struct lvn_tunnel *tunnel)
{
	ASSERT_RTNL();
	rcu_assign_pointer(rule->tunnel, tunnel);
	list_move_tail(&rule->tunnel_list, &tunnel->rules);
	lvn_device_changed(device);
}

void lvn_rule_destroy(struct lvn_device *device, struct lvn_rule *rule)
{
	struct lvn_rules *rules = &device->rules;

	ASSERT_RTNL();
	rhashtable_remove_fast(&rules->table, &rule->node, lvn_rules_params);
	xa_erase(&rules->numbers, rule->number);
	list_del(&rule->tunnel_list);
	rules->count--;
	/* A length too many costs look-ups time; it is not worth failing for. */
	if (!--*lvn_rule_uses(rules, &rule->key))
		lvn_lengths_publish(rules);
	lvn_device_changed(device);
	kfree_rcu(rule, rcu);
}
