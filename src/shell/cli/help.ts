// SPDX-License-Identifier: MIT
/**
 * What `--help` says below the options: examples, exit codes, words that need explaining. Text only.
 */

const exitCodes = `
Exit codes:
  0  done, or nothing to do          5  partly applied
  1  internal error                  6  locked: another lvn is at work here
  2  changes (plan, fmt --check)     7  no data plane, or no permission
  3  invalid or unreadable source   64  usage
  4  failed and rolled back         74  a result cannot be written
                                   130  interrupted`

export const program = `
Examples:
  $ lvn check overlay.lvn            is the file right?
  $ lvn lab up overlay.lvn           try it out in network namespaces
  $ lvn plan overlay.lvn             what would change on this node?
  $ lvn apply overlay.lvn            change it
  $ lvn show tunnels                 what flows?
${exitCodes}`

export const check = `
Exit code 0 when the files are right, 3 when one is not.

Examples:
  $ lvn check overlay.lvn
  $ lvn check --format github *.lvn  annotations in a GitHub workflow
  $ lvn check --format sarif *.lvn   for code hosts that list findings`

export const fmt = `
Files with errors are left alone (exit code 3). With --check or --diff nothing is written, and exit code 2
says that files differ.

Examples:
  $ lvn fmt overlay.lvn
  $ lvn fmt --check *.lvn
  $ lvn fmt --diff overlay.lvn
  $ lvn fmt - < overlay.lvn`

const selection = `
Without --node this host is the node whose \`match hostname\` is its host name, or else the one whose
underlay address is local, or else the one whose device it holds, or else the hub that has a local address
behind its NAT (\`listen … at ADDRESS\`). Host names of endpoints are looked up for 3 seconds at most, in the namespace
of --netns where one is given; a peer whose name has no address stays pending and the rest goes on.`

export const plan = `
${selection.trim()}

With --against no kernel is asked: it needs no root and runs in CI. Host names are not looked up then.

Exit code 0 when there is nothing to change, 2 when there is, or when no interface has an
address that the file listens on.

Examples:
  $ lvn plan overlay.lvn
  $ lvn plan overlay.lvn --node gw1 --json
  $ lvn plan overlay.lvn --out change.plan    then: lvn apply change.plan
  $ lvn plan overlay.lvn --against gw1.json   what \`lvn snapshot\` printed on gw1
  $ lvn plan overlay.lvn --against none --node gw1`

export const apply = `
Shows the plan, asks, carries it out, reads the kernel again and compares. What fails is rolled back.
Only objects that an overlay file put there are ever changed, and the host's switches that these need (forwarding,
redirects, reserved ports), which go back when the last of them goes; no state file is kept. A saved plan (\`lvn plan
--out\`) is carried out as it was shown, or refused when the live state has moved since.

With --confirm a process that outlives this terminal restores the state before when the time is out. With
--prune, what overlays outside the file have put on this node goes too.
${selection}

Examples:
  $ lvn apply overlay.lvn
  $ lvn apply overlay.lvn --yes
  $ lvn apply overlay.lvn --confirm 90s      over the very link that it changes
  $ lvn apply change.plan
  $ lvn --netns gw1 apply overlay.lvn --node gw1
${exitCodes}`

export const destroy = `
Values that apply had changed are put back; objects of others stay.

Examples:
  $ lvn destroy overlay.lvn
  $ lvn destroy mitte/gw1     what is here of that node, without its file
  $ lvn destroy overlay.lvn --yes`

export const show = `
States of a tunnel:
  active    something was received within the dead time
  silent    nothing was received within the dead time
  unheard   nothing has been received so far
  pending   the remote endpoint is not known

Only the kernel module sends keepalives. On the eBPF plane \`silent\` and \`unheard\` say that no data came, and
not that the peer is gone; a spoke behind a NAT has to send something now and then to keep its way back open
(\`ping\` to the hub's inner address).

Devices count drops, tunnels count packets and bytes. Rules and policies have no counters.

Policies are what the nftables table of a hub's device enforces. \`damaged\`: somebody changed the table.

Examples:
  $ lvn show
  $ lvn show policies
  $ lvn show tunnels --json`

export const snapshot = `
Example:
  $ lvn snapshot > node.json`

interface LabVerb {
  readonly verb: 'up' | 'test' | 'down' | 'list'
  readonly summary: string
  readonly after: string
}

const labExample = (verb: string) => `
Example:
  $ lvn lab ${verb}`

export const labVerbs: readonly LabVerb[] = [
  {
    verb: 'up',
    summary: 'build the underlay and a namespace per node, and apply the file in each',
    after: labExample('up overlay.lvn --name trial'),
  },
  {
    verb: 'test',
    summary: 'ping between all nodes of a lab that is up, then try what the file expects',
    after: `
Every node pings every other one, in both families, except where the file denies it; then each \`expect\`
line is tried. What needs an endpoint that is pending is skipped. Exit code 1 when a node does not reach
another one, or an expectation is not met. Reports have a case for each ping and each expectation; \`-\` as
a report's file is standard output.

Examples:
  $ lvn lab test overlay.lvn
  $ lvn lab test overlay.lvn --junit result.xml
  $ lvn lab test overlay.lvn --tap | tee result.tap`,
  },
  {
    verb: 'down',
    summary: 'take a lab away, a broken one too',
    after: `
What \`lvn --netns lvn-… apply\` has left in the history of the lab's namespaces goes, too. A namespace that \`lvn lab up\`
has not made is left alone, whatever its name.
${labExample('down overlay.lvn')}`,
  },
  { verb: 'list', summary: 'list the labs of this machine', after: labExample('list') },
]

export const lab = `
\`lab test\` exits with 1 when a node does not reach another one that it should, or an \`expect\` line is not met.

Examples:
  $ lvn lab up overlay.lvn
  $ lvn lab test overlay.lvn
  $ lvn lab down overlay.lvn`
