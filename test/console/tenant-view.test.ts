import { expect, test } from 'vitest'
import type { Reading } from '../../src/console/reading.ts'
import { rowOf, tenantView } from '../../src/console/tenant-view.ts'
import { findingView } from '../../src/report/view/finding.ts'
import { label } from '../../src/report/view/label.ts'
import type { Entry, EvidenceRecord } from '../../src/tenant/evidence.ts'
import type { Finding } from '../../src/finding.ts'
import { homeOf } from '../../src/tenant/home.ts'
import { digests, gateEntry, wholeTenant } from './entries.ts'

/* What the pages are told of a tenant is in the words of a report. */

const found = { cloud: 'prod', tenant: 'acme', home: homeOf('/home/x', 'prod', 'acme') }

function reading(...entries: readonly Entry[]): Reading {
  const at = '2026-05-04T10:00:00.000Z'
  const records = entries.map((entry, index): EvidenceRecord => ({ ...entry, seq: index + 1, at, prev: '', hash: '' }))
  return { live: {}, records, digests }
}

test('a cluster that is only accepted is told as accepted, in the list and on its page', () => {
  const accepted = reading(...wholeTenant.slice(0, -1), gateEntry('cluster', { gate: 'accepted' }))
  expect(rowOf(found, accepted)).toMatchObject({ state: 'unfinished', isAccepted: true })
  expect(tenantView(found, accepted).stages.at(-1)?.label).toEqual(label('accepted', 'warn'))
  const complete = reading(...wholeTenant)
  expect(rowOf(found, complete)).not.toHaveProperty('isAccepted')
  expect(tenantView(found, complete).stages.at(-1)?.label).toEqual(label('validated', 'good'))
})

test('findings come gravest first, checks with what was read on one line', () => {
  const finding = (severity: Finding['severity']): Finding => {
    return { code: `x/${severity}`, severity, where: 'here', message: 'so it is', remedy: 'mend it', owner: 'operator' }
  }
  const checks = [
    {
      claim: 'it stands',
      ok: false,
      value: { id: 'a0', tags: ['one', 'two'] },
      actor: 'automation',
      reach: 'perimeter',
      requestIds: ['req-1'],
    },
    { claim: 'it is empty', ok: true, value: null, actor: 'manager', reach: 'tenant could', requestIds: [] },
  ] as const
  const view = tenantView(
    found,
    reading(gateEntry('network', { ok: false, checks, findings: [finding('info'), finding('error')] })),
  )
  const stage = view.stages.find((one) => one.stage === 'network')
  expect(stage?.findings).toEqual([findingView(finding('error')), findingView(finding('info'))])
  expect(stage?.checks).toEqual([
    {
      claim: 'it stands',
      verdict: label('does not hold', 'bad'),
      read: 'id a0, tags one, two',
      by: 'automation',
      readers: 'only an operator could',
      requestIds: ['req-1'],
    },
    {
      claim: 'it is empty',
      verdict: label('holds', 'good'),
      read: undefined,
      by: 'manager',
      readers: 'the tenant could too',
      requestIds: [],
    },
  ])
})
