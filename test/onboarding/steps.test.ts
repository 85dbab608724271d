import { describe, expect, test } from 'vitest'
import { StepError, StopError, errorChain } from '../../src/errors.ts'
import type { Step } from '../../src/onboarding/plan.ts'
import type { Resource } from '../../src/onboarding/resource.ts'
import { runSteps } from '../../src/onboarding/steps.ts'
import type { StepRun } from '../../src/onboarding/steps.ts'
import type { Actor } from '../../src/tenant/actors.ts'
import type { Entry } from '../../src/tenant/evidence.ts'
import type { Identity } from '../../src/tenant/sessions.ts'
import { failure } from '../openstack/fake.ts'
import { cloudError, noSecrets, noneKnown, resourceOf, sessionOf } from './resources.ts'

/** A stage of these resources, each step as it was told: what happened, in order. */
function stageOf(resources: readonly Resource[], actions: Readonly<Record<string, Step['action']>> = {}) {
  const stop = new AbortController()
  const events: string[] = []
  const made: Entry[] = []
  const signedIn: string[] = []
  const renewed: Actor[] = []
  const known = noneKnown()
  let withoutSecret: Actor | undefined
  const run: StepRun = {
    clock: { now: () => new Date(), sleep: () => Promise.resolve(), stop: stop.signal },
    evidence: {
      records: [],
      append: (entry) => {
        made.push(entry)
        return Promise.resolve({ ...entry, seq: made.length, at: '', prev: '', hash: '' })
      },
    },
    progress: (event) => {
      if (event.kind === 'step') events.push(`${event.step.kind} ${event.state}`)
    },
    secrets: noSecrets,
    sessions: {
      at: <A extends Actor>({ actor, by }: Identity<A>) => {
        signedIn.push(by === undefined ? actor : `${actor} by ${by}`)
        return Promise.resolve(actor === withoutSecret ? undefined : sessionOf(actor))
      },
      look: (session) => session.snapshot(),
      renew: (actor) => {
        renewed.push(actor)
      },
    },
  }
  const steps = resources.map((resource): Step => {
    const { id, stage, kind, name, identity } = resource
    const action = actions[id] ?? 'create'
    return { id, stage, kind, name, actor: identity.actor, action, because: 'missing', changes: [] }
  })
  return {
    events,
    made,
    signedIn,
    renewed,
    known,
    stop,
    lose: (actor: Actor) => (withoutSecret = actor),
    carryOut: () => runSteps({ steps, resources, known }, run),
  }
}

const refused = (reason: string) => () => Promise.reject(cloudError({ status: 403, reason }))

describe('order', () => {
  test('a step begins when all that it needs is done', async () => {
    const network = resourceOf('network/network')
    const subnet = resourceOf('network/subnet', { inside: [network.id] })
    const port = resourceOf('network/port', { needs: [network.id, subnet.id] })
    const stage = stageOf([network, subnet, port])
    await stage.carryOut()
    expect(stage.events).toEqual(['network', 'subnet', 'port'].flatMap((kind) => [`${kind} started`, `${kind} done`]))
    expect(stage.known.get(port)).toEqual({ id: 'made-port' })
  })

  test('steps that need nothing of each other are under way at the same time', async () => {
    let begin: () => void = () => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    // the first waits for the second, so one after the other would never end
    const network = resourceOf('network/network', { create: () => begun.then(() => ({ id: '1' })) })
    const router = resourceOf('network/router', {
      create: () => {
        begin()
        return Promise.resolve({ id: '2' })
      },
    })
    await stageOf([network, router]).carryOut()
  })

  test('what a step needs may be of another stage, or no step at all', async () => {
    const stage = stageOf([resourceOf('network/network', { needs: ['credentials/application-credential'] })])
    await stage.carryOut()
    expect(stage.events).toEqual(['network started', 'network done'])
  })
})

