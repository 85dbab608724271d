/** A diagnosis on a cloud that does not answer in time. */
import { expect, test } from 'vitest'
import type { FetchResponse } from '../../src/openstack/http.ts'
import { breakCloud, diagnose, onboard } from './broken-cloud.ts'

const charmed = { preset: 'caracal-charmed', isPersonaBuilt: true } as const

test('what is too slow to be seen stays undecided, within ten seconds, and what was made is removed', async () => {
  const on = await onboard(charmed, '--until', 'template')
  const cloud = breakCloud(on, ['certificate-store'])
  const { fetch } = on.swap
  // Magnum never answers; the rest does
  on.swap.fetch = (url, init) =>
    url.includes('/container-infra/')
      ? new Promise<FetchResponse>((_, reject) => {
          init.signal.addEventListener('abort', () => {
            reject(init.signal.reason as Error)
          })
        })
      : fetch(url, init)
  const started = Date.now()
  const { code, told } = await diagnose(on)
  expect(Date.now() - started).toBeLessThan(10_000)
  expect(code).toBe(3)
  expect(told.findings.map((finding) => finding.code)).toEqual(['diagnosis/certificate-store'])
  const open = told.hypotheses.filter(({ verdict }) => verdict === 'open').map((one) => one.code)
  expect(open).toContain('diagnosis/application-credential-trust')
  expect(open).toContain('diagnosis/quota-met')
  expect(cloud.state.domains.some(({ name }) => name.startsWith('tenant-onboard-probe'))).toBe(false)
}, 20_000)
