/** A diagnosis on a cloud that does not answer in time. */
import { expect, test } from 'vitest'
import type { Fetch, FetchResponse } from '../../src/openstack/http.ts'
import { breakCloud, diagnose, onboard } from './broken-cloud.ts'

/** Until the request is given up. */
function silence({ signal }: Parameters<Fetch>[1]): Promise<FetchResponse> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error)
    })
  })
}

const charmed = { preset: 'caracal-charmed', isPersonaBuilt: true } as const

test('what is too slow to be seen stays undecided, within ten seconds, and what was made is removed', async () => {
  const on = await onboard(charmed, '--until', 'template')
  const cloud = breakCloud(on, ['certificate-store'])
  const { fetch } = on.swap
  // Magnum never answers; the rest does
  on.swap.fetch = (url, init) => (url.includes('/container-infra/') ? silence(init) : fetch(url, init))
  const { code, told } = await diagnose(on)
  expect(told.milliseconds).toBeLessThan(10_000)
  expect(code).toBe(3)
  expect(told.findings.map((finding) => finding.code)).toEqual(['diagnosis/certificate-store'])
  const open = told.hypotheses.filter(({ verdict }) => verdict === 'open').map((one) => one.code)
  expect(open).toContain('diagnosis/application-credential-trust')
  expect(open).toContain('diagnosis/quota-met')
  expect(cloud.state.domains.some(({ name }) => name.startsWith('tenant-onboard-probe'))).toBe(false)
})

test('what was still being made when the time was up is removed all the same', async () => {
  const on = await onboard(charmed, '--until', 'template')
  const cloud = breakCloud(on, [])
  const { fetch } = on.swap
  // the throwaway domain is there only after nobody waits for it any longer
  on.swap.fetch = async (url, init) => {
    if (init.method === 'POST' && url.endsWith('/identity/v3/domains')) await on.clock.sleep(5500)
    if (init.method === 'POST' && url.endsWith('/identity/v3/users')) await on.clock.sleep(4000)
    return fetch(url, init)
  }
  const { told } = await diagnose(on)
  expect(told.milliseconds).toBeLessThan(10_000)
  expect(told.hypotheses.find(({ code }) => code === 'diagnosis/dead-create-rule')?.verdict).toBe('open')
  expect(told.findings).toEqual([])
  expect(cloud.state.domains.some(({ name }) => name.startsWith('tenant-onboard-probe'))).toBe(false)
})

test('a cause that could not be checked makes no yes', async () => {
  const on = await onboard(charmed, '--until', 'template')
  breakCloud(on, [])
  const { fetch } = on.swap
  on.swap.fetch = (url, init) => (url.includes('/container-infra/') ? silence(init) : fetch(url, init))
  const { code, out } = await on.bed.run('diagnose', on.file)
  expect(code).toBe(3)
  expect(out).toMatch(/not shown: no cause was found, and \d+ of \d+ causes could not be checked/)
})

test('a cloud that takes ten seconds for every answer is asked all the same', async () => {
  const on = await onboard(charmed, '--until', 'template')
  breakCloud(on, ['certificate-store'])
  const { fetch } = on.swap
  on.swap.fetch = async (url, init) => {
    await on.clock.sleep(10_000)
    return fetch(url, init)
  }
  const { code, told } = await diagnose(on)
  expect(told.findings.map((finding) => finding.code)).toEqual(['diagnosis/certificate-store'])
  expect(code).toBe(3)
})

test('a cloud that is slower than a request may take is said to be silent, and with more time it is asked', async () => {
  const on = await onboard(charmed, '--until', 'template')
  breakCloud(on, [])
  const { fetch } = on.swap
  on.swap.fetch = async (url, init) => {
    const ended = new Promise<never>((_, reject) => {
      init.signal.addEventListener('abort', () => {
        reject(init.signal.reason as Error)
      })
    })
    await Promise.race([on.clock.sleep(70_000), ended])
    return fetch(url, init)
  }
  const { code, out } = await on.bed.run('diagnose', on.file)
  expect(out).toMatch(/nothing could be asked in \d+\.\d s/)
  expect(code).toBe(4)
  const patient = await on.bed.run('diagnose', on.file, '--api-timeout', '600')
  expect(patient.out).not.toContain('nothing could be asked')
  expect(patient.code).not.toBe(4)
})

test('a cloud that answers nothing makes exit 4', async () => {
  const on = await onboard(charmed, '--until', 'template')
  breakCloud(on, [])
  on.swap.fetch = (_, init) => silence(init)
  const { code, out } = await on.bed.run('diagnose', on.file)
  expect(out).toMatch(/nothing could be asked in \d+\.\d s/)
  expect(code).toBe(4)
})
