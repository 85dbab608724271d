/**
 * Words that are retired, each with a better one (docs/glossary.md). Phrases are looked up in the text that users read: documentation,
 * schemas, examples, and the string literals of the program. Comments are free. Names are looked up in all code and in documentation.
 */
import { basename } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { matchesIn, repositoryFiles, textOf } from './repository.ts'

// a blank matches any white space, because sentences are wrapped
const phrase = (words: string): RegExp => new RegExp(`\\b(?:${words.replaceAll(' ', String.raw`\s+`)})\\b`, 'gi')

const phrases: readonly (readonly [RegExp, string])[] = [
  [phrase('anew'), 'again'],
  [phrase('beta pass'), '"was onboarded from its handover alone"'],
  [phrase('seeds'), 'the name of the document, or leave it out'],
  [phrase('whoever'), '"anyone who", or the account'],
  [phrase('of others'), 'foreign, "of other tenants"'],
  [phrase('goes on|go on'), 'continues'],
  [phrase('(?:is|are|was|were) told by'), '"is recognised by", "shows"'],
  [phrase('(?:held|hold|holds) (?:\\w+ ){0,4}against'), 'compare with'],
  [phrase('put by|puts by'), 'store'],
  [phrase('wants? a look'), 'needs attention'],
  [phrase('stands(?! for| in for)'), 'exists, is'],
  [phrase('dialects?'), 'release'],
  [phrase('pawns?|bait'), 'target user, decoy'],
  [phrase('ballots?'), 'sample'],
  [phrase('mints?|minted|minting'), 'make'],
  [phrase('household'), 'domain objects'],
  // a person has a home folder; what the program keeps is in its data directory
  [phrase('(?:the|this|a|its|own|our|their|tenant.s|operator.s|another|same) homes?(?! folder)'), 'data directory'],
  // an incident code follows the words, in parentheses
  [/(?<!\([^()\n]*)\bD-06\d/g, 'the words first, then the code in parentheses'],
]

const names: Readonly<Record<string, string>> = {
  Stand: 'ProbeDomain',
  buildStand: 'buildProbeDomain',
  Bench: 'VerificationFixture',
  Seat: 'Identity',
  Hands: 'UsableActors',
  tryHands: 'chooseActor',
  Maker: 'ThrowawayAccounts',
  pawn: 'targetUser',
  bait: 'decoy',
  Perimeter: 'SharedResources',
  Known: 'ResolvedResources',
  Io: 'CommandContext',
  Paper: 'PolicyExpectation',
  paperOf: 'expectationOf',
  Ground: 'PolicyBase, or the reason',
  Carrier: 'DeliveryBackend',
  Dialect: 'Release',
  askNamed: 'findByName',
  ballot: 'sample',
  votes: 'observations',
  minting: 'bootstrapCredential',
  renews: 'invalidatesSessionsOf',
  isGiven: 'isExternal',
  household: 'domainObjects',
  Outside: 'ExternalAccess',
}

const fileNames: Readonly<Record<string, string>> = {
  cast: 'cloud-facts',
  scene: 'request-context',
  likeness: 'release-match',
  people: 'persona-sessions',
  ground: 'base-config',
  hands: 'actors',
  entrance: 'project-access',
  tenancy: 'tenant-state',
  unseen: 'uninspected',
  owned: 'ownership',
  seats: 'identities',
  homeless: 'without-domain',
  signs: 'status-icons',
  when: 'time',
  wire: 'transport, serializers',
  dialect: 'release',
  stand: 'probe-domain',
}

type Fault = { readonly line: number; readonly word: string; readonly better: string }

function phraseFaults(text: string, firstLine = 1): readonly Fault[] {
  return phrases.flatMap(([pattern, better]) =>
    matchesIn(text, pattern, firstLine).map(({ line, text: word }) => ({ line, word, better })),
  )
}

/** Retired names in documentation, where a name of the code is in backticks. */
function quotedNameFaults(text: string): readonly Fault[] {
  return Object.entries(names).flatMap(([word, better]) =>
    matchesIn(text, new RegExp(`\`${word}\``, 'g')).map(({ line }) => ({ line, word, better })),
  )
}

/** Retired names of a TypeScript or JavaScript file, and with `texts` the retired phrases in its string literals and JSX. */
function codeFaults(path: string, source: string, texts: boolean): readonly Fault[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true)
  const faults: Fault[] = []
  const walk = (node: ts.Node): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1
    if (ts.isIdentifier(node) && Object.hasOwn(names, node.text))
      faults.push({ line, word: node.text, better: names[node.text] ?? '' })
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
    if (texts && (isText || ts.isJsxText(node))) faults.push(...phraseFaults(node.text, line))
    ts.forEachChild(node, walk)
  }
  walk(file)
  return faults
}

