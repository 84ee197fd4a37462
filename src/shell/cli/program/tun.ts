// SPDX-License-Identifier: MIT
/**
 * `lvn tun` in the command table.
 */
import { type Command, Option } from 'commander'
import { forceOption, type Run, subCommand } from './run.ts'

const examples = {
  group: `
Examples:
  $ lvn tun add lvn5 berlin --remote 198.51.100.10:50000
  $ lvn tun list lvn5
  $ lvn tun del lvn5 berlin`,
  add: `
The local address is the one that the kernel would send from, unless --local says otherwise; the outer family is
that of the addresses. Ports are 50000 unless given. Without --remote the tunnel waits until its peer is learned.
A key is 16 bytes, as they are or as 32 hex digits, in a file that nobody else may read (- for standard input).
Keys and \`--on-dead remove\` need the kmod plane.

Examples:
  $ lvn tun add lvn5 berlin --remote 198.51.100.10
  $ lvn tun add lvn6 --id 7 --local 192.0.2.1 --local-port 4000 \\
      --remote [2001:db8::1]:5000 --family 6
  $ lvn tun add lvn6 dach --local 192.0.2.1 \\
      --key-file /etc/lvn/dach.key --on-dead remove`,
  set: `
What is not given stays. \`--remote none\` takes the remote endpoint away.

Examples:
  $ lvn tun set lvn5 berlin --remote 198.51.100.11
  $ lvn tun set lvn6 --id 7 --keepalive 5s --dead 20s`,
  del: `
The rules that lead to it go with it.

Examples:
  $ lvn tun del lvn5 berlin
  $ lvn tun del lvn6 --id 7`,
  list: `
Example:
  $ lvn tun list lvn5 --json`,
}

export function registerTun(program: Command, run: Run): void {
  const load = () => import('../commands/tun.ts')
  const tun = program
    .command('tun')
    .summary('make, change and delete tunnels by hand')
    .description('Makes, changes and deletes single tunnels of a device, without a file.')
    .addHelpText('after', examples.group)

  tunnelOptions(
    subCommand(tun, 'add', 'add a tunnel to a device')
      .argument('<device>', 'device')
      .argument('[name]', 'name of the tunnel; without it `tun` and its id')
      .option('--id <number>', 'tunnel id; without it the lowest that is free'),
  )
    .addHelpText('after', examples.add)
    .action((device, name, options) =>
      run(async (session) => (await load()).add(session, device, name, options)),
    )

  tunnelOptions(chosen(subCommand(tun, 'set', 'change a tunnel in place')))
    .addHelpText('after', examples.set)
    .action((device, name, options) =>
      run(async (session) => (await load()).set(session, device, name, options)),
    )

  chosen(subCommand(tun, 'del', 'delete a tunnel'))
    .addOption(forceOption())
    .addHelpText('after', examples.del)
    .action((device, name, options) =>
      run(async (session) => (await load()).del(session, device, name, options)),
    )

  subCommand(tun, 'list', 'list the tunnels of all devices, or of one')
    .argument('[device]', 'device')
    .addHelpText('after', examples.list)
    .action((device) => run(async (session) => (await load()).list(session, device)))
}

/** A tunnel that is there, by name or id. */
function chosen(command: Command): Command {
  return command
    .argument('<device>', 'device')
    .argument('[name]', 'name of the tunnel')
    .option('--id <number>', 'the tunnel by its id')
}

function tunnelOptions(command: Command): Command {
  return command
    .option('--local <address>', 'outer source: address, or address and port')
    .option('--local-port <port>', 'UDP port of our side')
    .option('--remote <address>', 'outer destination: address, address and port, or none')
    .option('--remote-port <port>', 'UDP port of the other side')
    .addOption(new Option('--family <family>', 'refuse addresses of another family').choices(['4', '6']))
    .option('--underlay <interface>', "interface to leave by, where it is not the route's")
    .option('--keepalive <duration>', 'interval of keepalives (20s), or off')
    .option('--dead <duration>', 'silence after which the peer is dead (90s), or off')
    .addOption(
      new Option('--on-dead <action>', 'what becomes of the tunnel then').choices(['keep', 'remove']),
    )
    .option('--key-file <file>', 'key of control packets')
    .addOption(forceOption())
}
