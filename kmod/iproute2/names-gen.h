/* SPDX-License-Identifier: GPL-2.0 */

/*
 * Words for what the attributes of the link type say.
 *
 * Written by `npm run gen` from spec/lvn.yaml: change that instead.
 */

#ifndef LVN_NAMES_GEN_H
#define LVN_NAMES_GEN_H

static const char *const lvn_mode_names[] = {
	[0] = "fixed",
	[1] = "multi",
};

static const char *const lvn_df_names[] = {
	[0] = "inherit",
	[1] = "set",
	[2] = "unset",
};

static const char *const lvn_drops_names[] = {
	[2] = "no-rule",
	[3] = "no-remote",
	[4] = "bad-source",
	[5] = "unknown-peer",
	[6] = "malformed",
	[7] = "fragment",
	[8] = "ecn",
	[9] = "no-room",
	[10] = "unsupported",
	[11] = "bad-destination",
};

#endif
