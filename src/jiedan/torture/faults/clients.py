"""Clients that behave badly: too many at once, and too slow."""

import asyncio
import contextlib

import httpx2

from jiedan.torture.installation import HOST, POOL_SIZE
from jiedan.torture.stage import Stage

CROWD = 10 * POOL_SIZE
DELAY_S = 0.05
SLOW_EACH = 60
DRIP_S = 0.3
UNAVAILABLE, SERVER_ERROR = 503, 500

_LIST = "/api/v1/orders?limit=200"


async def exhaust_pool(stage: Stage) -> None:
    """Ask for ten times as much at once as there are connections, of a slow database; others are told to come again."""
    stage.at.line.condition.delay_s = DELAY_S
    loop = asyncio.get_running_loop()
    until = loop.time() + stage.pace.fault_s

    async def crowd(http: httpx2.AsyncClient) -> None:
        while loop.time() < until:
            answer = await http.get(_LIST)
            stage.counts[f"answered {answer.status_code}"] += 1
            if answer.status_code == UNAVAILABLE and "retry-after" not in answer.headers:
                stage.findings.append("503 came without Retry-After")
            elif answer.status_code >= SERVER_ERROR and answer.status_code != UNAVAILABLE:
                stage.findings.append(f"a crowd was answered {answer.status_code}")

    limits = httpx2.Limits(max_connections=CROWD)
    async with httpx2.AsyncClient(
        base_url=stage.at.servers[0].url, headers=stage.shop.headers, timeout=60, limits=limits, trust_env=False
    ) as http:
        await asyncio.gather(*(crowd(http) for _ in range(CROWD)))
    stage.at.line.heal()


async def slow_clients(stage: Stage) -> None:
    """Open connections that send their head, or their body, a byte at a time, or never read what they asked for."""
    port, key = stage.at.servers[0].port, stage.shop.api_key
    head = f"POST /api/v1/orders HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n"
    body = f"{head}content-type: application/json\r\ncontent-length: 2000\r\n\r\n"
    asked = f"GET {_LIST} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n"
    loop = asyncio.get_running_loop()
    until = loop.time() + stage.pace.fault_s

    async def drip(start: str, text: bytes) -> None:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, port)
            writer.write(start.encode())
            while loop.time() < until and not writer.is_closing():
                writer.write(text)
                await writer.drain()
                await asyncio.sleep(DRIP_S)
            writer.close()

    stage.counts["slow clients"] += 3 * SLOW_EACH
    await asyncio.gather(
        *(drip(head, b"x") for _ in range(SLOW_EACH)),
        *(drip(body, b" ") for _ in range(SLOW_EACH)),
        *(drip(asked, asked.encode()) for _ in range(SLOW_EACH)),
    )
