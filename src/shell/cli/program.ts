// SPDX-License-Identifier: MIT
/**
 * The command table: names, arguments, options, help. Each command's module is loaded when it is called, so
 * that nothing heavier than the argument parser is read before that.
 */
import { type Command, Option } from 'commander'
import packageJson from '../../../package.json' with { type: 'json' }
import { ExitCode } from '../../diag/error.ts'
import { usageError } from './arguments.ts'
import type { GlobalOptions } from './globals.ts'
import * as help from './help.ts'
import { HelpfulCommand } from './program/command.ts'
import { registerCompletion } from './program/completion.ts'
import { registerConfirm } from './program/confirm.ts'
import { registerDev } from './program/dev.ts'
import { registerExplain } from './program/explain.ts'
import { registerGraph } from './program/graph.ts'
import { registerLsp } from './program/lsp.ts'
import { registerMan } from './program/man.ts'
import { registerMonitor } from './program/monitor.ts'
import { addReportOptions } from './program/reports.ts'
import { registerRollback } from './program/rollback.ts'
import { registerRule } from './program/rule.ts'
import { type Run, sentence, subjectArgument } from './program/run.ts'
import { registerTun } from './program/tun.ts'
import { allCommands, commandPath, type Entry, entryOf } from './table.ts'

/** Flags that are not given are absent. */
type GivenOptions = Omit<GlobalOptions, 'json' | 'quiet'> & Partial<Pick<GlobalOptions, 'json' | 'quiet'>>

/**
 * Parses the arguments and runs the command.
 * @throws CommanderError after help and version; LvnError (exit 64) for mistakes in the arguments; whatever the
 * command throws.
 */
export async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = ExitCode.done
  const program = buildProgram(async (work) => {
    const { openOutput } = await import('./output.ts')
    const options: GlobalOptions = { json: false, quiet: false, ...program.opts<GivenOptions>() }
    code = await work({ options, output: openOutput(options) })
  })
  await program.parseAsync(helpAsOption(program, argv), { from: 'user' })
  return code
}

/**
 * The parser's own `help` knows no command of a command, and takes any word. Here a word that is none is left for the parser
 * to refuse, and what follows a command that has no others is not looked at: nothing is carried out.
 */
function helpAsOption(program: Command, argv: readonly string[]): readonly string[] {
  if (argv[0] !== 'help') return argv
  const path: string[] = []
  let command = program
  for (const word of argv.slice(1).filter((each) => !each.startsWith('-'))) {
    const next = command.commands.find((each) => each.name() === word)
    if (next === undefined) return command.commands.length === 0 ? [...path, '--help'] : [...path, word]
    path.push(word)
    command = next
  }
  return [...path, '--help']
}

/** All commands as plain data. */
export function commandTable(): Entry {
  return entryOf(buildProgram(async () => undefined))
}

