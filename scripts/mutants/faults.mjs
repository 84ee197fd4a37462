// SPDX-License-Identifier: MIT
/**
 * Deliberate faults that tests must notice: a file, a text that is in it exactly once, what it becomes, and why that
 * would be bad. `bpf/` and `kmod/` have no other mutants; those of TypeScript are kinds of faults that once went by.
 * Add one for whatever a review finds untested.
 */

const vitest = (project, tests) => [
  process.execPath,
  ...['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--bail', '1', ...tests],
]

/** How the tests of each kind are run, and which, where a fault names none; what is built before, to see that it builds. */
export const suites = {
  unit: {
    parts: ['bundle'],
    tests: ['test/unit/interp', 'test/unit/native'],
    command: (tests) => vitest('unit', tests),
    env: {},
  },
  ebpf: {
    parts: ['lvn.bpf'],
    tests: ['test/netns/plane'],
    command: (tests) => vitest('netns', tests),
    env: { LVN_TEST_PLANES: 'ebpf-tcx' },
  },
  kmod: {
    parts: [],
    tests: ['test/netns/plane', 'test/vm'],
    command: (tests) => [process.execPath, 'scripts/vm/test.mjs', '--kernel', '6.12', '--', ...tests],
    env: {},
    machine: true,
  },
}

const unit = (file, text, replacement, why, ...tests) => ({
  kind: 'unit',
  file,
  text,
  replacement,
  why,
  tests,
})
const ebpf = (file, text, replacement, why) => ({ kind: 'ebpf', file: `bpf/${file}`, text, replacement, why })
const kmod = (file, text, replacement, why) => ({
  kind: 'kmod',
  file: `kmod/${file}`,
  text,
  replacement,
  why,
})

const fields = 'test/unit/interp/every-field.test.ts'
const others = 'test/unit/interp/others.test.ts'
const socket = 'test/unit/native/socket.test.ts'

