import type { DLogger } from '@dbos-inc/dbos-sdk'

const nothing = (): void => undefined

/** DBOS writes to stdout unless it is told where to: results go there. What it fails at reaches us as exceptions. */
export const quiet: DLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
