import { z } from 'zod'
import { dirname } from 'node:path'
import { isBlocked } from '../finding.ts'
import { digestOf } from '../tenant/canonical.ts'
import { privateFolder, readPrivate, removePrivate, writePrivate } from '../tenant/private-file.ts'
import { limitsClusters, wantsOf } from './cloud-readings.ts'
import { gateRecord } from './gate.ts'
import type { GateContext, GateRecord, OpenProbe, ProveCloud } from './gate.ts'
import { proveCloud } from './stages/preflight.ts'

/** Long enough for tenants that are onboarded one after another. The policy may change in the meantime. */
const sharedForMs = 3600 * 1000

type Proof = { readonly at: number; readonly record: Promise<Pick<GateRecord, 'checks' | 'findings'>> }

/**
 * Proves the policy of a cloud once for all of its tenants. The probes use a throwaway domain and do not depend on the
 * tenant; every tenant's evidence gets their claims with the request ids. `path`: where a successful proof is kept for
 * the next command. A file that cannot be read or written counts as none.
 */
export function sharedProof(now: () => Date, path?: string): ProveCloud {
  const proofs = new Map<string, Proof>()
  return async (context, open) => {
    const key = await keyOf(context)
    const isFresh = (proof: { readonly at: number } | undefined): boolean =>
      proof !== undefined && proof.at <= now().getTime() && now().getTime() - proof.at < sharedForMs
    let proof = proofs.get(key)
    if (proof === undefined || !isFresh(proof)) {
      const made = { at: now().getTime(), record: proofOf(context, open, { key, path, at: now(), isFresh }) }
      proofs.set(key, made)
      // could not ask: the next tenant tries again
      made.record.catch(() => {
        if (proofs.get(key) === made) proofs.delete(key)
      })
      proof = made
    }
    const { checks, findings } = await proof.record
    context.record(checks, findings)
  }
}

/** A failed stage makes the earlier proof doubtful. */
export async function forgetProof(path: string): Promise<void> {
  await removePrivate(path).catch(() => undefined)
}

/** The policy as far as we know it, the region whose services apply it, the input of the probes, and the use of their answers. */
async function keyOf({ tenant, known, digests, sessions }: GateContext): Promise<string> {
  const operator = await sessions.at({ actor: 'operator' })
  const { managed_roles: managed, accepted_findings: accepted, magnum_domain: domain } = tenant.facts
  const { image, magnumDomain } = known.shared.choice
  return digestOf({
    policy: digests.policy,
    region: operator?.region,
    managed,
    accepted,
    domain,
    image: image?.id,
    magnumDomain: magnumDomain?.id,
    isClusterWanted: wantsOf(tenant).cluster,
    limitsClusters: limitsClusters(tenant),
  })
}

type Asked = {
  readonly key: string
  readonly path: string | undefined
  readonly at: Date
  readonly isFresh: (proof: { readonly at: number }) => boolean
}

async function proofOf(
  context: GateContext,
  open: OpenProbe,
  asked: Asked,
): Promise<Pick<GateRecord, 'checks' | 'findings'>> {
  const { key, path, at, isFresh } = asked
  const kept = path === undefined ? undefined : await readKept(path)
  const { dead } = await context.probeRuns('cloud')
  // with something of a killed run to remove, the cloud is probed again, which removes it
  if (kept !== undefined && kept.key === key && isFresh({ at: Date.parse(kept.at) }) && dead.length === 0) {
    context.clock.note(`the cloud was proved with tenant ${kept.tenant} at ${kept.at}`)
    const since = {
      claim: `the cloud was proved less than an hour before, with tenant ${kept.tenant}`,
      ok: true,
      value: { at: kept.at },
      actor: 'operator',
      reach: 'perimeter',
      requestIds: [],
    } as const
    return { checks: [since, ...kept.checks], findings: kept.findings }
  }
  // a record of its own: what this tenant's gate holds besides is no part of the proof
  const record = gateRecord(context)
  await proveCloud(record.context, open)
  const { checks, findings } = record
  const holds = checks.every(({ ok }) => ok) && !isBlocked(findings)
  const isClean = !findings.some(({ code }) => code === 'isolation/leftover')
  if (path !== undefined && holds && isClean)
    await keep(path, { version: 1, key, at: at.toISOString(), tenant: context.tenant.spec.tenant, checks, findings })
  return { checks, findings }
}

const keptProof = z.object({
  version: z.literal(1),
  key: z.string(),
  at: z.iso.datetime(),
  tenant: z.string(),
  checks: z.array(
    z.object({
      claim: z.string(),
      ok: z.literal(true),
      value: z.unknown(),
      actor: z.enum(['operator', 'manager', 'creator', 'automation']),
      reach: z.enum(['perimeter', 'tenant could']),
      requestIds: z.array(z.string()),
    }),
  ),
  findings: z.array(
    z.object({
      code: z.string(),
      severity: z.enum(['warning', 'info']),
      where: z.string(),
      message: z.string(),
      remedy: z.string().exactOptional(),
      owner: z.enum(['operator', 'tenant']),
    }),
  ),
})

type KeptProof = z.output<typeof keptProof>

async function readKept(path: string): Promise<KeptProof | undefined> {
  try {
    return keptProof.parse(JSON.parse((await readPrivate(path)) ?? ''))
  } catch {
    return undefined
  }
}

async function keep(path: string, proof: { readonly [Key in keyof KeptProof]: unknown }): Promise<void> {
  try {
    await privateFolder(dirname(path))
    await writePrivate(path, `${JSON.stringify(proof, undefined, 1)}\n`)
  } catch {
    // this run has proved it; the next command proves it again
  }
}
