"""The line to an HTTP service: it forwards what comes as it is, and answers in the manner it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx2
import pytest

from jiedan.torture import http_line
from jiedan.torture.http_line import Exchange
from tests.patience import PATIENCE_S

LOOPBACK = "127.0.0.1"


@contextlib.asynccontextmanager
async def service() -> AsyncIterator[tuple[int, list[bytes]]]:
    """Serve a service that answers each request with its body, and remembers them."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        seen.append(head.splitlines()[0] + b" " + body)
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()

    listener = await asyncio.start_server(serve, LOOPBACK, 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1], seen


async def post(line: http_line.HttpLine, body: bytes) -> httpx2.Response:
    async with httpx2.AsyncClient(timeout=PATIENCE_S, trust_env=False) as http:
        return await http.post(f"http://{LOOPBACK}:{line.port}/a/b?c=d", content=body)


async def test_a_request_passes_as_it_is_and_can_be_sent_again() -> None:
    async with service() as (port, seen), http_line.opened(port, keeps=True) as line:
        answer = await post(line, "龙井".encode())
        assert (answer.status_code, answer.text) == (200, "龙井")
        (kept,) = line.kept
        assert (await line.send(kept)).endswith("龙井".encode())
        assert seen == ["POST /a/b?c=d HTTP/1.1 龙井".encode()] * 2


async def test_who_asks_a_service_that_is_not_there_hears_so() -> None:
    async with http_line.opened(http_line.free_port()) as line:
        assert (await post(line, b"x")).status_code == 502


async def test_a_request_can_be_done_and_its_answer_lost() -> None:
    async def lose(exchange: Exchange) -> None:
        await exchange.forward()
        exchange.reset()

    async with service() as (port, seen), http_line.opened(port) as line:
        line.manner = lose
        with pytest.raises(httpx2.HTTPError):
            await post(line, b"pay")
        assert len(seen) == 1
        line.heal()
        assert (await post(line, b"pay")).status_code == 200
