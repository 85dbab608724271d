import type { DLogger } from '@dbos-inc/dbos-sdk'

const nothing = (): void => undefined

/** DBOS writes to stdout by default, which is for results. Its failures reach us as exceptions. */
export const quiet: DLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
