import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { screenOf, typeInChild } from './child.ts'
import type { Ended, Press, Turn } from './child.ts'
import { broken, openCrashTestBed, standing, undisturbedApply } from './sweep.ts'
import type { CrashTestBed } from './sweep.ts'

/* A person at a terminal who presses Ctrl-C. A real process on a pty; `npm run build` first. */

const ctrlC = '\x03'
const ctrlD = '\x04'
const notice = 'SIGINT: finishing the current step; press again to stop at once'

let undisturbed: readonly string[]
let bed: CrashTestBed

beforeAll(async () => {
  undisturbed = await undisturbedApply()
})

beforeEach(async () => {
  bed = await openCrashTestBed()
})

afterEach(() => bed.remove())

/** Presses the keys once, when the text has been shown. */
function when(awaited: string, keys: string): (shown: string, press: Press) => void {
  let isPressed = false
  return (shown, press) => {
    if (isPressed || !shown.includes(awaited)) return
    isPressed = true
    press(keys)
  }
}

/** The live view, as it was drawn after the question, or after the notice. */
const drawn = /\[y\/N\][^]*[\u2800-\u28ff]/
const drawnAgain = /finishing the current step[^]*[\u2800-\u28ff]/

/** What the terminal of the running command has shown so far. */
let shownSoFar = ''

/** Holds a request until the terminal shows it: a busy machine draws late. */
async function shows(awaited: RegExp): Promise<void> {
  for (let i = 0; i < 500 && !awaited.test(shownSoFar); i++) await sleep(20)
}

/** `apply`, approved at its question, with what happens around each request that changes something. */
async function approved(around: (turn: Turn) => Promise<void>): Promise<Ended> {
  shownSoFar = ''
  const yes = when('[y/N]', 'y\r')
  return typeInChild(bed, ['apply', bed.file], {
    onTerminal: (shown, press) => {
      shownSoFar = shown
      yes(shown, press)
    },
    around: async (turn, go) => {
      await around(turn)
      return go()
    },
  })
}

function expectCursor(text: string): void {
  expect(text).toContain('\x1b[?25l')
  expect(text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(text.lastIndexOf('\x1b[?25l'))
}

test('yes at the question: the plan is applied, each stage is shown, and the cursor is back', async () => {
  const { code, text } = await approved(() => Promise.resolve())
  const screen = await screenOf(text)
  expect(code, screen.join('\n')).toBe(0)
  expectCursor(text)
  const end = screen.findIndex((line) => line.startsWith('acme matches its file'))
  expect(screen.slice(end - 9, end)).toEqual([
    'apply this plan? [y/N] y',
    '\u2714 preflight',
    '\u2714 domain (3 changed)',
    '\u2714 self-service (10 changed)',
    '\u2714 isolation',
    '\u2714 credentials (2 changed)',
    '\u2714 network (4 changed)',
    '\u2714 template (1 changed)',
    '\u2714 cluster (1 changed)',
  ])
  expect(standing(bed.cloud)).toEqual(undisturbed)
})

test.each([
  ['Ctrl-C', ctrlC],
  ['Ctrl-D', ctrlD],
])('%s at the question changes nothing and says so', async (_, key) => {
  const before = standing(bed.cloud)
  const { code, text } = await typeInChild(bed, ['apply', bed.file], { onTerminal: when('[y/N]', key) })
  const screen = await screenOf(text)
  expect(code, screen.join('\n')).toBe(4)
  expect(screen.slice(-2)).toEqual(['apply this plan? [y/N] ', 'stopped at the question; nothing was changed after it'])
  expect(standing(bed.cloud)).toEqual(before)
  expect(await again()).toEqual([])
})

test.each([
  ['rotate', (file: string) => ['rotate', file, '--account', 'svc'], '[y/N]'],
  ['offboard', (file: string) => ['offboard', file], 'acme'],
])('Ctrl-C at the question of %s changes nothing and says so', async (_, argv, question) => {
  expect((await bed.type(['apply', bed.file, '--yes'])).code).toBe(0)
  const { code, text } = await typeInChild(bed, argv(bed.file), { onTerminal: when(question, ctrlC) })
  const screen = await screenOf(text)
  expect(code, screen.join('\n')).toBe(4)
  expect(screen.at(-1), screen.join('\n')).toBe('stopped at the question; nothing was changed after it')
  expect(standing(bed.cloud)).toEqual(undisturbed)
})

test('Ctrl-C in the probes of preflight, which are one step: they end, and what they made is removed', async () => {
  const before = standing(bed.cloud)
  const { code, text, requests } = await typeInChild(bed, ['preflight', bed.file, '--probe'], {
    onTerminal: () => undefined,
    around: async ({ at, press }, go) => {
      if (at === 5) press(ctrlC)
      await sleep(20)
      return go()
    },
  })
  const screen = await screenOf(text)
  expect(code, screen.join('\n')).toBe(0)
  expect(screen[0]).toContain(notice)
  expect(requests).toBeGreaterThan(5)
  expect(standing(bed.cloud)).toEqual(before)
})

// in the probes of the cloud, between two stages, in a stage of many steps, in the last stages
test.each([2, 24, 30, 48])('Ctrl-C at change %i is told at once, and the current step is finished', async (at) => {
  const { code, text } = await approved(async ({ at: now, press }) => {
    if (now !== at) return
    await shows(drawn)
    press(ctrlC)
    await shows(drawnAgain)
  })
  const screen = await screenOf(text)
  expect(code, screen.join('\n')).toBe(4)
  expectCursor(text)
  const told = screen.findIndex((line) => line.endsWith(notice))
  expect(screen[told - 1]).toBe('apply this plan? [y/N] y')
  expect(screen.slice(told + 1).join('\n')).toMatch(
    /^(\u2714 .*\n)*\u25a0 .* \(stopped\)\n(- .* \(not reached\)\n)*stopped as requested; run the same command again to continue$/,
  )
  expect(screen.slice(told + 1)).toHaveLength(9)
  // the view was drawn again below the notice, so the notice was there before the step ended
  expect(text.slice(text.indexOf(notice))).toMatch(/[\u2800-\u28ff]/)
  expect(await again()).toEqual([])
})

test('Ctrl-C twice stops at once, with the cursor back', async () => {
  const { code, text } = await approved(async ({ at, press }) => {
    if (at !== 12) return
    await shows(drawn)
    press(ctrlC)
    await shows(drawnAgain)
    press(ctrlC)
    // an answer that the command does not wait for
    await sleep(3000)
  })
  const screen = await screenOf(text)
  expect(code, screen.join('\n')).toBe(4)
  expectCursor(text)
  expect(screen.join('\n')).not.toContain('stopped as requested')
  expect(await again()).toEqual([])
})

async function again(): Promise<readonly string[]> {
  return broken(bed, await bed.type(['apply', bed.file, '--yes']), undisturbed)
}
