/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Control packets, docs/protocol.md: their layout, their tag, and sending one. When one is sent, and
 * what comes of it, is not known here.
 */
#ifndef LVN_CONTROL_H
#define LVN_CONTROL_H

#include <linux/types.h>

struct lvn_endpoint;
struct lvn_path;

#define LVN_CONTROL_VERSION 1
#define LVN_CONTROL_REQUEST 1
#define LVN_CONTROL_ANSWER 2

/* All but @tag is under the tag. */
struct lvn_control {
	u8 version;
	u8 type;
	__be16 zero16;
	__be32 zero32;
	__le64 key_id;
	__le64 session;
	__be64 counter;
	__le64 nonce;
	__le64 tag;
} __packed;

/* What @tag is under the path's key. */
__le64 lvn_control_tag(const struct lvn_control *control, const struct lvn_path *path);

/* The number that tells a tunnel by its key alone; 0: it has none. */
u64 lvn_control_key_id(const struct lvn_path *path);

/* Sends one to @to, with the session of the path's tunnel, or loses it. */
void lvn_control_send(struct lvn_path *path, const struct lvn_endpoint *to, u8 type, u64 counter,
		      u64 nonce);

#endif
