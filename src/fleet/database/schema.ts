import { migrateSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database'
import { GlobalLogger } from '@dbos-inc/dbos-sdk/internal/telemetry/logs'
import { StopError } from '../../errors.ts'
import { Guard } from './guard.ts'
import { quiet } from './quiet.ts'

/**
 * Creates or updates the tables of DBOS, one process at a time, before any work. `DBOS.migrate` is the same with its
 * own logger, which writes to stdout.
 */
export async function ensureSchema(address: string): Promise<void> {
  const guard = await Guard.open(address)
  try {
    await guard.lock('schema')
    await migrateSystemDatabase(address, new GlobalLogger(undefined, { logger: quiet }))
  } catch (error) {
    throw error instanceof StopError ? error : new StopError('cannot make the tables in the database', { cause: error })
  } finally {
    await guard.end()
  }
}
