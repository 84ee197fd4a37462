// SPDX-License-Identifier: GPL-2.0
/* The depth of nested transmissions, counted by whoever nests. */
#include <linux/netdevice.h>
void probe(void);
void probe(void) { dev_xmit_recursion_inc(); }