/** Retired names of files, without their extension. */
function fileNameFaults(path: string): readonly Fault[] {
  const word = basename(path).replace(/(?:\.test)?\.\w+$/, '')
  return Object.hasOwn(fileNames, word) ? [{ line: 1, word, better: fileNames[word] ?? '' }] : []
}

// bench/ is left out: its `Bench` is a class of tinybench
const isCode = (path: string): boolean => /^(?:src|test|scripts)\/.*\.(?:tsx?|mjs|js)$/.test(path)
const isProgram = (path: string): boolean => /^(?:src|scripts)\//.test(path)
const isDocumentation = (path: string): boolean => /^(?:docs|schema|examples)\/|^[^/]*\.md$/.test(path)
// a table of retired words names them
const exempt = 'test/repo/words.test.ts'

const code = new RegExp(`\\b(?:${Object.keys(names).join('|')})\\b`)

function faultsIn(path: string): readonly Fault[] {
  const text = textOf(path)
  if (text === undefined || path === exempt) return []
  if (isDocumentation(path)) return [...phraseFaults(text), ...quotedNameFaults(text)]
  if (!isCode(path)) return []
  // most files have none at all, and need not be parsed
  const isSuspicious = code.test(text) || (isProgram(path) && phraseFaults(text).length > 0)
  return [...fileNameFaults(path), ...(isSuspicious ? codeFaults(path, text, isProgram(path)) : [])]
}

test('a retired phrase is found in a text with its line, also where it is wrapped', () => {
  expect(phraseFaults('It wants\na look (D-064). D-065 as well.').map(({ line, word }) => `${line} ${word}`)).toEqual([
    '1 wants a look',
    '2 D-065',
  ])
  expect(phraseFaults('It stands for a release. `anewer` is a name.')).toEqual([])
})

test('a retired phrase is found in the texts of code, and not in its comments or tests', () => {
  const source = '// anew\nconst text = `a\nb whoever ${one} goes on`\nconst page = <p>its home</p>\n'
  expect(codeFaults('a.tsx', source, true).map(({ word }) => word)).toEqual(['whoever', 'goes on', 'its home'])
  expect(codeFaults('a.tsx', source, false)).toEqual([])
})

test('a retired name is found in code, in documentation and as the name of a file', () => {
  expect(codeFaults('a.ts', '// Seat\nconst Seat = "Seat"\n', false)).toEqual([
    { line: 2, word: 'Seat', better: 'Identity' },
  ])
  expect(quotedNameFaults('A `Maker` is not a maker.').map(({ word }) => word)).toEqual(['Maker'])
  expect(fileNameFaults('src/probes/stand.ts')).toEqual([{ line: 1, word: 'stand', better: 'probe-domain' }])
  expect(fileNameFaults('src/probes/standing.ts')).toEqual([])
})

test('no retired word is in the repository', () => {
  const files = repositoryFiles()
  expect(files.filter(isDocumentation).length).toBeGreaterThan(50)
  expect(files.filter(isCode).length).toBeGreaterThan(500)
  const faults = files.flatMap((path) =>
    faultsIn(path).map(({ line, word, better }) => `${path}:${line}: \`${word}\`: ${better}`),
  )
  expect(faults).toEqual([])
})
