"""The providers of this process: their adapters, one HTTP client for all, and the key that opens their secrets."""

import contextlib
import weakref
from collections.abc import AsyncIterator, Callable, Mapping
from typing import NamedTuple

import httpx2

from jiedan.base import lazy
from jiedan.base.db import Database
from jiedan.base.runtime import Runtime
from jiedan.base.sealing import Sealer
from jiedan.base.settings import Settings
from jiedan.payments.providers.protocol import Provider
from jiedan.payments.providers.sandbox import client as sandbox

ENTRY_POINTS = "jiedan.payment_providers"

ANSWER_S_MAX = 10.0
"""How long a provider may take to answer; then the outcome is unknown."""

CONNECT_S_MAX = 3.0
CONNECTIONS_MAX = 50
ANSWER_BYTES_MAX = 262_144


class Surroundings(NamedTuple):
    """What an adapter is made from: a client with time-outs that follows no redirects, and where we are ourselves."""

    http: httpx2.AsyncClient
    base_url: str
    sandbox_url: str


class LateTransport(httpx2.AsyncBaseTransport):
    """Connections that are made ready with the first request: reading the certificates takes 20 ms and megabytes."""

    def __init__(self) -> None:
        self._made: httpx2.AsyncHTTPTransport | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request."""
        if self._made is None:
            limits = httpx2.Limits(max_connections=CONNECTIONS_MAX)
            self._made = httpx2.AsyncHTTPTransport(limits=limits, trust_env=False)
        return await self._made.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections that were made."""
        if self._made is not None:
            await self._made.aclose()


class Gateways:
    """Find the adapter of a provider by its name."""

    def __init__(self, providers: Mapping[str, Provider], sealer: Sealer) -> None:
        self._providers = dict(providers)
        self.sealer = sealer

    def known(self) -> list[str]:
        """Return the names of the providers that can be set up."""
        return sorted(self._providers)

    def find(self, name: str) -> Provider | None:
        """Return the adapter of a provider, None when this process has none."""
        return self._providers.get(name)


_OF_DATABASE: "weakref.WeakKeyDictionary[Database, Gateways]" = weakref.WeakKeyDictionary()


def of(database: Database) -> Gateways:
    """Return the gateways opened on a database: jobs are given nothing else. Raises LookupError without any."""
    try:
        return _OF_DATABASE[database]
    except KeyError as error:
        raise LookupError("no gateways are open on this database: is `open_gateways` in wiring.PARTS?") from error


@contextlib.asynccontextmanager
async def open_gateways(runtime: Runtime) -> AsyncIterator[Gateways]:
    """Open the providers of this process; a part of the process."""
    async with opened(runtime.database, runtime.settings) as made:
        yield made


@contextlib.asynccontextmanager
async def opened(
    database: Database,
    settings: Settings,
    *,
    transport: httpx2.AsyncBaseTransport | None = None,
    answer_s_max: float = ANSWER_S_MAX,
) -> AsyncIterator[Gateways]:
    """Open the providers for one database; `transport` replaces the network."""
    async with httpx2.AsyncClient(
        transport=transport or LateTransport(),
        timeout=httpx2.Timeout(answer_s_max, connect=CONNECT_S_MAX),
        follow_redirects=False,
        trust_env=False,
    ) as http:
        around = Surroundings(http, settings.base_url(), f"http://localhost:{settings.sandbox_port_or_next()}")
        makers: dict[str, Callable[[Surroundings], Provider]] = {"sandbox": _sandbox, **lazy.adapters(ENTRY_POINTS)}
        made = Gateways({name: make(around) for name, make in makers.items()}, Sealer(settings.signing_secret()))
        _OF_DATABASE[database] = made
        try:
            yield made
        finally:
            _OF_DATABASE.pop(database, None)


def _sandbox(around: Surroundings) -> Provider:
    return sandbox.Sandbox(around.http, base_url=around.base_url, processor_url=around.sandbox_url)
