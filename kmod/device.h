/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices: link type "lvn". A device owns its local endpoints, tunnels and rules; what they do
 * with a packet is known to encap.c and decap.c. All changes are made under RTNL; packets see
 * them by RCU.
 */
#ifndef LVN_DEVICE_H
#define LVN_DEVICE_H

#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/xarray.h>
#include <net/gro_cells.h>

#include "rules.h"
#include "stats.h"
#include "uapi/lvn.h"

struct lvn_destinations;
struct lvn_tunnel;

/*
 * The most that send and receive in one network namespace, which anybody may have who may have a user
 * namespace: not all that the kernel sets up for one is charged to its maker.
 */
#define LVN_MAX_DEVICES 1024
#define LVN_MAX_SOCKETS 1024

/**
 * struct lvn_net - what one network namespace holds for outer packets; all under RTNL
 * @devices: those whose outer packets are of this namespace
 * @device_count: how many there are
 * @sockets: UDP sockets in use
 * @socket_count: how many there are, with those that are still to be released
 */
struct lvn_net {
	struct list_head devices;
	u32 device_count;
	struct list_head sockets;
	u32 socket_count;
};

/**
 * struct lvn_device - private part of a net_device; without a note, written under RTNL
 * @dev: the device
 * @link_net: where outer packets are sent and received; set once
 * @net_list: in lvn_net.devices of @link_net
 * @mode: set before it is registered
 * @df: the outer Don't Fragment bit; read without lock
 * @capacity: the most tunnels
 * @tunnel_count: how many there are
 * @generation: changes with every change of locals, tunnels and rules, so that a torn dump is
 *   noticed; never 0
 * @fixed: the tunnel of a fixed device; RCU
 * @tunnels: by id
 * @names: tunnels by name
 * @locals: local endpoints
 * @local_count: how many there are
 * @rules: see there; RCU
 * @drops: see there
 * @destinations: where packets out of tunnels may go; NULL: anywhere; RCU
 * @cells: GRO of received inner packets
 * @userdata: of user space, which alone knows what it means
 * @userdata_len: its bytes
 */
struct lvn_device {
	struct net_device *dev;
	struct net *link_net;
	struct list_head net_list;
	enum lvn_mode mode;
	enum lvn_df df;
	u32 capacity;
	u32 tunnel_count;
	u32 generation;
	struct lvn_tunnel __rcu *fixed;
	struct xarray tunnels;
	struct rhashtable names;
	struct list_head locals;
	u32 local_count;
	struct lvn_rules rules;
	struct lvn_drops __percpu *drops;
	struct lvn_destinations __rcu *destinations;
	struct gro_cells cells;
	u8 *userdata;
	u16 userdata_len;
};

struct lvn_net *lvn_net(const struct net *net);

/* Is it one of ours? */
bool lvn_device_is(const struct net_device *dev);

/* Notes a change for dumps that are under way. */
static inline void lvn_device_changed(struct lvn_device *device)
{
	if (!++device->generation)
		device->generation = 1;
}

int lvn_device_register(void);
void lvn_device_unregister(void);

#endif
