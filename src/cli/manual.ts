import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { commandsBelow, environment, exitCodes, helpOf } from './help.ts'
import { version } from './version.ts'

/* Manual pages in man(7), made from the definitions of the commands: tenant-onboard.1, tenant-onboard-policy-build.1, and so on. */

export type ManualPage = { readonly file: string; readonly text: string }

export function manualPages(program: CommandUnknownOpts): readonly ManualPage[] {
  return [
    { file: 'tenant-onboard.1', text: mainPage(program) },
    ...commandsBelow(program).map(({ path, command }) => ({
      file: `tenant-onboard-${path.replaceAll(' ', '-')}.1`,
      text: commandPage(path, command),
    })),
  ]
}

/** Throws nothing; `undefined` if there is no such command. */
export function manualPage(program: CommandUnknownOpts, words: readonly string[]): string | undefined {
  if (words.length === 0) return mainPage(program)
  const path = words.join(' ')
  const found = commandsBelow(program).find((one) => one.path === path)
  return found === undefined ? undefined : commandPage(path, found.command)
}

function mainPage(program: CommandUnknownOpts): string {
  const commands = commandsBelow(program)
  const groups = [...new Set(commands.map(({ path }) => helpOf[path]?.group))]
  const list = groups.map((group) => {
    const own = commands.filter(({ path }) => helpOf[path]?.group === group)
    return `.SS ${group ?? 'Other'}\n${own.map(({ path, command }) => entry(path, command.description())).join('')}`
  })
  return [
    head('tenant-onboard'),
    section('NAME', `tenant\\-onboard \\- ${roff(program.description())}\n`),
    section('SYNOPSIS', '.B tenant\\-onboard\n.I command\n[options]\n'),
    section('COMMANDS', list.join('')),
    section('OPTIONS OF EVERY COMMAND', optionsOf(program)),
    section('EXIT STATUS', exitCodes.map(([code, meaning]) => entry(code, meaning)).join('')),
    section('ENVIRONMENT', environment.map(([name, meaning]) => entry(name, meaning)).join('')),
    section(
      'FILES',
      entry('~/tenant-onboard', 'the data directory: a folder for each cloud, and in it one for each tenant') +
        entry('~/.config/openstack/clouds.yaml', 'the clouds, as for `openstack`'),
    ),
    section('SEE ALSO', '.BR openstack (1)\n'),
  ].join('')
}

function commandPage(path: string, command: CommandUnknownOpts): string {
  const name = `tenant-onboard ${path}`
  const takes = command.registeredArguments.map((one) => {
    const text = `${one.name()}${one.variadic ? '...' : ''}`
    return one.required ? `.I ${roff(text)}\n` : `.RI [ ${roff(text)} ]\n`
  })
  return [
    head(name.replaceAll(' ', '-')),
    section('NAME', `${roff(name.replaceAll(' ', '-'))} \\- ${roff(command.description())}\n`),
    section('SYNOPSIS', `.B ${roff(name)}\n[options]\n${takes.join('')}`),
    section('ARGUMENTS', command.registeredArguments.map((one) => entry(one.name(), one.description)).join('')),
    section('OPTIONS', optionsOf(command)),
    section(
      'EXAMPLES',
      (helpOf[path]?.examples ?? []).map((line) => `.nf\n${roff(`tenant-onboard ${line}`)}\n.fi\n`).join(''),
    ),
    section('EXIT STATUS', exitCodes.map(([code, meaning]) => entry(code, meaning)).join('')),
    section('SEE ALSO', '.BR tenant\\-onboard (1)\n'),
  ].join('')
}

function head(name: string): string {
  return `.TH ${roff(name.toUpperCase())} 1 "" "tenant-onboard ${version}" "tenant-onboard"\n.nh\n`
}

function section(title: string, body: string): string {
  return body === '' ? '' : `.SH ${title}\n${body}`
}

function optionsOf(command: CommandUnknownOpts): string {
  return command.options
    .map(({ flags, description, argChoices }) =>
      entry(flags, argChoices === undefined ? description : `${description}: ${argChoices.join(', ')}`),
    )
    .join('')
}

function entry(term: string, text: string): string {
  return `.TP\n.B ${roff(term)}\n${roff(text === '' ? term : text)}\n`
}

/** Backslashes, minus signs that are typed, and a dot or quote that would begin a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1')
}
