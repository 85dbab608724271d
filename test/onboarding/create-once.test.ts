import { expect, test } from 'vitest'
import { StepError, StopError } from '../../src/errors.ts'
import type { CloudError } from '../../src/errors.ts'
import type { Comparison, Resource } from '../../src/onboarding/resource.ts'
import { createOnce } from '../../src/onboarding/create-once.ts'
import { failure } from '../openstack/fake.ts'
import { cloudError, noSecrets, noneKnown, resourceOf, sessionOf } from './resources.ts'

/*
 * What becomes of a create whose answer is lost, or says that the name is taken. Each case is a cloud told in two lists:
 * what each change is answered with, and what each look-up after the first failure finds.
 */

const silent = cloudError({ kind: 'timeout', reason: 'no answer in 60 s' })
const gateway = cloudError({ status: 504, reason: 'Gateway Time-out' })
const lost = cloudError({ status: 500, reason: 'Internal Server Error' })
const reset = cloudError({ kind: 'unreachable', reason: 'closed the connection' })
const unsent = cloudError({ kind: 'unreachable', reason: 'refuses the connection', isSent: false })
const unread = cloudError({ kind: 'timeout', method: 'GET', reason: 'no answer in 60 s' })
/** As long as the deadline of the session, with growing pauses. */
const patience = [1000, 1500, 2250, 3375, ...Array<number>(10).fill(5000), 1875]
const nothing = Array<readonly Found[]>(patience.length + 1).fill([])
const unknown = (without: string, waited: string, status?: number): CloudError =>
  cloudError({
    kind: 'timeout',
    status,
    reason: `${without}, and its effect was not seen in ${waited} more; it may still come, and the same command looks for it first`,
  })
const unavailable = cloudError({ status: 503, reason: 'try again' })
const taken = cloudError({ status: 409, reason: 'the name is taken' })
const refused = cloudError({ status: 403, reason: 'not allowed' })
const quota = cloudError({ status: 413, reason: 'over quota' })

type Found = 'as asked' | 'half made' | 'foreign' | 'in conflict'
const compare = (found: unknown): Comparison => ({
  isOurs: found !== 'foreign',
  changes: found === 'half made' ? [{ field: 'dns', from: null, to: 'set' }] : [],
  ...(found === 'in conflict' ? { conflict: { message: 'has another prefix', remedy: 'change the file' } } : {}),
})

type Case = {
  readonly title: string
  readonly answers: readonly ('made' | Error)[]
  readonly looks?: readonly (readonly Found[])[]
  readonly canUpdate?: true
  readonly appearsWithin?: number
  readonly isIdempotent?: true
  /** Set before the change of this number. */
  readonly stopAt?: number
  readonly ends: unknown
  /** Which calls change something, in order. */
  readonly sends: readonly ('create' | 'update')[]
  /** Milliseconds that passed. */
  readonly waits?: readonly number[]
}