export const faults = [
  unit(
    'src/interp/steps.ts',
    'if (turned.has(wanted.path) &&',
    'if (false &&',
    'a hub does not forward while the plane forgets the values from before',
    'test/unit/interp/plan.test.ts',
  ),
  unit(
    'native/host/apply.ts',
    'before === null ? remove : replaceRoute(before)',
    'remove',
    'a route that was changed is gone where the rest of its datagram is refused',
    'test/unit/native/host-apply.test.ts',
  ),
  unit(
    'src/interp/6-verify.ts',
    'filter((change) => !isLearned(change))',
    "filter((change) => change.kind !== 'tunnel' || change.op !== 'change')",
    'verify is blind to every changed tunnel',
    fields,
  ),
  unit(
    'src/interp/3-diff.ts',
    "if (!sameEndpoint(before.local, after.local)) fields.push('local')",
    '',
    'the local endpoint of a tunnel is not compared',
    fields,
  ),
  unit(
    'src/interp/3-diff.ts',
    'if (!owned || !owners.ours.has(device)) continue',
    'void owned\n    if (!owners.ours.has(device)) continue',
    'addresses of others on our device are deleted',
    others,
  ),
  unit(
    'src/interp/diff-routes.ts',
    'if (!route.owned) return false',
    'if (route.device === null && !route.owned) return false',
    'routes of others through our device are deleted',
    others,
  ),
  unit(
    'src/interp/4-plan.ts',
    "if (op !== 'remove') shrinking",
    "if (op === 'add') shrinking",
    'the filter is changed late although rules change their target',
    others,
  ),
  unit(
    'src/interp/5-apply.ts',
    "return index < failed ? 'undone' : 'not-tried'",
    "return index < failed ? 'undone' : 'done'",
    'steps after a failure are reported done',
    others,
  ),
  unit(
    'src/interp/sysctl.ts',
    'if (wanters.length > 0 || others.length > 0) continue',
    'if (wanters.length > 0) continue',
    'a switch is put back that another overlay relies on',
    others,
  ),
  unit(
    'native/netlink/socket.ts',
    "if ((message.flags & NLM_F.dumpInterrupted) !== 0) torn ??= 'EINTR'",
    '',
    'a torn dump is taken for a whole one',
    socket,
  ),
  unit(
    'native/netlink/socket.ts',
    'return torn ?? collected',
    "return torn === 'EINTR' ? torn : collected",
    'a dump that overran is taken for a whole one',
    socket,
  ),
  unit(
    'native/netlink/socket.ts',
    'if (errno !== 0) throw refused(request.what, errno, kernelMessage, offset)\n          return torn',
    'return torn',
    'a dump that ends with an error is taken for a whole one',
    socket,
  ),
  unit(
    'native/runs.ts',
    "while (results.length < operations.length) results.push({ status: 'not-tried' })",
    "while (results.length < operations.length) results.push({ status: 'done' })",
    'operations after a failure are reported done',
    'test/unit/native/runs.test.ts',
  ),

  ebpf(
    'decap.h',
    'lvn_constants.mode == LVN_MODE_MULTI && tunnel_of6(c, &ip->saddr) != id',
    'false',
    'the inner IPv6 source is not checked',
  ),
  ebpf(
    'decap.h',
    'lvn_constants.mode == LVN_MODE_MULTI && tunnel_of4(c, ip->saddr) != id',
    'false',
    'the inner IPv4 source is not checked',
  ),
  ebpf('decap.h', ' && same_address(t->local, o->local)', '', 'the outer local address is not compared'),
  ebpf(
    'decap.h',
    'same_address(t->remote, o->peer.remote) && ',
    '',
    'the outer remote address is not compared with that of the tunnel that came lately',
  ),
  ebpf(
    'decap.h',
    't->remote_port == o->peer.remote_port && ',
    '',
    'the outer remote port is not compared with that of the tunnel that came lately',
  ),
  ebpf(
    'decap.h',
    ' || bpf_ntohs(ip->tot_len) > o->payload',
    '',
    'an inner IPv4 packet may be longer than what came',
  ),
  ebpf(
    'decap.h',
    'if (bpf_ntohs(ip->payload_len) + sizeof(*ip) > o->payload)',
    'if (false)',
    'an inner IPv6 packet may be longer than what came',
  ),
  ebpf('decap.h', ' && l2 + size <= skb->len', '', 'an outer packet may be longer than what came'),
  ebpf('decap.h', 'length > sizeof(*udp) && ', '', 'an outer UDP length may be less than its header'),
  ebpf('decap.h', 'ip->ihl < 5 || ', '', 'an inner IPv4 header may be shorter than one'),
  ebpf(
    'decap.h',
    'return inner ? ECN_CE : -1;',
    'return ECN_CE;',
    'congestion is marked on packets that cannot bear the mark (RFC 6040)',
  ),
  ebpf(
    'decap.h',
    'return skb->vlan_present && skb->vlan_tci & VLAN_ID_MASK;',
    'return false;',
    'what comes by a VLAN is taken for the interface’s',
  ),
  ebpf('decap.h', 'family == 6 && t->family != 6', 'false', 'IPv4 addresses in an IPv6 header are believed'),
  ebpf('decap.h', 'counters->rx_bytes += length;', '', 'received bytes are not counted'),
  ebpf('encap.h', 'ip->frag_off = bpf_htons(IP_DF);', 'ip->frag_off = 0;', 'outer packets may be fragmented'),
  ebpf('encap.h', '\tip->tos = inner->tos;', '\tip->tos = 0;', 'DSCP and ECN are not copied out'),
  ebpf(
    'encap.h',
    'udp->dest = t->remote_port;',
    'udp->dest = t->local_port;',
    'packets go to the wrong port',
  ),
  ebpf(
    'encap.h',
    'inner->id = tunnel_of6(c, &ip->daddr);',
    'inner->id = 1;',
    'inner IPv6 goes into any tunnel',
  ),

  ebpf(
    'rules.h',
    'id = probe4((const struct lvn_mask4 *)p->masks + i, *p->address, &end);\n\tif (id)\n\t\tp->id = *id;\n\treturn id || end;',
    'id = probe4((const struct lvn_mask4 *)p->masks + i, *p->address, &end);\n\tif (id)\n\t\tp->id = *id;\n\treturn 0;',
    'of more than two lengths that hold an address the shortest has it',
  ),
  ebpf(
    'rules.h',
    'bpf_loop(129 - PROBES_IN_LINE',
    'bpf_loop(127 - PROBES_IN_LINE',
    'the last lengths are not probed',
  ),
  ebpf('rules.h', 'if (i >= 33)', 'if (i >= 32)', 'the last length of IPv4 is not probed'),
  ebpf(
    'destinations.h',
    's->found = i < LVN_MAX_DESTINATIONS && has6',
    's->found = i < LVN_MAX_DESTINATIONS - 1 && has6',
    'the last destination of as many as there can be is none',
  ),
  ebpf(
    'destinations.h',
    'bpf_loop(d->count4 - IN_LINE',
    'bpf_loop(LVN_MAX_DESTINATIONS',
    'what a longer list has left behind is a destination',
  ),

  kmod(
    'decap.c',
    'lvn_rules_find6(&device->rules, &ip->saddr) != tunnel',
    'false',
    'the inner IPv6 source is not checked',
  ),
  kmod(
    'decap.c',
    'device->mode == LVN_MODE_MULTI && lvn_rules_find4(&device->rules, ip->saddr) != tunnel',
    'false',
    'the inner IPv4 source is not checked',
  ),
  kmod(
    'decap.c',
    ' || !lvn_endpoint_same(&path->source, &outer.local)',
    '',
    'the outer local address is not compared',
  ),
  kmod(
    'decap.c',
    ' || length > skb->len - sizeof(struct udphdr)',
    '',
    'an inner IPv4 packet may be longer than what came',
  ),
  kmod(
    'decap.c',
    'if (ntohs(ip->payload_len) + sizeof(*ip) > skb->len - sizeof(struct udphdr))',
    'if (false)',
    'an inner IPv6 packet may be longer than what came',
  ),
  kmod(
    'decap.c',
    'if (INET_ECN_decapsulate(skb, outer_tos, inner_tos) > 1)',
    'if (INET_ECN_decapsulate(skb, outer_tos, inner_tos) > 2)',
    'congestion is marked on packets that cannot bear the mark (RFC 6040)',
  ),
  kmod(
    'rules.c',
    'a->address[0] != b->address[0] || a->length != b->length ||',
    'a->address[0] != b->address[0] ||',
    'prefixes of one address and different lengths are taken for one',
  ),
  kmod(
    'keepalive.c',
    'dead_time && silent >= dead_time;',
    'dead_time && silent >= 2 * dead_time;',
    'a peer is found dead far too late',
  ),
  kmod(
    'keepalive.c',
    'dead_time && silent >= dead_time;',
    'dead_time && silent >= dead_time / 2;',
    'a peer is found dead far too soon',
  ),
  kmod(
    'outer.c',
    'if (!lvn_outer_has_source6(net, &flow))',
    'if (false)',
    'packets leave from an IPv6 address that is not of this host any more',
  ),
  kmod(
    'device.c',
    '(NETIF_F_GSO_SOFTWARE & ~NETIF_F_GSO_FRAGLIST)',
    'NETIF_F_GSO_SOFTWARE',
    'outer headers are written in front of where the pieces of a list begin',
  ),
  kmod(
    'decap.c',
    'if (skb->dev->features & NETIF_F_GRO_FRAGLIST)',
    'if (false)',
    'a stream that is joined as lists on arrival is dropped and sent again',
  ),
  unit(
    'bpf/remembered.h',
    'return *(const volatile __u32 *)writes == seen;',
    'return true;',
    'under PREEMPT_RT a packet may go into the tunnel of another',
    'test/unit/native/interrupted.test.ts',
  ),
]
