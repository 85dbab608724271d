/**
 * The clouds that openstacksdk knows by name, of each what says where it is: openstacksdk 0.101, openstack/config/vendors.
 * The lab compares them with the SDK itself (test/lab/clouds.test.ts).
 */
import { parseCloudsYaml } from './clouds-yaml.ts'
import type { PlacedMap } from './clouds-yaml.ts'

type Profile = {
  readonly auth_url?: string
  readonly region_name?: string
  readonly regions?: readonly string[]
  /** Its domains are called `Default`. */
  readonly hasDomains?: true
  /** The SDK asks this host for the profile. */
  readonly profile?: string
}

const profiles: Readonly<Record<string, Profile>> = {
  auro: { auth_url: 'https://api.van2.auro.io:5000/v3', region_name: 'RegionOne', hasDomains: true },
  betacloud: { auth_url: 'https://api-1.betacloud.de:5000', regions: ['betacloud-1'] },
  bluebox: { region_name: 'RegionOne' },
  catalyst: { auth_url: 'https://api.cloud.catalyst.net.nz:5000/v2.0', regions: ['nz-por-1', 'nz_wlg_2'] },
  citycloud: {
    auth_url: 'https://{region_name}.citycloud.com:5000/v3/',
    regions: ['Buf1', 'Fra1', 'Lon1', 'Sto2', 'Kna1', 'dx1', 'tky1'],
  },
  conoha: { auth_url: 'https://identity.{region_name}.conoha.io', regions: ['sin1', 'sjc1', 'tyo1'] },
  dreamcompute: { auth_url: 'https://iad2.dream.io:5000', region_name: 'RegionOne' },
  elastx: { auth_url: 'https://ops.elastx.cloud:5000/v3', region_name: 'se-sto' },
  entercloudsuite: { auth_url: 'https://api.entercloudsuite.com/', regions: ['it-mil1', 'nl-ams1', 'de-fra1'] },
  fuga: { auth_url: 'https://identity.api.fuga.io:5000', regions: ['cystack'], hasDomains: true },
  ibmcloud: { auth_url: 'https://identity.open.softlayer.com', regions: ['london'] },
  internap: {
    auth_url: 'https://identity.api.cloud.iweb.com',
    regions: ['ams01', 'da01', 'nyj01', 'sin01', 'sjc01'],
  },
  limestonenetworks: { auth_url: 'https://auth.cloud.lstn.net:5000/v3', regions: ['us-dfw-1', 'us-slc'] },
  otc: { auth_url: 'https://iam.{region_name}.otc.t-systems.com/v3', regions: ['eu-de', 'eu-nl'] },
  ovh: {
    auth_url: 'https://auth.cloud.ovh.net/',
    regions: 'BHS BHS1 BHS3 BHS5 DE DE1 GRA GRA1 GRA5 GRA7 SBG SBG1 SBG5 UK UK1 WAW WAW1 SYD1 SGP1'.split(' '),
    hasDomains: true,
  },
  'ovh-us': { auth_url: 'https://auth.cloud.ovh.us/', regions: ['US-EAST-VA-1'], hasDomains: true },
  rackspace: {
    auth_url: 'https://identity.api.rackspacecloud.com/v2.0/',
    regions: ['DFW', 'HKG', 'IAD', 'ORD', 'SYD', 'LON'],
  },
  switchengines: { auth_url: 'https://keystone.cloud.switch.ch:5000/v3', regions: ['LS', 'ZH'] },
  // its `region-name` has a dash, which the SDK passes over
  ultimum: { auth_url: 'https://console.ultimum-cloud.com:5000/' },
  unitedstack: { auth_url: 'https://identity.api.ustack.com/v3', regions: ['bj1', 'gd1'] },
  vexxhost: { profile: 'https://vexxhost.com' },
  zetta: { auth_url: 'https://identity.api.zetta.io/v3', regions: ['no-osl1'] },
}

export const vendorNames: readonly string[] = Object.keys(profiles)

/** As it would stand in clouds-public.yaml; `undefined` for a name that the SDK does not know. */
export function vendorProfile(name: string): PlacedMap | undefined {
  const found = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (found === undefined) return undefined
  const { auth_url, hasDomains, ...rest } = found
  const domains = hasDomains === true ? { user_domain_name: 'Default', project_domain_name: 'Default' } : {}
  const entry = { ...rest, ...(auth_url === undefined ? {} : { auth: { auth_url, ...domains } }) }
  return parseCloudsYaml(JSON.stringify(entry), `the profile ${name} of openstacksdk`).root
}
