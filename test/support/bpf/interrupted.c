// SPDX-License-Identifier: GPL-2.0
/*
 * Asks the rules for the tunnel of an address, and at each two instructions of the way is interrupted by the same
 * question for other addresses, as one softirq by another: what is said must be right each time, and afterwards. All
 * addresses share one remembered entry. bpf/rules.h runs as a program of this machine, on maps of its own, step by step
 * (the trap flag of x86).
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static void *look_up(const void *map, const void *key);
#define bpf_map_lookup_elem look_up

#include "rules.h"

#define ADDRESSES 4
#define TRAP_FLAG 0x100

static struct lvn_config rules;
static struct lvn_flow4 flow4;
static struct lvn_flow6 flow6;
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
	if (map == &lvn_rules4)
		return &ids[key4->address - address4_of(0)];
	return &ids[key6->address[1] ? key6->address[3] ? 1 : 3 : key6->address[3] ? 2 : 0];
}

static __attribute__((noinline)) __u32 ask(int family, int address)
{
	struct in6_addr a = address6_of(address);

	return family == 4 ? tunnel_of4(&rules, address4_of(address)) : tunnel_of6(&rules, &a);
}

static void expect(int family, int address, const char *where, int first, int second)
{
	__u32 id = ask(family, address);

	if (id == ids[address])
		return;
	printf("IPv%d, interrupted at %d and %d: %s, address %d is said to be of tunnel %u\n", family, first,
	       second, where, address, id);
	exit(1);
}

/* What interrupts, and at which steps. */
static struct {
	int family;
	int step;
	int at[2];
	int by[2];
	bool over;
} plan;

static void trapped(int number, siginfo_t *info, void *context)
{
	int i;

	(void)number;
	(void)info;
	if (plan.over)
		((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	else
		for (i = 0; i < 2; i++)
			if (plan.step == plan.at[i])
				expect(plan.family, plan.by[i], "in between", plan.at[0], plan.at[1]);
	plan.step++;
}

/* How many steps it took. */
static int interrupted(int family, int address, const int *at, const int *by)
{
	plan = (typeof(plan)){ .family = family, .at = { at[0], at[1] }, .by = { by[0], by[1] } };
	asm volatile("pushfq; orq %0, (%%rsp); popfq" : : "i"(TRAP_FLAG) : "cc", "memory");
	expect(family, address, "interrupted", at[0], at[1]);
	plan.over = true;
	asm volatile("nop; nop" : : : "memory");
	return plan.step;
}

/* So many steps apart, at most. */
#define APART 8

/* Address 0, after another or itself has asked, interrupted by two in turn. */
static void each_two_steps(int family, int before, int first, int second)
{
	int at[2], by[2] = { first, second }, steps = 1, i;

	for (at[0] = 0; at[0] < steps; at[0]++) {
		for (at[1] = at[0]; at[1] < at[0] + APART; at[1]++) {
			memset(&flow4, 0, sizeof(flow4));
			memset(&flow6, 0, sizeof(flow6));
			ask(family, before);
			steps = interrupted(family, 0, at, by);
			for (i = 0; i < ADDRESSES; i++)
				expect(family, i, "afterwards", at[0], at[1]);
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
	int family, before, other, i;

	sigaction(SIGTRAP, &action, NULL);
	rules.rules_version = 2;
	rules.masks4[0][0] = (struct lvn_mask4){ 32, ~0U };
	rules.masks4[0][1].length = 255;
	rules.masks6[0][0] = (struct lvn_mask6){ 128, { ~0U, ~0U, ~0U, ~0U } };
	rules.masks6[0][1].length = 255;
	for (family = 4; family <= 6; family += 2)
		/* What is remembered is read; and it is written in the place of another. */
		for (before = 0; before < 2; before++)
			for (other = 1; other < (before ? ADDRESSES : 2); other++)
				for (i = 0; i < 2; i++)
					each_two_steps(family, before, other, i ? other : 0);
	puts("right each time");
	return 0;
}