function buildProgram(run: Run): Command {
  const program = new HelpfulCommand('lvn')
  program
    .description('L-VN: hub-and-spoke overlays of plain IP in UDP, from one file')
    .version(packageJson.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--netns <name|path>', 'work in this network namespace')
    .option(
      '--allow-import <dir>',
      "also import from this folder (again for more), not only from the file's own",
      (folder: string, before: readonly string[] = []) => [...before, folder],
    )
    .option('--json', 'print results and errors as JSON')
    .option('--no-color', 'no colours (as with NO_COLOR; FORCE_COLOR forces them)')
    .option('-q, --quiet', 'no progress and no remarks')
    .addOption(planeOption())
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: 20 })
    .configureOutput({ outputError: () => undefined })
    .helpCommand('help [command]', 'print help of a command')
    .addHelpText('after', help.program)

  program
    .command('check')
    .summary('say what is wrong with files, or that nothing is')
    .description('Reads files and says what is wrong with them. Touches no kernel.')
    .argument('<file...>', 'overlay files, - for standard input')
    .addOption(
      new Option('--format <format>', 'form of the findings').choices(['human', 'json', 'github', 'sarif']),
    )
    .addHelpText('after', help.check)
    .action((files, options) =>
      run(async (session) => (await import('./commands/check.ts')).check(session, files, options)),
    )

  program
    .command('fmt')
    .summary('lay files out in the canonical way')
    .description('Rewrites files in the canonical layout, in place; standard input goes to standard output.')
    .argument('<file...>', 'overlay files, - for standard input')
    .option('--check', 'write nothing; list the files that differ')
    .option('--diff', 'write nothing; show what would change')
    .addHelpText('after', help.fmt)
    .action((files, options) =>
      run(async (session) => (await import('./commands/fmt.ts')).fmt(session, files, options)),
    )

  fileCommand('plan', "show what apply would change in this node's kernel")
    .option('--all', 'print every line of a long plan')
    .option('--against <snapshot>', 'plan against a snapshot instead of this kernel; none: nothing is there')
    .option('--out <plan>', 'save the plan, for `lvn apply PLAN`')
    .option('--prune', 'also remove what overlays outside the file have here')
    .option('--prune-all', 'the same, however much it is')
    .addHelpText('after', help.plan)
    .action((file, options) =>
      run(async (session) => (await import('./commands/plan.ts')).plan(session, file, options)),
    )

  fileCommand('apply', "bring this node's kernel to what the file says")
    .option('-y, --yes', 'do not ask')
    .option('--all', 'print every line of a long plan')
    .option('--confirm <time>', 'revert after this time unless `lvn confirm` comes before')
    .option('--prune', 'also remove what overlays outside the file have here')
    .option('--prune-all', 'the same, also when it is more than a fifth of all that L-VN has here')
    .addHelpText('after', help.apply)
    .action((file, options) =>
      run(async (session) => (await import('./commands/apply.ts')).apply(session, file, options)),
    )

  fileCommand('destroy', 'remove exactly what the file has put into the kernel', [
    '<file|overlay>',
    'overlay file, - for standard input; or what is here, OVERLAY or OVERLAY/NODE',
  ])
    .option('-y, --yes', 'do not ask')
    .option('--all', 'print every line of a long plan')
    .addHelpText('after', help.destroy)
    .action((file, options) =>
      run(async (session) => (await import('./commands/destroy.ts')).destroy(session, file, options)),
    )

  registerConfirm(program, run)
  registerRollback(program, run)

  program
    .command('show')
    .summary('live devices, tunnels, rules and policies')
    .description('Prints what the kernel holds now, devices and tunnels with counters.')
    .addArgument(subjectArgument('what to show; all without it'))
    .addHelpText('after', help.show)
    .action((what) => run(async (session) => (await import('./commands/show.ts')).show(session, what)))

  registerMonitor(program, run)

  program
    .command('snapshot')
    .summary('the whole live state as JSON')
    .description('Prints everything that planning reads of the kernel, as JSON.')
    .addHelpText('after', help.snapshot)
    .action(() => run(async (session) => (await import('./commands/snapshot.ts')).snapshot(session)))

  registerLsp(program, run)

  const lab = program
    .command('lab')
    .summary('try a file out in network namespaces')
    .description('Brings a whole topology up in network namespaces of this machine, and tests it there.')
    .addHelpText('after', help.lab)
  for (const { verb, summary, after } of help.labVerbs) {
    const command = lab
      .command(verb)
      .summary(summary)
      .description(sentence(summary))
      .addHelpText('after', after)
    if (verb === 'list') {
      command.action(() => run(async (session) => (await import('./commands/lab.ts')).list(session)))
      continue
    }
    if (verb === 'up') command.option('--no-apply', 'build only; apply by hand with --netns')
    if (verb === 'test') addReportOptions(command)
    command
      .argument(verb === 'down' ? '[file]' : '<file>', 'overlay file')
      .option('--name <name>', "the lab's name; without it, the file's")
      .action((file, options) =>
        run(async (session) => (await import('./commands/lab.ts'))[verb](session, file, options)),
      )
  }

  registerDev(program, run)
  registerTun(program, run)
  registerRule(program, run)
  registerGraph(program, run)
  registerExplain(program, run)
  registerCompletion(program, run)
  registerMan(program, run)

  for (const command of allCommands(program)) {
    command.exitOverride((error) => {
      throw usageError(error, commandPath(command))
    })
  }
  return program

  function fileCommand(
    name: string,
    summary: string,
    argument: readonly [string, string] = ['<file>', 'overlay file, - for standard input'],
  ): Command {
    return program
      .command(name)
      .summary(summary)
      .description(sentence(summary))
      .argument(...argument)
      .option('--node <node>', 'be this node of the file, NODE or OVERLAY/NODE')
  }
}

function planeOption(): Option {
  return new Option('--plane <plane>', 'data plane').choices(['auto', 'ebpf', 'kmod']).default('auto')
}
