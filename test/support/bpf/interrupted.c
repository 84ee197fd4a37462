// SPDX-License-Identifier: GPL-2.0
/*
 * Asks the rules for the tunnel of an address, or sends to a next hop, and at each two instructions of the way is
 * interrupted by the same for others, as one softirq by another: what comes of it must be right each time, and
 * afterwards. All share one remembered entry. bpf/rules.h and bpf/next-hop.h run as a program of this machine, on maps
 * of their own, step by step (the trap flag of x86).
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { BY_KERNEL, BY_PROGRAM };

static void *look_up(const void *map, const void *key);
static long find_route(struct bpf_fib_lookup *route);
#define bpf_map_lookup_elem look_up
#define bpf_fib_lookup(skb, route, size, flags) find_route(route)
#define bpf_redirect(ifindex, flags) BY_PROGRAM
#define bpf_redirect_neigh(ifindex, params, size, flags) BY_KERNEL

#include "next-hop.h"
#include "rules.h"

#define ADDRESSES 4
#define TRAP_FLAG 0x100

enum memory { RULES4, RULES6, NEXT_HOP, MEMORIES };
static const char *const names[] = { "rules of IPv4", "rules of IPv6", "next hop" };

static struct lvn_config rules;
static struct lvn_flow4 flow4;
static struct lvn_flow6 flow6;
static struct lvn_next_hop next_hop;
static __u32 ids[ADDRESSES] = { 100, 101, 102, 103 };

static __be32 address4_of(int address)
{
	return 0x0a400001U + address;
}

/* Of the four, two have a half of each of the others: half written, one would be taken for another. */
static struct in6_addr address6_of(int address)
{
	return (struct in6_addr){ .s6_addr32 = { 0xfd42, address & 1, 0, address == 1 || address == 2 } };
}

static void *look_up(const void *map, const void *key)
{
	const struct lvn_rule4_key *key4 = key;
	const struct lvn_rule6_key *key6 = key;

	if (map == &lvn_flows4)
		return &flow4;
	if (map == &lvn_flows6)
		return &flow6;
	if (map == &lvn_next_hops)
		return &next_hop;
	if (map == &lvn_rules4)
		return &ids[key4->address - address4_of(0)];
	return &ids[key6->address[1] ? key6->address[3] ? 1 : 3 : key6->address[3] ? 2 : 0];
}

/* The next hops are of one tunnel, by DSCP: they differ in the last byte of both Ethernet addresses. */
static long find_route(struct bpf_fib_lookup *route)
{
	__u8 last = ids[route->tos >> 2];

	memcpy(route->dmac, (__u8[]){ 2, 0, 0, 0, 1, last }, 6);
	memcpy(route->smac, (__u8[]){ 2, 0, 0, 0, 2, last }, 6);
	return BPF_FIB_LKUP_RET_SUCCESS;
}

/* What interrupts, and at which steps. */
static struct {
	enum memory memory;
	int step;
	int at[2];
	int by[2];
	bool over;
} plan;

/* Of the packet that is interrupted, and of those that interrupt it: where 32 bits lead to. */
static struct ethhdr *frames;
static bool in_between;
static int sent_by;

/* Which next hop the packet was sent to, by id; 0: to one address of two. */
static __u32 send(int address)
{
	const struct lvn_tunnel tunnel = { .remote = { 0, 0, 0, 7 }, .underlay = 3, .family = 4, .ethernet = 1 };
	struct ethhdr *frame = &frames[in_between];
	struct __sk_buff skb = { .data = (__u32)(long)frame, .data_end = (__u32)(long)(frame + 1) };

	sent_by = send_to_underlay(&skb, 0, &tunnel, tunnel.family, address << 2, NEXT_HOP_LIFETIME_NS);
	if (sent_by == BY_KERNEL)
		return ids[address];
	return frame->h_dest[5] == frame->h_source[5] ? frame->h_dest[5] : 0;
}

static __attribute__((noinline)) __u32 ask(enum memory memory, int address)
{
	struct in6_addr a = address6_of(address);

	if (memory == NEXT_HOP)
		return send(address);
	return memory == RULES4 ? tunnel_of4(&rules, address4_of(address)) : tunnel_of6(&rules, &a);
}

static void expect(enum memory memory, int address, const char *where)
{
	__u32 id = ask(memory, address);

	if (id == ids[address])
		return;
	printf("%s, interrupted at %d and %d: %s, address %d is said to be of %u\n", names[memory], plan.at[0],
	       plan.at[1], where, address, id);
	exit(1);
}

static void trapped(int number, siginfo_t *info, void *context)
{
	int i;

	(void)number;
	(void)info;
	in_between = true;
	for (i = 0; i < 2; i++)
		if (plan.step == plan.at[i] && !plan.over)
			expect(plan.memory, plan.by[i], "in between");
	if (plan.over || plan.step == plan.at[1])
		((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	plan.step++;
	in_between = false;
}

/* How many steps it took, or until it was interrupted for the last time. */
static int interrupted(enum memory memory, int address, const int *at, const int *by)
{
	plan = (typeof(plan)){ .memory = memory, .at = { at[0], at[1] }, .by = { by[0], by[1] } };
	asm volatile("pushfq; orq %0, (%%rsp); popfq" : : "i"(TRAP_FLAG) : "cc", "memory");
	expect(memory, address, "interrupted");
	plan.over = true;
	asm volatile("nop; nop" : : : "memory");
	return plan.step;
}

static void forget(void)
{
	memset(&flow4, 0, sizeof(flow4));
	memset(&flow6, 0, sizeof(flow6));
	memset(&next_hop, 0, sizeof(next_hop));
}

/* So many steps apart, at most. */
#define APART 8

/* Address 0, after another or itself has asked, interrupted by two in turn. */
static void each_two_steps(enum memory memory, int before, int first, int second)
{
	int at[2], by[2] = { first, second }, steps = 1, i;

	for (at[0] = 0; at[0] < steps; at[0]++) {
		for (at[1] = at[0]; at[1] < at[0] + APART; at[1]++) {
			forget();
			ask(memory, before);
			steps = interrupted(memory, 0, at, by);
			for (i = 0; i < ADDRESSES; i++)
				expect(memory, i, "afterwards");
		}
	}
	if (steps < 20) {
		printf("no more than %d steps\n", steps);
		exit(1);
	}
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = trapped, .sa_flags = SA_SIGINFO };
	int memory, before, other, i;

	frames = mmap(NULL, 2 * sizeof(*frames), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (frames == MAP_FAILED) {
		puts("no memory where 32 bits lead to");
		return 1;
	}
	sigaction(SIGTRAP, &action, NULL);
	rules.rules_version = 2;
	rules.masks4[0][0] = (struct lvn_mask4){ 32, ~0U };
	rules.masks4[0][1].length = 255;
	rules.masks6[0][0] = (struct lvn_mask6){ 128, { ~0U, ~0U, ~0U, ~0U } };
	rules.masks6[0][1].length = 255;
	ask(NEXT_HOP, 0);
	ask(NEXT_HOP, 0);
	if (sent_by != BY_PROGRAM) {
		puts("the next hop is not remembered");
		return 1;
	}
	for (memory = 0; memory < MEMORIES; memory++)
		/* What is remembered is read; and it is written in the place of another. Next hops have no halves. */
		for (before = 0; before < 2; before++)
			for (other = 1; other < (before && memory != NEXT_HOP ? ADDRESSES : 2); other++)
				for (i = 0; i < 2; i++)
					each_two_steps(memory, before, other, i ? other : 0);
	puts("right each time");
	return 0;
}
