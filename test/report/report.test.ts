import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { filesBelow } from '../onboarding/test-bed.ts'
import { openReportTestBed, policyOptions } from './test-bed.ts'
import type { ReportTestBed } from './test-bed.ts'
import { placeOf, sideOf } from '../../src/report/place.ts'
import type { Report } from '../../src/report/report.ts'

describe('the report on a tenant that was onboarded and attacked', () => {
  let bed: ReportTestBed
  let report: Report

  beforeAll(async () => {
    bed = await openReportTestBed('verified')
    report = JSON.parse(await bed.report('-o', 'json', ...(await policyOptions(bed)))) as Report
  })

  afterAll(() => bed.remove())

  test('answers the one question, and says by how much it is backed', () => {
    expect(report.verdict.answer).toBe('isolated')
    expect(report.catalogue?.probes.length).toBeGreaterThan(200)
    expect(report.catalogue?.scs).toEqual({ held: 60, of: 60, failing: [] })
    expect(report.claims.map(({ paper, tried }) => [paper?.verdict, tried?.ok])).toEqual(
      // no probe of `verify` ends a session
      report.claims.map(({ claim }) => ['proved', claim === 'others-sessions' ? undefined : true]),
    )
  })

  test('names the head of the chain, which is the last line of the evidence', async () => {
    const lines = (await readFile(join(bed.home, 'evidence.jsonl'), 'utf8')).trimEnd().split('\n')
    const last = JSON.parse(lines.at(-1) ?? '') as { readonly hash: string }
    expect(report.evidence).toMatchObject({ head: last.hash, records: lines.length })
  })

  test('has every resource with its id in the cloud, who made it, and that a gate read it', () => {
    const { state } = bed.cloud
    const made = Object.fromEntries(report.standing.map(({ id, objectId }) => [id, objectId]))
    expect(made['network/router']).toBe([...state.routers.values()].find(({ name }) => name === 'acme-router')?.id)
    expect(made['cluster/cluster']).toBe([...state.clusters.values()][0]?.uuid)
    expect(report.standing.filter(({ made: by }) => by === undefined)).toEqual([])
    expect(report.standing.filter(({ read }) => read?.ok !== true).map(({ id }) => id)).toEqual([])
  })

  test('says what each account holds, as the cloud said it', () => {
    expect(report.accounts.map(({ name, direct, ok }) => [name, direct, ok])).toEqual([
      ['acme-domain-admin', ['manager on domain acme'], true],
      ['acme-cluster', ['member on project acme-prod', 'load-balancer_member on project acme-prod'], true],
      ['acme-svc', ['member on project acme-prod', 'load-balancer_member on project acme-prod'], true],
    ])
  })

  test('draws the network from what was read', () => {
    expect(report.networks).toMatchObject([
      {
        project: 'acme-prod',
        external: 'provider-ext',
        router: { name: 'acme-router', status: 'ACTIVE' },
        snat: { isOn: true, addresses: [expect.stringMatching(/^203\.0\.113\./)] },
        subnet: { cidr: '10.20.24.0/24' },
        cluster: { name: 'acme-cluster', status: 'CREATE_COMPLETE' },
      },
    ])
  })

  test('shows own and other domain, allowed and refused, tried and on paper', () => {
    const row = report.access.rows.find(({ action }) => action === 'identity:create_user')
    expect(row?.cells['manager-own']).toMatchObject({
      allowed: 1,
      refused: 0,
      wrong: 0,
      paper: { allowed: 1, refused: 0 },
    })
    expect(row?.cells['manager-other']).toMatchObject({ allowed: 0, refused: 1, paper: { allowed: 0, refused: 1 } })
    expect(
      report.access.rows.some(({ cells }) => Object.values(cells).some(({ isContradiction }) => isContradiction)),
    ).toBe(false)
    // every probe is in some cell, but for what a neighbour does at home
    const shown = report.access.rows.flatMap(({ cells }) => Object.values(cells).flatMap(({ probes }) => probes))
    const home = ['domain-admin/create-trustee']
    const left = (report.catalogue?.probes ?? []).filter(({ id }) => !shown.includes(id ?? ''))
    expect(left.filter(({ id }) => !home.some((head) => id?.startsWith(head)))).toEqual([])
  })

  test('puts each probe where it aimed', async () => {
    const aims = (report.catalogue?.probes ?? []).map(
      ({ who, whom }) => `${sideOf(who)}-${placeOf(whom)}: ${who}, on ${whom}\n`,
    )
    await expect([...new Set(aims)].sort().join('')).toMatchFileSnapshot('golden/aims.txt')
  })

  test('lists each request that it rests on once, with the time of the service', () => {
    const ids = report.requests.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const named = report.stages.flatMap(({ gates }) =>
      gates.flatMap(({ checks }) => checks.flatMap((one) => one.requestIds)),
    )
    expect(named.filter((id) => !ids.includes(id))).toEqual([])
    expect(report.requests.filter(({ service }) => service === '')).toEqual([])
    // a refusal as well as a yes
    for (const code of [200, 403])
      expect(report.requests.find(({ status }) => status === code)?.at).toMatch(/^\d{4}-\d\d-\d\dT/)
  })

  test('tells how long each stage took, and how long it waited for whom', () => {
    const network = report.stages.find(({ stage }) => stage === 'network')?.gates[0]?.time
    expect(network?.services.map(({ service }) => service)).toContain('network')
    expect(network?.milliseconds).toBeGreaterThan(0)
  })

  test('tells how to check it with the ids that the cloud has', () => {
    const { state } = bed.cloud
    const commands = report.recipes.flatMap((recipe) => recipe.commands)
    const router = state.routers.find(({ name }) => name === 'acme-router')
    const [cluster] = state.clusters.values()
    const [trust] = state.trusts.values()
    expect(commands).toEqual(
      expect.arrayContaining([
        `openstack router show -c external_gateway_info -c project_id -c status ${router?.id ?? ''}`,
        `openstack coe cluster show -c status -c project_id ${cluster?.uuid ?? ''}`,
        `openstack trust show ${trust?.id ?? ''}`,
      ]),
    )
  })

  test('no format and no bundle has any secret in it', async () => {
    const secrets = [...(await filesBelow(join(bed.home, 'secrets')))]
    expect(secrets.length).toBeGreaterThan(3)
    const formats = await Promise.all(['html', 'markdown', 'json'].map((format) => bed.report('-o', format)))
    await bed.report('--bundle', 'case.zip')
    const bundle = await readFile(join(bed.folder, 'case.zip'))
    const { unzipSync } = await import('fflate')
    const packed = Object.values(unzipSync(bundle)).map((bytes) => new TextDecoder().decode(bytes))
    for (const [path, text] of secrets) {
      const secret = text.includes('PRIVATE KEY') ? (text.split('\n')[2] ?? '') : text.trim()
      expect(secret.length).toBeGreaterThan(20)
      for (const made of [...formats, ...packed]) expect(made.includes(secret), path).toBe(false)
    }
    // a bundle is of use: what was asked, the evidence, the report
    expect(Object.keys(unzipSync(bundle))).toEqual(
      expect.arrayContaining(['about.txt', 'evidence.jsonl', 'report.html', 'report.json', 'tenant.yaml']),
    )
  })

  test('the page loads nothing, runs nothing, and may not', async () => {
    const page = await bed.report('-o', 'html')
    expect(page).not.toMatch(/<script|<iframe|<img|<link|<object|\son[a-z]+=|javascript:|@import|url\(/i)
    expect([...page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)]).toEqual([])
    expect(page).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/)
    // no style of its own in any element: the policy would drop it
    expect(page).not.toMatch(/<[^>]*\sstyle=/)
    // linked parts exist
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]))
    expect([...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]).filter((id) => !ids.has(id))).toEqual([])
  })
})

