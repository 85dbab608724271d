import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { expect, test } from 'vitest'
import { completionScript } from '../../src/cli/completion.ts'
import { shells } from '../../src/cli/definitions/shell.ts'
import { commandsBelow, environment, exitCodes, helpOf } from '../../src/cli/help.ts'
import { manualPage, manualPages } from '../../src/cli/manual.ts'
import { createProgram } from '../../src/cli/program.ts'
import { contextForHelp } from './help-context.ts'

const program: CommandUnknownOpts = createProgram(contextForHelp, () => undefined)
const commands = commandsBelow(program)

test('every command has a group and an example, and nothing else has', () => {
  expect(Object.keys(helpOf).toSorted()).toEqual(commands.map(({ path }) => path).toSorted())
})

test.each(commands.map(({ path, command }) => ({ path, command })))(
  'each example of `$path` is one that the command line takes',
  ({ path, command }) => {
    const examples = helpOf[path]?.examples ?? []
    expect(examples.length).toBeGreaterThan(0)
    for (const line of examples) {
      const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
      const own = path.split(' ')
      expect(words.slice(0, own.length)).toEqual(own)
      const options = command.options.flatMap(({ short, long }) => [short, long])
      for (const word of words.filter((one) => one.startsWith('-'))) expect(options, line).toContain(word)
    }
  },
)

/** What bash itself offers after these words. */
function bashOffers(...words: readonly string[]): readonly string[] {
  const script = `${completionScript('bash', program)}
COMP_WORDS=(tenant-onboard "$@"); COMP_CWORD=$#
_tenant_onboard; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
    .trim()
    .split('\n')
}

test('bash completes commands, their commands, options and the values of options', () => {
  expect(bashOffers('ap')).toEqual(['apply'])
  expect(bashOffers('policy', 'b')).toEqual(['build'])
  expect(bashOffers('apply', 'tenant.yaml', '--unt')).toEqual(['--until'])
  expect(bashOffers('completion', '--qui')).toEqual(['--quiet'])
  expect(bashOffers('list', '-o', 'm')).toEqual(['markdown'])
  // an option of another command is not offered
  expect(bashOffers('list', '--unt')).toEqual([''])
})

test('the scripts of all shells know every command and every option', () => {
  for (const shell of shells) {
    const script = completionScript(shell, program)
    for (const { command } of commands) {
      expect(script).toContain(command.name())
      for (const { long } of command.options) expect(script).toContain(shell === 'fish' ? long?.slice(2) : long)
    }
  }
})

test('every command has a manual page with its options, and so has the program', () => {
  expect(manualPages(program)).toHaveLength(commands.length + 1)
  expect(manualPage(program, ['no', 'such'])).toBeUndefined()
  const main = manualPage(program, []) ?? ''
  for (const { path } of commands) expect(main).toContain(path.replaceAll('-', '\\-'))
  for (const [code] of exitCodes) expect(main).toContain(`.B ${code}\n`)
  expect(manualPage(program, ['policy', 'build'])).toContain('\\-\\-managed\\-roles')
})

test('the help of the program has the exit codes, and every variable is one that the code reads', () => {
  let help = ''
  createProgram({ ...contextForHelp, out: (text) => (help += text) }, () => undefined).outputHelp()
  for (const [, meaning] of exitCodes) expect(help).toContain(meaning)
  expect(help).toMatch(/^Onboard:$/m)
  const sources = ['openstack/clouds.ts', 'openstack/clouds-yaml.ts', 'openstack/no-proxy.ts', 'cli/terminal.ts']
  const code = sources.map((path) => readFileSync(`src/${path}`, 'utf8')).join('')
  const names = environment.flatMap(([list]) => list.split(', ')).filter((one) => !one.endsWith('*'))
  expect(names.filter((name) => !code.includes(name))).toEqual([])
})
