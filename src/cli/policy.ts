import type { Command } from '@commander-js/extra-typings'
import type { CommandContext } from './context.ts'
import * as define from './definitions/policy.ts'

/* `tenant-onboard policy ...` */

export function policyCommands(program: Command, io: CommandContext, setCode: (code: number) => void): Command {
  const policy = program.command('policy').description("check, explain, compare and deliver Keystone's policy")
  define.policyLint(policy).action(async (file, options) => {
    setCode(await (await import('./commands/policy-lint.ts')).policyLintCommand(file, options, io))
  })
  define.policyExplain(policy).action(async (rule, options) => {
    setCode(await (await import('./commands/policy-explain.ts')).policyExplainCommand(rule, options, io))
  })
  define.policyMatrix(policy).action(async (options) => {
    setCode(await (await import('./commands/policy-matrix.ts')).policyMatrixCommand(options, io))
  })
  define.policyDiff(policy).action(async (a, b, options) => {
    setCode(await (await import('./commands/policy-diff.ts')).policyDiffCommand(a, b, options, io))
  })
  define.policyTest(policy).action(async (file, options) => {
    setCode(await (await import('./commands/policy-test.ts')).policyTestCommand(file, options, io))
  })
  define.policyProve(policy).action(async (files, options) => {
    setCode(await (await import('./commands/policy-prove.ts')).policyProveCommand(files, options, io))
  })
  define.policyBuild(policy).action(async (options) => {
    setCode(await (await import('./commands/policy-build.ts')).policyBuildCommand(options, io))
  })
  define.policyEval(policy).action(async (options) => {
    setCode(await (await import('./commands/policy-eval.ts')).policyEvalCommand(options, io))
  })
  define.policyAttach(policy).action(async (file, options) => {
    setCode(await (await import('./commands/policy-attach.ts')).policyAttachCommand(file, options, io))
  })
  define.policyGate(policy).action(async (file, options) => {
    setCode(await (await import('./commands/policy-gate.ts')).policyGateCommand(file, options, io))
  })
  define.policyRollback(policy).action(async (options) => {
    setCode(await (await import('./commands/policy-rollback.ts')).policyRollbackCommand(options, io))
  })
  define.policyAdvise(policy).action(async (options) => {
    setCode(await (await import('./commands/policy-advise.ts')).policyAdviseCommand(options, io))
  })
  return policy
}
