/** `tenant-onboard`: a tenant from its file to its finished state, from code. The commands of the same names do the same. */
import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Finding } from '../finding.ts'
import type { Verification } from '../isolation/attack.ts'
import { verify } from '../isolation/verify.ts'
import { programs } from '../logs/program.ts'
import { onboard } from '../onboarding/onboard.ts'
import type { Onboarded } from '../onboarding/onboard.ts'
import type { Plan } from '../onboarding/plan.ts'
import { prepare } from '../onboarding/prepare.ts'
import type { Progress } from '../onboarding/progress.ts'
import type { OperatorContext, RunOptions } from '../onboarding/run.ts'
import { sharedProof } from '../onboarding/shared-proof.ts'
import type { Auth } from '../openstack/auth.ts'
import { chooseCloud } from '../openstack/cloud-choice.ts'
import type { Exchange } from '../openstack/exchange.ts'
import { createTransport } from '../openstack/http.ts'
import { proxyOf } from '../openstack/no-proxy.ts'
import type { Fetch } from '../openstack/http.ts'
import { openSession } from '../openstack/session.ts'
import type { Session } from '../openstack/session.ts'
import { readTlsFiles } from '../openstack/tls-files.ts'
import { contextOf } from '../tenant/context.ts'
import { operatorCustody } from '../tenant/custody.ts'
import { checkDataVersion } from '../tenant/data-version.ts'
import { defaultRoot } from '../tenant/home.ts'
import { readInput, writtenLimit } from '../tenant/input-file.ts'
import { expectedKeystone } from '../tenant/keystone.ts'
import { loadTenantFiles } from '../tenant/load.ts'
import { stagesAskedBy } from '../tenant/stage.ts'
import { statusOf } from '../tenant/status.ts'
import type { StageStatus } from '../tenant/status.ts'
import { readEvidence } from '../tenant/evidence.ts'
import { usedCloud } from '../tenant/used-cloud.ts'

export { CloudError, InputError, StopError } from '../errors.ts'
export type { Finding } from '../finding.ts'
export type { Verification } from '../isolation/attack.ts'
export type { Onboarded } from '../onboarding/onboard.ts'
export type { Plan, Step } from '../onboarding/plan.ts'
export type { Progress } from '../onboarding/progress.ts'
export type { StageStatus } from '../tenant/status.ts'

export type TenantOptions = {
  /** The tenant file. A relative path begins at the working directory. */
  readonly file: string
  /** Where clouds and tenants are kept. Default: `~/tenant-onboard`, as for the commands. */
  readonly dataDirectory?: string
  /** The operator's entry of clouds.yaml, as `--cloud`. Default: what the file names. */
  readonly cloud?: string
  /** Read for `OS_*`, and for the proxies where there is no `fetch`. Default: the variables of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Replaces the network: `createCloud().fetch` of `tenant-onboard/simulator`. */
  readonly fetch?: Fetch
  /** Ends the work after the current step; the next run continues it. */
  readonly signal?: AbortSignal
  /** Takes over existing resources of these names that we did not make. */
  readonly adopt?: boolean
  /** Stops after this stage. */
  readonly until?: RunOptions['until']
  /** `false` stops when a cluster is accepted. */
  readonly wait?: boolean
}

export type ApplyOptions = {
  /** Asked before anything is changed; `false` ends the run. A plan without changes is asked too. */
  readonly approve: (plan: Plan) => boolean | Promise<boolean>
  readonly onProgress?: (event: Progress) => void
}

export type OpenTenant = {
  /** What `apply` would do; changes nothing. `plan` is absent where the findings say why there is none. */
  readonly plan: () => Promise<{ readonly plan: Plan | undefined; readonly findings: readonly Finding[] }>
  /** Makes the tenant as its file says, under the lock of its data directory. */
  readonly apply: (options: ApplyOptions) => Promise<Onboarded>
  /** Attacks the isolation of the tenant with throwaway objects, and removes them. */
  readonly verify: () => Promise<Verification>
  /** The state of each stage, from the evidence alone; sends nothing. */
  readonly status: () => Promise<readonly StageStatus[]>
  /** Ends the connections. */
  readonly close: () => Promise<void>
}

