/**
 * Every sentence by which a command says yes, by the command. A command prints one only if its verdict is *shown*.
 * test/verdicts/success.test.ts has changes of the world for each of them, and sees each change turn the sentence.
 */
export const success = {
  preflight: () => 'preflight passed',
  plan: () => 'nothing to do',
  apply: (tenant: string) => `${tenant} matches its file`,
  'apply --until': (tenant: string, stage: string) => `the stages of ${tenant} through ${stage} match its file`,
  'apply --no-wait': (tenant: string) => `${tenant} is applied; its cluster is accepted, and was not waited for`,
  accept: (tenant: string) => `${tenant} was onboarded from its handover alone`,
  handover: (tenant: string) => `${tenant} was handed over`,
  rotate: (account: string) => `${account} has a new secret`,
  verify: (tenant: string) => `${tenant}: isolated`,
  audit: () => 'as the table says',
  diagnose: () => 'nothing is wrong that diagnose knows',
  report: () => 'Yes: this tenant is isolated',
  'report --check': (name: string) => `${name} agrees with the evidence`,
  status: () => 'validated',
  'rotate --cluster': (cluster: string) => `cluster ${cluster} has a new credential`,
  offboard: (tenant: string) => `nothing of ${tenant} is left`,
  'offboard --keep-data': (tenant: string) => `only the kept data of ${tenant} is left`,
  'offboard --until freeze': (tenant: string) => `${tenant} is frozen`,
  'offboard --unfreeze': (tenant: string) => `${tenant} is as before the freeze`,
  'fleet apply': (tenants: number, counts: string) => `${tenants} tenants: ${counts}`,
  'policy lint': () => 'nothing found',
  'policy prove': () => 'proved',
  'policy diff': () => 'no persona gains or loses anything that was tried',
  'policy advise': () => 'every answer of this Keystone fits what is said here',
  'policy gate': () => 'the gate holds',
  'policy attach': () => 'the override is attached, and the gate holds',
  'policy rollback': (what: string, inForce: string) => `${what} is back; in force: ${inForce}`,
} as const

export type SuccessId = keyof typeof success
