/** Configurations, and what they come to. The lab asks the real openstacksdk about the same ones (test/lab/clouds.test.ts). */
export type CloudCase = {
  readonly name: string
  readonly env?: Readonly<Record<string, string>>
  /** Below the working directory unless absolute; `~` is the home. */
  readonly files?: Readonly<Record<string, string>>
  readonly cloud?: string
  /** In the words of the SDK: the flat `auth` of `get_one`, and a few more. */
  readonly expected: Readonly<Record<string, string | boolean | undefined>>
}

const acme = `
clouds:
  acme:
    region_name: RegionOne
    auth:
      auth_url: https://keystone.acme.example:5000/v3
      username: operator
      password: from-clouds
      user_domain_name: Default
      project_name: admin
      project_domain_name: Default
`
const expectedAcme = {
  auth_url: 'https://keystone.acme.example:5000/v3',
  username: 'operator',
  user_domain_name: 'Default',
  project_name: 'admin',
  project_domain_name: 'Default',
  region: 'RegionOne',
  interface: 'public',
}
const openrc = {
  OS_AUTH_URL: 'http://127.0.0.1:5000/v3',
  OS_IDENTITY_API_VERSION: '3',
  OS_USERNAME: 'admin',
  OS_PASSWORD: 'from-openrc',
  OS_PROJECT_NAME: 'admin',
  OS_USER_DOMAIN_ID: 'default',
  OS_PROJECT_DOMAIN_ID: 'default',
  OS_REGION_NAME: 'RegionOne',
}
const expectedOpenrc = {
  auth_url: 'http://127.0.0.1:5000/v3',
  username: 'admin',
  password: 'from-openrc',
  project_name: 'admin',
  user_domain_id: 'default',
  project_domain_id: 'default',
  region: 'RegionOne',
  interface: 'public',
}

