/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is the peer there? Requests, answers and what follows from silence; the layout of the packets
 * is in docs/protocol.md. An endpoint moves only after a request sent to the new one was answered
 * under the tunnel's key, never because of data.
 */
#ifndef LVN_KEEPALIVE_H
#define LVN_KEEPALIVE_H

#include <linux/list.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>

#include "endpoint.h"

struct lvn_path;
struct lvn_socket;
struct lvn_tunnel;
struct sk_buff;

/* As many requests may be on their way at once: a path may be slower than the interval. */
#define LVN_NONCES 16

/* For so many seconds a request to a new address waits for its answer. */
#define LVN_CHALLENGE_SECONDS 16

/**
 * struct lvn_keepalive - of one tunnel
 * @timer: sends, and looks at the time
 * @lock: protects everything below but what says otherwise; taken in softirqs
 * @session: ours; random, so that our own packets sent back to us are told from the peer's
 * @counter: of the last packet that we sent
 * @nonces: of our last requests to the remote endpoint, request number n at n % LVN_NONCES
 * @asked: how many requests there have been
 * @settled: how many of them wait for no answer any more: answered, or sent before one that was
 * @peer_session: the peer's; 0: not heard of
 * @peer_counter: of the last packet of @peer_session that we took
 * @heard: when the peer last proved to be there, nanoseconds of the boot-time clock
 * @sent: when the timer last sent a request; the same clock
 * @doubted: when a request of an unknown session last had us ask the remote endpoint; the same clock
 * @secret: makes the nonces of our requests to other addresses, which are kept nowhere
 * @round: part of those nonces; changes when the peer has proved something, and no earlier one counts
 * @second: of the boot-time clock, that of @challenged
 * @challenged: which of 64 groups of addresses were asked in it, whoever wanted that
 * @newest: the largest counter of @peer_session in a request from elsewhere
 * @candidate: where the peer has proved to be, where @proven
 * @proven: @candidate is to become the remote endpoint
 * @dead: read without lock
 * @was_dead: what was last told; under RTNL
 * @stopped: the tunnel is being taken away; as @pending_list
 * @pending_list: in the list of tunnels with something to tell; under the lock of that list
 */
struct lvn_keepalive {
	struct timer_list timer;
	spinlock_t lock; /* what it protects is said above */
	u64 session;
	u64 counter;
	u64 nonces[LVN_NONCES];
	u32 asked;
	u32 settled;
	u64 peer_session;
	u64 peer_counter;
	u64 heard;
	u64 sent;
	u64 doubted;
	siphash_key_t secret;
	u32 round;
	u64 second;
	u64 challenged;
	u64 newest;
	struct lvn_endpoint candidate;
	bool proven;
	bool dead;
	bool was_dead;
	bool stopped;
	struct list_head pending_list;
};

void lvn_keepalive_init(struct lvn_tunnel *tunnel);

enum lvn_keepalive_why {
	LVN_KEEPALIVE_ENDPOINT, /* a request gave it a remote endpoint */
	LVN_KEEPALIVE_MOVED,    /* its peer proved a new remote endpoint */
	LVN_KEEPALIVE_WATCHED,  /* it has a dead time, and had none */
	LVN_KEEPALIVE_TIMES,    /* interval or dead time may be others */
};

/* Starts, or starts anew. Under RTNL. */
void lvn_keepalive_start(struct lvn_tunnel *tunnel, enum lvn_keepalive_why why);
/* Nothing comes of the tunnel's timer afterwards. Under RTNL. */
void lvn_keepalive_stop(struct lvn_tunnel *tunnel);

/* Has the work item look at the tunnel. */
void lvn_keepalive_tell(struct lvn_tunnel *tunnel);

/* The nonce of one more request to the remote endpoint. Under the lock. */
u64 lvn_keepalive_ask(struct lvn_keepalive *keepalive);

/*
 * A packet whose first nibble is 0; @skb starts with UDP. Returns whether it was a keepalive for
 * one of our tunnels, good or bad; the caller keeps @skb.
 */
bool lvn_keepalive_receive(struct lvn_socket *socket, struct sk_buff *skb,
			   const struct lvn_endpoint *remote, const struct lvn_endpoint *local);

#endif
