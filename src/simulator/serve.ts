/** The cloud on a port: one for all services, or one for each. */
import { createServer as createPlainServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { hostOfClusters } from './kubernetes/serve.ts'
import { getRequestListener } from '@hono/node-server'
import { BrokenConnection } from './delivery.ts'
import { issueServerCertificate, makeAuthority } from './certificate-authority.ts'
import { ofEachService } from './services.ts'
import { SERVICE_TYPES } from './world.ts'
import { StopError } from '../errors.ts'
import type { AddressInfo } from 'node:net'
import type { RequestListener, Server } from 'node:http'
import type { Authority } from './certificate-authority.ts'
import type { Cloud } from './cloud.ts'
import type { Service } from './service.ts'
import type { ServiceType } from './world.ts'

export type ServeOptions = {
  readonly cloud: Cloud
  /** 0 takes one that is free. With `isSpread` the first of as many as there are services, or free ones. */
  readonly port: number
  readonly host?: string
  /** By a CA that is made for this run; `Served.ca` is its certificate. */
  readonly hasTls?: boolean
  /** Each service on its own port, as on most clouds. */
  readonly isSpread?: boolean
  /** Runs after every answer that may have changed the rows. */
  readonly afterAnswer?: () => void
}

export type Served = {
  /** Keystone's, with its version. */
  readonly url: string
  /** PEM, if TLS was requested. */
  readonly ca: string | undefined
  readonly close: () => Promise<void>
}

export async function serve(options: ServeOptions): Promise<Served> {
  const { cloud, host = '127.0.0.1' } = options
  const authority = options.hasTls === true ? await makeAuthority(cloud.issuer, 'simulator CA') : undefined
  const identity = authority === undefined ? undefined : await serverIdentity(cloud, authority, host)
  const services: readonly (ServiceType | undefined)[] = options.isSpread === true ? SERVICE_TYPES : [undefined]
  const open: { readonly service: ServiceType | undefined; readonly server: Server; readonly url: string }[] = []
  const clusters = hostOfClusters(cloud, host)
  const close = async (): Promise<void> => {
    await Promise.all([clusters.close(), ...open.map(({ server }) => closeServer(server))])
  }
  try {
    for (const [index, service] of services.entries()) {
      const listener = listenerFor(options, service)
      const server: Server =
        identity === undefined
          ? createPlainServer(listener)
          : createTlsServer({ cert: identity.certificate, key: identity.privateKey }, listener)
      const port = await listen(server, host, options.port === 0 ? 0 : options.port + index)
      open.push({ service, server, url: `${identity === undefined ? 'http' : 'https'}://${host}:${port}` })
    }
  } catch (error) {
    await close()
    throw error
  }
  await cloud.hostClusters(clusters.host)
  const urlOf = ({ type }: Service): string => open.find(({ service }) => service === type)?.url ?? ''
  cloud.rebase(options.isSpread === true ? ofEachService(urlOf) : (open[0]?.url ?? ''))
  return { url: cloud.url, ca: authority?.certificate, close }
}

async function serverIdentity(cloud: Cloud, authority: Authority, host: string): Promise<Authority> {
  const isAddress = /^[\d.]+$/.test(host)
  return issueServerCertificate(cloud.issuer, authority, {
    names: ['localhost', ...(isAddress ? [] : [host])],
    addresses: ['127.0.0.1', ...(isAddress && host !== '127.0.0.1' ? [host] : [])],
  })
}

function listenerFor(options: ServeOptions, service: ServiceType | undefined): RequestListener {
  const { cloud, afterAnswer } = options
  const answer = getRequestListener(async (request, { incoming }) => {
    try {
      return await cloud.answer(request, service)
    } catch (error) {
      if (!(error instanceof BrokenConnection)) throw error
      incoming.socket.destroy()
      return new Response(null, { status: 502 })
    } finally {
      afterAnswer?.()
    }
  })
  return (request, response) => {
    void answer(request, response)
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new StopError(`cannot listen on ${host}:${port}`, { cause: error }))
    })
    server.listen(port, host, () => {
      resolve(portOf(server.address()) ?? port)
    })
  })
}

function portOf(address: AddressInfo | string | null): number | undefined {
  return typeof address === 'object' && address !== null ? address.port : undefined
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeAllConnections()
  })
}
