/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The maps of one device. User space sets the capacity of those for tunnels, rules and flows when it loads them.
 */
#ifndef LVN_MAPS_H
#define LVN_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "lvn.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lvn_config);
} lvn_config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lvn_tunnel);
} lvn_tunnels SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lvn_info);
} lvn_info SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lvn_counters);
} lvn_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lvn_next_hop);
} lvn_next_hops SEC(".maps");

/* (remote address, remote port, local port) -> tunnel id */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct lvn_peer_key);
	__type(value, __u32);
} lvn_peers SEC(".maps");

/* The device's local endpoints. The value is unused. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct lvn_local_key);
	__type(value, __u32);
} lvn_locals SEC(".maps");

/*
 * Inner prefix -> tunnel id, one hash for all lengths: a look-up costs one probe for each length in use,
 * however many rules there are.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lvn_rule4_key);
	__type(value, __u32);
} lvn_rules4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lvn_rule6_key);
	__type(value, __u32);
} lvn_rules6 SEC(".maps");

/* What the rules said lately: rules.h. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lvn_flow4);
} lvn_flows4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lvn_flow6);
} lvn_flows6 SEC(".maps");

/* By a hash of the remote endpoint: a tunnel that packets came by lately, to be compared with. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} lvn_recent SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LVN_DROP_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} lvn_drops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lvn_saved_key);
	__type(value, struct lvn_saved_value);
} lvn_saved SEC(".maps");

#endif
