// SPDX-License-Identifier: GPL-2.0
/*
 * The timer, which asks and looks at the time, and what follows from it. The timer and the receiving
 * side, in keepalive-receive.c, run in softirqs and only note what is to be told or changed; a work
 * item does that under RTNL.
 */
#include "keepalive.h"

#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/sched/clock.h>

#include "control.h"
#include "device.h"
#include "event.h"
#include "socket.h"
#include "tunnel.h"

/* How many tunnels are told of before others may have RTNL, however many are waiting. */
#define LVN_TOLD_AT_ONCE 64

/*
 * Timers run before all else that a CPU has to do. Who may make tunnels, be it in a user namespace
 * of their own, may not stop the machine by having thousands of them due at once: of each tick
 * they get so much, and what is due beyond that waits for a second or two.
 */
#define LVN_SHARE_NS (TICK_NSEC / 4)

/**
 * struct lvn_share - what one CPU's timers have had; only they touch it, in softirqs
 * @tick: of which tick
 * @used: nanoseconds
 */
struct lvn_share {
	unsigned long tick;
	u64 used;
};

static DEFINE_PER_CPU(struct lvn_share, lvn_shares);

/* Tunnels with something to tell. */
static LIST_HEAD(lvn_pending);
/* Protects lvn_pending and the tunnels' places in it; inside of lvn_keepalive.lock. */
static DEFINE_SPINLOCK(lvn_pending_lock);

static void lvn_keepalive_work(struct work_struct *work);
static DECLARE_WORK(lvn_keepalive_due, lvn_keepalive_work);

void lvn_keepalive_tell(struct lvn_tunnel *tunnel)
{
	spin_lock_bh(&lvn_pending_lock);
	if (!tunnel->keepalive.stopped && list_empty(&tunnel->keepalive.pending_list))
		list_add_tail(&tunnel->keepalive.pending_list, &lvn_pending);
	spin_unlock_bh(&lvn_pending_lock);
	lvn_socket_queue(&lvn_keepalive_due);
}

static u64 lvn_keepalive_new_nonce(void)
{
	return get_random_u64() | 1;
}

u64 lvn_keepalive_ask(struct lvn_keepalive *keepalive)
{
	u64 nonce = lvn_keepalive_new_nonce();

	keepalive->nonces[keepalive->asked++ % LVN_NONCES] = nonce;
	return nonce;
}

/*
 * Is the peer dead by now? Milliseconds until that is to be asked again; 0: never. Under the lock;
 * *@tell: that has changed.
 */
static u64 lvn_keepalive_judge_silence(struct lvn_keepalive *keepalive, u32 dead_time, u64 now,
				       bool *tell)
{
	u64 silent = div_u64(now - min(now, keepalive->heard), NSEC_PER_MSEC);
	bool dead = dead_time && silent >= dead_time;

	*tell = dead != keepalive->dead;
	WRITE_ONCE(keepalive->dead, dead);
	return silent < dead_time ? dead_time - silent : dead_time;
}

/* Milliseconds until the timer has something to do; 0: never. */
static u64 lvn_keepalive_look(struct lvn_tunnel *tunnel, struct lvn_path *path)
{
	struct lvn_keepalive *keepalive = &tunnel->keepalive;
	u32 interval = READ_ONCE(tunnel->keepalive_interval);
	u32 dead_time = READ_ONCE(tunnel->dead_time);
	u64 now = ktime_get_boottime_ns();
	u64 next, since, counter = 0, nonce = 0;
	bool tell;

	spin_lock(&keepalive->lock);
	next = lvn_keepalive_judge_silence(keepalive, dead_time, now, &tell);
	if (interval) {
		since = div_u64(now - keepalive->sent, NSEC_PER_MSEC);
		/* The timer may be up to a tick early. */
		if (!keepalive->sent || since + jiffies_to_msecs(1) >= interval) {
			since = 0;
			keepalive->sent = now;
			counter = ++keepalive->counter;
			nonce = lvn_keepalive_ask(keepalive);
		}
		next = next ? min(next, interval - since) : interval - since;
	}
	spin_unlock(&keepalive->lock);
	if (tell)
		lvn_keepalive_tell(tunnel);
	if (nonce)
		lvn_control_send(path, &path->remote, LVN_CONTROL_REQUEST, counter, nonce);
	return next;
}

static void lvn_keepalive_timer(struct timer_list *timer)
{
	struct lvn_tunnel *tunnel = container_of(timer, struct lvn_tunnel, keepalive.timer);
	struct lvn_share *share = this_cpu_ptr(&lvn_shares);
	u64 begun = local_clock(), next = 0;
	struct lvn_path *path;

	if (share->tick != jiffies) {
		share->tick = jiffies;
		share->used = 0;
	}
	if (share->used > LVN_SHARE_NS) {
		timer_reduce(timer, jiffies + HZ + tunnel->id % HZ);
		return;
	}
	rcu_read_lock();
	path = rcu_dereference(tunnel->path);
	if (path && path->remote.port)
		next = lvn_keepalive_look(tunnel, path);
	rcu_read_unlock();
	/* Not later than a request has set it meanwhile. */
	if (next)
		timer_reduce(timer, jiffies + msecs_to_jiffies(next) + 1);
	share->used += local_clock() - begun;
}

