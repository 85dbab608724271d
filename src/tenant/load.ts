import { InputError } from '../errors.ts'
import type { LoadedTenant } from './context.ts'
import { homeOf } from './home.ts'
import { readInput, writtenLimit } from './input-file.ts'
import { parseCloudFacts } from './cloud-facts.ts'
import { readPolicyMark } from './policy-mark.ts'
import { secretStore } from './secret-store.ts'
import { parseSpec } from './spec.ts'
import { tenantOf } from './tenant.ts'

/** A tenant file, and where the data of its tenant is kept. */
export type TenantPlace = {
  /** Absolute. */
  readonly path: string
  /** The path as its user wrote it, for messages. */
  readonly shown: string
  /** The data directory of all clouds. */
  readonly root: string
}

/** Reads the tenant file, and the cloud.yaml of its data directory. Throws `InputError` for what is wrong in them. */
export async function loadTenantFiles(place: TenantPlace): Promise<LoadedTenant> {
  const alone = await loadTenantFile(place)
  const { home, tenant } = alone
  const text = await readInput(home.cloudFile, { limit: writtenLimit })
  return text === undefined ? alone : { ...alone, tenant: tenantOf(tenant.spec, parseCloudFacts(home.cloudFile, text)) }
}

/** Without cloud.yaml: that is an operator's. */
export async function loadTenantFile({ path, shown, root }: TenantPlace): Promise<LoadedTenant> {
  const text = await readInput(path, { limit: writtenLimit })
  if (text === undefined) throw new InputError(`there is no file \`${shown}\``)
  const spec = parseSpec(shown, text)
  const home = homeOf(root, spec.cloud, spec.tenant)
  const policy = await readPolicyMark(home)
  return { file: path, tenant: tenantOf(spec, {}), home, secrets: secretStore(home.secrets), policy }
}
