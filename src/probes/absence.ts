import { refusalOf } from '../openstack/session.ts'

/**
 * True if the requested thing does not exist. Only for a caller that may see it: to any other one a 404 says nothing.
 */
export async function isGone(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked
    return false
  } catch (error) {
    if (refusalOf(error) === 404) return true
    throw error
  }
}
