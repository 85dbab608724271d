/** The parts of an offboarding, in their order: objects with an id in them are deleted before the object of that id. */
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
