/**
 * Every reader of what others write, fed with damaged inputs: it reads them or refuses them with an `InputError`, in less than a
 * second each. Each input begins with a file of inputs/; an input that once broke a reader becomes one. The long run is in CONTRIBUTING.md.
 */
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { extendTable, defaultTable } from '../../src/audit/role-table.ts'
import { readRecordedAudit } from '../../src/audit/recorded.ts'
import { readInferences } from '../../src/cli/role-inferences.ts'
import { readPolicyZip } from '../../src/cli/policy-zip.ts'
import { InputError, StopError } from '../../src/errors.ts'
import { readState } from '../../src/fleet/state-file.ts'
import { receive } from '../../src/handover/open.ts'
import { isClientKey, judgeCertificate } from '../../src/kubernetes/client-certificate.ts'
import { parseKubeconfig } from '../../src/kubernetes/kubeconfig.ts'
import { journalLog } from '../../src/logs/journal-log.ts'
import { parseOsloLine } from '../../src/logs/oslo-line.ts'
import { maskData, maskText } from '../../src/masking.ts'
import { checkCa } from '../../src/openstack/ca.ts'
import { parseCloudsYaml } from '../../src/openstack/clouds-yaml.ts'
import { messageOf } from '../../src/openstack/envelope.ts'
import { parseStatus } from '../../src/policy-delivery/backends/juju-status.ts'
import { zippedOverride } from '../../src/policy-delivery/backends/unzip.ts'
import { readRecord } from '../../src/policy-delivery/record.ts'
import { evalLine } from '../../src/policy/engine/eval.ts'
import { parseExpectations } from '../../src/policy/expectations.ts'
import { policydVerdict } from '../../src/policy/policyd.ts'
import { readInputs } from '../../src/report/format.ts'
import { Secret } from '../../src/secret.ts'
import { parseSeed } from '../../src/simulator/seed-file.ts'
import { parseState } from '../../src/simulator/snapshot.ts'
import { parseCloudFacts } from '../../src/tenant/cloud-facts.ts'
import { readEvidence } from '../../src/tenant/evidence.ts'
import { textOf } from '../../src/tenant/input-file.ts'
import { readKeystone } from '../../src/tenant/keystone.ts'
import { openProbeRuns } from '../../src/tenant/probe-runs.ts'
import { readProgress } from '../../src/tenant/progress-file.ts'
import { parseSpec } from '../../src/tenant/spec.ts'
import { fc, runs } from '../fast-check.ts'
import { contextForHelp } from '../cli/help-context.ts'
import { lintAlone } from '../policy/fixtures.ts'

const kept = 'test/fuzz/inputs'
let folder: string

const warnings: string[] = []
const warned = (warning: Error): void => {
  warnings.push(warning.message)
}

beforeAll(async () => {
  process.on('warning', warned)
  folder = await mkdtemp(join(tmpdir(), 'fuzz-'))
  // a reader of a private file takes rights from it
  await copyFile(join(kept, 'identity', 'identity.txt'), join(folder, 'identity.txt'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
  process.off('warning', warned)
  // a warning of a library quotes the file, which may hold secrets
  expect(warnings).toEqual([])
})

const text = (bytes: Buffer): string => textOf(bytes, 'input')
const jsonOf = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return bytes.toString('utf8')
  }
}

async function inFile(bytes: Buffer, read: (path: string) => Promise<unknown>, name = 'input.jsonl'): Promise<unknown> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return read(path)
}

type Reader = (bytes: Buffer) => unknown

