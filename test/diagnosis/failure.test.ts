/** What `apply` says below a failure: the cause, without a word of the failure lost. */
import { beforeAll, describe, expect, test } from 'vitest'
import { breakCloud, onboard } from './broken-cloud.ts'
import type { Onboarded } from './broken-cloud.ts'
import { exampleTenant, openTestBed } from '../onboarding/test-bed.ts'

const charmed = { preset: 'caracal-charmed', isPersonaBuilt: true } as const

type Applied = {
  readonly ok: boolean
  readonly error?: readonly string[]
  readonly diagnosis?: {
    readonly findings: readonly { readonly code: string }[]
    readonly hypotheses: readonly unknown[]
  }
}

function found(out: string): readonly string[] | undefined {
  return (JSON.parse(out) as Applied).diagnosis?.findings.map(({ code }) => code)
}

describe('a stage that fails', () => {
  let ready: Onboarded
  beforeAll(async () => {
    ready = await onboard(charmed, '--until', 'template')
  })

  test('at its gate: the cause is below the claims that do not hold, exit 3 as before', async () => {
    const cloud = breakCloud(ready, ['certificate-store'])
    const { code, out } = await ready.bed.run('apply', ready.file, '--yes')
    expect(code).toBe(3)
    const [claims, cause] = [
      out.indexOf('the gate of cluster does not hold'),
      out.indexOf('diagnosis/certificate-store'),
    ]
    expect(claims).toBeGreaterThanOrEqual(0)
    expect(cause).toBeGreaterThan(claims)
    expect(out).toContain('Failed to create certificates for Cluster')
    expect(cloud.state.clusters.size).toBe(1)
  })

  test('the JSON carries it, and a run that goes well has none', async () => {
    breakCloud(ready, ['certificate-store'])
    const failed = await ready.bed.run('apply', ready.file, '--yes', '-o', 'json')
    expect(failed.code).toBe(3)
    expect(found(failed.out)).toEqual(['diagnosis/certificate-store'])
    breakCloud(ready, [])
    const whole = await ready.bed.run('apply', ready.file, '--yes', '-o', 'json')
    expect(whole.code).toBe(0)
    expect(found(whole.out)).toBeUndefined()
  })

  test('only causes that concern the stage are tried', async () => {
    breakCloud(ready, ['certificate-store'])
    const { out } = await ready.bed.run('apply', ready.file, '--yes', '-o', 'json')
    const tried = (JSON.parse(out) as Applied).diagnosis?.hypotheses ?? []
    expect(JSON.stringify(tried)).not.toContain('external-gateway-refused')
    expect(JSON.stringify(tried)).toContain('application-credential-trust')
  })
})

describe('a step that fails', () => {
  let early: Onboarded
  beforeAll(async () => {
    early = await onboard(charmed, '--until', 'credentials')
  })

  test("in the cloud's own words first, and the cause below; the exit code is the error's", async () => {
    breakCloud(early, ['external-gateway-refused'])
    const { code, out, err } = await early.bed.run('apply', early.file, '--yes')
    expect(code).toBe(3)
    expect(err).toMatch(/error: .*\n +because network: POST \S+\/routers answered 403 .*is disallowed by policy/)
    expect(out).toContain('error diagnosis/external-gateway-refused')
    const { out: json } = await early.bed.run('apply', early.file, '--yes', '-o', 'json')
    expect((JSON.parse(json) as Applied).ok).toBe(false)
    expect((JSON.parse(json) as Applied).error?.join(' ')).toContain('is disallowed by policy')
    expect(found(json)).toEqual(['diagnosis/external-gateway-refused'])
  })

  test('before its first stage, for want of a way to the cloud', async () => {
    const refused = () =>
      Promise.reject(Object.assign(new Error('unable to verify'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }))
    const env = {
      OS_AUTH_URL: 'https://cloud.test/v3',
      OS_USERNAME: 'a',
      OS_PASSWORD: 'b',
      OS_USER_DOMAIN_NAME: 'c',
      OS_PROJECT_NAME: 'd',
      OS_PROJECT_DOMAIN_NAME: 'c',
    }
    const bed = await openTestBed(env, refused)
    const file = await bed.write('tenant.yaml', await exampleTenant('acme'))
    const { code, out, err } = await bed.run('apply', file, '--yes')
    expect(code).toBe(4)
    expect(err).toContain('is from a CA that is not trusted here')
    expect(out).toContain('diagnosis/untrusted-ca')
    await bed.remove()
  })

  test('what is wrong in a file is nothing to look for in the cloud', async () => {
    const wrong = await early.bed.write(
      'wrong.yaml',
      await exampleTenant('acme', (text) => text.replace('cidr:', 'cdir:')),
    )
    const { code, out, err } = await early.bed.run('apply', wrong, '--yes')
    expect(code).toBe(2)
    expect(`${out}${err}`).not.toContain('diagnosis/')
  })
})
