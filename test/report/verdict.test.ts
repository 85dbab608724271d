import { expect, test } from 'vitest'
import type { Finding } from '../../src/finding.ts'
import type { Catalogue } from '../../src/report/catalogue.ts'
import type { PolicyOnPaper } from '../../src/report/paper.ts'
import type { ProbeRecord } from '../../src/report/probe-record.ts'
import { verdictOf } from '../../src/report/verdict.ts'
import type { EvidenceRecord } from '../../src/tenant/evidence.ts'
import type { StageStatus } from '../../src/tenant/status.ts'

/* The one answer, from every state that the evidence may be in. */

const noon = '2026-05-04T12:00:00.000Z'
const morning = '2026-05-04T08:00:00.000Z'

function isolation(state: StageStatus['state'], because?: string): StageStatus {
  return { stage: 'isolation', state, at: noon, checks: [], ...(because === undefined ? {} : { because }) }
}

function probe(ok: boolean): ProbeRecord {
  const [expected, observed] = ['refused', ok ? 'refused' : 'allowed']
  const said = { claim: 'a manager cannot read a user of another domain', who: 'the domain manager', whom: 'a user' }
  const by = { actor: 'manager', reach: 'tenant could', requestIds: [] } as const
  return { id: 'users/read-foreign', rule: 'identity:get_user', ...said, expected, observed, detail: '', ok, ...by }
}

function catalogue(ok: boolean, changedSince: readonly string[] = [], at = noon): Catalogue {
  const scs = { held: ok ? 60 : 59, of: 60, failing: [] }
  const probes = [probe(true), probe(ok)]
  return { at, seq: 9, hash: 'sha256:9', ok, milliseconds: 1, probes, findings: [], scs, changedSince }
}

/** All probes hold, and Neutron keeps a row that is no isolation. */
function exposed(severity: Finding['severity']): Catalogue {
  const finding = { code: 'exposure/route', severity, where: 'router r of acme', message: 'it leads out' } as const
  return { ...catalogue(true), ok: false, findings: [{ ...finding, owner: 'operator' }] }
}

function paper(verdict: 'proved' | 'refuted', claim: PolicyOnPaper['claims'][number]['claim']): PolicyOnPaper {
  const claims = [{ claim, title: 'nobody climbs', verdict, counterexamples: [] }]
  return { release: '2024.1+base', base: 'charm', overrides: [], claims, assumptions: [], answers: [] }
}

const nothing = { catalogue: undefined, paper: undefined, contradicted: [], offboarded: undefined }

const gone: EvidenceRecord = {
  ...{ kind: 'offboarding', stage: 'delete', ok: true, checks: [], findings: [] },
  ...{ seq: 12, at: noon, prev: '', hash: '' },
}

test.each([
  ['never run', { isolation: isolation('never run') }, 'not known', 'nobody has tried'],
  [
    'only the gate of apply',
    { isolation: isolation('validated') },
    'isolated as far as tried',
    'the whole catalogue was not tried',
  ],
  [
    'the catalogue holds',
    { isolation: isolation('validated'), catalogue: catalogue(true) },
    'isolated',
    'all 2 probes',
  ],
  [
    'all probes hold, and a router leads out',
    { isolation: isolation('failed', 'it leads out'), catalogue: exposed('error') },
    'not isolated',
    'router r of acme: it leads out',
  ],
  [
    'all probes hold, and a later gate of apply too, and a router leads out',
    { isolation: isolation('validated'), catalogue: { ...exposed('error'), at: morning } },
    'not isolated',
    'router r of acme: it leads out',
  ],
  [
    'all probes hold, and nobody knows where a router leads',
    { isolation: isolation('failed', 'it leads out'), catalogue: exposed('unknown') },
    'not known',
    'router r of acme: it leads out',
  ],
  [
    'it held, and then something changed',
    { isolation: isolation('validated'), catalogue: catalogue(true, ['network/router'], morning) },
    'isolated as far as tried',
    'network/router changed',
  ],
  [
    'the catalogue fell, and the few probes of a later apply hold',
    { isolation: isolation('validated'), catalogue: catalogue(false, [], morning) },
    'not isolated',
    '1 of 2 probes',
  ],
  [
    'the catalogue fell just now',
    { isolation: isolation('failed', 'this; that'), catalogue: catalogue(false) },
    'not isolated',
    'this does not hold: a manager cannot read a user of another domain',
  ],
  [
    'the gate of apply fell',
    { isolation: isolation('failed', 'the manager can climb') },
    'not isolated',
    'the manager can climb',
  ],
  [
    'the file changed since',
    { isolation: isolation('stale', 'the file'), catalogue: catalogue(true) },
    'not known',
    'the file',
  ],
  [
    'the tenant holds its own credentials',
    { isolation: isolation('held by the tenant', 'handed over'), catalogue: catalogue(true, [], morning) },
    'not known',
    'before that, all 2 probes',
  ],
  [
    'it was offboarded',
    { isolation: isolation('validated'), catalogue: catalogue(true), offboarded: gone },
    'not known',
    'offboarded, or is gone',
  ],
  [
    'everything holds, and the policy has a hole on paper',
    { isolation: isolation('validated'), catalogue: catalogue(true), paper: paper('refuted', 'no-escalation') },
    'not isolated',
    'the policy does not guarantee this: nobody climbs',
  ],
  [
    'everything holds, and on paper too',
    { isolation: isolation('validated'), catalogue: catalogue(true), paper: paper('proved', 'no-escalation') },
    'isolated',
    'all 2 probes',
  ],
  [
    'the policy on paper has a hole, and is not the one in force',
    {
      isolation: isolation('validated'),
      catalogue: catalogue(true),
      paper: paper('refuted', 'no-escalation'),
      contradicted: ['identity:create_user'],
    },
    'isolated',
    'is not the one in force: it refuses identity:create_user, which was allowed',
  ],
  [
    'a claim that is not about reaching others is refuted',
    { isolation: isolation('validated'), catalogue: catalogue(true), paper: paper('refuted', 'nothing-lost') },
    'isolated',
    'all 2 probes',
  ],
])('%s', (_, sources, answer, because) => {
  const verdict = verdictOf({ ...nothing, ...sources })
  expect(verdict.answer).toBe(answer)
  // no probe sends a packet, so no yes is about them
  if (answer.startsWith('isolated'))
    expect(verdict.because).toContain('packets: not shown, because only the APIs were attacked')
  expect(verdict.because.join('\n')).toContain(because)
})
