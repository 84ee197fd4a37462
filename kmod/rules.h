/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules of a device: inner prefix → tunnel, longest prefix first, both families. The same look-up
 * tells where a packet goes and whether a received one may have its source. Packets' formats are
 * not known here.
 */
#ifndef LVN_RULES_H
#define LVN_RULES_H

#include <linux/in6.h>
#include <linux/rhashtable.h>
#include <linux/xarray.h>

struct lvn_device;
struct lvn_tunnel;
struct netlink_ext_ack;

/**
 * struct lvn_rule_key - a prefix; a hash key, so without holes
 * @address: host bits zero; IPv4 in the first word, the rest zero
 * @family: AF_INET or AF_INET6
 * @length: bits
 */
struct lvn_rule_key {
	__be32 address[4];
	u16 family;
	u16 length;
};

/**
 * struct lvn_rule - written under RTNL
 * @node: in lvn_rules.table; RCU
 * @key: never changes
 * @tunnel: where to; RCU
 * @tunnel_list: in lvn_tunnel.rules
 * @number: in lvn_rules.numbers
 * @rcu: freed after a grace period
 */
struct lvn_rule {
	struct rhash_head node;
	struct lvn_rule_key key;
	struct lvn_tunnel __rcu *tunnel;
	struct list_head tunnel_list;
	u32 number;
	struct rcu_head rcu;
};

/* Prefix lengths in use, longest first. */
struct lvn_lengths {
	struct rcu_head rcu;
	u8 count4;
	u8 count6;
	u8 length4[33];
	u8 length6[129];
};

/**
 * struct lvn_rules - written under RTNL
 * @table: rules by prefix; RCU
 * @lengths: what look-ups try; NULL: no rules; RCU
 * @numbers: rules by number, the order of dumps
 * @uses4: rules of each IPv4 length
 * @uses6: rules of each IPv6 length
 * @count: rules
 */
struct lvn_rules {
	struct rhashtable table;
	struct lvn_lengths __rcu *lengths;
	struct xarray numbers;
	u32 uses4[33];
	u32 uses6[129];
	u32 count;
};

int lvn_rules_init(struct lvn_rules *rules);
/* There must be none left, and no packet that looks for one. */
void lvn_rules_exit(struct lvn_rules *rules);

/* The tunnel of the longest prefix that covers the address; NULL: none. Under rcu_read_lock(). */
struct lvn_tunnel *lvn_rules_find4(const struct lvn_rules *rules, __be32 address);
struct lvn_tunnel *lvn_rules_find6(const struct lvn_rules *rules, const struct in6_addr *address);

/* The rule of exactly this prefix; NULL: none. */
struct lvn_rule *lvn_rule_get(struct lvn_rules *rules, const struct lvn_rule_key *key);
int lvn_rule_create(struct lvn_device *device, const struct lvn_rule_key *key,
		    struct lvn_tunnel *tunnel, struct netlink_ext_ack *extack);
void lvn_rule_point(struct lvn_device *device, struct lvn_rule *rule, struct lvn_tunnel *tunnel);
void lvn_rule_destroy(struct lvn_device *device, struct lvn_rule *rule);

/* Are all of the four words' bits after the prefix zero? */
bool lvn_prefix_ok(const __be32 *address, unsigned int length);

#endif
