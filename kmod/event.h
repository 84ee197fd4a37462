/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of tunnels, told to whoever listens.
 */
#ifndef LVN_EVENT_H
#define LVN_EVENT_H

#include "uapi/lvn.h"

struct lvn_tunnel;

/*
 * Tells who listens in the device's network namespace. @reason counts with LVN_EVENT_REMOVED only.
 * Under RTNL.
 */
void lvn_event_send(const struct lvn_tunnel *tunnel, enum lvn_event event,
		    enum lvn_reason reason);

#endif