void lvn_keepalive_init(struct lvn_tunnel *tunnel)
{
	struct lvn_keepalive *keepalive = &tunnel->keepalive;

	timer_setup(&keepalive->timer, lvn_keepalive_timer, 0);
	spin_lock_init(&keepalive->lock);
	INIT_LIST_HEAD(&keepalive->pending_list);
	keepalive->session = lvn_keepalive_new_nonce();
	get_random_bytes(&keepalive->secret, sizeof(keepalive->secret));
	keepalive->heard = ktime_get_boottime_ns();
}

/*
 * One end of a pair asks at once. A hub that is given thousands of tunnels asks them one after the
 * other, in the course of an interval.
 */
static u64 lvn_keepalive_first(const struct lvn_tunnel *tunnel, u64 now)
{
	u32 wait;

	if (tunnel->device->mode == LVN_MODE_FIXED)
		return 0;
	wait = reciprocal_scale(get_random_u32(), tunnel->keepalive_interval);
	return now - (u64)(tunnel->keepalive_interval - wait) * NSEC_PER_MSEC;
}

void lvn_keepalive_start(struct lvn_tunnel *tunnel, enum lvn_keepalive_why why)
{
	bool there = rtnl_dereference(tunnel->path)->remote.port;
	struct lvn_keepalive *keepalive = &tunnel->keepalive;
	u64 now = ktime_get_boottime_ns();

	ASSERT_RTNL();
	spin_lock_bh(&keepalive->lock);
	if (why == LVN_KEEPALIVE_ENDPOINT || why == LVN_KEEPALIVE_MOVED) {
		keepalive->sent = why == LVN_KEEPALIVE_MOVED ? 0 : lvn_keepalive_first(tunnel, now);
		/* Nothing that was asked elsewhere, or under another key, counts any more. */
		keepalive->settled = keepalive->asked;
		keepalive->round++;
		keepalive->proven = false;
	}
	if (why != LVN_KEEPALIVE_TIMES)
		keepalive->heard = now;
	if (!there)
		WRITE_ONCE(keepalive->dead, false);
	spin_unlock_bh(&keepalive->lock);
	/* Of a peer that is nowhere there is nothing to tell. */
	if (!there)
		keepalive->was_dead = false;
	if (!there || (!tunnel->keepalive_interval && !tunnel->dead_time &&
		       !READ_ONCE(keepalive->dead)))
		return;
	mod_timer(&keepalive->timer, jiffies + 1);
}

void lvn_keepalive_stop(struct lvn_tunnel *tunnel)
{
	ASSERT_RTNL();
	timer_shutdown_sync(&tunnel->keepalive.timer);
	/* Packets may still see the tunnel: nothing that they note is told any more. */
	spin_lock_bh(&lvn_pending_lock);
	tunnel->keepalive.stopped = true;
	list_del_init(&tunnel->keepalive.pending_list);
	spin_unlock_bh(&lvn_pending_lock);
}

static void lvn_keepalive_move(struct lvn_tunnel *tunnel)
{
	struct lvn_keepalive *keepalive = &tunnel->keepalive;
	struct lvn_tunnel_wish wish = { .given = LVN_GIVEN_REMOTE };

	spin_lock_bh(&keepalive->lock);
	if (keepalive->proven)
		wish.remote = keepalive->candidate;
	keepalive->proven = false;
	spin_unlock_bh(&keepalive->lock);
	/* Another tunnel may have that endpoint: then this one stays where it is. */
	if (wish.remote.port && !lvn_tunnel_move(tunnel, &wish))
		lvn_event_send(tunnel, LVN_EVENT_MOVED, 0);
}

static void lvn_keepalive_handle(struct lvn_tunnel *tunnel)
{
	struct lvn_keepalive *keepalive = &tunnel->keepalive;
	bool dead;

	lvn_keepalive_move(tunnel);
	/* As it is now, whatever it was when this was put on the list. */
	dead = READ_ONCE(keepalive->dead);
	if (dead == keepalive->was_dead)
		return;
	keepalive->was_dead = dead;
	lvn_event_send(tunnel, dead ? LVN_EVENT_DEAD : LVN_EVENT_BACK, 0);
	if (dead && tunnel->on_dead == LVN_ON_DEAD_REMOVE)
		lvn_tunnel_destroy(tunnel, LVN_REASON_DEAD);
}

static void lvn_keepalive_work(struct work_struct *work)
{
	unsigned int left = LVN_TOLD_AT_ONCE;
	struct lvn_tunnel *tunnel = NULL;

	rtnl_lock();
	while (left--) {
		spin_lock_bh(&lvn_pending_lock);
		tunnel = list_first_entry_or_null(&lvn_pending, struct lvn_tunnel,
						  keepalive.pending_list);
		if (tunnel)
			list_del_init(&tunnel->keepalive.pending_list);
		spin_unlock_bh(&lvn_pending_lock);
		if (!tunnel)
			break;
		/* Whoever takes a tunnel away does so under RTNL and takes it off the list. */
		lvn_keepalive_handle(tunnel);
	}
	rtnl_unlock();
	if (tunnel)
		lvn_socket_queue(&lvn_keepalive_due);
}