const cases: readonly Case[] = [
  { title: 'answered', answers: ['made'], ends: 'made', sends: ['create'] },
  { title: 'refused: nothing is asked again', answers: [refused], ends: refused, sends: ['create'] },
  { title: 'over quota: nothing is asked again', answers: [quota], ends: quota, sends: ['create'] },
  {
    title: 'lost, and it took effect: that one is taken',
    answers: [lost],
    looks: [['as asked']],
    ends: 'as asked',
    sends: ['create'],
  },
  {
    title: 'lost, and it took no effect: sent again',
    answers: [lost, 'made'],
    looks: [[]],
    ends: 'made',
    sends: ['create', 'create'],
    waits: [1000],
  },
  {
    title: 'met with silence, and nothing of it is seen for as long again: not sent a second time',
    answers: [silent],
    looks: nothing,
    ends: unknown('no answer within 60 s', '60 s'),
    sends: ['create'],
    waits: patience,
  },
  {
    title: 'met with silence of the service behind a proxy: the same',
    answers: [gateway],
    looks: nothing,
    ends: unknown('Gateway Time-out', '60 s', 504),
    sends: ['create'],
    waits: patience,
  },
  {
    title: 'met with silence, and carried out after the deadline: that one is taken',
    answers: [silent],
    looks: [...nothing.slice(0, 8), ['as asked']],
    ends: 'as asked',
    sends: ['create'],
    waits: patience.slice(0, 8),
  },
  {
    title: 'met with silence, and twins appear: told with both',
    answers: [silent],
    looks: [[], ['as asked', 'as asked']],
    ends: new StepError('network/subnet', 'there are 2 subnets `acme-subnet`'),
    sends: ['create'],
    waits: [1000],
  },
  {
    title: 'met with silence, and means the same twice: sent again',
    answers: [silent, 'made'],
    looks: [[]],
    isIdempotent: true,
    ends: 'made',
    sends: ['create', 'create'],
    waits: [1000],
  },
  {
    title: 'met with silence, and asked to stop: no longer waited for',
    answers: [silent],
    looks: [[]],
    stopAt: 1,
    ends: new StopError('stopped as requested; run the same command again to continue'),
    sends: ['create'],
  },
  {
    title: 'broken off, and nothing of it is seen for a deadline: sent once more',
    answers: [reset, 'made'],
    looks: nothing,
    ends: 'made',
    sends: ['create', 'create'],
    waits: [...patience, 1000],
  },
  {
    title: 'broken off twice: not sent a third time',
    answers: [reset, reset],
    looks: [...nothing, ...nothing],
    ends: unknown('closed the connection', '120 s'),
    sends: ['create', 'create'],
    waits: [...patience, 1000, ...patience],
  },
  {
    title: 'not sent at all: sent again at once',
    answers: [unsent, 'made'],
    looks: [[]],
    appearsWithin: 10_000,
    ends: 'made',
    sends: ['create', 'create'],
    waits: [1000],
  },
  {
    title: 'not begun, since a read before it had no answer: begun again',
    answers: [unread, 'made'],
    looks: [[]],
    ends: 'made',
    sends: ['create', 'create'],
    waits: [1000],
  },
  {
    title: 'lost three times: given up',
    answers: [lost, unavailable, lost],
    looks: [[], [], []],
    ends: lost,
    sends: ['create', 'create', 'create'],
    waits: [1000, 2000],
  },
  {
    title: 'lost, and it appears late: that one is taken, and no second is asked for',
    answers: [lost],
    looks: [[], [], ['as asked']],
    appearsWithin: 10_000,
    ends: 'as asked',
    sends: ['create'],
    waits: [1000, 1500],
  },
  {
    title: 'lost, and it has not appeared when it must have: sent again',
    answers: [lost, 'made'],
    looks: [[], [], []],
    appearsWithin: 2000,
    ends: 'made',
    sends: ['create', 'create'],
    waits: [1000, 1000, 1000],
  },
  {
    title: 'lost, and twins stand there: told with both',
    answers: [lost],
    looks: [['as asked', 'half made']],
    ends: new StepError('network/subnet', 'there are 2 subnets `acme-subnet`'),
    sends: ['create'],
  },
  {
    title: 'lost, and what stands there is not ours: not taken',
    answers: [lost],
    looks: [['foreign']],
    ends: lost,
    sends: ['create'],
  },
  {
    title: 'taken, by what an earlier run of ours made',
    answers: [taken],
    looks: [['as asked']],
    ends: 'as asked',
    sends: ['create'],
  },
  { title: 'taken, and nobody sees by what', answers: [taken], looks: [[]], ends: taken, sends: ['create'] },
  { title: 'taken, by what is not ours', answers: [taken], looks: [['foreign']], ends: taken, sends: ['create'] },
  {
    title: 'taken, by what cannot be brought to what is asked',
    answers: [taken],
    looks: [['in conflict']],
    canUpdate: true,
    ends: taken,
    sends: ['create'],
  },
  {
    title: 'lost, and only half of it took effect: the rest is done',
    answers: [lost, 'made'],
    looks: [['half made']],
    canUpdate: true,
    ends: 'made',
    sends: ['create', 'update'],
    waits: [1000],
  },
  {
    title: 'taken, by half of it: the rest is done, again when that is lost',
    answers: [taken, lost, 'made'],
    looks: [['half made'], ['half made']],
    canUpdate: true,
    ends: 'made',
    sends: ['create', 'update', 'update'],
    waits: [1000, 2000],
  },
  {
    title: 'half of it, and nothing can be changed of it',
    answers: [lost],
    looks: [['half made']],
    ends: lost,
    sends: ['create'],
  },
  {
    title: 'lost, and asked to stop: not sent again',
    answers: [lost],
    looks: [[]],
    stopAt: 1,
    ends: new StopError('stopped as requested; run the same command again to continue'),
    sends: ['create'],
  },
  {
    title: 'lost, and asked to stop: what took effect is taken all the same',
    answers: [lost],
    looks: [['as asked']],
    stopAt: 1,
    ends: 'as asked',
    sends: ['create'],
  },
]

test.each(cases)('a create is $title', async ({ answers, looks = [], ends, sends, waits = [], ...cloud }) => {
  const stop = new AbortController()
  const sent: string[] = []
  const waited: number[] = []
  let looked = 0
  const change = (what: 'create' | 'update') => (): Promise<unknown> => {
    sent.push(what)
    if (cloud.stopAt === sent.length) stop.abort()
    const answer = answers[sent.length - 1]
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  }
  const resource: Resource = resourceOf('network/subnet', {
    create: change('create'),
    ...(cloud.canUpdate === true ? { update: change('update') } : {}),
    observe: () => Promise.resolve(looks[looked++] ?? []),
    compare,
    ...(cloud.isIdempotent === undefined ? {} : { isIdempotent: cloud.isIdempotent }),
    ...(cloud.appearsWithin === undefined ? {} : { appearsWithin: cloud.appearsWithin }),
  })
  const work = { session: sessionOf('automation'), known: noneKnown(), secrets: noSecrets }
  const ended = createOnce(resource, work, {
    now: () => new Date(),
    sleep: (milliseconds) => {
      waited.push(milliseconds)
      return Promise.resolve()
    },
    stop: stop.signal,
  })
  if (ends instanceof StepError || ends instanceof StopError) {
    const error = await failure(ended)
    expect(error).toBeInstanceOf(ends.constructor)
    expect(String(error)).toContain(ends.message)
  } else if (ends instanceof Error) expect(await failure(ended)).toEqual(ends)
  else expect(await ended).toBe(ends)
  expect(sent).toEqual(sends)
  expect(looked).toBe(looks.length)
  expect(waited).toEqual(waits)
})
