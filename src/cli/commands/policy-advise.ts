import { randomBytes } from 'node:crypto'
import { adviceFor, someOf } from '../../policy-delivery/advice.ts'
import type { Advice } from '../../policy-delivery/advice.ts'
import { readSigns } from '../../policy-delivery/advise.ts'
import type { Shown, Signs } from '../../policy-delivery/advise.ts'
import { overridesWith } from '../../policy-delivery/base-config.ts'
import { fixesJson, withFixes } from '../../policy-delivery/shown-fixes.ts'
import type { ShownFixes } from '../../policy-delivery/shown-fixes.ts'
import { isBlocked } from '../../finding.ts'
import { buildCommand } from '../../policy/build/command.ts'
import type { BuiltFor } from '../../policy/build/command.ts'
import { renderInferences } from '../../policy/model/role-inferences.ts'
import { success } from '../../success.ts'
import type { PolicyText } from '../../policy/releases/keystone.ts'
import type { CommandContext } from '../context.ts'
import type { PolicyAdviseOptions } from '../definitions/policy.ts'
import { stopIfAsked } from '../../onboarding/stop.ts'
import { paint, print, table, wrap } from '../output.ts'
import { command, completed, overrideFile, typedOptions, withCommands } from '../policy-commands.ts'
import type { PolicyCommands } from '../policy-commands.ts'
import { checkKeystone, openDelivery } from '../policy-delivery.ts'
import type { OpenDelivery } from '../policy-delivery.ts'
import { loadBase, readPolicyText } from '../policy-subject.ts'
import { renderFindings } from '../views/plan.ts'

/** Exit 3 if the persona must not be handed out on this cloud, or if it is not shown what this Keystone is. */
export async function policyAdviseCommand(options: PolicyAdviseOptions, io: CommandContext): Promise<number> {
  const delivery = await openDelivery(options, { isWriting: false }, io)
  try {
    await checkKeystone(delivery)
    const { connection, managedRoles, magnumDomain, cloud, facts } = delivery
    const accepted = facts.accepted_findings ?? []
    const base = options.base === undefined ? undefined : await loadBase(options.base, {}, io)
    const overrides = await overridesFor(delivery, options, io)
    const { operator, open } = connection
    const signs = await delivery.probing((runs) =>
      readSigns({ operator, open, random: randomBytes, managedRoles, accepted, base, overrides, now: io.now, runs }),
    )
    // what was cut off is no sign of anything
    stopIfAsked(io.stop)
    const asked = adviceFor(signs, {
      managedRoles,
      magnumDomain,
      base,
      command: (name, builtFor) => command(name, { ...wayFor(delivery, builtFor), file: builtFor && madeBy(builtFor) }),
    })
    const findings = asked.findings.map((one) => withCommands(one, delivery.commands))
    const steps = asked.steps.map((step) => completed(step, delivery.commands))
    const advice = { ...asked, findings, steps }
    print(io, options.output, adviceJson(cloud, signs, advice), () => renderAdvice(signs, advice, io))
    return isBlocked(advice.findings) ? 3 : 0
  } finally {
    await delivery.connection.close()
  }
}

/** Where no way to Keystone is known, the usual one: a charm's application, or the folder of a plain installation. */
function wayFor({ commands, way }: OpenDelivery, builtFor: BuiltFor | undefined): PolicyCommands {
  if (commands.way !== '' || way !== undefined) return { ...commands, builtFor }
  const usual =
    builtFor?.base.kind === 'charm'
      ? { model: 'openstack', application: 'keystone' }
      : { policyDir: '/etc/keystone/policy.d' }
  return { ...commands, way: builtFor === undefined ? '' : typedOptions(usual).way, builtFor }
}

/** The file that the command before makes: its head names the Keystone. */
function madeBy(builtFor: BuiltFor): PolicyCommands['file'] {
  return { path: overrideFile, text: `#   ${buildCommand(builtFor)}\n` }
}

