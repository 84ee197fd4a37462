// SPDX-License-Identifier: MIT
/**
 * `lvn dev` in the command table.
 */
import { type Command, Option } from 'commander'
import { forceOption, type Run, subCommand } from './run.ts'

const modes = ['fixed', 'multi']

const examples = {
  group: `
A device made here belongs to no overlay file: plans show it as foreign and leave it alone.

Examples:
  $ lvn dev add lvn5 --mode fixed
  $ lvn tun add lvn5 berlin --remote 198.51.100.10
  $ ip address add 10.99.0.1/32 dev lvn5
  $ lvn dev del lvn5`,
  add: `
Without --mtu it is what fits any outer header: 48 bytes less than the smallest underlay, or than 1500.
Addresses and routes are set with \`ip\`.

Examples:
  $ lvn dev add lvn5 --mode fixed
  $ lvn dev add lvn6 --mode multi --capacity 4096 \\
      --underlay eth0,eth1 --mtu 1472`,
  set: `
What is not given stays, and tunnels go on. Room for more tunnels can be made on the kmod plane only.

Example:
  $ lvn dev set lvn5 --mtu 1400`,
  del: `
Its tunnels, rules, addresses and routes go with it.

Example:
  $ lvn dev del lvn5`,
  list: `
Example:
  $ lvn dev list --json`,
}

export function registerDev(program: Command, run: Run): void {
  const load = () => import('../commands/dev.ts')
  const dev = program
    .command('dev')
    .summary('make, change and delete devices by hand')
    .description('Makes, changes and deletes single devices, without a file.')
    .addHelpText('after', examples.group)

  subCommand(dev, 'add', 'make a device')
    .argument('<device>', 'name of the interface to make')
    .addOption(new Option('--mode <mode>', 'one tunnel or many').choices(modes).default('multi'))
    .option('--mtu <bytes>', 'largest inner packet')
    .option('--capacity <tunnels>', 'room for tunnels, 1024 without it')
    .option('--underlay <interfaces>', 'where packets may arrive, separated by commas')
    .addHelpText('after', examples.add)
    .action((name, options) => run(async (session) => (await load()).add(session, name, options)))

  subCommand(dev, 'set', 'change a device in place')
    .argument('<device>', 'device')
    .option('--mtu <bytes>', 'largest inner packet')
    .option('--capacity <tunnels>', 'room for tunnels')
    .option('--underlay <interfaces>', 'where packets may arrive, besides where its tunnels lead')
    .addOption(forceOption())
    .addHelpText('after', examples.set)
    .action((name, options) => run(async (session) => (await load()).set(session, name, options)))

  subCommand(dev, 'del', 'delete a device with all that it holds')
    .argument('<device>', 'device')
    .addOption(forceOption())
    .addHelpText('after', examples.del)
    .action((name, options) => run(async (session) => (await load()).del(session, name, options)))

  subCommand(dev, 'list', 'list the devices, those of overlays too')
    .addHelpText('after', examples.list)
    .action(() => run(async (session) => (await load()).list(session)))
}
