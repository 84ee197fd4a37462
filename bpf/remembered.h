/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps whole what each CPU remembers between packets.
 *
 * Where softirqs are preempted (PREEMPT_RT) a packet may come in between any two instructions for another one, on the
 * same CPU. An entry is guarded as by a seqlock that nobody waits for: a packet that finds it being written asks as if
 * nothing were remembered, and does not remember the answer. One CPU sees its own writes in their order, so the
 * compiler alone has to keep it.
 */
#ifndef LVN_REMEMBERED_H
#define LVN_REMEMBERED_H

#include "common.h"

/* How often it has been written; odd where what is in it must not be believed. */
static __always_inline __u32 entry_writes(const __u32 *writes)
{
	__u32 seen = *(const volatile __u32 *)writes;

	barrier();
	return seen;
}

/* Has nobody begun to write it since? */
static __always_inline bool entry_unchanged(const __u32 *writes, __u32 seen)
{
	barrier();
	return *(const volatile __u32 *)writes == seen;
}

/* Begins to write; false: another is about it. */
static __always_inline bool entry_begin(__u32 *writes)
{
	__u32 seen = entry_writes(writes);

	return !(seen & 1) && __sync_bool_compare_and_swap(writes, seen, seen + 1);
}

static __always_inline void entry_end(__u32 *writes)
{
	barrier();
	++*(volatile __u32 *)writes;
}

#endif
