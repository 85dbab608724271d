import { refusalOf } from '../openstack/session.ts'

/** Whether what is asked for is not there. For who may see it: to anybody else a 404 says nothing. */
export async function isGone(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked
    return false
  } catch (error) {
    if (refusalOf(error) === 404) return true
    throw error
  }
}
