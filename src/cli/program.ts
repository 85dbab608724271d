import { resolve } from 'node:path'
import { Command, CommanderError, Option } from '@commander-js/extra-typings'
import * as shell from './definitions/shell.ts'
import * as tenant from './definitions/tenant.ts'
import { fail, failure } from './fail.ts'
import { fleetCommands } from './fleet.ts'
import type { CommandContext } from './context.ts'
import { closeDataDirectory, openDataDirectory } from './data-directory.ts'
import { globalOutput } from './global-output.ts'
import { addHelp } from './help.ts'
import { forTerminal, print } from './output.ts'
import { policyCommands } from './policy.ts'
import { save } from './save.ts'
import type { RequestTrace } from './trace.ts'
import { version } from './version.ts'

/*
 * The command line: what is defined in definitions/, with what it does. Every command lives in its own file and is loaded when
 * it is called, so that `--help` and the fast ones do not pay for the rest.
 */

/** Every command with its options and its help. Runs nothing: completion, manual and reference are made from it too. */
export function createProgram(io: CommandContext, setCode: (code: number) => void): Command {
  const program = new Command('tenant-onboard')
    .description('Onboards a tenant on an OpenStack cloud and proves that the tenant is isolated.')
    .version(version)
    .option('-q, --quiet', 'print results and errors, and no progress')
    .addOption(
      new Option('--color <when>', 'colours in the output').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--log-file <file>', 'also append what is printed to this file, with times and without colours')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        io.out(text)
      },
      writeErr: (text) => {
        io.err(text)
      },
    })
    .showSuggestionAfterError()

  tenant.demo(program).action(async (options) => {
    setCode(await (await import('./commands/demo.ts')).demo(options, io))
  })
  tenant.preflight(program).action(async (file, options) => {
    setCode(await (await import('./commands/preflight.ts')).preflightCommand(file, options, io))
  })
  tenant.plan(program).action(async (file, options) => {
    setCode(await (await import('./commands/plan.ts')).planCommand(file, options, io))
  })
  tenant.apply(program).action(async (file, options) => {
    setCode(await (await import('./commands/apply.ts')).applyCommand(file, options, io))
  })
  tenant.status(program).action(async (file, options) => {
    setCode(await (await import('./commands/status.ts')).statusCommand(file, options, io))
  })
  tenant.handover(program).action(async (file, options) => {
    setCode(await (await import('./commands/handover.ts')).handoverCommand(file, options, io))
  })
  tenant.accept(program).action(async (handover, file, options) => {
    setCode(await (await import('./commands/accept.ts')).acceptCommand(handover, file, options, io))
  })
  tenant.rotate(program).action(async (file, options) => {
    setCode(await (await import('./commands/rotate.ts')).rotateCommand(file, options, io))
  })
  tenant.report(program).action(async (file, options) => {
    setCode(await (await import('./commands/report.ts')).reportCommand(file, options, io))
  })
  tenant.verify(program).action(async (file, options) => {
    setCode(await (await import('./commands/verify.ts')).verifyCommand(file, options, io))
  })
  tenant.audit(program).action(async (files, options) => {
    setCode(await (await import('./commands/audit.ts')).auditCommand(files, options, io))
  })
  tenant.diagnose(program).action(async (file, options) => {
    setCode(await (await import('./commands/diagnose.ts')).diagnoseCommand(file, options, io))
  })
  tenant.console(program).action(async (options) => {
    setCode(await (await import('./commands/console.ts')).consoleCommand(options, io))
  })
  tenant.offboard(program).action(async (file, options) => {
    setCode(await (await import('./commands/offboard.ts')).offboardCommand(file, options, io))
  })
  shell.init(program).action(async (options) => {
    setCode(await (await import('./commands/init.ts')).initCommand(options, io))
  })
  shell.list(program).action(async (options) => {
    setCode(await (await import('./commands/list.ts')).listCommand(options, io))
  })
  shell.show(program).action(async (name, options) => {
    setCode(await (await import('./commands/show.ts')).showCommand(name, options, io))
  })
  shell.exportTenant(program).action(async (domain, options) => {
    setCode(await (await import('./commands/export.ts')).exportCommand(domain, options, io))
  })
  tenant.explain(program).action(async (findingCode, options) => {
    setCode(await (await import('./commands/explain.ts')).explain(findingCode, options, io))
  })
  const evidence = program.command('evidence').description("a tenant's chain of evidence")
  tenant.evidenceSetAside(evidence).action(async (file, options) => {
    setCode(await (await import('./commands/evidence-set-aside.ts')).evidenceSetAside(file, options, io))
  })
  const clouds = program.command('cloud').description('the data directory of a cloud')
  tenant.cloudMove(clouds).action(async (name, options) => {
    setCode(await (await import('./commands/cloud-move.ts')).cloudMoveCommand(name, options, io))
  })
  const simulator = program.command('simulator').description('an OpenStack in one process, for rehearsals')
  tenant.simulatorServe(simulator).action(async (options) => {
    setCode(await (await import('./commands/simulator.ts')).simulatorServe(options, io))
  })
  shell.completion(program).action(async (name) => {
    setCode((await import('./commands/completion.ts')).completionCommand(name, program, io))
  })
  shell.man(program).action(async (words, options) => {
    setCode(await (await import('./commands/man.ts')).manCommand(words, options, { program, io }))
  })
  policyCommands(program, io, setCode)
  fleetCommands(program, io, setCode)
  addHelp(program)
  return program
}

