// SPDX-License-Identifier: GPL-2.0
/*
 * Keepalives that come in: whose they are, whether they are to be believed, and what they prove. Runs
 * in softirqs; what follows is told to keepalive.c.
 */
#include "keepalive.h"

#include <linux/siphash.h>
#include <linux/udp.h>

#include "control.h"
#include "peers.h"
#include "socket.h"
#include "tunnel.h"

/* The remote endpoint is asked for packets of an unknown session no more often than this. */
#define LVN_DOUBT_NS NSEC_PER_SEC

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
		lvn_control_send(path, remote, reply.type, reply.counter, reply.nonce);
	if (ask.type)
		lvn_control_send(path, remote, ask.type, ask.counter, ask.nonce);
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
