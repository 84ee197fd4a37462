// SPDX-License-Identifier: GPL-2.0
/*
 * The timer and the receiving side run in softirqs and only note what is to be told or changed; a
 * work item does that under RTNL.
 */
#include "keepalive.h"

#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/sched/clock.h>
#include <linux/siphash.h>
#include <linux/udp.h>

#include "device.h"
#include "event.h"
#include "outer.h"
#include "peers.h"
#include "socket.h"
#include "tunnel.h"

#define LVN_CONTROL_VERSION 1
#define LVN_CONTROL_REQUEST 1
#define LVN_CONTROL_ANSWER 2

/* The remote endpoint is asked for packets of an unknown session no more often than this. */
#define LVN_DOUBT_NS NSEC_PER_SEC

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

/* docs/protocol.md; all but @tag is under the tag. */
struct lvn_control {
	u8 version;
	u8 type;
	__be16 zero16;
	__be32 zero32;
	__le64 key_id;
	__le64 session;
	__be64 counter;
	__le64 nonce;
	__le64 tag;
} __packed;

/* What is under the key to make @key_id of it. */
static const char lvn_key_id_text[] = "lvn key id";

/* Tunnels with something to tell. */
static LIST_HEAD(lvn_pending);
/* Protects lvn_pending and the tunnels' places in it; inside of lvn_keepalive.lock. */
static DEFINE_SPINLOCK(lvn_pending_lock);

static void lvn_keepalive_work(struct work_struct *work);
static DECLARE_WORK(lvn_keepalive_due, lvn_keepalive_work);

u64 lvn_keepalive_key_id(const struct lvn_path *path)
{
	if (!path->has_key)
		return 0;
	return siphash(lvn_key_id_text, sizeof(lvn_key_id_text) - 1, &path->key);
}

static __le64 lvn_control_tag(const struct lvn_control *control, const struct lvn_path *path)
{
	return cpu_to_le64(siphash(control, offsetof(struct lvn_control, tag), &path->key));
}

/* Has the work item look at the tunnel. */
static void lvn_keepalive_tell(struct lvn_tunnel *tunnel)
{
	spin_lock_bh(&lvn_pending_lock);
	if (!tunnel->keepalive.stopped && list_empty(&tunnel->keepalive.pending_list))
		list_add_tail(&tunnel->keepalive.pending_list, &lvn_pending);
	spin_unlock_bh(&lvn_pending_lock);
	lvn_socket_queue(&lvn_keepalive_due);
}

static void lvn_keepalive_send(struct lvn_path *path, const struct lvn_endpoint *to, u8 type,
			       u64 counter, u64 nonce)
{
	struct lvn_control control = {
		.version = LVN_CONTROL_VERSION,
		.type = type,
		.key_id = cpu_to_le64(path->key_id),
		.session = cpu_to_le64(path->tunnel->keepalive.session),
		.counter = cpu_to_be64(counter),
		.nonce = cpu_to_le64(nonce),
	};

	control.tag = lvn_control_tag(&control, path);
	lvn_outer_control(path, to, &control, sizeof(control));
}

static u64 lvn_keepalive_new_nonce(void)
{
	return get_random_u64() | 1;
}

/* The nonce of one more request to the remote endpoint. Under the lock. */
static u64 lvn_keepalive_ask(struct lvn_keepalive *keepalive)
{
	u64 nonce = lvn_keepalive_new_nonce();

	keepalive->nonces[keepalive->asked++ % LVN_NONCES] = nonce;
	return nonce;
}

