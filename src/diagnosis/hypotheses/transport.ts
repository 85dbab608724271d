/** The connection to the cloud: TLS, the CA, the clock, the address, the operator's own sign-in. */
import { CloudError } from '../../errors.ts'
import type { CloudErrorKind } from '../../errors.ts'
import { stageNames } from '../../tenant/stage.ts'
import { need } from '../experiment.ts'
import { reach } from '../experiments/reach.ts'
import { confirmed, excluded } from '../hypothesis.ts'
import type { Hypothesis } from '../hypothesis.ts'

/** The clock decides about a certificate, so a wrong clock comes first. */
const longestSkew = 60

export const clock: Hypothesis = {
  code: 'diagnosis/clock',
  supposes: 'the clocks of this machine and of the cloud disagree',
  stages: stageNames,
  async test(on) {
    const { skew } = await need(on, reach)
    if (skew === undefined || Math.abs(skew) <= longestSkew) return excluded
    return confirmed(
      {
        code: clock.code,
        where: 'this machine',
        message: `the cloud's clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} ours: certificates and tokens depend on it (\`certificate is not yet valid\`, \`certificate has expired\`)`,
        remedy: 'timedatectl, here and on the nodes of Keystone: the time server of each shows which clock is wrong',
        owner: 'operator',
      },
      await reach(on),
    )
  },
}

export const untrusted: Hypothesis = {
  code: 'diagnosis/tls',
  supposes: 'the certificate of the cloud is not accepted here',
  stages: stageNames,
  async test(on) {
    const { operator, skew } = await need(on, reach)
    if (!(operator instanceof CloudError) || operator.kind !== 'tls') return excluded
    const { host } = new URL(on.subject.endpoint.authUrl)
    const isOfTime = /expired|not valid yet/.test(operator.reason)
    // then the certificate is right and the clock is wrong
    if (isOfTime && skew !== undefined && Math.abs(skew) > longestSkew) return excluded
    const isUnknown = /CA that is not trusted/.test(operator.reason)
    return confirmed(
      {
        code: isOfTime ? 'diagnosis/certificate-expired' : isUnknown ? 'diagnosis/untrusted-ca' : untrusted.code,
        where: host,
        message: operator.reason,
        remedy: isOfTime
          ? 'renew the certificate there'
          : isUnknown
            ? `write the cloud's root CA as \`cacert\` into clouds.yaml (a charmed cloud: juju run vault/leader get-root-ca); to see who signed it: openssl s_client -showcerts -connect ${host}`
            : `openssl s_client -showcerts -connect ${host} shows the certificate and its names`,
        owner: 'operator',
      },
      await reach(on),
    )
  },
}

export const unreachable: Hypothesis = {
  code: 'diagnosis/unreachable',
  supposes: 'Keystone does not answer from here',
  stages: stageNames,
  async test(on) {
    const { operator } = await need(on, reach)
    const kinds: readonly CloudErrorKind[] = ['unreachable', 'timeout', 'malformed']
    if (!(operator instanceof CloudError)) return excluded
    const isIll = operator.kind === 'answer' && (operator.status ?? 0) >= 500
    if (!kinds.includes(operator.kind) && !isIll) return excluded
    return confirmed(
      {
        code: unreachable.code,
        where: new URL(on.subject.endpoint.authUrl).host,
        message: `Keystone gives no usable answer: ${operator.reason}`,
        remedy:
          'check the address, the network and the proxy (HTTPS_PROXY, NO_PROXY), then run the same command again to continue',
        owner: 'operator',
      },
      await reach(on),
    )
  },
}

export const operatorSignIn: Hypothesis = {
  code: 'diagnosis/operator-cannot-sign-in',
  supposes: "the operator's own entry of clouds.yaml is refused",
  stages: stageNames,
  async test(on) {
    const { operator } = await need(on, reach)
    if (!(operator instanceof CloudError) || operator.kind !== 'sign-in') return excluded
    return confirmed(
      {
        code: operatorSignIn.code,
        where: 'clouds.yaml',
        message: `Keystone refuses the operator: ${operator.reason}`,
        remedy:
          'openstack token issue with the same entry fails in the same way: correct user, password, project or domain there',
        owner: 'operator',
      },
      await reach(on),
    )
  },
}