/** By the folder of its inputs. `share`: of the inputs that a usual reader gets. */
const readers: readonly (readonly [folder: string, share: number, reader: Reader])[] = [
  ['tenant', 1, (bytes) => parseSpec('input', text(bytes))],
  ['cloud', 1, (bytes) => parseCloudFacts('input', text(bytes))],
  ['clouds', 1, (bytes) => parseCloudsYaml(text(bytes), 'input')],
  ['policy', 1, (bytes) => lintAlone(text(bytes))],
  ['expectations', 1, (bytes) => parseExpectations(text(bytes), 'input')],
  ['eval', 1, (bytes) => bytes.toString('utf8').split('\n').map(evalLine)],
  ['seed', 1, (bytes) => parseSeed(text(bytes), 'input')],
  ['state', 1, (bytes) => parseState(bytes.toString('utf8'), 'input')],
  [
    'kubeconfig',
    0.3,
    (bytes) => {
      const found = parseKubeconfig(new Secret(bytes.toString('utf8'), 'file'))
      if (found === undefined) return
      const { ca, certificate, key } = found.identity
      isClientKey(key)
      judgeCertificate(certificate, key, ca, new Date(0))
    },
  ],
  ['ca', 1, (bytes) => checkCa(bytes.toString('utf8'), 'input', new Date(0))],
  ['zip', 1, (bytes) => zippedOverride(bytes)],
  [
    'charmzip',
    0.2,
    (bytes) =>
      inFile(
        bytes,
        async () => {
          const zip = await readPolicyZip('input.zip', { cwd: folder })
          if (zip?.kind === 'files') policydVerdict(zip.entries)
        },
        'input.zip',
      ),
  ],
  ['journal', 1, (bytes) => journalLog('magnum', () => Promise.resolve(bytes.toString('utf8'))).read()],
  ['json', 1, (bytes) => messageOf(400, maskData(jsonOf(bytes)))],
  ['json', 1, (bytes) => parseStatus(bytes.toString('utf8'))],
  ['json', 1, (bytes) => maskText(bytes.toString('utf8'))],
  ['json', 1, (bytes) => parseOsloLine(bytes.toString('utf8'))],
  ['evidence', 0.2, (bytes) => inFile(bytes, readEvidence)],
  ['evidence', 0.2, (bytes) => inFile(bytes, readProgress)],
  ['json', 0.2, (bytes) => inFile(bytes, readState)],
  ['inferences', 0.2, (bytes) => inFile(bytes, (path) => readInferences(path, { ...contextForHelp, cwd: folder }))],
  ['runs', 0.2, (bytes) => inFile(bytes, () => openProbeRuns({ path: folder }, 'cloud'), 'probe-runs-cloud')],
  ['roles', 1, (bytes) => extendTable(defaultTable, 'input', text(bytes))],
  [
    'report',
    1,
    (bytes) => (['html', 'json', 'markdown'] as const).map((format) => readInputs(bytes.toString('utf8'), format)),
  ],
  ['audit', 0.2, (bytes) => inFile(bytes, () => readRecordedAudit(join(folder, '..'), basename(folder)), 'audit.json')],
  ['keystone', 0.2, (bytes) => inFile(bytes, () => readKeystone(folder), 'keystone.json')],
  ['deliveries', 0.2, (bytes) => inFile(bytes, () => readRecord(folder), 'deliveries.json')],
  ['identity', 0.2, (bytes) => inFile(bytes, (path) => receive(join(kept, 'sealed', 'handover.zip.age'), path))],
  ['sealed', 0.2, (bytes) => inFile(bytes, (path) => receive(path, join(folder, 'identity.txt')))],
]

const piece = fc.oneof(
  fc.constantFrom(
    ...[
      '\t',
      '\n',
      ' ',
      ':',
      ': ',
      '- ',
      '&a ',
      '*a',
      '<<: ',
      '!!binary ',
      '!!set ',
      '|',
      '>-',
      '{',
      ']',
      '"',
      "'",
      '#',
      '%',
      '---\n',
    ],
    ...[
      '\\u0000',
      '\0',
      '\ufeff',
      '\ud800',
      '-----',
      'null',
      '1e999',
      '2026-01-01',
      '__proto__: ',
      '"__proto__":{}',
      '.',
      '0x',
    ],
    ...[
      '['.repeat(3000),
      '{a: '.repeat(2000),
      '{"a":'.repeat(3000),
      '- '.repeat(2000),
      'x'.repeat(5000),
      '(not '.repeat(2000),
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const bytes = fc.oneof(
  piece.map((one) => Buffer.from(one)),
  fc.uint8Array({ maxLength: 8 }).map((one) => Buffer.from(one)),
)
const wound = fc.record({
  at: fc.nat(),
  drop: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.nat()),
  insert: bytes,
  /** How often a piece of the input is repeated. */
  times: fc.oneof(
    { weight: 20, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 400 }) },
  ),
})

type Wound = { readonly at: number; readonly drop: number; readonly insert: Buffer; readonly times: number }

function damaged(input: Buffer, wounds: readonly Wound[]): Buffer {
  return wounds.reduce((now, { at, drop, insert, times }) => {
    const here = at % (now.length + 1)
    const gone = drop > 12 ? drop % (now.length + 1) : drop
    const repeated = times === 1 ? [] : Array.from({ length: times }, () => now.subarray(here, here + 40))
    return Buffer.concat([now.subarray(0, here), insert, ...repeated, now.subarray(here + gone)])
  }, input)
}

/** Refusals are `InputError`s with words; what Juju prints is not the user's, so it is a `StopError`. */
async function feed(reader: Reader, input: Buffer): Promise<void> {
  const started = process.cpuUsage()
  try {
    await reader(input)
  } catch (error) {
    if (!(error instanceof InputError) && !(error instanceof StopError)) throw error
    expect(error.message).not.toBe('')
  }
  const { user, system } = process.cpuUsage(started)
  expect((user + system) / 1e6).toBeLessThan(1)
}

test.each(readers)('%s (%#)', { timeout: 3_600_000 }, async (name, share, reader) => {
  const names = await readdir(join(kept, name))
  const inputs = await Promise.all(names.map((each) => readFile(join(kept, name, each))))
  expect(inputs.length).toBeGreaterThan(0)
  for (const input of inputs) await feed(reader, input)
  const property = fc.asyncProperty(
    fc.constantFrom(...inputs),
    fc.array(wound, { minLength: 1, maxLength: 6 }),
    (input, wounds) => feed(reader, damaged(input, wounds)),
  )
  await fc.assert(property, { numRuns: runs(Math.round(1200 * share)) })
})
