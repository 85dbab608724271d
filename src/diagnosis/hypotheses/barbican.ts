/** A certificate store that stores nothing, and what Vault has to do with it (D-067). */
import { need } from '../experiment.ts'
import { barbicanReason, certificateStore, ownCertificates, vaultState } from '../experiments/barbican.ts'
import { confirmed, excluded } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'
import { storeCause } from '../vault/cause.ts'

export const keyManagerDown: Hypothesis = {
  code: 'diagnosis/key-manager-down',
  supposes: 'Barbican does not answer',
  stages: ['preflight', 'cluster'],
  async test(on) {
    const { failure, message } = await need(on, certificateStore)
    if (failure !== 'does not answer') return excluded
    return confirmed(
      {
        code: keyManagerDown.code,
        where: 'key-manager',
        message: `Barbican does not answer (${message}), so Magnum can store no certificate, and every cluster of every tenant fails with \`Failed to create certificates for Cluster\``,
        remedy:
          'start barbican-api, or what is in front of it, and see its log; nothing is wrong with Vault or the tenant by this',
        owner: 'operator',
      },
      await certificateStore(on),
    )
  },
}

export const cutOffFromVault: Hypothesis = {
  code: 'diagnosis/certificate-store',
  supposes: 'Barbican keeps nothing, or lost what it kept, because of Vault (D-067)',
  // the preflight stage tests the store as well, but only finds that it does not store
  stages: ['preflight', 'cluster'],
  async test(on) {
    const { failure, message } = await need(on, certificateStore)
    if (failure === 'does not answer') return excluded
    const now = on.subject.now()
    if (failure === undefined) {
      const lost = (await need(on, ownCertificates)).filter(({ isLost }) => isLost)
      if (lost.length === 0) return excluded
      const [own, vault] = [await ownCertificates(on), await vaultState(on)]
      const what = lost.map((one) => `cluster ${one.cluster}: ${one.message}`).join('; ')
      const state = vault.kind === 'seen' ? vault.value : undefined
      return confirmed(
        { ...storeCause({ failure: 'lost the old', message: what, state, now }), owner: 'operator' },
        own,
        vault,
      )
    }
    const [stored, reason, vault] = [await certificateStore(on), await barbicanReason(on), await vaultState(on)]
    const cause = storeCause({
      failure,
      message,
      reason: reason.kind === 'seen' ? reason.value : undefined,
      state: vault.kind === 'seen' ? vault.value : undefined,
      now,
    })
    return confirmed({ ...cause, owner: 'operator' }, stored, reason, vault)
  },
}
