import type { CommandContext } from '../../src/cli/context.ts'

/** For a program that is only looked at. */
export const contextForHelp: CommandContext = {
  env: {},
  cwd: '/',
  home: '/',
  out: () => undefined,
  err: () => undefined,
  isTerminal: false,
  hasColor: false,
  columns: 80,
  confirm: () => Promise.resolve(false),
  stop: new AbortController().signal,
  pid: 1,
  now: () => new Date(0),
  sleep: () => Promise.resolve(),
}
