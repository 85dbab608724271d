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
import { openDelivery } from '../policy-delivery.ts'
import type { OpenDelivery } from '../policy-delivery.ts'
import { loadPolicySubject } from '../policy-subject.ts'
import { renderFindings } from '../views/plan.ts'

/** Decides by behaviour alone whether the override works here. Exit 3 if it does not. */
export async function policyGateCommand(options: PolicyGateOptions, io: CommandContext): Promise<number> {
  const delivery = await openDelivery(options, false, io)
  try {
    const { backend, record } = delivery
    const standing = await backend?.look()
    const last = record.deliveries.findLast(({ route }) => backend === undefined || route === backend.route)
    const subject = await groundFor(last, standing, delivery, options, io)
    const attached = last === undefined ? undefined : new TextDecoder().decode(await record.kept(last.override))
    const gate = await delivery.ask({
      policyBase: subject,
      override: attached ?? standing?.text,
      previous: last === undefined ? undefined : await previousText(last.previous, record),
      before: last === undefined || last.before.length === 0 ? undefined : recordedObservations(last.before),
      servicesBefore: last?.services,
    })
    const explained = explainedBy(gate, { last, standing, subject }, delivery, options)
    const findings = [...gate.findings, ...explained]
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

/** From the command line, or as recorded when the override was attached. */
async function groundFor(
  last: Delivery | undefined,
  standing: DeliveredState | undefined,
  { record }: OpenDelivery,
  options: PolicyGateOptions,
  io: CommandContext,
): Promise<PolicyBase | undefined> {
  const others = standing?.others ?? []
  if (options.base !== undefined || options.release !== undefined)
    return { ...(await loadPolicySubject(options, io)), others }
  return last === undefined ? undefined : { ...(await recordedBase(last, record)), others }
}

type Delivered = {
  readonly last: Delivery | undefined
  readonly standing: DeliveredState | undefined
  readonly subject: PolicyBase | undefined
}

function explainedBy(
  gate: Gate,
  { last, standing, subject }: Delivered,
  { backend, managedRoles }: OpenDelivery,
  options: PolicyGateOptions,
): readonly Finding[] {
  if (backend === undefined || standing === undefined) return []
  const magnumDomain = options.magnumDomain ?? last?.magnumDomain
  return explain({
    standing,
    route: backend.route,
    attached: last?.override,
    inspection: subject && { policyBase: subject, managedRoles, magnumDomain },
    isInForce: !gate.findings.some(({ code }) => code === 'delivery/not-in-force'),
    isOk: gate.ok,
  })
}
