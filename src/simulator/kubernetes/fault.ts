/** The possible faults inside of every completed cluster. */
export type KubernetesFault = 'node-not-ready' | 'cni-crashing' | 'no-cloud-controller'
