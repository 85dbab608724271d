/** `tenant-onboard/simulator`: an OpenStack in this process, for tests. docs/simulator.md says how it differs from real ones. */
export { createCloud } from '../simulator/cloud.ts'
export { operatorEnvironment, renderClouds } from '../simulator/clouds-yaml.ts'
export { serve } from '../simulator/serve.ts'
export type { AdminAccount, Cloud, CloudOptions } from '../simulator/cloud.ts'
export type { Seed } from '../simulator/seed.ts'
export type { Served, ServeOptions } from '../simulator/serve.ts'
