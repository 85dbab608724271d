/**
 * The API of each completed cluster on its own port, by TLS with a certificate of its own CA and a request for the
 * client's.
 */
import { createServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import { invariant, StopError } from '../../errors.ts'
import type { Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { Cloud } from '../cloud.ts'
import type { Cluster } from '../state.ts'

export type HostOfClusters = {
  /** Opens the port, and returns the address. */
  readonly host: (cluster: Cluster) => Promise<string>
  readonly close: () => Promise<void>
}

export function hostOfClusters(cloud: Cloud, host: string): HostOfClusters {
  const servers: Server[] = []
  return {
    host: async ({ uuid }) => {
      const identity = await cloud.clusterIdentity(uuid, host)
      const answer = getRequestListener((request, { incoming }) => {
        const cluster = cloud.state.clusters.get(uuid)
        if (cluster === undefined) {
          incoming.socket.destroy()
          return new Response(null, { status: 502 })
        }
        // only node:https makes this server, so its sockets are TLS
        return cloud.answerCluster(cluster, request, peerOf(incoming.socket as TLSSocket))
      })
      const { certificate, privateKey, ca } = identity
      const tls = { cert: certificate, key: privateKey, ca, requestCert: true, rejectUnauthorized: false }
      const server = createServer(tls, (request, response) => {
        void answer(request, response)
      })
      servers.push(server)
      return `https://${host}:${await listen(server, host)}`
    },
    close: async () => {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((done) => {
              server.close(() => {
                done()
              })
              server.closeAllConnections()
            }),
        ),
      )
    },
  }
}

/** PEM. A certificate of another CA is passed on as well: the API itself answers 401. */
function peerOf(socket: TLSSocket): string | undefined {
  const { raw } = socket.getPeerCertificate() as { readonly raw?: Buffer }
  if (raw === undefined) return undefined
  return `-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new StopError(`cannot listen on ${host} for a cluster`, { cause: error }))
    })
    server.listen(0, host, () => {
      const address = server.address()
      invariant(typeof address === 'object' && address !== null, 'a server that listens has an address')
      resolve(address.port)
    })
  })
}
