/**
 * The cloud, its address, and the account: clouds.yaml with secure.yaml over it, or the `OS_*` variables of an openrc.
 * Follows openstacksdk 0.101, openstack/config/loader.py, OpenStackConfig. Files and variables come in as arguments.
 */
import { InputError } from '../errors.ts'
import type { Problem } from '../errors.ts'
import { nearest } from '../nearest.ts'
import type { Auth } from './auth.ts'
import type { EndpointOverrides, Interface } from './catalog.ts'
import { authOf, authSettings } from './cloud-auth.ts'
import { mapAt, merged, normalized, parseCloudsYaml, searchPaths } from './clouds-yaml.ts'
import type { ClientFiles } from './client-certificate.ts'
import type { FilePosition, Placed, PlacedMap, ReadText } from './clouds-yaml.ts'
import type { Endpoint } from './options.ts'
import { serviceTable, serviceTypes } from './services.ts'
import { vendorProfile } from './vendor-profiles.ts'

export type CloudConfig = {
  readonly name: string
  readonly endpoint: Endpoint
  readonly auth: Auth
  /** Absolute. */
  readonly caFile?: string
  /** The key that names it. */
  readonly caKey?: 'cacert' | 'verify'
  /** `cert` and `key`: the certificate that this client shows to every service. */
  readonly client?: ClientFiles
  /** `verify: false` or `insecure: true`: accepts any certificate. */
  readonly isInsecure: boolean
  /** `api_timeout`, in milliseconds: the deadline of one request. */
  readonly deadlineMs?: number
  /** A file, or `variablesSource`. */
  readonly source: string
}

/** What `source` says of the variables. */
export const variablesSource = 'OS_* variables'

/** Where the settings of a cloud were written, for a person. */
export function placeOf({ name, source }: Pick<CloudConfig, 'name' | 'source'>): string {
  return source === variablesSource ? `the ${source}` : `entry \`${name}\` of ${source}`
}

export type CloudSources = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly cwd: string
  readonly readText: ReadText
}

export type CloudChoice = {
  /** Before `OS_CLOUD`. */
  readonly name?: string | undefined
  /** What gave that name, for a person. */
  readonly by?: string | undefined
  /** Before `OS_REGION_NAME`; of the regions that the entry names, if it names any. */
  readonly region?: string | undefined
}

/** The clouds that this machine knows: the entries of its files, and the `OS_*` variables as one more. */
export type KnownClouds = {
  readonly entries: ReadonlyMap<string, Placed>
  /** The name of the entry that the `OS_*` variables are; absent if they only choose one of the file. */
  readonly variables: string | undefined
  /** clouds.yaml; absent if there is none. */
  readonly path: string | undefined
  readonly profiles: PlacedMap
  /** Where a clouds.yaml was looked for. */
  readonly tried: readonly string[]
}

/** Throws `InputError` for a file that cannot be read. */
export async function readClouds(sources: CloudSources): Promise<KnownClouds> {
  const problems: Problem[] = []
  const { clouds, profiles, path, tried } = await loadFiles(sources, problems)
  const entries = new Map(clouds.entries)
  const variables = environmentEntry(sources.env)
  const name = nonEmpty(sources.env['OS_CLOUD_NAME']) ?? 'envvars'
  // so does openstacksdk: otherwise the variables would replace the entry without a word
  if (variables !== undefined && entries.has(name))
    problems.push({
      ...entries.get(name)?.at,
      message: `two clouds are called \`${name}\`: this entry and the OS_* variables`,
      hint: 'unset OS_CLOUD_NAME, or give the variables another name with it',
    })
  if (problems.length > 0) throw new InputError(problems)
  if (variables !== undefined) entries.set(name, variables)
  return { entries, variables: variables === undefined ? undefined : name, path, profiles, tried }
}

/** Keystone's address as an entry has it; `undefined` if there is no such entry, or no address in it. */
export function addressOf(name: string, known: KnownClouds): string | undefined {
  const found = known.entries.get(name)
  return found?.kind === 'map' ? authSettings(entryOf(found, known)).get('auth_url') : undefined
}

/**
 * Which cloud openstacksdk would take: the given name, `OS_CLOUD`, the `OS_*` variables, the only entry. What a command works
 * on: cloud-choice.ts. Throws `InputError` with every problem, each with its place.
 */
