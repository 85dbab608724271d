import { expect, test } from 'vitest'
import { ChangedProgram, replaced } from './changed-program.ts'
import type { CompilerError } from './changed-program.ts'

/* Half a change must not compile: the compiler asks for each place that a new row of a table needs. docs/decisions/0140 */

const time = 240_000

/** Where a new service with quotas is decided about. Everything else goes over the tables. */
const placesOfService: Readonly<Record<string, string>> = {
  'src/openstack/services.ts': 'its types in a catalog, version and microversion',
  'src/openstack/quotas.ts': "its type, keys, read, set, reset, usage, and the probe of raising one's own limit",
  'src/tenant/spec.ts': 'its keys in a tenant file',
  'src/onboarding/preflight/catalog.ts': 'whether a tenant needs it on the cloud',
  'src/offboarding/uninspected.ts': 'whether offboarding sees all that a project has there',
  'src/diagnosis/experiments/quotas.ts': 'whether a cluster takes of it, and how much',
  'src/diagnosis/hypotheses/capacity.ts': 'what to do where it is used up',
  'src/onboarding/quota-use.ts': 'whether it refuses a limit below the use',
  'src/openstack/magnum/cluster-needs.ts': 'how much of it a cluster takes',
  'src/report/action-service.ts': 'its name for people, and the actions that its policy knows',
  'src/simulator/services.ts': 'its stand-in',
}

/** Where limits of a tenant file are looked up by service: wrong only as long as spec.ts lacks it. */
const readersOfSpec = ['src/audit/drift.ts', 'src/onboarding/quota.ts', 'src/report/view/asked.ts']

const placesOfStage: Readonly<Record<string, string>> = {
  'src/onboarding/stages.ts': 'its resources and gates',
  'src/self-service/stages.ts': 'what a tenant does of it alone',
}

const fieldsOfQuota = ['type', 'keys', 'read', 'set', 'reset', 'usage', 'raise']

/** A row that lacks one thing, a line each; and one that lacks nothing, to show that the line itself is right. */
const partialRows = [
  "import { quotaTable } from './quotas.ts'",
  "import type { QuotaRow } from './quotas.ts'",
  'export const lacksNothing: QuotaRow = (({ ...rest }) => rest)(quotaTable.compute)',
  ...fieldsOfQuota.map(
    (field) => `export const lacks_${field}: QuotaRow = (({ ${field}: _, ...rest }) => rest)(quotaTable.compute)`,
  ),
].join('\n')

test('every place that the tests below name compiles as it is', { timeout: time }, () => {
  const named = [...Object.keys(placesOfService), ...readersOfSpec, ...Object.keys(placesOfStage)]
  expect(new ChangedProgram().errorsIn(named)).toEqual([])
})

test('a new service with quotas does not compile before every place has decided about it', { timeout: time }, () => {
  const rows = 'src/openstack/partial-rows.ts'
  const errors = new ChangedProgram(
    new Map([
      replaced('src/openstack/services.ts', "  'orchestration',\n]", "  'orchestration',\n  'dns',\n]"),
      replaced('src/openstack/quotas.ts', "'container_infra'] as const", "'container_infra', 'dns'] as const"),
      replaced('src/simulator/world.ts', "  'placement',\n]", "  'placement',\n  'dns',\n]"),
      [rows, partialRows],
    ]),
  ).errors()
  expect(filesOf(errors.filter(({ file }) => file !== rows))).toEqual(
    [...Object.keys(placesOfService), ...readersOfSpec].sort(),
  )
  // each for the lack of the new service, and for nothing else
  expect(errors.filter(({ file, message }) => file !== rows && !message.includes('dns'))).toEqual([])
  // and a row in the table has to say everything
  const lacking = errors.filter(({ file }) => file === rows)
  expect(lacking.map(({ message }) => /^Property '(\w+)' is missing/.exec(message)?.[1])).toEqual(fieldsOfQuota)
})

test('the name of a stage does not compile without a stage', { timeout: time }, () => {
  const last = "  { name: 'cluster', isOfOperator: false, part: 'cluster' },\n"
  const errors = new ChangedProgram(
    new Map([replaced('src/tenant/stage.ts', last, `${last}  { name: 'storage', isOfOperator: false },\n`)]),
  ).errors()
  expect(filesOf(errors)).toEqual(Object.keys(placesOfStage).sort())
  expect(errors.filter(({ message }) => !message.includes('storage'))).toEqual([])
})

test('a change whose place is gone is no change, and is said', () => {
  expect(() => replaced('src/tenant/stage.ts', "name: 'no such stage'", '')).toThrow(/0 times, not once/)
  expect(() => replaced('src/tenant/stage.ts', 'isOfOperator: false', '')).toThrow(/times, not once/)
})

function filesOf(errors: readonly CompilerError[]): readonly string[] {
  return [...new Set(errors.map(({ file }) => file))].sort()
}