/**
 * Reads the tenant file, its cloud.yaml and the operator's entry of clouds.yaml, and sends nothing yet. Throws `InputError` for
 * what is wrong in them. The methods throw `CloudError` where the cloud refuses or does not answer, and `StopError` where the work
 * cannot continue.
 */
export async function openTenant(options: TenantOptions): Promise<OpenTenant> {
  const { context, open, close } = await openContext(options)
  return {
    plan: async () => {
      const { planned, findings } = await prepare(context)
      return { plan: planned?.plan, findings }
    },
    apply: ({ approve, onProgress }) =>
      onboard(context, {
        command: 'library',
        pid: process.pid,
        goesOn: true,
        approve: async (plan) => approve(plan),
        watch: () => ({ show: (event) => onProgress?.(event), end: () => undefined }),
      }),
    verify: () =>
      verify({
        ...context,
        open,
        command: 'library',
        pid: process.pid,
        random: randomBytes,
        onSubstitute: () => undefined,
      }),
    status: async () =>
      statusOf(await readEvidence(context.home.evidence), context.digests, stagesAskedBy(context.tenant.spec)),
    close,
  }
}

/** A session of any identity on the cloud. */
type Open = <Who extends string>(actor: Who, auth: Auth) => Session<Who>

async function openContext(
  options: TenantOptions,
): Promise<{ readonly context: OperatorContext; readonly open: Open; readonly close: () => Promise<void> }> {
  const { env = process.env, signal: stop = new AbortController().signal } = options
  const clock = {
    now: () => new Date(),
    sleep: (ms: number) => wait(ms, undefined, { signal: stop }).catch(() => undefined),
    stop,
  }
  const root = resolve(options.dataDirectory ?? defaultRoot(homedir()))
  await checkDataVersion(root)
  const loaded = await loadTenantFiles({ path: resolve(options.file), shown: options.file, root })
  const readText = (path: string): Promise<string | undefined> => readInput(path, { limit: writtenLimit })
  const config = await chooseCloud(
    { flag: options.cloud, file: { name: loaded.tenant.spec.cloud, path: loaded.file } },
    { env, home: homedir(), cwd: process.cwd(), readText },
  )
  const { ca, identity } = await readTlsFiles(config, { readText, now: clock.now() })
  const transport =
    options.fetch === undefined
      ? createTransport({
          ...(ca === undefined ? {} : { ca }),
          ...(identity === undefined ? {} : { client: identity }),
          isInsecure: config.isInsecure,
          proxy: proxyOf(env),
        })
      : { fetch: options.fetch, close: () => Promise.resolve() }
  const { endpoint, deadlineMs } = config
  const keystone = await expectedKeystone(loaded.home.folders, endpoint)
  const exchanges: Exchange[] = []
  const open: Open = (actor, auth) =>
    openSession({
      actor,
      endpoint,
      auth,
      fetch: transport.fetch,
      signal: stop,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      onSignIn: keystone.check,
      onExchange: (exchange) => exchanges.push(exchange),
    })
  const operator = open('operator', config.auth)
  const used = () => usedCloud(config, operator.lastToken)
  const cloud = { endpoint, ca, keystone, used, open, operator, exchanges }
  const context: OperatorContext = {
    ...contextOf(loaded, cloud, clock),
    external: { fetch: transport.fetch, run: programs(env, stop) },
    custody: await operatorCustody(loaded.home),
    options: { adopt: options.adopt === true, until: options.until, wait: options.wait !== false },
    prove: sharedProof(clock.now, loaded.home.proof),
  }
  return { context, open, close: transport.close }
}
