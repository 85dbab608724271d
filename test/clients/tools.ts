import { dirname, join } from 'node:path'
import { env } from 'node:process'

/** Where `lab/clients` keeps them: lab/lib/lab.sh. */
export const toolsFolder =
  env['LAB_TOOLS'] ?? join(dirname(env['LAB_DIR'] ?? '/var/lib/tenant-onboard-lab'), 'tenant-onboard-tools')
