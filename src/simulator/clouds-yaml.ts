/** The operator's account on this cloud, for openstackclient and this tool. */
import { stringify } from 'yaml'
import type { Cloud } from './cloud.ts'

export function renderClouds(cloud: Cloud, options: { readonly name: string; readonly caFile?: string }): string {
  const { admin, region, url } = cloud
  const entry = {
    auth: {
      auth_url: url,
      username: admin.name,
      password: admin.password,
      user_domain_name: admin.userDomain,
      project_name: admin.project,
      project_domain_name: admin.projectDomain,
    },
    region_name: region,
    identity_api_version: 3,
    ...(options.caFile === undefined ? {} : { cacert: options.caFile }),
  }
  return stringify({ clouds: { [options.name]: entry } })
}

/** The same as the `OS_*` variables of an openrc. */
export function operatorEnvironment({
  admin,
  region,
  url,
}: Pick<Cloud, 'admin' | 'region' | 'url'>): Record<string, string> {
  return {
    OS_AUTH_URL: url,
    OS_USERNAME: admin.name,
    OS_PASSWORD: admin.password,
    OS_USER_DOMAIN_NAME: admin.userDomain,
    OS_PROJECT_NAME: admin.project,
    OS_PROJECT_DOMAIN_NAME: admin.projectDomain,
    OS_REGION_NAME: region,
  }
}
