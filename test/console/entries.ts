import type { Digests, Entry } from '../../src/tenant/evidence.ts'
import { stageNames } from '../../src/tenant/stage.ts'
import type { StageName } from '../../src/tenant/stage.ts'

export const digests: Digests = { spec: 'sha256:spec', cloud: 'sha256:cloud' }

export function gateEntry(stage: StageName, change: Partial<Extract<Entry, { kind: 'gate' }>> = {}): Entry {
  return {
    kind: 'gate',
    stage,
    gate: 'complete',
    ok: true,
    digests,
    checks: [
      {
        claim: `${stage} is as asked`,
        ok: true,
        value: { id: `${stage}-1` },
        actor: 'operator',
        reach: 'tenant could',
        requestIds: [`req-${stage}`],
      },
    ],
    findings: [],
    milliseconds: 12,
    ...change,
  }
}

/** Every stage holds. */
export const wholeTenant: readonly Entry[] = stageNames.map((stage) => gateEntry(stage))
