// SPDX-License-Identifier: GPL-2.0
/*
 * What `ip link` of iproute2 has to know of the link type "lvn": words for its options and its
 * details. `ip` looks for it as link_lvn.so in its own folder, or in $IP_LIB_DIR. Tunnels and rules
 * are not known here: they are the generic netlink family's.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../uapi/lvn.h"
#include "ip.h"
#include "names-gen.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* The room for attributes in the requests of `ip link`. */
#define REQUEST_SIZE 1024

/* ---- options */

static void lvn_help(FILE *out)
{
	fprintf(out,
		"Usage: ... lvn [ mode { fixed | multi } ] [ capacity TUNNELS ]\n"
		"               [ df { inherit | set | unset } ]\n"
		"\n"
		"mode      fixed: one tunnel takes everything, the default; multi: rules choose among\n"
		"          many. It cannot be changed later.\n"
		"capacity  the most tunnels it holds, 1 to %u; 1 for a fixed device\n"
		"df        the Don't Fragment bit of the outer IPv4 header: as the packet within has it,\n"
		"          the default, always or never\n"
		"\n"
		"Tunnels and rules are set by `lvn`.\n",
		LVN_MAX_TUNNELS);
}

static void lvn_print_help(struct link_util *self, int argc, char **argv, FILE *out)
{
	lvn_help(out);
}

/* The number of a word; exits where there is none. */
static uint32_t lvn_number_of(const char *const names[], size_t count, const char *option,
			      const char *word)
{
	char message[128];
	size_t i, length;

	for (i = 0; i < count; i++)
		if (names[i] && !strcmp(names[i], word))
			return i;
	length = snprintf(message, sizeof(message), "\"%s\" is one of:", option);
	for (i = 0; i < count && length < sizeof(message); i++)
		length += snprintf(message + length, sizeof(message) - length, " %s", names[i]);
	invarg(message, word);
}

static uint32_t lvn_capacity(const char *word)
{
	char message[64];
	unsigned long value;
	char *end;

	snprintf(message, sizeof(message), "\"capacity\" is a number from 1 to %u",
		 LVN_MAX_TUNNELS);
	errno = 0;
	value = strtoul(word, &end, 10);
	if (errno || end == word || *end || *word == '-' || value < 1 || value > LVN_MAX_TUNNELS)
		invarg(message, word);
	return value;
}

static int lvn_parse_opt(struct link_util *self, int argc, char **argv, struct nlmsghdr *request)
{
	bool given[IFLA_LVN_MAX + 1] = {};

	for (; argc > 0; argc -= 2, argv += 2) {
		const char *option = argv[0];
		uint32_t value;
		int type;

		if (!strcmp(option, "help")) {
			lvn_help(stderr);
			return -1;
		}
		if (strcmp(option, "mode") && strcmp(option, "capacity") && strcmp(option, "df")) {
			fprintf(stderr, "lvn: unknown option \"%s\"?\n", option);
			lvn_help(stderr);
			return -1;
		}
		if (argc < 2)
			incomplete_command();
		if (!strcmp(option, "mode")) {
			type = IFLA_LVN_MODE;
			value = lvn_number_of(lvn_mode_names, COUNT(lvn_mode_names), option,
					      argv[1]);
		} else if (!strcmp(option, "capacity")) {
			type = IFLA_LVN_CAPACITY;
			value = lvn_capacity(argv[1]);
		} else {
			type = IFLA_LVN_DF;
			value = lvn_number_of(lvn_df_names, COUNT(lvn_df_names), option, argv[1]);
		}
		if (given[type])
			duparg2(option, argv[1]);
		given[type] = true;
		addattr32(request, REQUEST_SIZE, type, value);
	}
	return 0;
}

/* ---- details */

static uint32_t lvn_u32(const struct rtattr *attr)
{
	return *(const uint32_t *)RTA_DATA(attr);
}

static uint64_t lvn_u64(const struct rtattr *attr)
{
	uint64_t value;

	memcpy(&value, RTA_DATA(attr), sizeof(value));
	return value;
}

static void lvn_print_number(FILE *out, const char *key, unsigned long long value)
{
	if (is_json_context())
		print_color_lluint(PRINT_JSON, 0, key, NULL, value);
	else
		fprintf(out, "%s %llu ", key, value);
}

static void lvn_print_word(FILE *out, const char *key, const struct rtattr *attr,
			   const char *const names[], size_t count)
{
	uint32_t value;

	if (!attr)
		return;
	value = lvn_u32(attr);
	if (value >= count || !names[value])
		lvn_print_number(out, key, value);
	else if (is_json_context())
		print_color_string(PRINT_JSON, 0, key, NULL, names[value]);
	else
		fprintf(out, "%s %s ", key, names[value]);
}

/* In text, only what has happened. */
static void lvn_print_drops(FILE *out, struct rtattr *nest)
{
	struct rtattr *drops[LVN_A_DROPS_MAX + 1];
	bool any = false;
	size_t i;

	parse_rtattr(drops, LVN_A_DROPS_MAX, RTA_DATA(nest), RTA_PAYLOAD(nest));
	if (is_json_context())
		open_json_object("drops");
	for (i = 0; i < COUNT(lvn_drops_names); i++) {
		if (!lvn_drops_names[i] || !drops[i])
			continue;
		if (!is_json_context() && !lvn_u64(drops[i]))
			continue;
		if (!is_json_context() && !any)
			fprintf(out, "drops ");
		any = true;
		lvn_print_number(out, lvn_drops_names[i], lvn_u64(drops[i]));
	}
	if (is_json_context())
		close_json_object();
}

static void lvn_print_opt(struct link_util *self, FILE *out, struct rtattr *attrs[])
{
	if (!attrs)
		return;
	lvn_print_word(out, "mode", attrs[IFLA_LVN_MODE], lvn_mode_names, COUNT(lvn_mode_names));
	if (attrs[IFLA_LVN_CAPACITY])
		lvn_print_number(out, "capacity", lvn_u32(attrs[IFLA_LVN_CAPACITY]));
	lvn_print_word(out, "df", attrs[IFLA_LVN_DF], lvn_df_names, COUNT(lvn_df_names));
	if (attrs[IFLA_LVN_TUNNELS])
		lvn_print_number(out, "tunnels", lvn_u32(attrs[IFLA_LVN_TUNNELS]));
	if (attrs[IFLA_LVN_RULES])
		lvn_print_number(out, "rules", lvn_u32(attrs[IFLA_LVN_RULES]));
	if (attrs[IFLA_LVN_DROPS])
		lvn_print_drops(out, attrs[IFLA_LVN_DROPS]);
}

/* `ip` looks for this name. */
struct link_util lvn_link_util = {
	.id = "lvn",
	.maxattr = IFLA_LVN_MAX,
	.parse_opt = lvn_parse_opt,
	.print_opt = lvn_print_opt,
	.print_help = lvn_print_help,
};