export async function loadCloud(choice: CloudChoice, sources: CloudSources): Promise<CloudConfig> {
  return configOf(choice, await readClouds(sources), sources)
}

/** The same from what was read. */
export function configOf(choice: CloudChoice, known: KnownClouds, sources: CloudSources): CloudConfig {
  const { entries, variables, path } = known
  const name = choice.name ?? nonEmpty(sources.env['OS_CLOUD']) ?? variables ?? onlyKey(entries)
  if (name === undefined) throw new InputError(noCloud(entries, known.tried))
  const found = entries.get(name)
  if (found?.kind !== 'map') {
    const by = choice.name === undefined ? 'OS_CLOUD' : choice.by
    throw new InputError(notFound({ name, by }, known))
  }
  const remote = remoteProfileOf(found, known.profiles)
  if (remote !== undefined) throw new InputError([remote])
  const problems: Problem[] = []
  const config = settingsOf(name, entryOf(found, known), choice, sources, problems)
  if (config === undefined) throw new InputError(problems)
  return { ...config, source: name === variables ? variablesSource : (path ?? '') }
}

function entryOf(found: PlacedMap, { profiles }: KnownClouds): PlacedMap {
  return normalized(withProfile(found, profiles))
}

type Files = {
  readonly clouds: PlacedMap
  readonly profiles: PlacedMap
  readonly path: string | undefined
  readonly tried: readonly string[]
}

async function loadFiles(sources: CloudSources, problems: Problem[]): Promise<Files> {
  const load = async (
    stem: string,
    variable?: string,
  ): Promise<{ readonly root: PlacedMap; readonly path?: string; readonly tried: readonly string[] }> => {
    const named = variable === undefined ? undefined : nonEmpty(sources.env[variable])
    const tried = [...(named === undefined ? [] : [named]), ...searchPaths(stem, sources)]
    for (const path of tried) {
      const text = await sources.readText(path)
      if (text === undefined) {
        // the SDK silently continues with the next one, and then signs in to the wrong cloud
        if (path === named)
          problems.push({
            file: path,
            message: `this file cannot be read; ${variable ?? ''} names it`,
            hint: 'check that it exists and that you may read it',
          })
        continue
      }
      const parsed = parseCloudsYaml(text, path)
      problems.push(...parsed.problems)
      return { root: parsed.root, path, tried }
    }
    return { root: EMPTY, tried }
  }
  const clouds = await load('clouds', 'OS_CLIENT_CONFIG_FILE')
  const secure = await load('secure', 'OS_CLIENT_SECURE_FILE')
  const vendors = await load('clouds-public')
  return {
    clouds: mapAt(merged(clouds.root, secure.root), 'clouds') ?? EMPTY,
    profiles: mapAt(vendors.root, 'public-clouds') ?? EMPTY,
    path: clouds.path,
    tried: clouds.tried,
  }
}

/**
 * The `OS_*` variables as an entry, if they do more than choose an entry of the file. openstack/config/loader.py,
 * _get_os_environ.
 */
function environmentEntry(env: Readonly<Record<string, string | undefined>>): PlacedMap | undefined {
  const entries = new Map<string, Placed>()
  for (const [key, value] of Object.entries(env)) {
    if (value === undefined || value === '' || !key.startsWith('OS_') || /^OS_(TEST|STD|LOG)/.test(key)) continue
    entries.set(key.slice(3).toLowerCase(), { kind: 'scalar', value, at: { file: key } })
  }
  const isSaying = [...entries.keys()].some((key) => !SELECTORS.has(key))
  return isSaying ? { kind: 'map', entries, at: { file: variablesSource } } : undefined
}

const SELECTORS = new Set(['cloud', 'region_name', 'client_config_file', 'client_secure_file', 'cloud_name'])
const EMPTY: PlacedMap = { kind: 'map', entries: new Map(), at: { file: '' } }

/**
 * `profile:` puts the entry over one of clouds-public.yaml, or of those that the SDK ships. Regions of the entry are in the place
 * of the profile's: openstack/config/loader.py, _expand_vendor_profile and _get_known_regions.
 */
