// SPDX-License-Identifier: GPL-2.0
/*
 * lvn.ko, the Lite Virtual Network: plain IP in UDP. Registration alone; it unwinds in mirrored
 * order.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>

#include "device.h"
#include "netlink-gen.h"
#include "outer.h"
#include "socket.h"

static int __init lvn_init(void)
{
	int err;

	lvn_outer_init();
	err = lvn_socket_init();
	if (err)
		return err;
	err = lvn_device_register();
	if (err)
		goto err_socket;
	err = genl_register_family(&lvn_nl_family);
	if (err)
		goto err_device;
	return 0;

err_device:
	lvn_device_unregister();
err_socket:
	lvn_socket_exit();
	return err;
}

static void __exit lvn_exit(void)
{
	genl_unregister_family(&lvn_nl_family);
	lvn_device_unregister();
	/*
	 * No socket leads here any more. But close() calls encap_destroy() without a lock: it may
	 * have read the pointer before, and has to be through before there is nothing to call.
	 */
	synchronize_rcu_tasks();
	lvn_socket_exit();
	/* Tunnels, paths and rules are freed by RCU callbacks in this module's text. */
	rcu_barrier();
}

module_init(lvn_init);
module_exit(lvn_exit);
MODULE_DESCRIPTION("Lite Virtual Network: IP in UDP, hub and spoke");
MODULE_AUTHOR("The L-VN authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS_RTNL_LINK("lvn");
MODULE_ALIAS_GENL_FAMILY("lvn");
