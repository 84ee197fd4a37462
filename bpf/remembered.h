/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps whole what each CPU remembers between packets.
 *
 * Where softirqs are preempted (PREEMPT_RT) a packet may come in between any two instructions for another one, on the
 * same CPU. An entry has a write count, as in a seqlock, but a reader never waits: a packet that finds it being written looks
 * the answer up, and does not remember it. One CPU sees its own writes in their order, so the
 * compiler alone has to keep it.
 */
#ifndef LVN_REMEMBERED_H
#define LVN_REMEMBERED_H

#include "common.h"

/* Reads the write count; odd while the entry is being written. */
static __always_inline __u32 entry_writes(const __u32 *writes)
{
	__u32 seen = *(const volatile __u32 *)writes;

	barrier();
	return seen;
}

/* True if no write has begun since `seen` was read. */
static __always_inline bool entry_unchanged(const __u32 *writes, __u32 seen)
{
	barrier();
	return *(const volatile __u32 *)writes == seen;
}

/* Begins to write; false if another packet is writing. */
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