function withProfile(entry: PlacedMap, profiles: PlacedMap): PlacedMap {
  const named = entry.entries.get('profile') ?? entry.entries.get('cloud')
  const name = named?.kind === 'scalar' ? (named.value ?? '') : ''
  const profile = mapAt(profiles, name) ?? vendorProfile(name)
  if (profile === undefined) return entry
  const namesRegions = regionKeys.some((key) => entry.entries.has(key))
  const below = [...profile.entries].filter(([key]) => !(namesRegions && regionKeys.includes(key)))
  return merged({ ...profile, entries: new Map(below) }, entry)
}

const regionKeys = ['regions', 'region_name']

/** A profile that the SDK would ask a host for. Nothing is sent to an address before the operator's own Keystone. */
function remoteProfileOf(entry: PlacedMap, profiles: PlacedMap): Problem | undefined {
  const named = entry.entries.get('profile') ?? entry.entries.get('cloud')
  if (named?.kind !== 'scalar' || named.value === undefined || mapAt(profiles, named.value) !== undefined)
    return undefined
  const shipped = vendorProfile(named.value)
  const url = (shipped === undefined ? undefined : scalarAt(shipped, 'profile')) ?? named.value
  if (!/^[a-z]+:\/\//i.test(url)) return undefined
  return {
    ...named.at,
    message: `the profile \`${named.value}\` is at ${url}, and is not fetched`,
    hint: `write what ${url}/.well-known/openstack/api says into the entry, or into clouds-public.yaml under that name`,
  }
}

function settingsOf(
  name: string,
  whole: PlacedMap,
  choice: CloudChoice,
  sources: CloudSources,
  problems: Problem[],
): Omit<CloudConfig, 'source'> | undefined {
  const region = regionOf(whole, wishedRegion(choice, sources), problems)
  const entry = withValuesOf(region, whole)
  const settings = authSettings(entry)
  const profile = settings.get('profile')
  const hint =
    profile === undefined
      ? 'the URL of Keystone, `https://HOST:5000/v3`'
      : `no profile \`${profile}\` with one is in clouds-public.yaml or in openstacksdk: write \`auth_url\` into the entry`
  const authUrl = authUrlOf(inRegion(settings.get('auth_url'), region), settings.placeOf('auth_url'), {
    problems,
    hint,
  })
  const signIn = authOf(settings)
  if ('problems' in signIn) problems.push(...signIn.problems)
  const wanted = interfaceOf(entry, problems)
  const verify = scalarAt(entry, 'verify')
  // requests takes the path of a CA there: openstack/config/cloud_region.py, get_requests_verify_args
  const verified = verify?.includes('/') === true ? verify : undefined
  const isInsecure =
    booleanAt(entry, 'insecure', problems) === true ||
    (verified === undefined && booleanAt(entry, 'verify', problems) === false)
  const certificate = nonEmpty(scalarAt(entry, 'cert'))
  // without `cert` the SDK passes over it: openstack/config/cloud_region.py, get_requests_verify_args
  const key = certificate === undefined ? undefined : nonEmpty(scalarAt(entry, 'key'))
  const deadlineMs = deadlineOf(entry, problems)
  const cacert = nonEmpty(scalarAt(entry, 'cacert'))
  const ca = cacert ?? verified
  const overrides = overridesOf(entry, region)
  if (problems.length > 0 || 'problems' in signIn || authUrl === undefined) return undefined
  return {
    name,
    endpoint: { authUrl, region, interface: wanted, ...(overrides === undefined ? {} : { overrides }) },
    auth: signIn.auth,
    ...(ca === undefined
      ? {}
      : { caFile: absolute(ca, sources), caKey: cacert === undefined ? ('verify' as const) : ('cacert' as const) }),
    isInsecure,
    ...(certificate === undefined
      ? {}
      : {
          client: {
            certificateFile: absolute(certificate, sources),
            ...(key === undefined ? {} : { keyFile: absolute(key, sources) }),
          },
        }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  }
}

/** A region of `regions` may have `values` of its own, which go over the entry: openstack/config/loader.py, _get_region. */
function withValuesOf(region: string | undefined, entry: PlacedMap): PlacedMap {
  const listed = entry.entries.get('regions')
  if (listed?.kind !== 'list' || region === undefined) return entry
  const found = listed.items.find((item) => item.kind === 'map' && scalarAt(item, 'name') === region)
  const values = found?.kind === 'map' ? mapAt(found, 'values') : undefined
  return values === undefined ? entry : merged(entry, normalized(values))
}

/**
 * `network_endpoint_override`, or the older `network_endpoint`, by any type that the service has in catalogs. Keystone stays at `auth_url`.
 * openstack/config/cloud_region.py, get_endpoint and _get_config.
 */
function overridesOf(entry: PlacedMap, region: string | undefined): EndpointOverrides | undefined {
  const found = serviceTypes.flatMap((service) => {
    if (service === 'identity') return []
    const keys = ['endpoint_override', 'endpoint'].flatMap((key) =>
      serviceTable[service].types.map((type) => `${type.replaceAll('-', '_')}_${key}`),
    )
    const value = keys.map((key) => inRegion(nonEmpty(scalarAt(entry, key)), region)).find((one) => one !== undefined)
    return value === undefined ? [] : [[service, value] as const]
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

/** Addresses of profiles have the region's name in them: openstack/config/loader.py, magic_fixes and get_one. */
function inRegion(address: string | undefined, region: string | undefined): string | undefined {
  return region === undefined ? address : address?.replaceAll('{region_name}', region)
}

export const timeoutHint = 'seconds above 0, such as 90 or 2.5'

/** Seconds, with or without a fraction, as openstacksdk hands them to keystoneauth. `undefined` if it is no such time. */
export function millisecondsOf(seconds: string): number | undefined {
  if (!/^\d+(\.\d+)?$/.test(seconds)) return undefined
  const milliseconds = Math.round(Number(seconds) * 1000)
  // the longest time that a timer of Node can wait
  return milliseconds > 0 && milliseconds < 2 ** 31 ? milliseconds : undefined
}

function deadlineOf(entry: PlacedMap, problems: Problem[]): number | undefined {
  const placed = entry.entries.get('api_timeout')
  if (placed === undefined || (placed.kind === 'scalar' && (placed.value ?? '') === '')) return undefined
  const value = placed.kind === 'scalar' ? (placed.value ?? '') : placed.kind
  const milliseconds = millisecondsOf(value)
  if (milliseconds === undefined)
    problems.push({ ...placed.at, message: `\`api_timeout\` is \`${value}\``, hint: timeoutHint })
  return milliseconds
}

function authUrlOf(
  value: string | undefined,
  at: FilePosition | undefined,
  { problems, hint }: { readonly problems: Problem[]; readonly hint: string },
): string | undefined {
  if (value === undefined) {
    problems.push({ ...at, message: '`auth_url` is missing', hint })
    return undefined
  }
  if (value.includes('{region_name}')) {
    problems.push({
      ...at,
      message: `\`auth_url\` \`${value}\` has the name of the region in it, and none is chosen`,
      hint: '`region_name` in the entry, or --region',
    })
    return undefined
  }
  if (!URL.canParse(value) || !/^https?:\/\//i.test(value)) {
    problems.push({ ...at, message: `\`auth_url\` \`${value}\` is not an http URL` })
    return undefined
  }
  if (/\/v2(\.0)?\/?$/.test(value)) {
    problems.push({ ...at, message: `\`auth_url\` \`${value}\` is that of Keystone v2`, hint: 'end it in `/v3`' })
  }
  return value
}

type RegionWish = { readonly name: string; readonly by: '--region' | 'OS_REGION_NAME' }

function wishedRegion({ region }: CloudChoice, { env }: CloudSources): RegionWish | undefined {
  if (region !== undefined) return { name: region, by: '--region' }
  const name = nonEmpty(env['OS_REGION_NAME'])
  return name === undefined ? undefined : { name, by: 'OS_REGION_NAME' }
}

/** `regions` names the regions, with the first as default; `region_name` may be a list with commas, an old form. */
function regionOf(entry: PlacedMap, wish: RegionWish | undefined, problems: Problem[]): string | undefined {
  const listed = entry.entries.get('regions') ?? entry.entries.get('region_name')
  const known =
    listed?.kind === 'list'
      ? listed.items.map((item) =>
          item.kind === 'map' ? scalarAt(item, 'name') : item.kind === 'scalar' ? item.value : undefined,
        )
      : listed?.kind === 'scalar' && listed.value !== undefined
        ? listed.value.split(',')
        : []
  const named = known.filter((name) => name !== undefined && name !== '')
  if (wish === undefined) return named[0]
  // the variables as an entry name the region of the shell, which a flag beats
  const isOfFile = listed?.at.file !== 'OS_REGION_NAME'
  if (wish.name === '') problems.push({ message: `the region by ${wish.by} has no name` })
  else if (isOfFile && named.length > 0 && !named.includes(wish.name))
    problems.push({
      ...listed?.at,
      message: `two regions are named: \`${wish.name}\` by ${wish.by}, and \`${named.join('`, `')}\` by the entry of clouds.yaml`,
      hint:
        wish.by === '--region'
          ? 'omit --region, or add that region to the `regions` of the entry'
          : `--region ${named[0] ?? ''} settles it`,
    })
  return wish.name
}

function interfaceOf(entry: PlacedMap, problems: Problem[]): Interface {
  // two words for one thing; the later line wins (openstack/config/loader.py, _fix_backwards_interface)
  const key =
    [...entry.entries.keys()].findLast((name) => name === 'interface' || name === 'endpoint_type') ?? 'interface'
  const value = (scalarAt(entry, key) ?? 'public').replace(/URL$/, '')
  if (value === 'public' || value === 'internal' || value === 'admin') return value
  problems.push({
    ...entry.entries.get(key)?.at,
    message: `\`${key}\` is \`${value}\``,
    hint: 'public, internal or admin',
  })
  return 'public'
}

/** The booleans of YAML 1.1; of a variable, the SDK accepts only `true` (openstack/config/loader.py, get_boolean). */
function booleanAt(entry: PlacedMap, key: string, problems: Problem[]): boolean | undefined {
  const value = scalarAt(entry, key)
  if (value === undefined || value === '') return undefined
  if (/^(true|yes|on)$/i.test(value)) return true
  if (/^(false|no|off)$/i.test(value)) return false
  problems.push({ ...entry.entries.get(key)?.at, message: `\`${key}\` is \`${value}\``, hint: 'true or false' })
  return undefined
}

function scalarAt(entry: PlacedMap, key: string): string | undefined {
  const value = entry.entries.get(key)
  return value?.kind === 'scalar' && value.value !== undefined ? value.value : undefined
}

function absolute(path: string, sources: CloudSources): string {
  if (path === '~' || path.startsWith('~/')) return `${sources.home}${path.slice(1)}`
  return path.startsWith('/') ? path : `${sources.cwd}/${path}`
}

function noCloud(clouds: ReadonlyMap<string, Placed>, tried: readonly string[]): Problem[] {
  if (clouds.size > 0)
    return [{ message: 'which cloud?', hint: `--cloud or OS_CLOUD, one of: ${[...clouds.keys()].join(', ')}` }]
  const folders = [...new Set(tried.map((path) => path.slice(0, path.lastIndexOf('/'))))].join(', ')
  return [
    {
      message: 'no cloud is configured',
      hint: `a clouds.yaml in one of ${folders}, or OS_AUTH_URL and the other OS_* variables`,
    },
  ]
}

function notFound(
  { name, by }: { readonly name: string; readonly by: string | undefined },
  { entries, path, tried }: KnownClouds,
): Problem[] {
  const known = [...entries.keys()]
  if (path === undefined && known.length === 0) return noCloud(entries, tried)
  const near =
    known.find(
      (other) => other.toLowerCase() === name.toLowerCase() || other.startsWith(name) || name.startsWith(other),
    ) ?? nearest(name, known)
  const hint =
    near !== undefined
      ? `did you mean \`${near}\`?`
      : known.length > 0
        ? `known: ${known.join(', ')}`
        : 'this file has no entry below `clouds:`'
  const named = by === undefined ? '' : `, which ${by} names`
  return [{ ...(path === undefined ? {} : { file: path }), message: `there is no cloud \`${name}\`${named}`, hint }]
}

function onlyKey(clouds: ReadonlyMap<string, Placed>): string | undefined {
  return clouds.size === 1 ? [...clouds.keys()][0] : undefined
}

/** An empty variable is one that is not set. */
export function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
