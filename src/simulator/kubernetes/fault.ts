/** What may be wrong inside of every cluster that completes. */
export type KubernetesFault = 'node-not-ready' | 'cni-crashing' | 'no-cloud-controller'
