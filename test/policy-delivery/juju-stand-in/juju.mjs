#!/usr/bin/env node
/*
 * Stands in for the `juju` command and for one charmed Keystone behind it: what charm-keystone makes of its resource
 * `policyd-override`, written after charm-helpers 99980625, charmhelpers/contrib/openstack/policyd.py (names in the comments
 * below), and the JSON of juju 040207e1 (cmd/juju/resource/formatted.go, cmd/juju/status/formatted.go). Hooks run at once.
 * JUJU_STANDIN: a folder with state.json; JUJU_STANDIN_POLICY_D: what Keystone reads.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { parse, stringify } from 'yaml'

const folder = process.env.JUJU_STANDIN
const policyD = process.env.JUJU_STANDIN_POLICY_D
const stateFile = join(folder, 'state.json')
const successFile = join(folder, 'policyd-override-success')
const resourceFile = join(folder, 'resource')
const state = existsSync(stateFile)
  ? JSON.parse(readFileSync(stateFile, 'utf8'))
  : { isEnabled: false, hooks: 0, neighbour: 'Unit is ready' }

const [command, ...rest] = process.argv.slice(2)
const words = []
for (let at = 0; at < rest.length; at++) {
  if (rest[at] === '-m' || rest[at] === '--format') at++
  else words.push(rest[at])
}
const [application, argument] = words

if (command === 'status') print(status())
else if (application !== 'keystone') fail(`application "${application}" not found`)
else if (command === 'resources') print({ resources: [resource()] })
else if (command === 'attach-resource') {
  const path = argument.replace(/^policyd-override=/, '')
  writeFileSync(resourceFile, readFileSync(path))
  hook(maybeDoOverrides)
} else if (command === 'config' && argument === undefined) {
  print({
    application,
    charm: 'keystone',
    settings: { 'use-policyd-override': { value: state.isEnabled, type: 'boolean' } },
  })
} else if (command === 'config') {
  state.isEnabled = argument === 'use-policyd-override=true'
  hook(onConfigChanged)
} else fail(`unrecognized command: juju ${command}`)

// maybe_do_policyd_overrides: upgrade-charm, which attach-resource fires
function maybeDoOverrides() {
  if (state.isEnabled) processResource()
  else disable()
}

// maybe_do_policyd_overrides_on_config_changed: what succeeded once is not done again
function onConfigChanged() {
  if (!state.isEnabled) disable()
  else if (!existsSync(successFile)) processResource()
}

function disable() {
  cleanPolicyD()
  rmSync(successFile, { force: true })
}

// process_policy_resource_file: the mark of success goes only once the zip has been opened
function processResource() {
  let isComplete = false
  try {
    const files = candidates(existsSync(resourceFile) ? readFileSync(resourceFile) : undefined)
    rmSync(successFile, { force: true })
    cleanPolicyD()
    for (const { name, extension, text } of files) {
      if (!['.yaml', '.yml'].includes(extension))
        throw new Error(`Template ${name} but no template_function is available`)
      writeFileSync(join(policyD, `${name}.yaml`), stringify(validated(text), { sortMapEntries: true, lineWidth: 0 }))
    }
    isComplete = true
    writeFileSync(successFile, '')
  } catch {
    // it is in the log of the charm
  } finally {
    if (!isComplete) cleanPolicyD()
  }
}

// open_and_filter_yaml_files, _yamlfiles
function candidates(zip) {
  if (zip === undefined) throw new Error("'NoneType' object has no attribute 'seek'")
  const files = Object.entries(unzipSync(zip)).flatMap(([path, bytes]) => {
    const extension = extname(path).toLowerCase()
    if (!['.yaml', '.yml', '.j2', '.tmpl', '.tpl'].includes(extension)) return []
    return [{ name: basename(path, extname(path)), extension, text: new TextDecoder().decode(bytes) }]
  })
  if (files.length === 0) throw new Error('contains no yaml files')
  if (new Set(files.map(({ name }) => name)).size !== files.length) throw new Error('duplicates in the zip file')
  return files
}

// read_and_validate_yaml; its blacklist never matches, because it holds a tuple
function validated(text) {
  const document = parse(text)
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new Error("doesn't look like a policy file?")
  if (!Object.values(document).every((value) => typeof value === 'string'))
    throw new Error("values in yaml aren't all strings?")
  return document
}

// clean_policyd_dir_for
function cleanPolicyD() {
  mkdirSync(policyD, { recursive: true })
  for (const name of readdirSync(policyD)) rmSync(join(policyD, name), { recursive: true })
}

function resource() {
  const bytes = existsSync(resourceFile) ? readFileSync(resourceFile) : Buffer.alloc(0)
  return {
    resourceid: 'keystone/policyd-override',
    applicationId: 'keystone',
    name: 'policyd-override',
    type: 'file',
    path: 'policyd-override.zip',
    fingerprint: createHash('sha384').update(bytes).digest('hex'),
    size: bytes.length,
    origin: bytes.length === 0 ? 'store' : 'upload',
    used: bytes.length > 0,
  }
}

function status() {
  // policyd_status_message_prefix: the unit's own message follows it
  const prefix = state.isEnabled ? `${existsSync(successFile) ? 'PO:' : 'PO (broken):'} ` : ''
  const unit = (message, since) => ({
    'workload-status': { current: 'active', message, since },
    'juju-status': { current: 'idle', since, version: '2.9.49' },
  })
  return {
    model: { name: 'openstack' },
    applications: {
      keystone: { charm: 'keystone', units: { 'keystone/0': unit(`${prefix}Unit is ready`, `hook ${state.hooks}`) } },
      'nova-cloud-controller': {
        charm: 'nova-cloud-controller',
        units: { 'nova-cloud-controller/0': unit(state.neighbour, 'at deployment') },
      },
    },
  }
}

function hook(run) {
  state.hooks++
  run()
  writeFileSync(stateFile, JSON.stringify(state))
}

function print(document) {
  process.stdout.write(`${JSON.stringify(document)}\n`)
}

function fail(message) {
  process.stderr.write(`ERROR ${message}\n`)
  process.exit(1)
}
