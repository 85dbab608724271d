import { expect, test } from 'vitest'
import { X509Certificate } from 'node:crypto'
import { cloudControllerOf, networkOf } from '../../src/kubernetes/add-ons.ts'
import { openKubernetes } from '../../src/kubernetes/api.ts'
import { certificateRequest, generateClientKey, judgeCertificate } from '../../src/kubernetes/client-certificate.ts'
import { parseKubeconfig, renderKubeconfig } from '../../src/kubernetes/kubeconfig.ts'
import { listNodes } from '../../src/kubernetes/nodes.ts'
import { listPods } from '../../src/kubernetes/pods.ts'
import { getCluster } from '../../src/openstack/magnum/clusters.ts'
import { getClusterCa, signCertificate } from '../../src/openstack/magnum/certificates.ts'
import { createTransport } from '../../src/openstack/http.ts'
import { Secret } from '../../src/secret.ts'
import { serve } from '../../src/simulator/serve.ts'
import { sessionOf } from '../onboarding/cluster-test-bed.ts'
import { completeCluster } from './cluster.ts'

test.each(['zed-patched', 'caracal-charmed'] as const)(
  'a well cluster of %s is read: nodes, network, cloud controller',
  async (preset) => {
    const { bed, address, identity } = await completeCluster({ preset, isPersonaBuilt: true })
    const kubernetes = openKubernetes({ address, identity, fetch: bed.cloud.fetch })
    const [nodes, pods] = await Promise.all([listNodes(kubernetes), listPods(kubernetes)])
    expect(nodes.map(({ isReady }) => isReady)).toEqual([true, true])
    expect(networkOf('calico', nodes, pods)).toMatchObject({ isRunning: true })
    expect(cloudControllerOf(pods)).toMatchObject({ isRunning: true })
    expect(networkOf('cilium', nodes, pods)).toEqual({ isRunning: false, detail: 'no pod of cilium', images: [] })
    await bed.remove()
  },
)

test.each([
  ['node-not-ready', 'cni plugin not initialized'],
  ['cni-crashing', 'CrashLoopBackOff'],
  ['no-cloud-controller', 'no such pod'],
] as const)('%s is seen, and nothing else', async (fault, message) => {
  const { bed, address, identity } = await completeCluster({
    preset: 'zed-patched',
    isPersonaBuilt: true,
    faults: [fault],
  })
  const kubernetes = openKubernetes({ address, identity, fetch: bed.cloud.fetch })
  const [nodes, pods] = await Promise.all([listNodes(kubernetes), listPods(kubernetes)])
  const network = networkOf('calico', nodes, pods)
  const controller = cloudControllerOf(pods)
  expect(nodes.every(({ isReady }) => isReady)).toBe(fault !== 'node-not-ready')
  expect(network.isRunning).toBe(fault !== 'cni-crashing')
  expect(controller.isRunning).toBe(fault !== 'no-cloud-controller')
  const said = [...nodes.flatMap(({ because }) => because ?? []), network.detail, controller.detail].join('\n')
  expect(said).toContain(message)
  await bed.remove()
})

test('long lists are read to their end', async () => {
  const { bed, address, identity } = await completeCluster()
  const asked: string[] = []
  const kubernetes = openKubernetes({
    address,
    identity,
    fetch: (url, init) => {
      const small = new URL(url)
      small.searchParams.set('limit', '1')
      asked.push(small.search)
      return bed.cloud.fetch(small.href, init)
    },
  })
  expect((await listNodes(kubernetes)).length).toBe(2)
  expect(asked).toHaveLength(2)
  await bed.remove()
})

test('a certificate of another CA is refused, and so is a server of another CA', async () => {
  const one = await completeCluster()
  const other = await completeCluster()
  const { fetch } = one.bed.cloud
  const list = (identity: typeof one.identity) => listNodes(openKubernetes({ address: one.address, identity, fetch }))
  await expect(list({ ...other.identity, ca: one.identity.ca })).rejects.toMatchObject({
    service: 'kubernetes',
    status: 401,
  })
  await expect(list(other.identity)).rejects.toMatchObject({ service: 'kubernetes', kind: 'tls' })
  expect(await list(one.identity)).toHaveLength(2)
  await Promise.all([one.bed.remove(), other.bed.remove()])
})

