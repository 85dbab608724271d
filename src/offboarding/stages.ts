/** The parts of an offboarding, in the order in which they must go: what carries an id goes before what the id is of. */
export const offboardStages = [
  'freeze',
  'clusters',
  'servers',
  'volumes',
  'load-balancers',
  'network',
  'images',
  'secrets',
  'credentials',
  'trustees',
  'quotas',
  'identity',
  'absence',
] as const
export type OffboardStage = (typeof offboardStages)[number]
