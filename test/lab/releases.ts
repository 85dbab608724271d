/** The Keystones of `lab/up releases`: where they are, and the requests beside their API (lab/releases/serve.py). */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Dict } from '../../src/policy/python/value.ts'
import { isSample } from '../sweep-share.ts'

const file = z.object({
  version: z.literal(1),
  password: z.string(),
  releases: z.record(z.string(), z.object({ url: z.string(), package: z.string(), dir: z.string() })),
  /** Why a release is not there, such as a package index that was not reached. */
  absent: z.record(z.string(), z.string()),
})

export type RunningRelease = {
  /** `27.0.1`, `debian-12`. */
  readonly name: string
  readonly url: string
  /** As src/policy/releases names it. */
  readonly package: string
  readonly dir: string
  readonly policyDir: string
  readonly password: string
}

/** All names that `lab/up releases` knows. */
export const releaseNames = [
  '22.0.2',
  '25.0.0',
  '27.0.1',
  '27.1.0',
  '29.1.0',
  '30.0.0',
  'debian-12',
  'debian-13',
] as const
/** A sample is tried on two: the newest point release, and the newest build of Debian. */
export const triedReleases = isSample ? (['30.0.0', 'debian-13'] as const) : releaseNames
export type ReleaseName = (typeof releaseNames)[number]

const directory = process.env.LAB_DIR ?? '/var/lib/tenant-onboard-lab'

export function adminOf({ password }: Pick<RunningRelease, 'password'>) {
  const place = { userDomain: 'Default', project: 'admin', projectDomain: 'Default' }
  return { username: 'admin', password, ...place, role: 'admin' }
}

/** One that answers, or the reason why it is not there. One that should be there and does not answer is an error. */
export async function findRelease(name: ReleaseName): Promise<RunningRelease | string> {
  const text = await readFile(join(directory, 'releases.json'), 'utf8').catch(() => undefined)
  if (text === undefined) throw new Error(`there is no ${directory}/releases.json; run lab/up releases`)
  const { releases, absent, password } = file.parse(JSON.parse(text))
  const found = releases[name]
  if (found === undefined) return absent[name] ?? 'lab/up releases was not asked for it'
  const answer = await fetch(found.url).catch(() => undefined)
  if (answer?.status !== 200) throw new Error(`${name} does not answer at ${found.url}; run lab/up releases`)
  return { name, ...found, policyDir: join(found.dir, 'policy.d'), password }
}

export type PlayedRequest = {
  readonly method: string
  /** With `/v3`. */
  readonly path: string
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Database and cache are put back after the answer to what `keep` saw. */
  readonly restore?: boolean
}

/** A question that Keystone asked oslo.policy. `creds` are those of the question before, if absent. */
const question = z.object({
  action: z.string(),
  target: z.record(z.string(), z.unknown()),
  result: z.boolean(),
  creds: z.record(z.string(), z.unknown()).optional(),
})
const played = z.array(z.object({ status: z.number(), message: z.string(), asked: z.array(question) }))

export type Asked = { readonly action: string; readonly target: Dict; readonly creds: Dict; readonly result: boolean }
export type PlayedAnswer = { readonly status: number; readonly message: string; readonly asked: readonly Asked[] }

/** Sends them in this order, a few in one message. */
export async function playAll(
  on: Pick<RunningRelease, 'url'>,
  requests: readonly PlayedRequest[],
): Promise<readonly PlayedAnswer[]> {
  const answers: PlayedAnswer[] = []
  for (let at = 0; at < requests.length; at += 40) {
    let creds: Dict = {}
    for (const { status, message, asked } of played.parse(await lab(on, 'play', requests.slice(at, at + 40)))) {
      answers.push({
        status,
        message,
        asked: asked.map((each) => {
          creds = (each.creds as Dict | undefined) ?? creds
          return { action: each.action, target: each.target as Dict, creds, result: each.result }
        }),
      })
    }
  }
  if (answers.length !== requests.length) throw new Error(`${answers.length} answers to ${requests.length} requests`)
  return answers
}

/** `restore` goes back to what is there now. */
export async function keep(on: Pick<RunningRelease, 'url'>): Promise<void> {
  await lab(on, 'keep')
}

export async function restore(on: Pick<RunningRelease, 'url'>): Promise<void> {
  await lab(on, 'restore')
}

async function lab({ url }: Pick<RunningRelease, 'url'>, name: string, body: unknown = {}): Promise<unknown> {
  const answer = await fetch(new URL(`/lab/${name}`, url), { method: 'POST', body: JSON.stringify(body) })
  if (answer.status !== 200) throw new Error(`/lab/${name} answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}