describe('the report on a tenant that was not attacked', () => {
  test('never run: it says that it does not know, and shows how to', async () => {
    const bed = await openReportTestBed('never run')
    const report = JSON.parse(await bed.report('-o', 'json')) as Report
    expect(report.verdict.answer).toBe('not known')
    expect(report.stages.map(({ state }) => state)).toEqual(report.stages.map(() => 'never run'))
    expect(report.untested.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['stage isolation', 'the catalogue of attacks', 'the policy on paper']),
    )
    expect(await bed.report('-o', 'html')).toContain('Not tried yet')
    await bed.remove()
  })

  test('applied: as far as the gate tried, and no word of a catalogue', async () => {
    const bed = await openReportTestBed('applied')
    const report = JSON.parse(await bed.report('-o', 'json')) as Report
    expect(report.verdict.answer).toBe('isolated as far as tried')
    expect(report.catalogue).toBeUndefined()
    await bed.remove()
  })

  test('a changed last record: no report is made of it', async () => {
    const bed = await openReportTestBed('applied')
    const path = join(bed.home, 'evidence.jsonl')
    const lines = (await readFile(path, 'utf8')).split('\n')
    const changed = lines.map((line, index) => (index === lines.length - 2 ? line.replace('{', '(') : line))
    await writeFile(path, changed.join('\n'))
    const { code, out, err } = await bed.run('report', bed.file)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(`evidence.jsonl:${lines.length - 1}: the chain of evidence is broken here`)
    await writeFile(path, lines.join('\n'))
    expect((await bed.run('report', bed.file)).code).toBe(0)
    await bed.remove()
  })

  test('a tenant file that has changed since makes the answer unknown, and putting it back makes it known again', async () => {
    const bed = await openReportTestBed('applied')
    const before = await readFile(join(bed.folder, 'tenant.yaml'), 'utf8')
    await bed.write('tenant.yaml', before.replace('Acme Corporation', 'Acme'))
    const stale = JSON.parse(await bed.report('-o', 'json')) as Report
    expect(stale.verdict).toMatchObject({ answer: 'not known', because: [expect.stringContaining('tenant file')] })
    await bed.write('tenant.yaml', before)
    const known = JSON.parse(await bed.report('-o', 'json')) as Report
    expect(known.verdict.answer).toBe('isolated as far as tried')
    await bed.remove()
  })
})
