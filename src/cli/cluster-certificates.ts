import { X509Certificate } from 'node:crypto'
import { parseKubeconfig } from '../kubernetes/kubeconfig.ts'
import type { LoadedTenant } from '../tenant/context.ts'
import { secretNames } from '../tenant/sessions.ts'

/** When the certificates of a cluster end, as the kubeconfig here has them. Days are whole, and below 0 afterwards. */
export type CertificateAge = {
  readonly cluster: string
  /** `client` signs in with the kubeconfig, and `apply` renews it; `ca` ends with the cluster. */
  readonly certificate: 'client' | 'ca'
  /** ISO. */
  readonly until: string
  readonly days: number
}

/** Read from the files: no cluster is asked. A project whose kubeconfig is not here, or is damaged, has no row. */
export async function clusterCertificates(
  { tenant, secrets }: Pick<LoadedTenant, 'tenant' | 'secrets'>,
  now: Date,
): Promise<readonly CertificateAge[]> {
  const each = tenant.projects.map(async (project): Promise<readonly CertificateAge[]> => {
    const text = await secrets.read(secretNames.kubeconfig(project))
    const identity = text === undefined ? undefined : parseKubeconfig(text)?.identity
    if (identity === undefined) return []
    const pems = [
      ['client', identity.certificate],
      ['ca', identity.ca],
    ] as const
    return pems.flatMap(([certificate, pem]): readonly CertificateAge[] => {
      const until = endOf(pem)
      if (until === undefined) return []
      const days = Math.floor((until.getTime() - now.getTime()) / 86_400_000)
      return [{ cluster: project.names.cluster, certificate, until: until.toISOString(), days }]
    })
  })
  return (await Promise.all(each)).flat()
}

function endOf(pem: string): Date | undefined {
  try {
    return new Date(new X509Certificate(pem).validTo)
  } catch {
    // no certificate
    return undefined
  }
}

const names = { client: 'client certificate of the kubeconfig', ca: 'CA of the cluster' } as const

export function renderCertificates(ages: readonly CertificateAge[]): string {
  return ages
    .map(({ cluster, certificate, until, days }) => {
      const left = days < 0 ? 'it has ended' : `${days} days`
      return `${cluster}: ${names[certificate]} until ${until.slice(0, 10)} (${left})\n`
    })
    .join('')
}
