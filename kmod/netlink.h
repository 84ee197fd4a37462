/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family "lvn": requests, dumps and events.
 */
#ifndef LVN_NETLINK_H
#define LVN_NETLINK_H

#include "uapi/lvn.h"

struct lvn_tunnel;

int lvn_netlink_register(void);
void lvn_netlink_unregister(void);

/*
 * Tells who listens in the device's network namespace. @reason counts with LVN_EVENT_REMOVED only.
 * Under RTNL.
 */
void lvn_netlink_event(const struct lvn_tunnel *tunnel, enum lvn_event event,
		       enum lvn_reason reason);

#endif