/** From the command line, else from the record and the folder. */
async function overridesFor(
  { backend, record }: OpenDelivery,
  { override }: PolicyAdviseOptions,
  io: CommandContext,
): Promise<readonly PolicyText[]> {
  if (override !== undefined)
    return Promise.all(override.map(async (file) => ({ file, text: await readPolicyText(file, io) })))
  const standing = await backend?.look()
  if (standing !== undefined) return overridesWith({ others: standing.others }, standing.text)
  const last = record.deliveries.at(-1)
  if (last === undefined) return []
  return overridesWith({ others: [] }, new TextDecoder().decode(await record.kept(last.override)))
}

function adviceJson(cloud: string, signs: Signs, advice: Advice): object {
  const {
    fixes,
    implied,
    untold,
    validatesFirst,
    enforcesScope,
    enforcesNewDefaults,
    grantable,
    visible,
    results,
    compared,
  } = signs
  const { persona, releaseNames, releases, release, base, findings, steps } = advice
  return {
    cloud,
    releaseNames,
    releases,
    release: release ?? null,
    base,
    fixes: fixesJson(fixes),
    untold,
    persona,
    roleInferences: implied.rows ?? null,
    grantable,
    observed: {
      validatesFirst: validatesFirst ?? null,
      enforceScope: enforcesScope ?? null,
      enforceNewDefaults: enforcesNewDefaults ?? null,
      compared,
      unanswered: signs.unanswered.length,
      strange: signs.nearest[0]?.strange ?? [],
    },
    visible: { domains: shownJson(visible.domains), roles: shownJson(visible.roles) },
    probes: results,
    findings,
    steps,
  }
}

function shownJson({ seen, all, requestIds }: Shown): object {
  return { seen: seen ?? null, all, requestIds }
}

const origins: Readonly<Record<Advice['persona'], string>> = {
  native: "Keystone's own",
  override: 'by the override',
  hidden: "in the release, and hidden by the charm's policy.json",
  absent: 'none',
}

function renderAdvice(signs: Signs, advice: Advice, io: CommandContext): string {
  const strange = signs.nearest[0]?.strange.length ?? 0
  const fit = strange === 0 ? `all of ${signs.compared} answers` : `all but ${strange} of ${signs.compared} answers`
  const observed = (value: boolean | undefined): string => (value === undefined ? 'unknown' : String(value))
  const rows = [
    ['answers like', `${someOf(advice.releases)} on the ${advice.base} base: ${fit}`],
    ['fixes shown', fixesInWords(signs.fixes)],
    ['domain manager', origins[advice.persona]],
    ['it grants', signs.grantable.join(', ') || 'no role that was tried'],
    ['roles imply', signs.implied.rows === undefined ? 'not shown' : renderInferences(signs.implied.rows)],
    ['enforce_scope', observed(signs.enforcesScope)],
    ['enforce_new_defaults', observed(signs.enforcesNewDefaults)],
    ['it is shown', `${shown(signs.visible.domains)} domains by name, ${shown(signs.visible.roles)} roles`],
  ]
  const verdict = isBlocked(advice.findings) ? '' : `${paint(io, 'green', success['policy advise']())}\n`
  return `${table(rows, io.columns)}\n${renderFindings(io, advice.findings)}${verdict}${renderSteps(advice.steps, io.columns)}`
}

/** A command stands alone in its line, whole: it is copied. */
function renderSteps(steps: readonly string[], columns: number): string {
  return steps
    .map((step) =>
      step.startsWith('tenant-onboard ')
        ? `  ${step}\n`
        : wrap(`# ${step}`, columns)
            .map((line) => `${line}\n`)
            .join(''),
    )
    .join('')
}

function fixesInWords(fixes: ShownFixes): string {
  const [there, absent] = [withFixes(fixes, true), withFixes(fixes, false)]
  const words = [...there, ...absent.map((fix) => `not ${fix}`)]
  return words.length === 0 ? 'none was shown' : words.join(', ')
}

function shown({ seen, all }: Shown): string {
  return seen === undefined ? `no list of the ${all}` : `${seen} of ${all}`
}