export const cloudCases: readonly CloudCase[] = [
  { name: 'source admin-openrc', env: openrc, expected: expectedOpenrc },
  {
    name: 'the only cloud of the file',
    files: { 'clouds.yaml': acme },
    expected: { ...expectedAcme, password: 'from-clouds' },
  },
  {
    name: 'secure.yaml over clouds.yaml, key by key',
    files: { 'clouds.yaml': acme, 'secure.yaml': 'clouds:\n  acme:\n    auth:\n      password: from-secure\n' },
    expected: { ...expectedAcme, password: 'from-secure' },
  },
  {
    name: 'secure.yaml in another folder than clouds.yaml',
    files: {
      'clouds.yaml': acme,
      '~/.config/openstack/secure.yaml': 'clouds:\n  acme:\n    auth:\n      password: from-secure\n',
    },
    expected: { ...expectedAcme, password: 'from-secure' },
  },
  {
    name: 'the working directory before the home, and only one of them',
    files: { 'clouds.yaml': acme, '~/.config/openstack/clouds.yaml': acme.replace('from-clouds', 'from-home') },
    expected: { ...expectedAcme, password: 'from-clouds' },
  },
  {
    name: 'the home, by either ending',
    files: { '~/.config/openstack/clouds.yml': acme },
    expected: { ...expectedAcme, password: 'from-clouds' },
  },
  {
    name: 'OS_CLIENT_CONFIG_FILE before all',
    env: { OS_CLIENT_CONFIG_FILE: 'elsewhere/mine.yaml' },
    files: { 'elsewhere/mine.yaml': acme.replace('from-clouds', 'from-mine'), 'clouds.yaml': acme },
    expected: { ...expectedAcme, password: 'from-mine' },
  },
  {
    name: 'OS_CLOUD before the other OS_ variables, none of which leaks in',
    env: { ...openrc, OS_REGION_NAME: 'RegionOne', OS_CLOUD: 'acme', OS_PASSWORD: 'ambient' },
    files: { 'clouds.yaml': acme },
    expected: { ...expectedAcme, password: 'from-clouds' },
  },
  {
    name: 'a cloud by name before OS_CLOUD',
    cloud: 'acme',
    env: { OS_CLOUD: 'other' },
    files: { 'clouds.yaml': `${acme}  other:\n    auth: {auth_url: 'https://other.example'}\n` },
    expected: { ...expectedAcme, password: 'from-clouds' },
  },
  {
    name: 'the OS_ variables before the only cloud of the file',
    env: openrc,
    files: { 'clouds.yaml': acme },
    expected: expectedOpenrc,
  },
  {
    name: 'one domain for user and project',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    auth: {auth_url: https://a.example, username: u, password: p, project_name: q, domain_name: d}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      username: 'u',
      password: 'p',
      project_name: 'q',
      user_domain_name: 'd',
      project_domain_name: 'd',
      interface: 'public',
    },
  },
  {
    name: 'a domain as the scope is not the domain of the user',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    auth: {auth_url: https://a.example, username: u, password: p, domain_name: d, user_domain_name: e}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      username: 'u',
      password: 'p',
      domain_name: 'd',
      user_domain_name: 'e',
      interface: 'public',
    },
  },
  {
    name: 'tenant is an old word for project, and dashes are underscores',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    region-name: R\n    auth: {auth_url: https://a.example, user_id: u, password: p, tenant-name: q, project-domain-id: d}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      user_id: 'u',
      password: 'p',
      project_name: 'q',
      project_domain_id: 'd',
      region: 'R',
      interface: 'public',
    },
  },
  {
    name: 'an application credential',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    auth_type: v3applicationcredential\n    auth: {auth_url: https://a.example, application_credential_id: i, application_credential_secret: s}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      application_credential_id: 'i',
      application_credential_secret: 's',
      interface: 'public',
    },
  },
  {
    name: 'an anchor and a merge',
    files: {
      'clouds.yaml':
        'x: &x {auth_url: https://a.example, username: u, password: p}\nclouds:\n  a:\n    auth: {<<: *x, user_domain_id: d, project_id: q}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      username: 'u',
      password: 'p',
      user_domain_id: 'd',
      project_id: 'q',
      interface: 'public',
    },
  },
  {
    name: 'a profile of clouds-public.yaml below the entry',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    profile: house\n    auth: {username: u, password: p, user_domain_id: d, project_id: q}\n',
      'clouds-public.yaml':
        'public-clouds:\n  house:\n    region_name: H\n    auth: {auth_url: https://house.example}\n',
    },
    expected: {
      auth_url: 'https://house.example',
      username: 'u',
      password: 'p',
      user_domain_id: 'd',
      project_id: 'q',
      region: 'H',
      interface: 'public',
    },
  },
  {
    name: 'regions, the first by default',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    regions: [{name: R1}, R2]\n    auth: {auth_url: https://a.example, user_id: u, password: p, project_id: q}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      user_id: 'u',
      password: 'p',
      project_id: 'q',
      region: 'R1',
      interface: 'public',
    },
  },
  {
    name: 'regions with values of their own, the first by default',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    auth: {user_id: u, password: p, project_id: q}\n    regions:\n    - name: R1\n      values: {auth: {auth_url: https://r1.example}, interface: internal}\n    - name: R2\n      values: {auth: {auth_url: https://r2.example}}\n',
    },
    expected: {
      auth_url: 'https://r1.example',
      user_id: 'u',
      password: 'p',
      project_id: 'q',
      region: 'R1',
      interface: 'internal',
    },
  },
  {
    name: 'addresses of services in the place of those of the catalog',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    network_endpoint_override: https://n.example\n    volumev3-endpoint-override: https://v.example/v3\n    compute_endpoint: https://c.example\n    auth: {auth_url: https://a.example, user_id: u, password: p, project_id: q}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      user_id: 'u',
      password: 'p',
      project_id: 'q',
      interface: 'public',
      'compute at': 'https://c.example',
      'network at': 'https://n.example',
      'block-storage at': 'https://v.example/v3',
    },
  },
  {
    name: 'verification by a CA of its own',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    verify: /etc/ssl/house.pem\n    auth: {auth_url: https://a.example, user_id: u, password: p, project_id: q}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      user_id: 'u',
      password: 'p',
      project_id: 'q',
      interface: 'public',
      cacert: '/etc/ssl/house.pem',
    },
  },
  {
    name: 'verification off, another interface',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    verify: no\n    interface: internal\n    auth: {auth_url: https://a.example, user_id: u, password: p, project_id: q}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      user_id: 'u',
      password: 'p',
      project_id: 'q',
      interface: 'internal',
      isInsecure: true,
    },
  },
  {
    name: 'a CA, from a variable',
    env: { ...openrc, OS_CACERT: '/etc/ssl/acme.pem', OS_INTERFACE: 'internal' },
    expected: { ...expectedOpenrc, interface: 'internal', cacert: '/etc/ssl/acme.pem' },
  },
  {
    name: 'insecure, from a variable',
    env: { ...openrc, OS_INSECURE: 'True' },
    expected: { ...expectedOpenrc, isInsecure: true },
  },
  {
    name: 'a certificate of the client, with a key of its own',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    cert: /etc/ssl/me.pem\n    key: /etc/ssl/me.key\n    auth: {auth_url: https://a.example, user_id: u, password: p, project_id: q}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      user_id: 'u',
      password: 'p',
      project_id: 'q',
      interface: 'public',
      certificate: '/etc/ssl/me.pem',
      key: '/etc/ssl/me.key',
    },
  },
  {
    name: 'a certificate of the client from a variable, its key in the same file',
    env: { ...openrc, OS_CERT: '/etc/ssl/me.pem' },
    expected: { ...expectedOpenrc, certificate: '/etc/ssl/me.pem' },
  },
  {
    name: 'a key without a certificate is nothing',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    key: /etc/ssl/me.key\n    auth: {auth_url: https://a.example, user_id: u, password: p, project_id: q}\n',
    },
    expected: {
      auth_url: 'https://a.example',
      user_id: 'u',
      password: 'p',
      project_id: 'q',
      interface: 'public',
    },
  },
  {
    name: 'a profile that the SDK ships, its first region in its address',
    files: {
      'clouds.yaml':
        'clouds:\n  a:\n    profile: citycloud\n    auth: {username: u, password: p, user_domain_id: d, project_id: q}\n',
    },
    expected: {
      auth_url: 'https://Buf1.citycloud.com:5000/v3/',
      username: 'u',
      password: 'p',
      user_domain_id: 'd',
      project_id: 'q',
      region: 'Buf1',
      interface: 'public',
    },
  },
  {
    name: 'the region of the entry before those of its profile',
    files: {
      'clouds.yaml':
        "clouds:\n  a:\n    profile: otc\n    region_name: eu-nl\n    network_endpoint_override: 'https://n.{region_name}.example'\n    auth: {username: u, password: p, user_domain_id: d, project_id: q}\n",
    },
    expected: {
      auth_url: 'https://iam.eu-nl.otc.t-systems.com/v3',
      username: 'u',
      password: 'p',
      user_domain_id: 'd',
      project_id: 'q',
      region: 'eu-nl',
      interface: 'public',
      'network at': 'https://n.eu-nl.example',
    },
  },
  {
    name: 'system scope',
    env: {
      OS_AUTH_URL: 'http://127.0.0.1:5000/v3',
      OS_USERNAME: 'admin',
      OS_PASSWORD: 'p',
      OS_USER_DOMAIN_NAME: 'Default',
      OS_SYSTEM_SCOPE: 'all',
    },
    expected: {
      auth_url: 'http://127.0.0.1:5000/v3',
      username: 'admin',
      password: 'p',
      user_domain_name: 'Default',
      system_scope: 'all',
      interface: 'public',
    },
  },
]
