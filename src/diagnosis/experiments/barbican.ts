import { probeCertificateStore } from '../../probes/certificate-store.ts'
import { experiment, Inapplicable, need, Unasked } from '../experiment.ts'
import { CloudError, StopError } from '../../errors.ts'
import type { ServiceLog } from '../../logs/log.ts'
import { printable } from '../../openstack/printable.ts'
import { isSealed, listRoles, readBinding } from '../vault.ts'
import type { Binding, VaultAccess } from '../vault.ts'

export type Store = { readonly works: boolean; readonly message: string; readonly requestIds: readonly string[] }

/**
 * Magnum stores certificates as its own service account, so the operator's test secret meets the same fate as every
 * tenant's certificates.
 */
export const certificateStore = experiment<Store>(
  'certificate-store',
  'does Barbican keep a secret and give it back?',
  async (on, notes) => {
    const { session, exchanges } = on.subject.operator.recording()
    const [result] = await probeCertificateStore(session, on.throwaways)
    if (result === undefined) throw new Inapplicable('this cloud has no key manager')
    notes.saw(`a throwaway secret: ${result.detail}`, result.requestIds)
    const works = result.observed === 'allowed'
    const said = exchanges.findLast(({ service, method }) => service === 'key-manager' && method === 'POST')?.status
    // an answer from before Barbican (a proxy, its middleware) says nothing about the store
    if (!works && (said === undefined || [401, 502, 503, 504].includes(said)))
      throw new Unasked(`Barbican's answer does not show whether it stores: ${result.detail}`)
    return { works, message: result.detail, requestIds: result.requestIds }
  },
)

/**
 * The error of Barbican's store, from its log, because the answer does not have it. barbican 15.0.1,
 * plugin/castellan_secret_store.py, store_secret; plugin/interface/secret_store.py, SecretGeneralException
 */
export const barbicanReason = experiment<string>(
  'barbican-log',
  'what does the log of Barbican say about that?',
  async (on, notes) => {
    const { requestIds } = await need(on, certificateStore)
    const { barbicanLog } = on.subject
    if (barbicanLog === undefined) throw new Unasked('no log of barbican-api was given')
    const log = (await readLog(barbicanLog)).join('\n')
    // the traceback has no id, and directly follows the line that has it
    const at = Math.max(...requestIds.map((id) => log.indexOf(id)))
    const [, reason] = /Problem seen during crypto processing - Reason: (.*)/.exec(at < 0 ? '' : log.slice(at)) ?? []
    if (reason === undefined) throw new Unasked('the log of barbican-api does not have this request')
    const message = printable(reason)
    notes.saw(`the log of barbican-api: ${message}`, requestIds)
    return message
  },
)

async function readLog(log: ServiceLog): Promise<readonly string[]> {
  try {
    return await log.read()
  } catch (error) {
    if (error instanceof StopError) throw new Unasked(error.message)
    throw error
  }
}

export type VaultState =
  | { readonly kind: 'down'; readonly message: string }
  | { readonly kind: 'sealed' }
  | { readonly kind: 'bound'; readonly bindings: readonly Binding[] }

/** Vault's own view: from which addresses Barbican may sign in. Uses and changes nothing. */
export const vaultState = experiment<VaultState>(
  'vault',
  'is Vault unsealed, and from where may Barbican sign in to it?',
  async (on, notes) => {
    const { vault } = on.subject
    if (vault === undefined) throw new Unasked('no address of Vault and no token file were given')
    try {
      if (await isSealed(vault)) {
        notes.saw(`Vault at ${vault.address} is sealed`)
        return { kind: 'sealed' }
      }
    } catch (error) {
      if (!(error instanceof CloudError)) throw error
      notes.saw(`Vault at ${vault.address}: ${error.reason}`)
      return { kind: 'down', message: error.reason }
    }
    const bindings = await Promise.all((await rolesOf(vault)).map((role) => readBinding(vault, role)))
    for (const { role, tokenCidrs, secretIdCidrs, secretIds } of bindings) {
      notes.saw(
        `AppRole ${role}: its tokens may be used from ${said(tokenCidrs)}${secretIdCidrs.length === 0 ? '' : `, any secret id of it from ${said(secretIdCidrs)}`}`,
      )
      for (const { accessor, cidrs, madeAt, expiresAt } of secretIds)
        notes.saw(
          `secret id ${accessor} of ${role}, made ${madeAt ?? 'at an unknown time'}, may be used from ${said(cidrs)}${expiresAt === undefined ? '' : ` until ${expiresAt}`}`,
        )
      if (secretIds.length === 0) notes.saw(`AppRole ${role} has no secret id`)
    }
    return { kind: 'bound', bindings }
  },
)

async function rolesOf(vault: VaultAccess): Promise<readonly string[]> {
  if (vault.role !== undefined) return [vault.role]
  const found = (await listRoles(vault)).filter((name) => name.includes('barbican'))
  if (found.length === 0)
    throw new Unasked('no AppRole has `barbican` in its name: give its name as `vault.role` in cloud.yaml')
  return found
}

function said(cidrs: readonly string[]): string {
  return cidrs.length === 0 ? 'anywhere' : cidrs.join(', ')
}
