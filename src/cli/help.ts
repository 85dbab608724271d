import type { CommandUnknownOpts } from '@commander-js/extra-typings'

/*
 * What the help, the manual pages and docs/reference/commands.md say beside the definitions: groups, examples, exit codes, and the
 * environment. test/cli/help.test.ts holds that every command has a group and an example that parses.
 */

export const exitCodes = [
  ['0', 'done; nothing is refuted and nothing is unknown'],
  ['1', 'a bug in this program'],
  ['2', 'the command line, or a file of yours, is wrong'],
  ['3', 'the cloud says no, or something could not be shown'],
  ['4', 'could not ask or could not finish; the same command resumes'],
] as const

export const environment = [
  ['OS_CLOUD, OS_*', "the operator's account, as for `openstack`; `cloud` of a tenant file and `--cloud` come first"],
  ['OS_CLIENT_CONFIG_FILE', 'where clouds.yaml is'],
  ['HTTPS_PROXY, HTTP_PROXY, NO_PROXY', 'proxies; small letters come first'],
  ['NO_COLOR', 'no colours, if it is not empty; `--color` comes first'],
  ['TERM', '`dumb`: no colours and no live progress'],
  ['XDG_CONFIG_HOME', 'where ~/.config is, for clouds.yaml'],
] as const

type Group = 'Begin' | 'Onboard' | 'Prove' | 'Hand over' | 'Look' | 'Policy' | 'Many tenants' | 'Shell and rehearsal'

type Entry = { readonly group: Group; readonly examples: readonly string[] }

/** By the words of the command. Examples leave out `tenant-onboard`. */
export const helpOf: Readonly<Record<string, Entry>> = {
  demo: { group: 'Begin', examples: ['demo'] },
  init: {
    group: 'Begin',
    examples: [
      'init --cloud prod --tenant acme',
      'init --cloud prod --tenant acme --project web --cluster --out acme.yaml',
    ],
  },
  preflight: { group: 'Onboard', examples: ['preflight tenant.yaml', 'preflight tenant.yaml --probe'] },
  plan: { group: 'Onboard', examples: ['plan tenant.yaml', 'plan tenant.yaml --exit-code -o json'] },
  apply: {
    group: 'Onboard',
    examples: ['apply tenant.yaml', 'apply tenant.yaml --yes --until network', 'apply tenant.yaml --adopt'],
  },
  status: { group: 'Look', examples: ['status tenant.yaml', 'status tenant.yaml --exit-code'] },
  handover: { group: 'Hand over', examples: ['handover tenant.yaml'] },
  accept: { group: 'Hand over', examples: ['accept acme.age tenant.yaml --identity key.txt'] },
  rotate: {
    group: 'Hand over',
    examples: ['rotate tenant.yaml --account domain-admin', 'rotate tenant.yaml --cluster acme-cluster'],
  },
  report: { group: 'Prove', examples: ['report tenant.yaml', 'report tenant.yaml --check report.html'] },
  verify: { group: 'Prove', examples: ['verify tenant.yaml', 'verify tenant.yaml --junit verify.xml'] },
  audit: { group: 'Prove', examples: ['audit --cloud prod', 'audit acme.yaml umbra.yaml --deep --record'] },
  diagnose: { group: 'Prove', examples: ['diagnose tenant.yaml'] },
  offboard: { group: 'Onboard', examples: ['offboard tenant.yaml --dry-run', 'offboard tenant.yaml --confirm acme'] },
  list: { group: 'Look', examples: ['list', 'list -o value'] },
  show: { group: 'Look', examples: ['show acme', 'show prod/acme -o json'] },
  export: {
    group: 'Begin',
    examples: [
      'export acme --cloud prod --out acme.yaml',
      'export acme --to terraform --cloud prod --out acme.tf',
      'export acme --to ansible --cloud prod --out acme.yml',
    ],
  },
  explain: { group: 'Look', examples: ['explain plan/conflict'] },
  console: { group: 'Look', examples: ['console', 'console --port 8080'] },
  'evidence set-aside': { group: 'Prove', examples: ["evidence set-aside tenant.yaml --note 'the disk was full'"] },
  'cloud move': { group: 'Many tenants', examples: ['cloud move prod'] },
  'simulator serve': {
    group: 'Shell and rehearsal',
    examples: ['simulator serve --port 5000', 'simulator serve --preset epoxy --tls ca.pem'],
  },
  completion: { group: 'Shell and rehearsal', examples: ['completion bash'] },
  man: { group: 'Shell and rehearsal', examples: ['man', 'man policy build', 'man --all man1/'] },
  'policy lint': { group: 'Policy', examples: ['policy lint override.yaml --release 27.0.1'] },
  'policy explain': { group: 'Policy', examples: ['policy explain identity:update_user --as domain-manager'] },
  'policy matrix': { group: 'Policy', examples: ['policy matrix --override override.yaml'] },
  'policy diff': { group: 'Policy', examples: ['policy diff old.yaml new.yaml'] },
  'policy test': { group: 'Policy', examples: ['policy test cases.yaml'] },
  'policy prove': { group: 'Policy', examples: ['policy prove override.yaml --base charm'] },
  'policy build': { group: 'Policy', examples: ['policy build --base 22.0.2-0+deb12u6 --out domain-manager.yaml'] },
  'policy eval': { group: 'Policy', examples: ['policy eval --requests questions.jsonl'] },
  'policy attach': { group: 'Policy', examples: ['policy attach domain-manager.yaml --cloud prod'] },
  'policy gate': { group: 'Policy', examples: ['policy gate domain-manager.yaml --cloud prod'] },
  'policy rollback': { group: 'Policy', examples: ['policy rollback --cloud prod'] },
  'policy advise': { group: 'Policy', examples: ['policy advise --cloud prod'] },
  'fleet plan': { group: 'Many tenants', examples: ['fleet plan tenants/'] },
  'fleet apply': { group: 'Many tenants', examples: ['fleet apply tenants/ --yes'] },
  'fleet worker': { group: 'Many tenants', examples: ['fleet worker --database postgres://fleet@db/fleet'] },
  'fleet cancel': { group: 'Many tenants', examples: ['fleet cancel tenants/ --database postgres://fleet@db/fleet'] },
  'fleet status': { group: 'Many tenants', examples: ['fleet status tenants/'] },
}

/** Each command below, with its words: `policy build`. A command that only holds others is not one. */
export function commandsBelow(
  command: CommandUnknownOpts,
  words: readonly string[] = [],
): readonly { readonly path: string; readonly command: CommandUnknownOpts }[] {
  return command.commands.flatMap((one) => {
    const below = [...words, one.name()]
    return one.commands.length > 0 ? commandsBelow(one, below) : [{ path: below.join(' '), command: one }]
  })
}

/** Puts commands into groups, and examples and exit codes below the help of each. */
export function addHelp(program: CommandUnknownOpts): void {
  for (const one of program.commands) {
    const first = helpOf[one.name()] ?? Object.entries(helpOf).find(([path]) => path.startsWith(`${one.name()} `))?.[1]
    if (first !== undefined) one.helpGroup(`${first.group}:`)
  }
  for (const { path, command } of commandsBelow(program)) {
    const examples = helpOf[path]?.examples ?? []
    command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  tenant-onboard ${line}\n`).join('')}`)
  }
  const codes = exitCodes.map(([code, meaning]) => `  ${code}  ${meaning}\n`).join('')
  program.addHelpText(
    'after',
    `\nExit codes:\n${codes}\nBegin with \`tenant-onboard demo\`, or with \`tenant-onboard init --cloud NAME\` on your own cloud.\n`,
  )
}
