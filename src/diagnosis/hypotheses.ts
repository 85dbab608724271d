import {
  applicationCredentialTrust,
  cannotSignIn,
  directoryReadOnly,
  rolesNotHeld,
  tenantAbsent,
  trusteeAdmin,
  trusteeAdminSignIn,
} from './hypotheses/accounts.ts'
import { cutOffFromVault, keyManagerDown } from './hypotheses/barbican.ts'
import { addressesExhausted, gatewayRefused, quotaMet } from './hypotheses/capacity.ts'
import {
  clusterUnhealthy,
  clusterWaits,
  driverFailed,
  failedWithoutReason,
  nodeGroupFailed,
} from './hypotheses/clusters.ts'
import { childCredentialStays } from './hypotheses/deletion.ts'
import { frozen } from './hypotheses/freeze.ts'
import { networkAgentDown, nodeNotReady, noCloudController } from './hypotheses/inside.ts'
import {
  clusterTypeNone,
  clusterTypeUnset,
  flavorUnfit,
  foreignKeypair,
  imageWithoutKubeVersion,
  noDriver,
} from './hypotheses/machines.ts'
import {
  addonFailed,
  clusterApiRefused,
  credentialLost,
  insideCredentialRefused,
  machineFailed,
} from './hypotheses/management.ts'
import { deadCreateRule, deadTrustRule, overrideNotInForce } from './hypotheses/policy.ts'
import { clock, operatorSignIn, unreachable, untrusted } from './hypotheses/transport.ts'
import type { Hypothesis } from './hypothesis.ts'

/**
 * Every known cause, in the order in which a request meets it. A new one is a line here and a section in
 * docs/findings.md.
 */
export const hypotheses: readonly Hypothesis[] = [
  clock,
  untrusted,
  unreachable,
  operatorSignIn,
  tenantAbsent,
  frozen,
  directoryReadOnly,
  overrideNotInForce,
  deadCreateRule,
  trusteeAdmin,
  trusteeAdminSignIn,
  cannotSignIn,
  rolesNotHeld,
  deadTrustRule,
  applicationCredentialTrust,
  keyManagerDown,
  cutOffFromVault,
  clusterTypeUnset,
  clusterTypeNone,
  imageWithoutKubeVersion,
  noDriver,
  flavorUnfit,
  foreignKeypair,
  quotaMet,
  gatewayRefused,
  addressesExhausted,
  childCredentialStays,
  driverFailed,
  clusterApiRefused,
  machineFailed,
  addonFailed,
  insideCredentialRefused,
  credentialLost,
  nodeGroupFailed,
  clusterWaits,
  failedWithoutReason,
  clusterUnhealthy,
  nodeNotReady,
  networkAgentDown,
  noCloudController,
]
