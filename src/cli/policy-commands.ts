/**
 * The commands in findings, as they are typed here: `policy-delivery` names a command, and only the command line knows the
 * cloud, the way to its Keystone and the file.
 */
import { buildCommand, shellWord } from '../policy/build/command.ts'
import type { BuiltFor } from '../policy/build/command.ts'
import type { Finding } from '../finding.ts'
import type { Gate } from '../policy-delivery/gate.ts'
import type { Restored } from '../policy-delivery/rollback.ts'
import { builtForIn } from './built-for.ts'
import type { PolicyAttachOptions } from './definitions/policy.ts'

type TypedOptions = Partial<
  Pick<
    PolicyAttachOptions,
    'cloud' | 'region' | 'home' | 'apiTimeout' | 'allowHttp' | 'policyDir' | 'model' | 'application'
  >
>

export type PolicyCommands = {
  /** With ` --cloud NAME` and the like behind every command that asks the cloud. */
  readonly cloud: string
  /** The way to Keystone, as it was typed; empty if cloud.yaml has it. */
  readonly way: string
  /** The override, and how its head or the command line names its Keystone. */
  readonly file?: { readonly path: string; readonly text: string } | undefined
  readonly builtFor?: BuiltFor | undefined
}

/** Only what was typed: what comes from the environment or from cloud.yaml comes from there again. */
export function typedOptions(options: TypedOptions): Pick<PolicyCommands, 'cloud' | 'way'> {
  const { cloud, region, home, apiTimeout, allowHttp, policyDir, model, application } = options
  return {
    cloud: words([
      ['--cloud', cloud],
      ['--region', region],
      ['--home', home],
      ['--api-timeout', apiTimeout],
      ['--allow-http', allowHttp],
    ]),
    way: words([
      ['--policy-dir', policyDir],
      ['--model', model],
      ['--application', application],
    ]),
  }
}

function words(options: readonly (readonly [string, string | boolean | undefined])[]): string {
  return options
    .map(([name, value]) =>
      typeof value === 'string' ? ` ${name} ${shellWord(value)}` : value === true ? ` ${name}` : '',
    )
    .join('')
}

export const overrideFile = 'domain-manager.yaml'

export function command(name: PolicyCommandName, known: PolicyCommands): string {
  const { cloud, way, file, builtFor } = known
  const start = `tenant-onboard policy ${name}`
  const path = shellWord(file?.path ?? overrideFile)
  switch (name) {
    case 'advise':
    case 'gate':
    case 'rollback':
      return `${start}${cloud}${way}`
    case 'attach':
      return `${start} ${path}${cloud}${way}${groundOf(known)}`
    case 'lint':
    case 'prove':
      return `${start} ${path}${groundOf(known)}`
    case 'build':
      return builtFor === undefined ? start : `${buildCommand(builtFor)} --out ${overrideFile}`
  }
}

/** The Keystone, where the head of the file does not name it. */
function groundOf({ file, builtFor }: PolicyCommands): string {
  if (builtFor === undefined || (file !== undefined && builtForIn(file.text) !== undefined)) return ''
  return buildCommand(builtFor).slice('tenant-onboard policy build'.length)
}

const names = ['advise', 'attach', 'build', 'gate', 'lint', 'prove', 'rollback'] as const
type PolicyCommandName = (typeof names)[number]

/** Completes the bare commands (`tenant-onboard policy gate`) of message and remedy. */
export function withCommands<F extends Pick<Finding, 'message' | 'remedy'>>(finding: F, known: PolicyCommands): F {
  const { message, remedy } = finding
  return {
    ...finding,
    message: completed(message, known),
    ...(remedy === undefined ? {} : { remedy: completed(remedy, known) }),
  }
}

export function completed(text: string, known: PolicyCommands): string {
  return text.replaceAll(/`tenant-onboard policy (\w+)`/g, (whole, name: string) => {
    const found = names.find((one) => one === name)
    return found === undefined ? whole : `\`${command(found, known)}\``
  })
}

export function gateWithCommands(gate: Gate, known: PolicyCommands): Gate {
  return { ...gate, findings: gate.findings.map((one) => withCommands(one, known)) }
}

export function restoredWithCommands(restored: Restored, known: PolicyCommands): Restored {
  return {
    ...restored,
    gate: restored.gate && gateWithCommands(restored.gate, known),
    findings: restored.findings.map((one) => withCommands(one, known)),
  }
}
