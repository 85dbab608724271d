import { probeCertificateStore } from '../../isolation/certificate-store.ts'
import { experiment, Inapplicable, Unasked } from '../experiment.ts'
import { CloudError } from '../../errors.ts'
import { isSealed, listRoles, readBinding } from '../vault.ts'
import type { Binding, VaultAccess } from '../vault.ts'

export type Store = { readonly works: boolean; readonly words: string }

/** Magnum stores as its own service account, so what the operator's secret meets is what every tenant's certificates meet. */
export const certificateStore = experiment<Store>(
  'certificate-store',
  'does Barbican keep a secret and give it back?',
  async (on, notes) => {
    const [result] = await probeCertificateStore(on.subject.operator, on.throwaways)
    if (result === undefined) throw new Inapplicable('this cloud has no key manager')
    notes.saw(`a throwaway secret: ${result.detail}`, result.requestIds)
    return { works: result.observed === 'allowed', words: result.detail }
  },
)

export type VaultState =
  | { readonly kind: 'down'; readonly words: string }
  | { readonly kind: 'sealed' }
  | { readonly kind: 'bound'; readonly bindings: readonly Binding[] }

/** What Vault itself says of where Barbican may come from. Nothing is used or changed by it. */
export const vaultState = experiment<VaultState>(
  'vault',
  'is Vault open, and from where may Barbican sign in to it?',
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
      notes.saw(`Vault at ${vault.address}: ${error.words}`)
      return { kind: 'down', words: error.words }
    }
    const bindings = await Promise.all((await rolesOf(vault)).map((role) => readBinding(vault, role)))
    for (const { role, tokenCidrs, secretIdCidrs, secretIds } of bindings) {
      notes.saw(
        `AppRole ${role}: its tokens may be used from ${said(tokenCidrs)}, its secret ids from ${said(secretIdCidrs)}`,
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
