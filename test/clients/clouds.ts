/** The two clouds that a client of other people is let loose on: the lab's main Keystone with its services, and the served simulator. */
import { stringify } from 'yaml'
import { createTransport } from '../../src/openstack/http.ts'
import { listImages } from '../../src/openstack/glance.ts'
import { listNetworks } from '../../src/openstack/neutron/networks.ts'
import { listFlavors } from '../../src/openstack/nova.ts'
import { openSession } from '../../src/openstack/session.ts'
import { Secret } from '../../src/secret.ts'
import type { AdminAccount } from '../../src/simulator/cloud.ts'
import { createCloud } from '../../src/simulator/cloud.ts'
import { serve } from '../../src/simulator/serve.ts'
import { findLab, runLab } from '../lab/cloud.ts'

export type CloudName = 'lab' | 'simulator'

export type ClientsCloud = {
  readonly authUrl: string
  readonly region: string
  readonly admin: AdminAccount
  close(): Promise<void>
}

export async function openCloud(name: CloudName): Promise<ClientsCloud> {
  if (name === 'lab') {
    const { main } = (await findLab()).keystones
    const { username, password, userDomain, project, projectDomain } = main.admin
    return {
      authUrl: main.url,
      region: 'RegionOne',
      admin: { name: username, password, userDomain, project, projectDomain },
      // a client may leave behind what it could not remove
      close: () => runLab('reset').then(() => undefined),
    }
  }
  const cloud = createCloud()
  const served = await serve({ cloud, port: 0 })
  return { authUrl: served.url, region: cloud.region, admin: cloud.admin, close: () => served.close() }
}

/** The ids that suites ask for. */
export async function seededIds({ authUrl, region, admin }: ClientsCloud): Promise<{
  readonly image: string
  readonly flavors: readonly string[]
  readonly externalNetwork: string
}> {
  const transport = createTransport()
  const session = openSession({
    actor: 'operator',
    endpoint: { authUrl, region },
    auth: {
      kind: 'password',
      user: { name: admin.name, domain: { name: admin.userDomain } },
      password: new Secret(admin.password),
      scope: { kind: 'project', project: { name: admin.project, domain: { name: admin.projectDomain } } },
    },
    fetch: transport.fetch,
  })
  try {
    const [images, flavors, networks] = await Promise.all([
      listImages(session),
      listFlavors(session),
      listNetworks(session),
    ])
    return {
      image: images[0]?.id ?? '',
      flavors: flavors.map(({ id }) => id),
      externalNetwork: networks.find((network) => network['router:external'])?.id ?? '',
    }
  } finally {
    await transport.close()
  }
}

/** With one entry, `cloud`. */
export function cloudsYamlOf({ authUrl, region, admin }: ClientsCloud): string {
  const auth = {
    auth_url: authUrl,
    username: admin.name,
    password: admin.password,
    user_domain_name: admin.userDomain,
    project_name: admin.project,
    project_domain_name: admin.projectDomain,
  }
  return stringify({ clouds: { cloud: { auth, region_name: region, identity_api_version: 3 } } })
}