describe('a failure', () => {
  const network = resourceOf('network/network', { create: refused('no network for you') })
  const subnet = resourceOf('network/subnet', { inside: [network.id] })
  const port = resourceOf('network/port', { inside: [subnet.id] })
  const router = resourceOf('network/router')
  const gateway = resourceOf('network/gateway', { inside: [router.id] })

  test('keeps what needs it from being begun, and nothing else', async () => {
    const stage = stageOf([network, subnet, port, router, gateway])
    const error = await failure(stage.carryOut())
    expect(error).toBeInstanceOf(StepError)
    expect(errorChain(error).join(': ')).toMatch(/^cannot create network `acme-network`: .*no network for you$/)
    expect(stage.events.filter((event) => /subnet|port/.test(event))).toEqual([])
    expect(stage.events).toContain('network failed')
    expect(stage.events).toContain('gateway done')
    expect(stage.made.map((entry) => entry.kind === 'made' && entry.step)).toEqual([router.id, gateway.id])
  })

  test('and another one are told as one error, in the words of both', async () => {
    const other = resourceOf('network/router', { create: refused('no router either') })
    const error = await failure(stageOf([network, other]).carryOut())
    expect(error).toBeInstanceOf(StepError)
    expect(errorChain(error)[0]).toMatch(
      /^cannot create network `acme-network`; also: cannot create router `acme-router`: .*no router either$/,
    )
  })

  test('is told once, however much needed it', async () => {
    const error = await failure(stageOf([network, subnet, port]).carryOut())
    expect(errorChain(error)[0]).toBe('cannot create network `acme-network`')
  })

  test('counts for more than having been stopped', async () => {
    const stopping = resourceOf('network/network', {
      create: () => {
        stage.stop.abort()
        return refused('no network for you')()
      },
    })
    // listed first, so its end is the first to be read
    const later = resourceOf('network/gateway', { inside: [router.id] })
    const stage = stageOf([router, later, stopping])
    expect(errorChain(await failure(stage.carryOut()))[0]).toContain('cannot create network `acme-network`')
    expect(stage.events).not.toContain('gateway started')
  })

  test('of a secret that is not in the home is no answer of the cloud', async () => {
    const stage = stageOf([router])
    stage.lose('automation')
    const error = await failure(stage.carryOut())
    expect(error).toBeInstanceOf(StepError)
    expect(error).toMatchObject({ cause: expect.any(StopError) as StopError })
    expect(errorChain(error).join(': ')).toContain('automation cannot sign in here')
    // the same step where the secret is
    await stageOf([router]).carryOut()
  })
})

describe('a wish to stop', () => {
  const stageThat = (isStopped: boolean) => {
    const network = resourceOf('network/network', {
      create: () => {
        if (isStopped) stage.stop.abort()
        return Promise.resolve({ id: '1' })
      },
    })
    const stage = stageOf([network, resourceOf('network/subnet', { inside: [network.id] })])
    return stage
  }

  test('lets the steps under way end, and begins no other', async () => {
    const stage = stageThat(true)
    const error = await failure(stage.carryOut())
    expect(error).toBeInstanceOf(StopError)
    expect(errorChain(error)[0]).toContain('stopped as requested')
    expect(stage.events).toEqual(['network started', 'network done'])
    expect(stage.made.map((entry) => entry.kind === 'made' && entry.step)).toEqual(['network/network'])
    // the same stage when nobody asks
    const other = stageThat(false)
    await other.carryOut()
    expect(other.events).toContain('subnet done')
  })
})

describe('an action', () => {
  const account = resourceOf('network/account', {
    identity: { actor: 'automation' },
    bootstrapCredential: { actor: 'automation', by: 'password' },
    invalidatesSessionsOf: 'creator',
  })

  test('create signs in by the credential that is there before, if there is one', async () => {
    const stage = stageOf([account, resourceOf('network/network')])
    await stage.carryOut()
    expect(stage.signedIn.sort()).toEqual(['automation', 'automation by password'])
  })

  test('adopt and update sign in as the actor itself, and change what stands', async () => {
    const update = (_: unknown, found: unknown) => Promise.resolve({ ...Object(found), isUpdated: true } as unknown)
    const resource = resourceOf('network/account', { ...account, update, create: refused('it was created') })
    for (const action of ['adopt', 'update'] as const) {
      const stage = stageOf([resource], { [resource.id]: action })
      stage.known.set(resource.id, { id: '1' })
      await stage.carryOut()
      expect(stage.signedIn).toEqual(['automation'])
      expect(stage.known.get(resource)).toEqual({ id: '1', isUpdated: true })
      expect(stage.made).toMatchObject([{ action, object: { kind: 'account', name: 'acme-account', id: '1' } }])
    }
  })

  test('adopt of what nothing can be changed of asks the cloud nothing', async () => {
    const resource = resourceOf('network/interface', { create: refused('it was created') })
    const stage = stageOf([resource], { [resource.id]: 'adopt' })
    stage.known.set(resource.id, { id: '1' })
    await stage.carryOut()
    expect(stage.made).toMatchObject([{ action: 'adopt', object: { id: '1' } }])
  })

  test('ends the tokens that say less than the truth from then on', async () => {
    const stage = stageOf([account])
    await stage.carryOut()
    expect(stage.renewed).toEqual(['creator'])
    const failing = stageOf([resourceOf('network/account', { ...account, create: refused('no') })])
    await failure(failing.carryOut())
    expect(failing.renewed).toEqual([])
  })
})
