// SPDX-License-Identifier: GPL-2.0
/* IPv6 may be a module, so that others reach it through ipv6_stub. */
#include <net/ipv6_stubs.h>
const void *probe(void);
const void *probe(void) { return ipv6_stub; }
