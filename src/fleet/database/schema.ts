import { DBOS } from '@dbos-inc/dbos-sdk'
import { StopError } from '../../errors.ts'
import { Guard } from './guard.ts'

/** Makes or brings up to date the tables of DBOS, one process at a time, before anything works with them. */
export async function ensureSchema(address: string): Promise<void> {
  const guard = await Guard.open(address)
  try {
    await guard.lock('schema')
    await DBOS.migrate(address)
  } catch (error) {
    throw error instanceof StopError ? error : new StopError('cannot make the tables in the database', { cause: error })
  } finally {
    await guard.end()
  }
}