/* Is it that of a request that waits for its answer? No older one does then. Under the lock. */
static bool lvn_keepalive_settle(struct lvn_keepalive *keepalive, u64 nonce)
{
	u32 waiting = min_t(u32, keepalive->asked - keepalive->settled, LVN_NONCES);
	u32 number;

	for (number = keepalive->asked - waiting; number != keepalive->asked; number++) {
		if (keepalive->nonces[number % LVN_NONCES] == nonce) {
			keepalive->settled = number + 1;
			return true;
		}
	}
	return false;
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
		lvn_keepalive_send(path, &path->remote, LVN_CONTROL_REQUEST, counter, nonce);
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

/* ---- what comes in */

/* Under the lock. */
static void lvn_keepalive_note_heard(struct lvn_tunnel *tunnel)
{
	tunnel->keepalive.heard = ktime_get_boottime_ns();
	if (!tunnel->keepalive.dead)
		return;
	WRITE_ONCE(tunnel->keepalive.dead, false);
	lvn_keepalive_tell(tunnel);
}

/* The peer has proved to be there, in that session. Under the lock. */
static void lvn_keepalive_know(struct lvn_keepalive *keepalive, u64 session, u64 counter)
{
	if (session != keepalive->peer_session) {
		keepalive->newest = 0;
		keepalive->round++;
	}
	keepalive->peer_session = session;
	keepalive->peer_counter = counter;
}

/*
 * The nonce of a request to an address that is not the remote endpoint: reckoned from what it is
 * about, so that nobody can take the place of another who waits for one. Under the lock.
 */
static u64 lvn_keepalive_challenge(const struct lvn_keepalive *keepalive,
				   const struct lvn_endpoint *to, u64 second)
{
	struct {
		struct lvn_endpoint to;
		u32 round;
		u64 second;
	} about = { *to, keepalive->round, second };

	BUILD_BUG_ON(sizeof(about) != sizeof(*to) + sizeof(u32) + sizeof(u64));
	return siphash(&about, sizeof(about), &keepalive->secret) | 1;
}

/* Is it that of a request to there, of late? Under the lock. */
static bool lvn_keepalive_is_challenge(const struct lvn_keepalive *keepalive,
				       const struct lvn_endpoint *from, u64 nonce, u64 second)
{
	unsigned int age;

	for (age = 0; age < LVN_CHALLENGE_SECONDS; age++)
		if (nonce == lvn_keepalive_challenge(keepalive, from, second - age))
			return true;
	return false;
}

/*
 * Is a new address to be asked? Once a second at most, and so are all addresses of its group, which
 * are other ones in each second: however many of them old packets are sent from, little comes of it.
 * Under the lock.
 */
static bool lvn_keepalive_may_challenge(struct lvn_keepalive *keepalive, u64 nonce, u64 second)
{
	u64 group = BIT_ULL(nonce >> 58);

	if (keepalive->second != second) {
		keepalive->second = second;
		keepalive->challenged = 0;
	}
	if (keepalive->challenged & group)
		return false;
	keepalive->challenged |= group;
	return true;
}

/* A reply that the lock must not be held for. */
struct lvn_reply {
	u8 type;
	u64 counter;
	u64 nonce;
};

/*
 * From the remote endpoint. Returns whether it is to be believed; *@reply: to be sent, where its
 * type is not 0.
 */
static bool lvn_keepalive_from_remote(struct lvn_tunnel *tunnel, const struct lvn_control *control,
				      struct lvn_reply *reply, struct lvn_reply *ask, bool *heard)
{
	struct lvn_keepalive *keepalive = &tunnel->keepalive;
	u64 session = le64_to_cpu(control->session), counter = be64_to_cpu(control->counter);
	u64 nonce = le64_to_cpu(control->nonce), now = ktime_get_boottime_ns();
	bool known = session == keepalive->peer_session;

	if (known && counter <= keepalive->peer_counter)
		return false;
	if (control->type == LVN_CONTROL_ANSWER) {
		if (!lvn_keepalive_settle(keepalive, nonce))
			return false;
		lvn_keepalive_know(keepalive, session, counter);
		*heard = true;
		return true;
	}
	if (known) {
		keepalive->peer_counter = counter;
		*heard = true;
	} else if (now - keepalive->doubted > LVN_DOUBT_NS) {
		/* It has started anew, or this is an old packet: its answer will tell. */
		keepalive->doubted = now;
		*ask = (struct lvn_reply){ LVN_CONTROL_REQUEST, ++keepalive->counter,
					  lvn_keepalive_ask(keepalive) };
	}
	*reply = (struct lvn_reply){ LVN_CONTROL_ANSWER, ++keepalive->counter, nonce };
	return true;
}

/* From elsewhere: a peer that has moved, or somebody with its packets in hand. */
static bool lvn_keepalive_from_elsewhere(struct lvn_tunnel *tunnel,
					 const struct lvn_control *control,
					 const struct lvn_endpoint *from, struct lvn_reply *ask,
					 bool *moved)
{
	struct lvn_keepalive *keepalive = &tunnel->keepalive;
	u64 session = le64_to_cpu(control->session), counter = be64_to_cpu(control->counter);
	u64 nonce = le64_to_cpu(control->nonce);
	u64 second = div_u64(ktime_get_boottime_ns(), NSEC_PER_SEC);
	bool known = session == keepalive->peer_session, newest;

	if (known && counter <= keepalive->peer_counter)
		return false;
	if (control->type == LVN_CONTROL_ANSWER) {
		if (!lvn_keepalive_is_challenge(keepalive, from, nonce, second))
			return false;
		lvn_keepalive_know(keepalive, session, counter);
		keepalive->round++;
		keepalive->candidate = *from;
		keepalive->proven = true;
		*moved = true;
		return true;
	}
	if (keepalive->proven)
		return true;
	/* Nobody can have recorded it before: what others send does not keep it waiting. */
	newest = known && counter > keepalive->newest;
	if (newest)
		keepalive->newest = counter;
	nonce = lvn_keepalive_challenge(keepalive, from, second);
	if (lvn_keepalive_may_challenge(keepalive, nonce, second) || newest)
		*ask = (struct lvn_reply){ LVN_CONTROL_REQUEST, ++keepalive->counter, nonce };
	return true;
}

static bool lvn_keepalive_judge(struct lvn_path *path, const struct lvn_control *control,
				const struct lvn_endpoint *remote)
{
	struct lvn_reply reply = {}, ask = {};
	struct lvn_tunnel *tunnel = path->tunnel;
	struct lvn_keepalive *keepalive = &tunnel->keepalive;
	bool heard = false, moved = false, good;

	if (control->tag != lvn_control_tag(control, path) ||
	    le64_to_cpu(control->session) == keepalive->session || !control->session)
		return false;
	if (control->type != LVN_CONTROL_REQUEST && control->type != LVN_CONTROL_ANSWER)
		return false;
	spin_lock(&keepalive->lock);
	if (path->remote.port && lvn_endpoint_same(remote, &path->remote))
		good = lvn_keepalive_from_remote(tunnel, control, &reply, &ask, &heard);
	else
		good = lvn_keepalive_from_elsewhere(tunnel, control, remote, &ask, &moved);
	if (heard)
		lvn_keepalive_note_heard(tunnel);
	spin_unlock(&keepalive->lock);
	if (moved)
		lvn_keepalive_tell(tunnel);
	if (reply.type)
		lvn_keepalive_send(path, remote, reply.type, reply.counter, reply.nonce);
	if (ask.type)
		lvn_keepalive_send(path, remote, ask.type, ask.counter, ask.nonce);
	return good;
}

bool lvn_keepalive_receive(struct lvn_socket *socket, struct sk_buff *skb,
			   const struct lvn_endpoint *remote, const struct lvn_endpoint *local)
{
	const struct lvn_control *control;
	struct lvn_path *path;

	if (skb->len < sizeof(struct udphdr) + sizeof(*control) ||
	    !pskb_may_pull(skb, sizeof(struct udphdr) + sizeof(*control)))
		return false;
	control = (struct lvn_control *)(skb->data + sizeof(struct udphdr));
	if (control->version != LVN_CONTROL_VERSION)
		return false;
	path = control->key_id ? lvn_peers_find_key(&socket->keys, le64_to_cpu(control->key_id)) :
				 lvn_peers_find(&socket->peers, remote);
	if (!path || !lvn_endpoint_same(&path->source, local))
		return false;
	if (path->has_key != !!control->key_id || !lvn_keepalive_judge(path, control, remote))
		lvn_stats_control_rejected(path->tunnel->stats);
	return true;
}

/* ---- what follows, under RTNL */

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
