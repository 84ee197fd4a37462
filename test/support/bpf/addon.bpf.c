// SPDX-License-Identifier: GPL-2.0
// What the addon's tests load: a map of every kind in use, a constant, a program that passes and one that is refused.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 chosen = 7;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 10);
	__type(key, __u32);
	__type(value, __u32);
} percpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 10);
	__type(key, __u32);
	__type(value, __u32[3]);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 10);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u32);
} trie SEC(".maps");

SEC("tc")
int passes(struct __sk_buff *skb)
{
	__u32 key = chosen;
	__u64 both = key;

	bpf_map_update_elem(&hash, &key, &both, BPF_ANY);
	bpf_map_lookup_elem(&percpu, &key);
	bpf_map_lookup_elem(&array, &key);
	bpf_map_lookup_elem(&trie, &both);
	return TC_ACT_UNSPEC;
}

/* Takes every packet for the stack: nobody behind it sees one. */
SEC("tc")
int takes(struct __sk_buff *skb)
{
	return TC_ACT_OK;
}

SEC("xdp")
int lets_through(struct xdp_md *context)
{
	return XDP_PASS;
}

SEC("tc")
int refused(struct __sk_buff *skb)
{
	return *(volatile int *)(long)skb->mark;
}

char LICENSE[] SEC("license") = "GPL";
