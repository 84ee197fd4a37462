/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the program `ip` has for its plugins, as far as this one uses it. iproute2 installs no
 * header for it (its sources: ip/ip_common.h, include/utils.h, include/libnetlink.h).
 */
#ifndef LVN_IP_H
#define LVN_IP_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	int (*parse_opt)(struct link_util *self, int argc, char **argv, struct nlmsghdr *request);
	void (*print_opt)(struct link_util *self, FILE *out, struct rtattr *attrs[]);
	void (*print_xstats)(struct link_util *self, FILE *out, struct rtattr *xstats);
	void (*print_help)(struct link_util *self, int argc, char **argv, FILE *out);
	int (*parse_ifla_xstats)(struct link_util *self, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *message, void *arg);
};

enum { PRINT_JSON = 2 };

int addattr32(struct nlmsghdr *request, int size, int type, uint32_t value);
int parse_rtattr(struct rtattr *attrs[], int max, struct rtattr *first, int length);
bool is_json_context(void);
void open_json_object(const char *name);
void close_json_object(void);
int print_color_string(int type, int color, const char *key, const char *format,
		       const char *value);
int print_color_lluint(int type, int color, const char *key, const char *format,
		       unsigned long long value);
void invarg(const char *message, const char *argument) __attribute__((noreturn));
void duparg2(const char *key, const char *argument) __attribute__((noreturn));
void incomplete_command(void) __attribute__((noreturn));

#endif