/** Runs one command line and returns its exit code. Throws nothing that a user can cause. */
export async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const printed = { hasResult: false }
  let trace: { readonly path: string; readonly requests: RequestTrace } | undefined
  let close = (): Promise<void> => Promise.resolve()
  const global = globalOutput(context)
  const io: CommandContext = {
    ...context,
    // read when it is used: only the parsed command line says it
    get hasColor() {
      return global.hasColor()
    },
    out: (text) => {
      printed.hasResult = true
      global.out(text)
    },
    err: global.err,
    fatal: global.fatal,
    confirm: (question) => context.confirm(forTerminal(question)),
    ...(canAsk(context) ? { ask: (question: string) => context.ask(forTerminal(question)) } : {}),
    onExchange: (exchange) => trace?.requests.note(exchange),
  }
  let code = 0
  const program = createProgram(io, (result) => {
    code = result
  }).hook('preAction', async (root, command) => {
    await global.configure(root.opts())
    await openDataDirectory(command, io)
    close = () => closeDataDirectory(command, io)
    const asked: unknown = command.getOptionValue('trace')
    if (typeof asked !== 'string') return
    const path = resolve(io.cwd, asked)
    trace = { path, requests: new (await import('./trace.ts')).RequestTrace() }
    // a place that cannot be written ends the command before it sends anything
    await save(path, trace.requests.text())
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    const exitCode = end(error, io)
    // a script that reads JSON gets a document in any case, and never two
    const format = dataFormatIn(argv)
    if (exitCode !== 0 && !printed.hasResult && format !== undefined)
      print(io, format, failure(error, exitCode), () => '')
    return exitCode
  } finally {
    await close()
    await global.end()
    // also of a command that failed: that is when its waiting is looked at
    if (trace !== undefined) await save(trace.path, trace.requests.text()).catch((error: unknown) => end(error, io))
  }
  return code
}

function canAsk(context: CommandContext): context is CommandContext & Required<Pick<CommandContext, 'ask'>> {
  return context.ask !== undefined
}

/** Also for a command line that commander refuses, which has no options then. */
function dataFormatIn(argv: readonly string[]): 'json' | 'yaml' | undefined {
  const format = /(?:^|\0)(?:-o\0?|--output[\0=])(json|yaml)(?:\0|$)/.exec(argv.join('\0'))?.[1]
  return format === 'json' || format === 'yaml' ? format : undefined
}

function end(error: unknown, io: CommandContext): number {
  // commander has printed the error; its exit code 1 would mean a bug in us
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  return fail(error, io)
}
