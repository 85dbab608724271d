import { resolve } from 'node:path'
import { Command, CommanderError } from '@commander-js/extra-typings'
import * as tenant from './definitions/tenant.ts'
import { fail, failure } from './fail.ts'
import { fleetCommands } from './fleet.ts'
import type { CommandContext } from './context.ts'
import { forTerminal, print } from './output.ts'
import { policyCommands } from './policy.ts'
import { save } from './save.ts'
import type { RequestTrace } from './trace.ts'
import { version } from './version.ts'

/*
 * The command line: what is defined in definitions/, with what it does. Every command lives in its own file and is loaded when
 * it is called, so that `--help` and the fast ones do not pay for the rest.
 */

/** Runs one command line and returns its exit code. Throws nothing that a user can cause. */
export async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const printed = { hasResult: false }
  let trace: { readonly path: string; readonly requests: RequestTrace } | undefined
  const io: CommandContext = {
    ...context,
    out: (text) => {
      printed.hasResult = true
      context.out(forTerminal(text))
    },
    onExchange: (exchange) => trace?.requests.note(exchange),
    err: (text) => {
      context.err(forTerminal(text))
    },
    confirm: (question) => context.confirm(forTerminal(question)),
    ...(canAsk(context) ? { ask: (question: string) => context.ask(forTerminal(question)) } : {}),
  }
  let code = 0
  const program = new Command('tenant-onboard')
    .description('Onboards a tenant on an OpenStack cloud and proves that the tenant is isolated.')
    .version(version)
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
    .hook('preAction', async (_, command) => {
      const asked: unknown = command.getOptionValue('trace')
      if (typeof asked !== 'string') return
      const path = resolve(io.cwd, asked)
      trace = { path, requests: new (await import('./trace.ts')).RequestTrace() }
      // a place that cannot be written ends the command before it sends anything
      await save(path, trace.requests.text())
    })

  tenant.demo(program).action(async (options) => {
    code = await (await import('./commands/demo.ts')).demo(options, io)
  })
  tenant.preflight(program).action(async (file, options) => {
    code = await (await import('./commands/preflight.ts')).preflightCommand(file, options, io)
  })
  tenant.plan(program).action(async (file, options) => {
    code = await (await import('./commands/plan.ts')).planCommand(file, options, io)
  })
  tenant.apply(program).action(async (file, options) => {
    code = await (await import('./commands/apply.ts')).applyCommand(file, options, io)
  })
  tenant.status(program).action(async (file, options) => {
    code = await (await import('./commands/status.ts')).statusCommand(file, options, io)
  })
  tenant.handover(program).action(async (file, options) => {
    code = await (await import('./commands/handover.ts')).handoverCommand(file, options, io)
  })
  tenant.accept(program).action(async (handover, file, options) => {
    code = await (await import('./commands/accept.ts')).acceptCommand(handover, file, options, io)
  })
  tenant.rotate(program).action(async (file, options) => {
    code = await (await import('./commands/rotate.ts')).rotateCommand(file, options, io)
  })
  tenant.report(program).action(async (file, options) => {
    code = await (await import('./commands/report.ts')).reportCommand(file, options, io)
  })
  tenant.verify(program).action(async (file, options) => {
    code = await (await import('./commands/verify.ts')).verifyCommand(file, options, io)
  })
  tenant.audit(program).action(async (files, options) => {
    code = await (await import('./commands/audit.ts')).auditCommand(files, options, io)
  })
  tenant.diagnose(program).action(async (file, options) => {
    code = await (await import('./commands/diagnose.ts')).diagnoseCommand(file, options, io)
  })
  tenant.console(program).action(async (options) => {
    code = await (await import('./commands/console.ts')).consoleCommand(options, io)
  })
  tenant.offboard(program).action(async (file, options) => {
    code = await (await import('./commands/offboard.ts')).offboardCommand(file, options, io)
  })
  tenant.explain(program).action(async (findingCode, options) => {
    code = await (await import('./commands/explain.ts')).explain(findingCode, options, io)
  })
  const evidence = program.command('evidence').description("a tenant's chain of evidence")
  tenant.evidenceSetAside(evidence).action(async (file, options) => {
    code = await (await import('./commands/evidence-set-aside.ts')).evidenceSetAside(file, options, io)
  })
  const clouds = program.command('cloud').description('the data directory of a cloud')
  tenant.cloudMove(clouds).action(async (name, options) => {
    code = await (await import('./commands/cloud-move.ts')).cloudMoveCommand(name, options, io)
  })
  const simulator = program.command('simulator').description('an OpenStack in one process, for rehearsals')
  tenant.simulatorServe(simulator).action(async (options) => {
    code = await (await import('./commands/simulator.ts')).simulatorServe(options, io)
  })
  policyCommands(program, io, (result) => {
    code = result
  })
  fleetCommands(program, io, (result) => {
    code = result
  })

  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    const exitCode = end(error, io)
    // a script that reads JSON gets a document in any case, and never two
    if (exitCode !== 0 && !printed.hasResult && wantsJson(argv)) print(io, 'json', failure(error, exitCode), () => '')
    return exitCode
  } finally {
    // also of a command that failed: that is when its waiting is looked at
    if (trace !== undefined) await save(trace.path, trace.requests.text()).catch((error: unknown) => end(error, io))
  }
  return code
}

function canAsk(context: CommandContext): context is CommandContext & Required<Pick<CommandContext, 'ask'>> {
  return context.ask !== undefined
}

/** Also for a command line that commander refuses, which has no options then. */
function wantsJson(argv: readonly string[]): boolean {
  return /(^|\0)(-o\0?|--output[\0=])json(\0|$)/.test(argv.join('\0'))
}

function end(error: unknown, io: CommandContext): number {
  // commander has printed the error; its exit code 1 would mean a bug in us
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  return fail(error, io)
}