test('over a real connection the server proves itself by the CA of the cluster, and the client by its certificate', async () => {
  const { bed, uuid, identity } = await completeCluster()
  const served = await serve({ cloud: bed.cloud, port: 0 })
  const transport = createTransport()
  try {
    const address = bed.cloud.state.clusters.get(uuid)?.api_address ?? ''
    expect(address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    const shown = await getCluster(await sessionOf(bed, 'operator'), uuid)
    expect(shown.api_address).toBe(address)
    const { fetch } = transport
    expect(await listNodes(openKubernetes({ address, identity, fetch }))).toHaveLength(2)

    const stranger = await completeCluster()
    const list = (who: typeof identity) => listNodes(openKubernetes({ address, identity: who, fetch }))
    await expect(list({ ...stranger.identity, ca: identity.ca })).rejects.toMatchObject({ status: 401 })
    await expect(list(stranger.identity)).rejects.toMatchObject({ kind: 'tls' })
    await stranger.bed.remove()
  } finally {
    await transport.close()
    await served.close()
  }
  await bed.remove()
})

test('a certificate that Magnum signed for somebody else than system:masters lists nothing', async () => {
  const { bed, uuid, address, identity } = await completeCluster()
  const creator = await sessionOf(bed, 'creator')
  const key = new Secret(generateClientKey())
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=somebody',
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  })
  const certificate = await signCertificate(creator, uuid, request.toString('pem'))
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  const own = new Secret(x509.PemConverter.encode(der, 'PRIVATE KEY'))
  const list = (who: typeof identity) => listNodes(openKubernetes({ address, identity: who, fetch: bed.cloud.fetch }))
  await expect(list({ ...identity, certificate, key: own })).rejects.toMatchObject({ status: 403 })
  // a key that is not the certificate's gets nowhere at all
  await expect(list({ ...identity, key })).rejects.toMatchObject({ service: 'kubernetes' })
  expect(await list(identity)).toHaveLength(2)
  await bed.remove()
})

test('the request names admin of system:masters, and what comes back is judged before it is used', async () => {
  const { bed, uuid, identity } = await completeCluster()
  const certificate = new X509Certificate(identity.certificate)
  expect(certificate.subject.split('\n').sort()).toEqual(['CN=admin', 'O=system:masters'])
  const soon = new Date(Date.now() + 24 * 3600 * 1000)
  expect(judgeCertificate(identity.certificate, identity.key, identity.ca, soon)).toMatchObject({ isUsable: true })

  const otherKey = new Secret(generateClientKey())
  expect(judgeCertificate(identity.certificate, otherKey, identity.ca, soon)).toMatchObject({
    because: 'it is for another key',
  })
  const creator = await sessionOf(bed, 'creator')
  const other = await completeCluster()
  const otherCa = await getClusterCa(await sessionOf(other.bed, 'creator'), other.uuid)
  expect(judgeCertificate(identity.certificate, identity.key, otherCa, soon)).toMatchObject({
    because: 'another CA has signed it',
  })
  const never = new Date('2090-01-01')
  expect(judgeCertificate(identity.certificate, identity.key, identity.ca, never).because).toMatch(/^it expires on /)
  expect(await signCertificate(creator, uuid, await certificateRequest(otherKey))).toContain('BEGIN CERTIFICATE')
  await Promise.all([bed.remove(), other.bed.remove()])
})

test('a kubeconfig is read back as it was written, and nothing else is taken for one', () => {
  const key = new Secret('-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n')
  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  const config = {
    cluster: 'acme-cluster',
    address: 'https://203.0.113.7:6443',
    identity: { ca: pem, certificate: pem, key },
  }
  const text = renderKubeconfig(config)
  expect(String(text)).toBe('[redacted]')
  expect(parseKubeconfig(text)).toEqual(config)
  for (const broken of ['', 'kind: Config', '{', 'clusters: [1]', 'current-context: [1]'])
    expect(parseKubeconfig(new Secret(broken))).toBeUndefined()
})
