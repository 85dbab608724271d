import { loadAssets } from '../../console/assets.ts'
import { serveConsole } from '../../console/serve.ts'
import { InputError } from '../../errors.ts'
import type { CommandContext } from '../context.ts'
import { homeRoot } from '../home-root.ts'
import type { ConsoleOptions } from '../definitions/tenant.ts'
import { print } from '../output.ts'
import { readShipped, shippedNames } from '../shipped.ts'

/** Serves the console until Ctrl-C. Prints the link that opens it. */
export async function consoleCommand(options: ConsoleOptions, io: CommandContext): Promise<number> {
  const port = Number(options.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InputError(`\`${options.port}\` is not a port`)
  const root = homeRoot(options, io)
  const names = await shippedNames('console', 'main.js')
  const assets = await loadAssets({ names, read: (name) => readShipped('console', name) })
  const served = await serveConsole(root, assets, port)
  try {
    print(io, options.output, { url: served.url, home: root }, ({ url }) => `${url}\n`)
    io.err(`showing the tenants of ${root} until Ctrl-C; the link above opens once, in a browser on this machine\n`)
    await new Promise<void>((done) => {
      if (io.stop.aborted) done()
      io.stop.addEventListener('abort', () => {
        done()
      })
    })
  } finally {
    await served.close()
  }
  return 0
}
