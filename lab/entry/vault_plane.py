"""The network plane by which Barbican reaches Vault: a relay whose outgoing address is chosen, since on loopback every client is 127.0.0.1
whatever address is asked for. LAB_DIR/vault/plane holds the address to come from; it is read at every connection."""
import asyncio
import os

FILE = os.environ['LAB_DIR'] + '/vault/plane'


async def pump(reader, writer):
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def serve(reader, writer):
    with open(FILE) as file:
        source = file.read().strip()
    try:
        to_reader, to_writer = await asyncio.open_connection('127.0.0.1', int(os.environ['VAULT_PORT']), local_addr=(source, 0))
    except OSError:
        writer.transport.abort()
        return
    await asyncio.gather(pump(reader, to_writer), pump(to_reader, writer))


async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', int(os.environ['VAULT_PLANE_PORT']))
    await server.serve_forever()


asyncio.run(main())
