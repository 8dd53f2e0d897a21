"""A proxy that stands between us and PostgreSQL and cuts the line when a chosen statement has been sent.

The server gets the statement and does it; its answer is never delivered. That is what a lost COMMIT reply looks like.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg.conninfo

PORT = 5432
CHUNK_BYTES = 65_536


class Proxy:
    """Forward one socket to another; let `severing` through `skip` times, then cut the next `times` that send it."""

    def __init__(self, target: str, severing: bytes) -> None:
        self._target = target
        self._severing = severing
        self.skip = 0
        self.times = 0
        self.cut = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection until either side ends."""
        to_reader, to_writer = await asyncio.open_unix_connection(self._target)
        backward = asyncio.create_task(_copy(to_reader, writer))
        try:
            while data := await reader.read(CHUNK_BYTES):
                if self._severing in data and self.skip:
                    self.skip -= 1
                elif self._severing in data and self.times:
                    self.times -= 1
                    backward.cancel()
                    await asyncio.wait([backward])
                    to_writer.write(data)
                    to_writer.write_eof()
                    while await to_reader.read(CHUNK_BYTES):  # its answers, to the end: the server has done it all
                        pass
                    self.cut += 1
                    return
                to_writer.write(data)
                await to_writer.drain()
        except OSError:
            pass
        finally:
            backward.cancel()
            writer.close()
            to_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def proxy(url: str, severing: bytes = b"COMMIT") -> AsyncIterator[tuple[str, Proxy]]:
    """Yield the URL of a proxy in front of `url`, and the proxy, which cuts nothing until its `times` is set."""
    parameters = psycopg.conninfo.conninfo_to_dict(url)
    made = Proxy(f"{parameters['host']}/.s.PGSQL.{parameters.get('port', PORT)}", severing)
    with tempfile.TemporaryDirectory(prefix="sever-") as folder:
        listener = await asyncio.start_unix_server(made.serve, Path(folder) / f".s.PGSQL.{PORT}")
        try:
            yield psycopg.conninfo.make_conninfo(url, host=folder, port=PORT), made
        finally:
            listener.close()
