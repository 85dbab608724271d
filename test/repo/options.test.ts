import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import ts from 'typescript'
import { expect, test } from 'vitest'
import * as fleet from '../../src/cli/definitions/fleet.ts'
import * as policy from '../../src/cli/definitions/policy.ts'
import * as tenant from '../../src/cli/definitions/tenant.ts'
import { PRESETS } from '../../src/simulator/presets.ts'

const commands: readonly CommandUnknownOpts[] = [
  ...Object.values(fleet),
  ...Object.values(policy),
  ...Object.values(tenant),
].map((define) => define(new Command()))
const optionNames = new Set(commands.flatMap(({ options }) => options.map((option) => option.attributeName())))

/** Names of properties in literal types of what is called options, by file. */
function spelledByHand(file: string, text: string): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const literals = (node: ts.Node): void => {
    if (ts.isTypeLiteralNode(node))
      for (const member of node.members)
        if (member.name !== undefined && ts.isIdentifier(member.name) && optionNames.has(member.name.text))
          found.push(`${file}: ${member.name.text}`)
    node.forEachChild(literals)
  }
  const visit = (node: ts.Node): void => {
    const isOptions =
      (ts.isTypeAliasDeclaration(node) && /Options$/.test(node.name.text)) ||
      (ts.isParameter(node) && node.name.getText(source) === 'options')
    if (isOptions && node.type !== undefined) literals(node.type)
    node.forEachChild(visit)
  }
  visit(source)
  return found
}

test('what a command gets is inferred from its definition: no option is spelled a second time', () => {
  expect(optionNames.size).toBeGreaterThan(40)
  const files = readdirSync('src/cli', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  const found = files.flatMap((path) => spelledByHand(path, readFileSync(join('src/cli', path), 'utf8')))
  expect(found).toEqual([])
  // and it would be seen
  const bad = 'type Options = CloudOptions & { readonly adopt?: true }\nfunction f(options: { home: string }) {}\n'
  expect(spelledByHand('bad.ts', bad)).toEqual(['bad.ts: adopt', 'bad.ts: home'])
})

test('the help of the simulator names every preset that there is', () => {
  const help = tenant.simulatorServe(new Command()).options.find(({ long }) => long === '--preset')?.description
  expect(help?.split(', ')).toEqual(Object.keys(PRESETS))
})
