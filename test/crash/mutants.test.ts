import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { typeInChild } from './child.ts'
import { buildWithout } from './mutant.ts'
import type { Edited } from './mutant.ts'
import { broken, openCrashTestBed, standing } from './sweep.ts'
import type { CrashTestBed } from './sweep.ts'

/*
 * That the promises of docs/guarantees.md can be broken, and that the sweep would say so: the program as it is keeps each of
 * them in the story below, and the program without the lines that keep it does not.
 */

type Mutant = Edited & {
  readonly promise: string
  /** What is wrong at the end, by the program in that file. */
  readonly story: (bed: CrashTestBed, program: string) => Promise<readonly string[]>
  readonly says: RegExp
}

const mutants: readonly Mutant[] = [
  {
    promise: 'a create whose answer was lost is looked for before it is sent again',
    file: 'src/onboarding/create-once.ts',
    edits: [
      [
        'const looked = await lookFor(resource, work, clock, patienceFor(fate, resource, work))',
        'const looked = { found: [] as readonly unknown[], waitedMs: 0 }',
      ],
    ],
    says: /too many: network acme-net/,
    async story(bed, program) {
      await typeInChild(bed, apply(bed), {
        program,
        around: async ({ request }, go) => {
          const given = await go()
          const isLost = request.url.endsWith('/v2.0/networks') && bed.cloud.state.networks.filter(isOurs).length === 1
          return isLost ? new Response('Internal Server Error', { status: 500 }) : given
        },
      })
      return broken(bed, await bed.type(apply(bed), { hours: 1 }), undisturbed)
    },
  },
  {
    promise: 'a secret is on disk before the call that gives it meaning',
    file: 'src/tenant/secret-store.ts',
    edits: [
      ['const stored = await read(name)', 'const stored = late.get(name) ?? (await read(name))'],
      [
        '    await write(name, secret)\n',
        '    late.set(name, secret)\n    setTimeout(() => void write(name, secret), 300)\n',
      ],
      [
        'const text = await readPrivate',
        'const kept = late.get(name)\n    if (kept !== undefined) return kept\n    const text = await readPrivate',
      ],
      ['  const pathOf =', '  const late = new Map<string, Secret>()\n  const pathOf ='],
    ],
    says: /the same command again ended with/,
    async story(bed, program) {
      await typeInChild(bed, apply(bed), {
        program,
        around: async ({ request, child }, go) => {
          const given = await go()
          if (request.url.endsWith('/users') && bed.cloud.state.users.some(({ name }) => name === 'acme-domain-admin'))
            child.kill('SIGKILL')
          return given
        },
      })
      return broken(bed, await bed.type(apply(bed), { hours: 1 }), undisturbed)
    },
  },
  {
    promise: 'one command at a time on a tenant',
    file: 'src/tenant/lock.ts',
    edits: [['if (others.length === 0) {', 'if (others.length >= 0) {']],
    says: /the second worked/,
    async story(bed, program) {
      const { text } = await typeInChild(bed, apply(bed), {
        program,
        shell: (command) => `${command} & until [ -e began ]; do sleep 0.05; done
          ${command} 2>&1 > /dev/null | grep -q 'another command works' && echo 'the second was turned away' || echo 'the second worked'
          touch ended; wait`,
        around: async ({ at }, go) => {
          if (at === 1) await writeFile(join(bed.folder, 'began'), '')
          for (let i = 0; at === 1 && i < 200 && !existsSync(join(bed.folder, 'ended')); i++) await sleep(50)
          return go()
        },
      })
      return text.includes('the second was turned away') ? [] : (text.match(/the second worked/) ?? [text])
    },
  },
]

let undisturbed: readonly string[]

beforeAll(async () => {
  const fresh = await openCrashTestBed()
  const { code, text } = await fresh.type(apply(fresh))
  expect(code, text).toBe(0)
  undisturbed = standing(fresh.cloud)
  await fresh.remove()
})

function apply({ file }: CrashTestBed): readonly string[] {
  return ['apply', file, '--yes']
}

function isOurs({ name }: { readonly name: string }): boolean {
  return name === 'acme-net'
}

async function told({ story }: Mutant, program: string): Promise<readonly string[]> {
  const bed = await openCrashTestBed()
  try {
    return await story(bed, program)
  } finally {
    await bed.remove()
  }
}

test.each(mutants)('$promise; without its lines that is seen', async (mutant) => {
  expect(await told(mutant, resolve('dist/tenant-onboard.js'))).toEqual([])
  expect((await told(mutant, await buildWithout(mutant))).join('\n')).toMatch(mutant.says)
})
