/**
 * The stored rules and fixes beside the packages that they were read from. A package that this machine cannot get is
 * named with the reason; what the lab has installed is always compared.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { packageOf, releases, releaseWith } from '../../src/policy/releases/release.ts'
import type { Release } from '../../src/policy/releases/release.ts'
import { loadKeystone } from '../../src/policy/releases/keystone.ts'
import { isInstalled, pythons } from './policy-oracle.ts'

type Dump = {
  readonly fixes: readonly string[]
  readonly rules: Readonly<
    Record<
      string,
      {
        readonly check: string
        readonly scopes?: readonly string[]
        readonly was?: string
        readonly wasNamed?: string
        readonly operations?: readonly string[]
      }
    >
  >
}

const script = fileURLToPath(new URL('../../scripts/keystone-rules.py', import.meta.url))
const packages = 'usr/lib/python3/dist-packages'
/** What the lab has installed needs no index. */
const installed: Partial<Record<Release, string>> = {}
for (const [index, name] of (['22.0.2-0+deb12u6', '27.0.0-3+deb13u6'] as const).entries()) {
  const python = pythons[index]
  const [command, root] = python?.command ?? []
  if (python !== undefined && isInstalled(python))
    installed[name] = `${command === 'chroot' ? (root ?? '') : ''}/${packages}`
}

/** The builds that no archive serves any more are made from others: test/policy/releases.test.ts. */
const isServed = (name: Release): boolean => !/deb12u[45]|deb13u[1-5]/.test(name)

async function dumpOf(name: Release): Promise<Dump | string> {
  const folder = installed[name]
  try {
    const { stdout } = await promisify(execFile)(
      'python3',
      [script, 'dump', folder === undefined ? name : `${name}=${folder}`],
      {
        maxBuffer: 2 ** 24,
      },
    )
    return JSON.parse(stdout) as Dump
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
    if (!said.startsWith('not to be had here')) throw error
    return said
  }
}

for (const name of releases.filter(isServed))
  test(name, { timeout: 120_000 }, async (context) => {
    const theirs = await dumpOf(name)
    if (typeof theirs === 'string') {
      expect(name in installed, theirs).toBe(false)
      process.stderr.write(`not compared: ${name}: ${theirs}\n`)
      context.skip(theirs)
      return
    }
    const { registered, operations } = await loadKeystone(releaseWith(name))
    const ours = registered.map(({ name: rule, check, scopes, deprecated }) => [
      rule,
      {
        check,
        ...(scopes === undefined ? {} : { scopes }),
        ...(deprecated === undefined ? {} : { was: deprecated.check }),
        ...(deprecated === undefined || deprecated.name === rule ? {} : { wasNamed: deprecated.name }),
        ...(operations.get(rule)?.length ? { operations: operations.get(rule) } : {}),
      },
    ])
    expect({ fixes: packageOf(name).fixes, rules: Object.fromEntries(ours) as unknown }).toEqual(theirs)
  })
