import { isBlocked, verdictOf } from '../../finding.ts'
import { success } from '../../success.ts'
import { explain } from '../../policy-delivery/explain.ts'
import type { DeliveredState } from '../../policy-delivery/backends/backend.ts'
import type { Gate } from '../../policy-delivery/gate.ts'
import type { PolicyBase } from '../../policy-delivery/base-config.ts'
import { recordedObservations } from '../../policy-delivery/observe.ts'
import type { Delivery } from '../../policy-delivery/record.ts'
import { gateJson, renderGate } from '../../policy-delivery/render.ts'
import { previousText, recordedBase } from '../../policy-delivery/rollback.ts'
import type { Finding } from '../../finding.ts'
import type { CommandContext } from '../context.ts'
import type { PolicyGateOptions } from '../definitions/policy.ts'
import { paint, print } from '../output.ts'
import { withBuiltFor } from '../built-for.ts'
import { withCommands } from '../policy-commands.ts'
import type { PolicyCommands } from '../policy-commands.ts'
import { checkKeystone, keptFile, openDelivery } from '../policy-delivery.ts'
import type { OpenDelivery } from '../policy-delivery.ts'
import { loadPolicySubject, readPolicyText } from '../policy-subject.ts'
import { renderFindings } from '../views/plan.ts'

/** Decides by behaviour alone whether the override works here. Exit 3 if it does not. */
export async function policyGateCommand(
  file: string | undefined,
  options: PolicyGateOptions,
  io: CommandContext,
): Promise<number> {
  const given = file === undefined ? undefined : { path: file, text: await readPolicyText(file, io) }
  const delivery = await openDelivery(options, { isWriting: false, text: given?.text }, io)
  try {
    await checkKeystone(delivery)
    const { backend, record } = delivery
    const standing = await backend?.look()
    // a file that is named was delivered by other means than ours
    const last =
      given === undefined
        ? record.deliveries.findLast(({ route }) => backend === undefined || route === backend.route)
        : undefined
    const delivered = last === undefined ? given : await keptFile(delivery, last)
    const attached = delivered?.text
    const ground = withBuiltFor(options, [attached ?? standing?.text ?? ''])
    const subject = await groundFor(last, standing, delivery, { given: options, ground }, io)
    const { managedRoles, magnumDomain } = delivery
    const commands: PolicyCommands = {
      ...delivery.commands,
      file: delivered,
      builtFor: subject && {
        release: subject.keystone.release,
        base: subject.base,
        managedRoles,
        magnumDomain: last?.magnumDomain ?? magnumDomain,
      },
    }
    const gate = await delivery.ask({
      policyBase: subject,
      override: attached ?? standing?.text,
      previous: last === undefined ? undefined : await previousText(last.previous, record),
      before: last === undefined || last.before.length === 0 ? undefined : recordedObservations(last.before),
      servicesBefore: last?.services,
    })
    const explained = explainedBy(gate, { last, standing, subject }, delivery, options)
    const findings = [...gate.findings, ...explained].map((one) => withCommands(one, commands))
    const ok = gate.ok && !isBlocked(findings)
    const document = { cloud: delivery.cloud, route: backend?.route ?? null, ...gateJson(gate), findings }
    print(io, options.output, document, () => {
      const verdict = ok
        ? paint(io, 'green', success['policy gate']())
        : paint(
            io,
            'red',
            verdictOf(findings) === 'not shown' ? 'not shown: questions had no answer' : 'the gate failed',
          )
      return `${renderGate(gate, options.verbose === true)}${renderFindings(io, findings)}${verdict}\n`
    })
    return ok ? 0 : 3
  } finally {
    await delivery.connection.close()
  }
}

/** From the command line, as recorded when the override was attached, or as the head of the file says. */
async function groundFor(
  last: Delivery | undefined,
  standing: DeliveredState | undefined,
  { record }: OpenDelivery,
  { given, ground }: { readonly given: PolicyGateOptions; readonly ground: PolicyGateOptions },
  io: CommandContext,
): Promise<PolicyBase | undefined> {
  const others = standing?.others ?? []
  const isNamed = given.base !== undefined || given.release !== undefined
  if (last !== undefined && !isNamed) return { ...(await recordedBase(last, record)), others }
  return ground.base === undefined && ground.release === undefined
    ? undefined
    : { ...(await loadPolicySubject(ground, io)), others }
}

type Delivered = {
  readonly last: Delivery | undefined
  readonly standing: DeliveredState | undefined
  readonly subject: PolicyBase | undefined
}

function explainedBy(
  gate: Gate,
  { last, standing, subject }: Delivered,
  { backend, managedRoles, ...delivery }: OpenDelivery,
  options: PolicyGateOptions,
): readonly Finding[] {
  if (backend === undefined || standing === undefined) return []
  const magnumDomain = options.magnumDomain ?? last?.magnumDomain ?? delivery.magnumDomain
  return explain({
    standing,
    route: backend.route,
    attached: last?.override,
    inspection: subject && { policyBase: subject, managedRoles, magnumDomain, inferences: gate.inferences },
    isInForce: !gate.findings.some(({ code }) => code === 'delivery/not-in-force'),
    isOk: gate.ok,
  })
}
