// SPDX-License-Identifier: GPL-2.0
/*
 * Control packets: made, signed, and sent by outer.c.
 */
#include "control.h"

#include <linux/siphash.h>

#include "outer.h"
#include "tunnel.h"

/* What is under the key to make @key_id of it. */
static const char lvn_key_id_text[] = "lvn key id";

u64 lvn_control_key_id(const struct lvn_path *path)
{
	if (!path->has_key)
		return 0;
	return siphash(lvn_key_id_text, sizeof(lvn_key_id_text) - 1, &path->key);
}

__le64 lvn_control_tag(const struct lvn_control *control, const struct lvn_path *path)
{
	return cpu_to_le64(siphash(control, offsetof(struct lvn_control, tag), &path->key));
}

void lvn_control_send(struct lvn_path *path, const struct lvn_endpoint *to, u8 type, u64 counter,
		      u64 nonce)
{
	struct lvn_control control = {
		.version = LVN_CONTROL_VERSION,
		.type = type,
		.key_id = cpu_to_le64(path->key_id),
		.session = cpu_to_le64(path->tunnel->keepalive.session),
		.counter = cpu_to_be64(counter),
		.nonce = cpu_to_le64(nonce),
	};

	control.tag = lvn_control_tag(&control, path);
	lvn_outer_control(path, to, &control, sizeof(control));
}
